import type { Transaction } from 'kysely';
import { newId } from '../platform/ids.ts';
import { batchesOf } from './batches.ts';
import type { Db } from './store.ts';
import { isText, listIn } from './stored-json.ts';
import type { SourceRow, Tables } from './tables.ts';
import { PLATFORMS, type Platform } from './workspace.ts';

/** One site, app or server that sends events. */
export interface StoredSource {
  /** The Source ID, which is its write key. */
  readonly id: string;
  readonly organizationId: string;
  readonly name: string;
  readonly platform: Platform;
  readonly enabled: boolean;
  readonly createdAt: number;
}

/** A new source; one without `id` is given one. */
export interface NewSource {
  readonly id?: string | undefined;
  readonly organizationId: string;
  readonly name: string;
  readonly platform: Platform;
  readonly enabled?: boolean | undefined;
  readonly now: number;
}

/** What may change of a source. What is undefined stays. */
export interface SourceChange {
  readonly name?: string | undefined;
  readonly platform?: Platform | undefined;
  readonly enabled?: boolean | undefined;
}

/** Makes a source; `'conflict'` when another one, of whatever organization, has this Source ID. */
export async function createSource(
  db: Transaction<Tables>,
  source: NewSource,
): Promise<StoredSource | 'conflict'> {
  const [made] = await createSources(db, [source]);
  return made ?? 'conflict';
}

/** Makes many sources. Those are missing in the answer whose Source ID another one has. */
export async function createSources(
  db: Transaction<Tables>,
  sources: readonly NewSource[],
): Promise<readonly StoredSource[]> {
  const made: StoredSource[] = [];
  for (const batch of batchesOf(sources.map(rowOf))) {
    const rows = await db
      .insertInto('sources')
      .values(batch)
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returningAll()
      .execute();
    made.push(...rows.map(sourceOf));
  }
  return made;
}

function rowOf({ id = newId(), organizationId, name, platform, enabled = true, now }: NewSource): SourceRow {
  return { id, organization_id: organizationId, name, platform, enabled: Number(enabled), created_at: now };
}

/** The source with this Source ID, of whatever organization; undefined when there is none. */
export async function findSource(db: Db, id: string): Promise<StoredSource | undefined> {
  const row = await db.selectFrom('sources').selectAll().where('id', '=', id).executeTakeFirst();
  return row && sourceOf(row);
}

/** The sources of an organization, oldest first. */
export async function listSources(db: Db, organizationId: string): Promise<readonly StoredSource[]> {
  const rows = await db
    .selectFrom('sources')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(sourceOf);
}

/** Changes a source; undefined when there is no such source. */
export async function updateSource(
  db: Transaction<Tables>,
  id: string,
  { name, platform, enabled }: SourceChange,
): Promise<StoredSource | undefined> {
  const row = await db
    .updateTable('sources')
    .set((now) => ({
      name: name ?? now.ref('name'),
      platform: platform ?? now.ref('platform'),
      enabled: enabled === undefined ? now.ref('enabled') : Number(enabled),
    }))
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  return row && sourceOf(row);
}

/** Deletes a source with its pipelines, and takes it out of what members may see. Undefined when there is no such source. */
export async function deleteSource(db: Transaction<Tables>, id: string): Promise<StoredSource | undefined> {
  const row = await db.deleteFrom('sources').where('id', '=', id).returningAll().executeTakeFirst();
  if (row === undefined) return undefined;
  await withdraw(db, row);
  return sourceOf(row);
}

/** Members who were granted this source no longer are: somebody else's new source could have the same given ID. */
async function withdraw(db: Transaction<Tables>, { id, organization_id }: SourceRow): Promise<void> {
  const members = await db
    .selectFrom('members')
    .select(['user_id', 'sources'])
    .where('organization_id', '=', organization_id)
    .where('sources', 'is not', null)
    .execute();
  for (const { user_id, sources } of members) {
    const granted = listIn(sources ?? '[]', isText);
    if (!granted.includes(id)) continue;
    await db
      .updateTable('members')
      .set({ sources: JSON.stringify(granted.filter((source) => source !== id)) })
      .where('organization_id', '=', organization_id)
      .where('user_id', '=', user_id)
      .execute();
  }
}

function sourceOf(row: SourceRow): StoredSource {
  return {
    id: row.id,
    organizationId: row.organization_id,
    name: row.name,
    platform: platformOf(row.platform),
    enabled: row.enabled === 1,
    createdAt: row.created_at,
  };
}

/** A platform as it is stored. Throws for one that this version does not know. */
export function platformOf(text: string): Platform {
  const platform = PLATFORMS.find((known) => known === text);
  if (platform === undefined) throw new Error(`the store has a source of the unknown platform ${text}`);
  return platform;
}
