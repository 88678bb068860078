import type { Generated, Selectable } from 'kysely';

/**
 * The tables of the control store, the same on SQLite and PostgreSQL: ids are text, times whole milliseconds since 1970,
 * yes and no are 1 and 0, JSON is text. What a migration makes is written down here once more for the compiler.
 */
export interface Tables {
  organizations: OrganizationTable;
  users: UserTable;
  members: MemberTable;
  mail_tokens: MailTokenTable;
  sources: SourceTable;
  connections: ConnectionTable;
  pipelines: PipelineTable;
  api_keys: ApiKeyTable;
  audit: AuditTable;
  notices: NoticeTable;
  facts: FactTable;
}

/** Owns sources, connections and pipelines. */
export interface OrganizationTable {
  id: string;
  name: string;
  /** The key that seals this organization's secrets, itself sealed under the operator's key. */
  data_key: string;
  created_at: number;
}

/** One account: one e-mail address. */
export interface UserTable {
  id: string;
  /** In lower case; no two accounts have the same. */
  email: string;
  /** In PHC string format; null until its holder has chosen one, and shown that the address is theirs. */
  password: string | null;
  first_name: string;
  last_name: string;
  company: string;
  /** Null until the link that was mailed to the address is opened. */
  confirmed_at: number | null;
  /** Tokens that name an earlier one are void: it grows with each change of the password. */
  token_version: number;
  created_at: number;
}

/** A user's place in an organization. */
export interface MemberTable {
  organization_id: string;
  user_id: string;
  role: Role;
  /** What a User may do with sources and pipelines. Owners may do everything. */
  access: Access;
  /** JSON array of the Source IDs that `access` is for; null for all of the organization. */
  sources: string | null;
  created_at: number;
}

export type Role = 'OWNER' | 'USER';
export type Access = 'VIEW' | 'EDIT';

/** The single use of a link that was mailed. Only its hash is known here. */
export interface MailTokenTable {
  hash: string;
  purpose: 'confirm' | 'reset' | 'invitation';
  user_id: string;
  /** What an invitation is to. */
  organization_id: string | null;
  /** The address that a confirmation is about: the account gets it when the link is opened. */
  email: string;
  /** Of somebody who signed up: the hash of their password, which the account gets when the link is opened. */
  password: string | null;
  /** What else they gave, null where `password` is. */
  first_name: string | null;
  last_name: string | null;
  company: string | null;
  expires_at: number;
  created_at: number;
}

interface SourceTable {
  /** The Source ID, which is its write key. */
  id: string;
  organization_id: string;
  name: string;
  platform: string;
  enabled: number;
  created_at: number;
}

/** Stored credentials for one destination. */
interface ConnectionTable {
  id: string;
  organization_id: string;
  /** Unique in its organization. */
  name: string;
  /** The destination's code. */
  destination: string;
  /** JSON object of what may be shown. */
  details: string;
  /** JSON object of the fields that may not: each sealed. */
  secrets: string;
  created_at: number;
}

interface PipelineTable {
  id: string;
  source_id: string;
  connection_id: string;
  destination: string;
  name: string;
  /** JSON object. */
  config: string;
  /** JSON array of filter rules. */
  filter: string;
  enabled: number;
  created_at: number;
}

/** What a program signs in with. It belongs to an organization and does not expire. */
export interface ApiKeyTable {
  id: string;
  organization_id: string;
  name: string;
  role: Role;
  /** Of the whole key, which is nowhere kept. */
  hash: string;
  /** The key's first characters, for people to tell keys apart. */
  beginning: string;
  /** The person who made it, or who made the key that made it. */
  created_by: string;
  /** That person's address at that time; null when it is not known. */
  created_by_email: string | null;
  created_at: number;
  /** Null when it never was. Written once an hour at most. */
  last_used_at: number | null;
}

/** One change: who, when, what, from where. */
export interface AuditTable {
  id: Generated<number>;
  /** Null for what is about an account alone. */
  organization_id: string | null;
  at: number;
  /** The user or the API key; null when it was the operator, through the workspace file. */
  actor_id: string | null;
  /** The e-mail address or the key's name, as they were then. */
  actor: string;
  /** The client's address; empty for the operator. */
  address: string;
  /** Such as `connection.updated`. */
  action: string;
  /** The id of what was changed. */
  target: string;
  /** Its name, as it was then. */
  target_name: string;
  /** JSON object: which fields changed; never a secret. */
  details: string;
}

/** A notice that was mailed to the owners, so that it is mailed once. */
interface NoticeTable {
  pipeline_id: string;
  kind: string;
  /** Since when the pipeline has been as the notice says. */
  since: number;
  sent_at: number;
}

/** What is known about the store as a whole, by name. */
interface FactTable {
  name: string;
  value: string;
}

export type SourceRow = Selectable<SourceTable>;
export type ConnectionRow = Selectable<ConnectionTable>;
export type PipelineRow = Selectable<PipelineTable>;
