import type { ColumnTypes } from './column-types.ts';

/**
 * What somebody who signs up gives lies with the link that they are mailed, no longer with the account: two may sign up with
 * the same address, and the link that is opened decides.
 */
export function keepSignUpsWithLinks({ text }: ColumnTypes): readonly string[] {
  const columns = ['password', 'first_name', 'last_name', 'company'];
  const given = columns.map((column) => {
    return `${column} = (select users.${column} from users where users.id = mail_tokens.user_id)`;
  });
  return [
    ...columns.map((column) => `alter table mail_tokens add column ${column} ${text}`),
    // Each account that waited for its confirmation had one such link at most: the last one.
    `update mail_tokens set ${given.join(', ')}
     where purpose = 'confirm'
       and user_id in (select id from users where confirmed_at is null and password is not null)`,
    `update users set password = null, first_name = '', last_name = '', company = ''
     where confirmed_at is null`,
  ];
}
