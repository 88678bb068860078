import type { ColumnTypes } from './column-types.ts';

/**
 * An API key has the address of whoever made it, and tells when it was last used. It is a person's: what one key made is now
 * the key of the person who made that one, as the audit log knows. It ends with this person's place as an Owner: keys of those
 * who have none any more are gone.
 */
export function tellKeysMakersAndUse({ text, integer }: ColumnTypes): readonly string[] {
  return [
    `alter table api_keys add column created_by_email ${text}`,
    `alter table api_keys add column last_used_at ${integer}`,
    `with recursive makers (key_id, maker) as (
       select id, created_by from api_keys
       union
       select makers.key_id, audit.actor_id from makers
         join audit on audit.target = makers.maker and audit.action = 'api-key.created'
     )
     update api_keys set created_by = coalesce(
       (select maker from makers where key_id = api_keys.id and maker in (select id from users)), created_by)`,
    `update api_keys set created_by_email = (select email from users where users.id = api_keys.created_by)`,
    `delete from api_keys where not exists (select 1 from members where members.role = 'OWNER'
       and members.user_id = api_keys.created_by and members.organization_id = api_keys.organization_id)`,
  ];
}
