import { buildSchema, getNamedType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { guardedSchema, rootFields } from '../guarded-schema.ts';
import { schema } from '../schema.ts';
import { pathsOf } from './document.fixture.ts';
import { HOUSTON } from './houston.fixture.ts';

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

/** What is shown of what the store has. What not everybody sees who sees the object is in `private.test.ts`. */
const SHOWN: Readonly<Record<string, string>> = {
  ApiKey: 'id orgId name role beginning createdAt',
  ApiKeyCreated: 'key apiKey',
  Application: 'id appId orgId name platform enabled createdAt clickstreamConfigs',
  AuditEntry: 'id at actor actorId address action target targetName details',
  ClickstreamConfig: 'id appId integrationCode connectionId name configPayload filter enabled createdAt',
  Connection: 'id orgId name integrationCode connectionPrototypeId details secretsSet createdAt',
  Member: 'user role access applications joinedAt',
  Organization: 'id name createdAt role members',
  User: 'id email profile confirmed createdAt',
};

const objectTypes = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .filter(({ name }) => !name.startsWith('__') && !['Query', 'Mutation', 'Subscription'].includes(name));

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

test.each(Object.entries(SHOWN))('of %s the store has, this is shown and nothing else', (name, fields) => {
  const type = objectTypes.find((known) => known.name === name);
  expect(Object.keys(type?.getFields() ?? {})).toEqual(fields.split(' ').toSorted());
});
