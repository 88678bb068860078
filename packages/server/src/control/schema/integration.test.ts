import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listPipelines } from '../../store/pipelines.ts';
import { eachDatabase, type OpenTestStore } from '../../store/store.fixture.ts';
import { type Houston, openHouston, textAt } from '../houston.fixture.ts';
import { prototypeId } from '../prototypes.ts';

const STATUS = '{ success message code id faults { field message } }';
const SHOWN =
  '{ id appId integrationCode connectionId name configPayload filter { name only drop } enabled }';

let houston: Houston;
afterEach(() => houston[Symbol.asyncDispose]());

let hooks: string;
let ads: string;

async function connection(code: string, details: string): Promise<string> {
  const query = `mutation { createConnection(integrationCode: "${code}", details: ${details}, name: "${code}",
      orgId: "${houston.control.organization}", connectionPrototypeId: "${prototypeId(code)}") ${STATUS} }`;
  return textAt(await houston.ask(query), 'id');
}
const create = (more = '', { code = 'webhooks', to = hooks } = {}) =>
  houston.ask(`mutation { createIntegration(appId: "${houston.control.source}", integrationCode: "${code}",
      connectionId: "${to}", name: "All" ${more}) ${STATUS} }`);
const update = (id: string, wish: string) =>
  houston.ask(`mutation { updateIntegration(integrationId: "${id}", ${wish}) ${STATUS} }`);
const list = () => houston.ask(`{ clickstreamConfigs(appId: "${houston.control.source}") ${SHOWN} }`);
const stored = () => listPipelines(houston.control.services.store.db, houston.control.source);

async function begin(open?: OpenTestStore): Promise<void> {
  houston = await openHouston(open);
  hooks = await connection('webhooks', '{ urls: ["https://receiver.example/"] }');
  ads = await connection('acquisio', '{ apiKey: "123" }');
}

eachDatabase('pipelines', (open) => {
  beforeEach(() => begin(open));

  test('a pipeline is active as soon as it is saved', async () => {
    const answer = await create(
      'configPayload: { batchSize: 7 }, filter: [{ name: "Tracks", only: "type = \\"track\\"" }]',
    );
    expect(answer).toMatchObject({ success: true, message: 'The pipeline All is active.' });
    const id = textAt(answer, 'id');
    expect(await list()).toEqual([
      {
        id,
        appId: houston.control.source,
        integrationCode: 'webhooks',
        connectionId: hooks,
        name: 'All',
        configPayload: { batchSize: 7 },
        filter: [{ name: 'Tracks', only: 'type = "track"', drop: null }],
        enabled: true,
      },
    ]);
    expect((await houston.audit())[0]).toMatchObject({
      action: 'pipeline.created',
      target: id,
      details: { source: houston.control.source, destination: 'webhooks', config: { batchSize: 7 } },
    });
  });

  test('a change keeps what it does not name, and replaces config and filter as a whole', async () => {
    const id = textAt(
      await create('configPayload: { batchSize: 5 }, filter: [{ name: "a", drop: "userId = \\"x\\"" }]'),
      'id',
    );
    await update(id, 'enabled: false');
    expect(await stored()).toMatchObject([
      { enabled: false, config: { batchSize: 5 }, filter: [{ name: 'a' }] },
    ]);
    await update(id, 'configPayload: {}, name: "Some"');
    expect(await stored()).toMatchObject([
      { enabled: false, name: 'Some', config: {}, filter: [{ name: 'a' }] },
    ]);
    await update(id, 'filter: [], enabled: true, configPayload: null');
    expect(await stored()).toMatchObject([{ enabled: true, config: {}, filter: [] }]);
    expect((await houston.audit())[0]).toMatchObject({
      action: 'pipeline.updated',
      targetName: 'Some',
      details: { enabled: true, filter: [] },
    });
    expect(await update(id, 'delete: true')).toMatchObject({ success: true, id });
    expect(await stored()).toEqual([]);
    expect((await houston.audit())[0]).toMatchObject({ action: 'pipeline.deleted', target: id });
    expect(await update(id, 'delete: true')).toMatchObject({ success: false, code: 'NOT_FOUND' });
  });

  test('a connection that does not fit is refused in the same words, whatever is wrong with it', async () => {
    const other = await houston.person('ada@example.com');
    const theirs = await houston.ask('mutation { createOrganization(name: "Other") { id } }', {
      token: other.token,
    });
    const organization = textAt(theirs, 'id');
    const foreign = await houston.ask(
      `mutation { createConnection(integrationCode: "webhooks", details: { urls: ["https://receiver.example/"] },
        name: "x", orgId: "${organization}", connectionPrototypeId: "${prototypeId('webhooks')}") { id } }`,
      { token: other.token, organization },
    );
    const answers = [
      await create('', { to: ads }),
      await create('', { to: textAt(foreign, 'id') }),
      await create('', { to: 'nowhere' }),
      await create('', { code: 'acquisio', to: hooks }),
    ];
    const refused = {
      success: false,
      code: 'BAD_INPUT',
      id: null,
      message: 'connectionId is no connection of this organization for this destination.',
      faults: [
        { field: 'connectionId', message: 'is no connection of this organization for this destination' },
      ],
    };
    expect(answers).toEqual(Array(answers.length).fill(refused));
    const id = textAt(await create(), 'id');
    for (const to of [ads, textAt(foreign, 'id'), 'nowhere'])
      expect(await update(id, `connectionId: "${to}", name: "New"`)).toEqual(refused);
    expect(await stored()).toMatchObject([{ connectionId: hooks, name: 'All' }]);
  });

  test('who changes nothing, or gives no name, is told so', async () => {
    const id = textAt(await create(), 'id');
    expect(await update(id, 'name: null, filter: null')).toMatchObject({ code: 'BAD_INPUT' });
    expect(await update(id, 'name: " "')).toMatchObject({ code: 'BAD_INPUT', faults: [{ field: 'name' }] });
    expect(await create('', { code: 'acquisi' })).toMatchObject({
      code: 'BAD_INPUT',
      faults: [{ field: 'integrationCode', message: expect.stringContaining('acquisio') }],
    });
  });

  test('whoever may see a source alone sees its pipelines, and changes none', async () => {
    const id = textAt(await create(), 'id');
    const { token } = await houston.member('ada@example.com', {
      access: 'VIEW',
      sources: [houston.control.source],
    });
    const asked = await houston.ask(`{ applications { clickstreamConfigs { id } } }`, { token });
    expect(asked).toEqual([{ clickstreamConfigs: [{ id }] }]);
    for (const wish of ['enabled: false', 'delete: true']) {
      const query = `mutation { updateIntegration(integrationId: "${id}", ${wish}) ${STATUS} }`;
      expect(await houston.ask(query, { token })).toMatchObject({ success: false, code: 'FORBIDDEN' });
    }
  });

  test('a deleted source takes its pipelines with it, and its connections stay', async () => {
    await create();
    const { source, organization } = houston.control;
    await houston.ask(`mutation { updateApplication(appId: "${source}", delete: true) ${STATUS} }`);
    expect(await stored()).toEqual([]);
    expect(await houston.ask(`{ orgConnections(orgId: "${organization}") { name } }`)).toHaveLength(2);
    expect((await houston.audit())[0]).toMatchObject({ action: 'source.deleted', targetName: 'Website' });
  });
});

describe('a pipeline that cannot be used', () => {
  beforeEach(() => begin());

  test.each([
    ['a number that is too large', 'configPayload: { batchSize: 501 }', 'configPayload.batchSize'],
    ['a setting that is none', 'configPayload: { colour: "red" }', 'configPayload.colour'],
    ['`__proto__`', 'configPayload: { __proto__: { batchSize: 7 } }', 'configPayload.__proto__'],
    ['a list', 'configPayload: ["batch"]', 'configPayload'],
    ['a rule that does both', 'filter: [{ name: "a", only: "1 = 1", drop: "1 = 1" }]', 'filter[0]'],
    ['a rule that does nothing', 'filter: [{ name: "a" }]', 'filter[0]'],
    [
      'a condition that is none',
      'filter: [{ name: "a", drop: "type = \\"x\\"" }, { name: "b", only: "(" }]',
      'filter[1].only',
    ],
    ['a rule without a name', 'filter: [{ name: "", drop: "type = \\"x\\"" }]', 'filter[0].name'],
    [
      'two rules of one name',
      'filter: [{ name: "a", drop: "type = \\"x\\"" }, { name: "a", drop: "type = \\"x\\"" }]',
      'filter[1].name',
    ],
  ])('%s is refused, and the answer names the place', async (_, wish, field) => {
    expect(await create(wish)).toMatchObject({ success: false, code: 'BAD_INPUT', faults: [{ field }] });
    expect(await stored()).toEqual([]);
    const id = textAt(await create(), 'id');
    expect(await update(id, wish)).toMatchObject({ success: false, code: 'BAD_INPUT', faults: [{ field }] });
    expect(await stored()).toMatchObject([{ config: {}, filter: [] }]);
    expect(houston.control.bugs).toEqual([]);
  });
});
