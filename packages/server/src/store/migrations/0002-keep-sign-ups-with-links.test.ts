import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { NOON } from '../filled-organization.fixture.ts';
import { takeMailToken } from '../mail-tokens.ts';
import { eachDatabase } from '../store.fixture.ts';
import { findUser } from '../users.ts';
import { keepSignUpsWithLinks } from './0002-keep-sign-ups-with-links.ts';
import { POSTGRES_TYPES, SQLITE_TYPES } from './column-types.ts';

eachDatabase('sign-ups that lie with the account', (open) => {
  test('go on with their link: the account has no password and no profile until it is opened', async () => {
    const { db, options } = await open();
    for (const column of ['password', 'first_name', 'last_name', 'company'])
      await sql`alter table mail_tokens drop column ${sql.ref(column)}`.execute(db);
    const person = { last_name: 'L', company: 'Acme', token_version: 0, created_at: NOON };
    await db
      .insertInto('users')
      .values([
        { ...person, id: 'new', email: 'p@e.example', password: '$p', first_name: 'P', confirmed_at: null },
        {
          ...person,
          id: 'invited',
          email: 'i@e.example',
          password: '$i',
          first_name: 'I',
          confirmed_at: null,
        },
        {
          ...person,
          id: 'moving',
          email: 'm@e.example',
          password: '$m',
          first_name: 'M',
          confirmed_at: NOON,
        },
      ])
      .execute();
    const link = { organization_id: null, expires_at: NOON + 1, created_at: NOON };
    await db
      .insertInto('mail_tokens')
      .values([
        { ...link, hash: '#p', purpose: 'confirm', user_id: 'new', email: 'p@e.example' },
        { ...link, hash: '#i', purpose: 'invitation', user_id: 'invited', email: 'i@e.example' },
        { ...link, hash: '#m', purpose: 'confirm', user_id: 'moving', email: 'n@e.example' },
      ])
      .execute();
    const types = options.databaseUrl === undefined ? SQLITE_TYPES : POSTGRES_TYPES;
    for (const statement of keepSignUpsWithLinks(types)) await sql.raw(statement).execute(db);
    expect(await takeMailToken(db, '#p', 'confirm', NOON)).toMatchObject({
      userId: 'new',
      signUp: { password: '$p', profile: { firstName: 'P', lastName: 'L', company: 'Acme' } },
    });
    expect((await takeMailToken(db, '#i', 'invitation', NOON))?.signUp).toBeUndefined();
    expect((await takeMailToken(db, '#m', 'confirm', NOON))?.signUp).toBeUndefined();
    const nothing = { password: null, profile: { firstName: '', lastName: '', company: '' } };
    expect(await findUser(db, 'new')).toMatchObject(nothing);
    expect(await findUser(db, 'invited')).toMatchObject(nothing);
    expect(await findUser(db, 'moving')).toMatchObject({ password: '$m', profile: { firstName: 'M' } });
  });
});
