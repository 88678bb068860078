import { buildSchema, type GraphQLOutputType, getNamedType, isAbstractType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { guardedSchema, rootFields } from '../guarded-schema.ts';
import { schema } from '../schema.ts';
import { pathsOf } from './document.fixture.ts';
import { HOUSTON, type Operation } from './houston.fixture.ts';

/**
 * Every field that leads from an object to others, and why whoever sees the object may see those: `a part` is nothing that
 * could be had without it.
 */
const WAYS: Readonly<Record<string, string>> = {
  'ApiKeyCreated.apiKey': 'a part',
  'AuditConnection.nodes': 'a part',
  'AuditConnection.pageInfo': 'a part',
  'Application.clickstreamConfigs': 'who sees a source sees its pipelines',
  'ClickstreamConfig.filter': 'a part',
  'ClickstreamPrototype.configPrototype': 'a part',
  'ClickstreamPrototype.connectionPrototype': 'a part',
  'DeadLetterConnection.nodes': 'a part',
  'DeadLetterConnection.pageInfo': 'a part',
  'EventConnection.nodes': 'a part',
  'EventConnection.pageInfo': 'a part',
  'EventTrace.pipelines': 'who sees a source sees its pipelines',
  'Field.choices': 'a part',
  'Member.user': 'a member is shown by address alone',
  'Organization.members': 'who belongs to an organization sees its people',
  'PipelineTrace.exchanges': 'a part',
  'PipelineTrace.requests': 'a part',
  'StatusMessage.faults': 'a part',
  'Token.decoded': 'a part',
  'Token.faults': 'a part',
  'TracedExchange.request': 'a part',
  'User.profile': 'for its holder',
};

/** Who is answered with objects of a type: those rows of the table by which a root field leads to it. */
type By = NonNullable<Operation['sees']> | Operation['by'] | 'whoever has asked';

const KEYS_AND_AUDIT = 'see and change API keys and the audit log';

/** Every type, who is shown its objects, and all that is shown. What of it not everybody sees is in `private.test.ts`. */
const SHOWN: Readonly<Record<string, readonly [by: readonly By[], fields: string]>> = {
  // What the store has.
  ApiKey: [[KEYS_AND_AUDIT], 'id orgId name role beginning createdAt createdBy lastUsedAt'],
  ApiKeyCreated: [[KEYS_AND_AUDIT], 'key apiKey'],
  Application: [['see the source'], 'id appId orgId name platform enabled createdAt clickstreamConfigs'],
  AuditConnection: [[KEYS_AND_AUDIT], 'nodes pageInfo'],
  AuditEntry: [[KEYS_AND_AUDIT], 'id at actor actorId address action target targetName details'],
  ClickstreamConfig: [
    ['see the source'],
    'id appId integrationCode connectionId name configPayload filter enabled createdAt',
  ],
  Connection: [
    ['list connections'],
    'id orgId name integrationCode connectionPrototypeId details secretsSet createdAt',
  ],
  FilterRule: [['see the source'], 'name only drop'],
  Member: [['see the organization'], 'user role access applications joinedAt'],
  Organization: [['see the organization'], 'id name createdAt role members'],
  PageInfo: [['see the source', KEYS_AND_AUDIT], 'endCursor hasNextPage'],
  User: [['a person', 'see the organization'], 'id email profile confirmed createdAt'],
  UserProfile: [['a person', 'see the organization'], 'firstName lastName company'],
  // What became of events.
  DeadLetter: [['see the source'], 'id messageId event state reason status attempts count at answer'],
  DeadLetterConnection: [['see the source'], 'nodes pageInfo'],
  DeadLetterReason: [['see the source'], 'reason count'],
  EventConnection: [['see the source'], 'nodes pageInfo'],
  EventCount: [['see the source'], 'at integrationId type outcome reason count'],
  EventPageInfo: [['see the source'], 'endCursor hasNextPage searchedTo'],
  EventTrace: [['see the source'], 'appId messageId event receivedAt repeats pipelines'],
  LedgerRow: [['see the source'], 'integrationId accepted delivered filtered dead pending'],
  OutgoingRequest: [['see the source'], 'outcome method url body notes reason rule'],
  PipelineTrace: [
    ['see the source'],
    'integrationId integrationCode name replayId outcome reason rule answer status attempts dueInMs waitsFor notes requests exchanges',
  ],
  Replay: [
    ['see the source'],
    'id integrationId from to createdAt state accepted delivered filtered dead pending',
  ],
  SeenEvent: [
    ['see the source'],
    'outcome messageId receivedAt type name userId anonymousId text isCut reason details missed',
  ],
  TracedExchange: [['see the source'], 'request attempt events at tookMs status reason answer'],
  TracedRequest: [['see the source'], 'method url body'],
  // What is the same for all.
  ClickstreamPrototype: [
    ['whoever is signed in'],
    'id code name description modes platforms connectionPrototype configPrototype',
  ],
  Field: [['whoever is signed in'], 'propertyName label help type required secret default choices'],
  FieldChoice: [['whoever is signed in'], 'value label'],
  // What came of what the caller wanted to be done.
  DecodedToken: [['whoever has asked'], 'id issuedAt expiresAt'],
  FieldFault: [['whoever has asked'], 'field message'],
  StatusMessage: [['whoever has asked'], 'success message id code faults'],
  Token: [['whoever has asked'], 'success message code faults token decoded'],
};

const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
const objectTypes = types
  .filter(isObjectType)
  .filter(({ name }) => !['Query', 'Mutation', 'Subscription'].includes(name));

/** `reached`, and every type that an answer of this type can have in it. */
function reachedFrom(type: GraphQLOutputType, reached: readonly string[] = []): readonly string[] {
  const named = getNamedType(type);
  if (!isObjectType(named) || reached.includes(named.name)) return reached;
  const fields = Object.values(named.getFields());
  return fields.reduce<readonly string[]>(
    (all, field) => reachedFrom(field.type, all),
    [...reached, named.name],
  );
}

test.each([
  ['Query.all', 'type Query { all: String }'],
  ['Mutation.all', 'type Query type Mutation { all: String }'],
  ['Subscription.all', 'type Query type Subscription { all: String }'],
])('a schema with %s, which has no access rule, is not built', (name, text) => {
  expect(() => guardedSchema(buildSchema(text))).toThrow(`${name} has no access rule`);
});

test('the table says of every operation who may do it', () => {
  const served = rootFields(schema).map(([name]) => name);
  expect(served.toSorted()).toEqual(Object.keys(HOUSTON).toSorted());
});

test.each(rootFields(schema))(
  'the table says of every argument of %s whether it names something',
  (name, { args }) => {
    const { about, names = {}, gives, leaves = [] } = HOUSTON[name] ?? { by: 'anybody' };
    const said = [
      ...(about?.slice(0, 1) ?? []),
      ...Object.keys(names),
      ...leaves,
      ...Object.keys(gives?.(0, '') ?? {}),
    ];
    // A value that names nothing is said as a whole.
    const isSaid = (path: string) => said.includes(path) || said.includes(path.split('.')[0] ?? '');
    expect(pathsOf(args).filter((path) => !isSaid(path))).toEqual([]);
  },
);

test('it is known of every way from one object to others why it may be gone', () => {
  const ways = objectTypes.flatMap((type) =>
    Object.values(type.getFields())
      .filter((field) => isObjectType(getNamedType(field.type)))
      .map((field) => `${type.name}.${field.name}`),
  );
  expect(ways.toSorted()).toEqual(Object.keys(WAYS).toSorted());
});

test('of every type it is said who is shown its objects, and by no root field anybody else is', () => {
  const found: Record<string, Set<string>> = {};
  for (const [name, { type }] of rootFields(schema)) {
    const { by, sees = by } = HOUSTON[name] ?? { by: 'anybody' };
    const isAnswer = ['StatusMessage', 'Token'].includes(getNamedType(type).name);
    for (const reached of reachedFrom(type))
      found[reached] = (found[reached] ?? new Set()).add(isAnswer ? 'whoever has asked' : sees);
  }
  const said = Object.entries(SHOWN).map(([name, [by]]) => [name, new Set<string>(by)]);
  expect(found).toEqual(Object.fromEntries(said));
});

test.each(objectTypes)('of $name is shown what the table says, and nothing else', (type) => {
  const { name } = type;
  expect(Object.keys(type.getFields())).toEqual(SHOWN[name]?.[1].split(' ').toSorted());
});

test('nothing can be asked for below the root fields, where nobody looks at arguments, and every object has one type', () => {
  const asking = objectTypes.flatMap((type) =>
    Object.values(type.getFields())
      .filter(({ args }) => args.length > 0)
      .map((field) => `${type.name}.${field.name}`),
  );
  expect(asking).toEqual([]);
  expect(types.filter(isAbstractType)).toEqual([]);
});
