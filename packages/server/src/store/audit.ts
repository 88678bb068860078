import type { JsonObject } from '@metarouter/events';
import type { Selectable } from 'kysely';
import type { Db } from './store.ts';
import { objectIn } from './stored-json.ts';
import type { AuditTable } from './tables.ts';

/** One change: who, when, what, from where. */
export interface AuditEntry {
  /** Grows: a later entry has a greater one. */
  readonly id: number;
  readonly at: number;
  /** The user or the API key; undefined when it was the operator. */
  readonly actorId: string | undefined;
  /** The e-mail address or the key's name, as they were then. */
  readonly actor: string;
  /** The client's address; empty for the operator. */
  readonly address: string;
  /** Such as `connection.updated`. */
  readonly action: string;
  /** The id of what was changed, and its name as it was then. */
  readonly target: string;
  readonly targetName: string;
  /** Which fields changed. */
  readonly details: JsonObject;
}

/** Entries, newest first. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  /** Whether there are older ones. */
  readonly hasMore: boolean;
}

/** An organization's entries, newest first: the `first` of those before the one with this id. */
export async function listAuditEntries(
  db: Db,
  organizationId: string,
  {
    first,
    before = Number.MAX_SAFE_INTEGER,
  }: { readonly first: number; readonly before?: number | undefined },
): Promise<AuditPage> {
  const rows = await db
    .selectFrom('audit')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('id', '<', before)
    .orderBy('id', 'desc')
    .limit(first + 1)
    .execute();
  return { entries: rows.slice(0, first).map(entryOf), hasMore: rows.length > first };
}

function entryOf(row: Selectable<AuditTable>): AuditEntry {
  return {
    id: row.id,
    at: row.at,
    actorId: row.actor_id ?? undefined,
    actor: row.actor,
    address: row.address,
    action: row.action,
    target: row.target,
    targetName: row.target_name,
    details: objectIn(row.details),
  };
}
