import { isDeepStrictEqual } from 'node:util';
import type { Destination } from '@metarouter/destinations';
import type { Sealer } from '../platform/sealing.ts';
import type { Change } from './store.ts';

/** What it takes to write one entry of a workspace file into the store. */
export interface FileChange extends Change, FileOptions {
  readonly sealer: Sealer;
}

/** What has to be known besides the file. */
export interface FileOptions {
  readonly destinations: ReadonlyMap<string, Destination>;
  /** How long the link of an invitation works. */
  readonly invitationMs: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The organization that an entry belongs to. */
export interface FileOrganization {
  readonly id: string;
  readonly name: string;
}

/** The file contradicts what is stored: nothing of it was applied. The message is for the operator. */
export class FileConflict extends Error {
  override readonly name = 'FileConflict';
}

interface Named {
  readonly id: string;
  readonly name: string;
}

/**
 * Finds what is stored for each entry of a list: what has the entry's own id, whatever it is called by now, else what has
 * its name and is no other entry's.
 */
export function matchTo<T extends Named>(
  stored: readonly T[],
  entries: readonly Named[],
): (entry: Named) => T | undefined {
  const byId = new Map(stored.map((one) => [one.id, one]));
  const taken = new Set(entries.map(({ id }) => id));
  const byName = new Map(stored.filter(({ id }) => !taken.has(id)).map((one) => [one.name, one]));
  return ({ id, name }) => byId.get(id) ?? byName.get(name);
}

type Values = Readonly<Record<string, unknown>>;

/** What of the values was different before, or absent. As JSON, which is how they are stored. */
export function changesIn(before: Values, after: Values): Values {
  const changed = Object.entries(after).filter(
    ([key, value]) => !isDeepStrictEqual(asJson(before[key]), asJson(value)),
  );
  return Object.fromEntries(changed);
}

function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
