import type { ColumnTypes } from './column-types.ts';

/** The tables of the first version, with an index for each way in which they are looked up. */
export function makeTables({ text, integer, counter, table }: ColumnTypes): readonly string[] {
  return [
    `create table facts (
       name ${text} not null primary key,
       value ${text} not null
     ) ${table}`,
    // The control store's version, which each change counts up.
    `insert into facts values ('version', '0')`,

    `create table organizations (
       id ${text} not null primary key,
       name ${text} not null,
       data_key ${text} not null,
       created_at ${integer} not null
     ) ${table}`,

    `create table users (
       id ${text} not null primary key,
       email ${text} not null unique,
       password ${text},
       first_name ${text} not null,
       last_name ${text} not null,
       company ${text} not null,
       confirmed_at ${integer},
       token_version ${integer} not null,
       created_at ${integer} not null
     ) ${table}`,

    `create table members (
       organization_id ${text} not null references organizations (id) on delete cascade,
       user_id ${text} not null references users (id) on delete cascade,
       role ${text} not null,
       access ${text} not null,
       sources ${text},
       created_at ${integer} not null,
       primary key (organization_id, user_id)
     ) ${table}`,
    'create index members_by_user on members (user_id)',

    `create table mail_tokens (
       hash ${text} not null primary key,
       purpose ${text} not null,
       user_id ${text} not null references users (id) on delete cascade,
       organization_id ${text} references organizations (id) on delete cascade,
       email ${text} not null,
       expires_at ${integer} not null,
       created_at ${integer} not null
     ) ${table}`,
    'create index mail_tokens_by_expiry on mail_tokens (expires_at)',
    'create index mail_tokens_by_user on mail_tokens (user_id)',
    'create index mail_tokens_by_organization on mail_tokens (organization_id)',

    `create table sources (
       id ${text} not null primary key,
       organization_id ${text} not null references organizations (id) on delete cascade,
       name ${text} not null,
       platform ${text} not null,
       enabled ${integer} not null,
       created_at ${integer} not null
     ) ${table}`,
    'create index sources_by_organization on sources (organization_id, id)',

    `create table connections (
       id ${text} not null primary key,
       organization_id ${text} not null references organizations (id) on delete cascade,
       name ${text} not null,
       destination ${text} not null,
       details ${text} not null,
       secrets ${text} not null,
       created_at ${integer} not null,
       unique (organization_id, name)
     ) ${table}`,

    // A connection that is in use stays. That is checked when all is done: deleting an organization deletes its
    // connections and its pipelines, and which of them goes first is the database's affair.
    `create table pipelines (
       id ${text} not null primary key,
       source_id ${text} not null references sources (id) on delete cascade,
       connection_id ${text} not null references connections (id) deferrable initially deferred,
       destination ${text} not null,
       name ${text} not null,
       config ${text} not null,
       filter ${text} not null,
       enabled ${integer} not null,
       created_at ${integer} not null
     ) ${table}`,
    'create index pipelines_by_source on pipelines (source_id)',
    'create index pipelines_by_connection on pipelines (connection_id)',

    `create table notices (
       pipeline_id ${text} not null references pipelines (id) on delete cascade,
       kind ${text} not null,
       since ${integer} not null,
       sent_at ${integer} not null,
       primary key (pipeline_id, kind)
     ) ${table}`,

    `create table api_keys (
       id ${text} not null primary key,
       organization_id ${text} not null references organizations (id) on delete cascade,
       name ${text} not null,
       role ${text} not null,
       hash ${text} not null unique,
       beginning ${text} not null,
       created_by ${text} not null,
       created_at ${integer} not null
     ) ${table}`,
    'create index api_keys_by_organization on api_keys (organization_id)',

    // Refers to nothing: it tells of what is gone, too, the organization included.
    `create table audit (
       id ${counter},
       organization_id ${text},
       at ${integer} not null,
       actor_id ${text},
       actor ${text} not null,
       address ${text} not null,
       action ${text} not null,
       target ${text} not null,
       target_name ${text} not null,
       details ${text} not null
     ) ${table}`,
    'create index audit_by_organization on audit (organization_id, id)',
  ];
}
