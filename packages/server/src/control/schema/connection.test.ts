import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listConnections, openConnection } from '../../store/connections.ts';
import { eachDatabase } from '../../store/store.fixture.ts';
import { type Houston, openHouston, textAt } from '../houston.fixture.ts';
import { prototypeId } from '../prototypes.ts';

const STATUS = '{ success message code id faults { field message } }';
/** A text that is in no answer and in no entry of the audit log. */
const CANARY = 'canary-in-a-coal-mine';
const URLS = ['https://one.example/hook', 'https://two.example/hook'];
const HOOKS = { urls: URLS, headers: { authorization: CANARY } };

let houston: Houston;
afterEach(() => houston[Symbol.asyncDispose]());

const create = (details: unknown, { name = 'Hooks', code = 'webhooks', id = prototypeId(code) } = {}) =>
  houston.ask(
    `mutation($details: JSON!, $name: String!, $code: String!, $id: ID!, $orgId: ID!) {
        createConnection(details: $details, name: $name, integrationCode: $code, connectionPrototypeId: $id,
          orgId: $orgId) ${STATUS} }`,
    { variables: { details, name, code, id, orgId: houston.control.organization } },
  );
const update = (id: string, wish: Readonly<Record<string, unknown>>) =>
  houston.ask(
    `mutation($id: ID!, $name: String, $details: JSON, $delete: Boolean) {
        updateConnection(connectionId: $id, name: $name, details: $details, delete: $delete) ${STATUS} }`,
    { variables: { id, ...wish } },
  );
const show = (id: string, token?: string) =>
  houston.ask(
    `{ connection(connectionId: "${id}") { name integrationCode connectionPrototypeId details secretsSet } }`,
    token === undefined ? {} : { token },
  );
const made = async (details: unknown = HOOKS, name = 'Hooks') =>
  textAt(await create(details, { name }), 'id');
/** The values with which it delivers. */
const opened = async (id: string) => {
  const { db, sealer } = houston.control.services.store;
  return (await openConnection(db, sealer, id))?.details;
};

eachDatabase('connections', (open) => {
  beforeEach(async () => {
    houston = await openHouston(open);
  });

  test('what is secret is stored, and shown to nobody again: only that it is set', async () => {
    const answer = await create(HOOKS);
    expect(answer).toMatchObject({ success: true, message: 'The connection Hooks is stored.' });
    const id = textAt(answer, 'id');
    expect(await opened(id)).toEqual(HOOKS);
    expect(await show(id)).toEqual({
      name: 'Hooks',
      integrationCode: 'webhooks',
      connectionPrototypeId: prototypeId('webhooks'),
      details: { urls: URLS },
      secretsSet: ['headers'],
    });
    const updated = await update(id, { details: { headers: { authorization: `${CANARY}-2` } } });
    const everything = [answer, updated, await show(id), await houston.audit()];
    expect(JSON.stringify(everything)).not.toContain(CANARY);
  });

  test('a User sees that a connection is there, and not what is in it', async () => {
    const id = await made();
    const { token } = await houston.member('ada@example.com');
    expect(await show(id, token)).toMatchObject({ name: 'Hooks', details: null, secretsSet: null });
    const answer = await houston.ask(
      `mutation { updateConnection(connectionId: "${id}", delete: true) ${STATUS} }`,
      { token },
    );
    expect(answer).toMatchObject({ success: false, code: 'FORBIDDEN' });
  });

  test('a change keeps what it does not name, takes away what is null, and replaces the rest as a whole', async () => {
    const id = await made();
    expect(await update(id, { details: { urls: [URLS[0]] } })).toMatchObject({ success: true });
    expect(await opened(id)).toEqual({ ...HOOKS, urls: [URLS[0]] });
    await update(id, { details: { headers: null } });
    expect(await opened(id)).toEqual({ urls: [URLS[0]] });
    expect(await show(id)).toMatchObject({ secretsSet: [] });
    await update(id, { name: ' Renamed ' });
    expect(await show(id)).toMatchObject({ name: 'Renamed', details: { urls: [URLS[0]] } });
  });

  test('the audit log names the fields that changed, and no value', async () => {
    const id = await made();
    await update(id, { name: 'Renamed', details: { headers: { authorization: 'new' }, urls: URLS } });
    await update(id, { delete: true });
    expect(await houston.audit()).toMatchObject([
      { action: 'connection.deleted', target: id, targetName: 'Renamed' },
      { action: 'connection.updated', details: { name: 'Renamed', fields: ['headers', 'urls'] } },
      { action: 'connection.created', targetName: 'Hooks', details: { destination: 'webhooks' } },
    ]);
  });

  test('a change is checked together with what stays, and one that is refused changes nothing', async () => {
    const id = await made();
    expect(await update(id, { details: { urls: null }, name: 'New' })).toMatchObject({
      code: 'BAD_INPUT',
      faults: [{ field: 'details.urls' }],
    });
    expect(await show(id)).toMatchObject({ name: 'Hooks', details: { urls: URLS } });
    expect(await update(id, {})).toMatchObject({ code: 'BAD_INPUT', faults: [{ field: 'name' }] });
    expect(await update(id, { details: null })).toMatchObject({ code: 'BAD_INPUT' });
  });

  test('a name is given once in an organization', async () => {
    const [id, other] = [await made(), await made(HOOKS, 'Others')];
    expect(await create(HOOKS, { name: ' Hooks' })).toMatchObject({ success: false, code: 'CONFLICT' });
    expect(await update(other, { name: 'Hooks' })).toMatchObject({ success: false, code: 'CONFLICT' });
    expect(await update(id, { name: 'Hooks' })).toMatchObject({ success: true });
    const both = await Promise.all([create(HOOKS, { name: 'New' }), create(HOOKS, { name: 'New' })]);
    expect(both).toContainEqual(expect.objectContaining({ success: true }));
    expect(both).toContainEqual(expect.objectContaining({ code: 'CONFLICT' }));
    expect(houston.control.bugs).toEqual([]);
  });

  test('a connection that a pipeline uses is not deleted', async () => {
    const id = await made();
    const pipeline = await houston.ask(`mutation { createIntegration(appId: "${houston.control.source}",
      integrationCode: "webhooks", connectionId: "${id}", name: "All") ${STATUS} }`);
    expect(await update(id, { delete: true })).toMatchObject({ success: false, code: 'CONFLICT' });
    await houston.ask(
      `mutation { updateIntegration(integrationId: "${textAt(pipeline, 'id')}", delete: true) ${STATUS} }`,
    );
    expect(await update(id, { delete: true })).toMatchObject({ success: true });
    expect(await show(id)).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  });

  test('connections are listed by name, and by destination', async () => {
    await made(HOOKS, 'b');
    await made(HOOKS, 'a');
    await create({ apiKey: '123' }, { name: 'c', code: 'acquisio' });
    const { organization } = houston.control;
    const list = (more = '') =>
      houston.ask(`{ orgConnections(orgId: "${organization}"${more}) { name integrationCode } }`);
    expect(await list()).toMatchObject([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    expect(await list(`, connectionPrototype: "${prototypeId('acquisio')}"`)).toEqual([
      { name: 'c', integrationCode: 'acquisio' },
    ]);
    expect(await list(', connectionPrototype: "acquisio"')).toEqual([]);
  });

  test('a test asks with the secrets, and what it finds is answered', async () => {
    const id = await made();
    const findings = [
      ['works', 'The credentials are right.', { success: true, code: null, id }],
      ['unchecked', 'There is nothing to ask.', { success: true, code: null, id }],
      ['fails', 'The receiver answered 401.', { success: false, code: 'BAD_INPUT', id: null }],
    ] as const;
    for (const [verdict, sentence, answer] of findings) {
      houston.lanes.rehearse({ testConnection: async () => ({ verdict, sentence }) });
      expect(await houston.ask(`mutation { testConnection(connectionId: "${id}") ${STATUS} }`)).toMatchObject(
        {
          ...answer,
          message: sentence,
        },
      );
      expect(houston.lanes.asked).toEqual([['testConnection', { destination: 'webhooks', details: HOOKS }]]);
    }
  });
});

describe('a connection that cannot be used', () => {
  beforeEach(async () => {
    houston = await openHouston();
  });

  test.each([
    ['a URL that is none', { urls: [URLS[0], 'hook'] }, ['details.urls[1]']],
    ['no URL', {}, ['details.urls']],
    ['a setting that is none', { urls: URLS, colour: 'red' }, ['details.colour']],
    [
      '`__proto__`',
      JSON.parse('{"urls":["https://one.example/"],"__proto__":{"secret":1}}'),
      ['details.__proto__'],
    ],
    [
      'a header that is ours',
      { urls: URLS, headers: { host: CANARY } },
      [expect.stringMatching(/^details\.headers/)],
    ],
    ['a text', 'https://one.example', ['details']],
    ['a list', [URLS[0]], ['details']],
  ])('details with %s are refused, and the answer names the place', async (_, details, fields) => {
    const answer = await create(details);
    expect(answer).toMatchObject({ success: false, code: 'BAD_INPUT', id: null });
    expect(answer).toMatchObject({ faults: fields.map((field) => ({ field })) });
    expect(JSON.stringify(answer)).not.toContain(CANARY);
    expect(await listConnections(houston.control.services.store.db, houston.control.organization)).toEqual(
      [],
    );
    expect(houston.control.bugs).toEqual([]);
  });

  test.each([
    ['an unknown destination', { code: 'webhook', id: 'x' }, 'integrationCode', /webhooks/],
    [
      'the prototype of another one',
      { id: prototypeId('acquisio') },
      'connectionPrototypeId',
      /clickstreamPrototypes/,
    ],
    ['the code of a prototype', { id: 'webhooks' }, 'connectionPrototypeId', /not the id/],
    ['an empty name', { name: ' ' }, 'name', /empty/],
  ])('a connection with %s is refused', async (_, wish, field, message) => {
    expect(await create(HOOKS, wish)).toMatchObject({
      success: false,
      code: 'BAD_INPUT',
      faults: [{ field, message: expect.stringMatching(message) }],
    });
  });
});
