import type { Access, Role } from '../store/tables.ts';

/** What an operation needs from whoever asks for it, in an organization. */
export const NEEDS = [
  'organization.read',
  'organization.write',
  'source.read',
  'source.write',
  'connection.list',
  'connection.read',
  'connection.write',
  'administration',
] as const;
export type Need = (typeof NEEDS)[number];

/** A caller's place in an organization: a member's, or that of an API key. */
export interface Membership {
  readonly organization: string;
  readonly role: Role;
  readonly access: Access;
  /** The Source IDs that `access` is for; undefined for all. */
  readonly sources: ReadonlySet<string> | undefined;
}

/** What a need is called in an answer: "Your role does not let you …". */
export const NEED_WORDS: Readonly<Record<Need, string>> = {
  'organization.read': 'see this organization',
  'organization.write': 'change this organization: ask one of its owners',
  'source.read': 'see this source',
  'source.write': 'change this source or its pipelines: ask an owner for EDIT access',
  'connection.list': 'see connections',
  'connection.read': 'see what is in a connection: ask an owner',
  'connection.write': 'change connections: ask an owner',
  administration: 'see or change API keys and the audit log: ask an owner',
};

/**
 * Who may do what: the one table of roles. Owners may do everything; a User what was granted, on all sources or on those
 * that were named, and without ever seeing into a connection. `source` is the source in question; undefined asks about a
 * new one.
 */
export function may(membership: Membership, need: Need, source?: string): boolean {
  if (membership.role === 'OWNER') return true;
  const granted =
    membership.sources === undefined || (source !== undefined && membership.sources.has(source));
  switch (need) {
    case 'organization.read':
    case 'connection.list':
      return true;
    case 'source.read':
      return granted;
    case 'source.write':
      return granted && membership.access === 'EDIT';
    case 'organization.write':
    case 'connection.read':
    case 'connection.write':
    case 'administration':
      return false;
  }
}
