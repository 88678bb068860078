import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../store/store.fixture.ts';
import { type Asking, type Houston, openHouston, textAt, tokenIn, valueAt } from './houston.fixture.ts';

/** What the documents of the API write down, word for word where they are whole; ids are those that came before. */
const MUTATIONS = {
  createNewUser: [
    ['email', 'String!'],
    ['password', 'String!'],
    ['profile', 'ProfileInput'],
  ],
  createToken: [
    ['username', 'String!'],
    ['password', 'String!'],
  ],
  createOrganization: [
    ['name', 'String!'],
    ['userId', 'ID'],
  ],
  createApplication: [
    ['name', 'String!'],
    ['platform', 'String!'],
    ['orgId', 'ID!'],
  ],
  createConnection: [
    ['integrationCode', 'String!'],
    ['details', 'JSON!'],
    ['name', 'String!'],
    ['orgId', 'ID!'],
    ['connectionPrototypeId', 'ID!'],
  ],
  createIntegration: [
    ['appId', 'String!'],
    ['integrationCode', 'String!'],
    ['configPayload', 'JSON'],
    ['connectionId', 'ID!'],
    ['name', 'String!'],
  ],
} as const satisfies Readonly<Record<string, readonly (readonly [name: string, type: string])[]>>;
type Mutation = keyof typeof MUTATIONS;

const STATUS = '{ success message id code }';
const TOKEN = '{ success message token decoded { id } }';

/** A mutation with its values written into the document, as the documents do. */
function inline(name: Mutation, values: object): readonly [query: string, variables: object] {
  const given = Object.entries(values).map(([key, value]) => `${key}: ${literal(value)}`);
  return [`mutation { ${name}(${given.join('\n')}) ${answerOf(name)} }`, {}];
}

/** The same, each value as the JSON that it is. */
function inlineJson(name: Mutation, values: object): readonly [query: string, variables: object] {
  const given = Object.entries(values).map(([key, value]) => `${key}: ${JSON.stringify(value, null, 2)}`);
  return [`mutation { ${name}(${given.join('\n')}) ${answerOf(name)} }`, {}];
}

/** The same with its values as variables. */
function withVariables(name: Mutation, values: object): readonly [query: string, variables: object] {
  const declared = MUTATIONS[name].map(([key, type]) => `$${key}: ${type}`);
  const given = MUTATIONS[name].map(([key]) => `${key}: $${key}`);
  return [`mutation ${name}(${declared}) { ${name}(${given}) ${answerOf(name)} }`, values];
}

function answerOf(name: Mutation): string {
  return name === 'createNewUser' || name === 'createToken' ? TOKEN : STATUS;
}

/** A value as GraphQL has it: like JSON, without quotes around keys. */
function literal(value: unknown): string {
  return JSON.stringify(value).replace(/"(\w+)":/g, '$1: ');
}

eachDatabase('the documented operations', (open) => {
  let houston: Houston;
  beforeAll(async () => {
    houston = await openHouston(open);
  });
  afterAll(() => houston[Symbol.asyncDispose]());

  test.each([
    ['written inline', inline, 'inline@example.com'],
    ['written inline, as JSON with its keys in quotes', inlineJson, 'json@example.com'],
    ['as variables', withVariables, 'variables@example.com'],
  ] as const)('work one after the other with their values %s', async (_, written, email) => {
    const run = (name: Mutation, values: object, asking: Asking) => {
      const [query, variables] = written(name, values);
      return houston.ask(query, { ...asking, variables: { ...variables } });
    };
    const nobody: Asking = { token: null, organization: null };
    const password = 'password_string';
    const profile = { firstName: 'Someone', lastName: 'New', company: 'My Company' };
    expect(await run('createNewUser', { email, password, profile }, nobody)).toMatchObject({
      success: true,
      token: null,
      decoded: null,
    });
    const [mail] = await houston.mailsTo(email);
    await houston.ask(`mutation { confirmEmail(token: "${tokenIn(mail)}") { success } }`, nobody);

    const signedIn = await run('createToken', { username: email, password }, nobody);
    const [token, userId] = [textAt(signedIn, 'token'), textAt(signedIn, 'decoded', 'id')];

    const made = { success: true, message: expect.any(String), id: expect.any(String), code: null };
    const name = 'Human-friendly Organization Name';
    const organizationMade = await run('createOrganization', { name, userId }, { token, organization: null });
    expect(organizationMade).toEqual(made);
    const organization = textAt(organizationMade, 'id');
    const asking: Asking = { token, organization };

    const application = { name: 'Human-friendly Source Name', platform: 'analytics.js', orgId: organization };
    const appId = textAt(await run('createApplication', application, asking), 'id');
    expect(appId).toHaveLength(21);

    const prototypes = await houston.ask(
      `{ clickstreamPrototypes(code: "acquisio") { id connectionPrototype { propertyName label type }
        configPrototype { propertyName label type } } }`,
      asking,
    );
    expect(prototypes).toMatchObject([
      {
        connectionPrototype: [{ propertyName: 'apiKey', label: expect.any(String), type: 'input' }],
        configPrototype: [{ propertyName: 'events', label: expect.any(String), type: 'array' }],
      },
    ]);
    const connection = {
      integrationCode: 'acquisio',
      details: { apiKey: '123' },
      name: 'Friendly Connection Name',
      orgId: organization,
      connectionPrototypeId: textAt(prototypes, '0', 'id'),
    };
    const connectionMade = await run('createConnection', connection, asking);
    expect(connectionMade).toEqual(made);

    const integration = {
      appId,
      integrationCode: 'acquisio',
      configPayload: { events: ['Order Completed'] },
      connectionId: textAt(connectionMade, 'id'),
      name: 'Friendly Application Name',
    };
    expect(await run('createIntegration', integration, asking)).toEqual(made);

    expect(
      await houston.ask(
        `{ clickstreamConfigs(appId: "${appId}") { integrationCode configPayload name enabled } }`,
        asking,
      ),
    ).toEqual([
      {
        integrationCode: 'acquisio',
        configPayload: { events: ['Order Completed'] },
        name: 'Friendly Application Name',
        enabled: true,
      },
    ]);
    expect(await houston.ask(`{ organizations(orgId: "${organization}") { id name } }`, asking)).toEqual([
      { id: organization, name },
    ]);
    const other = textAt(await run('createOrganization', { name: 'Another', userId }, asking), 'id');
    const both = await houston.ask(`{ organizations(userId: "${userId}") { id } }`, {
      token,
      organization: null,
    });
    expect([valueAt(both, '0', 'id'), valueAt(both, '1', 'id')].toSorted()).toEqual(
      [organization, other].toSorted(),
    );
  });

  test('what changes an organization is refused without its id in the header', async () => {
    const { organization } = houston.control;
    const query = `mutation { createApplication(name: "x", platform: "server", orgId: "${organization}") ${STATUS} }`;
    expect(await houston.ask(query, { organization: null })).toMatchObject({
      success: false,
      id: null,
      code: 'BAD_INPUT',
      message: expect.stringContaining('`organization`'),
    });
  });
});
