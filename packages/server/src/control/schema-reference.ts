import {
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { accessOf } from './access.ts';
import { rootFields } from './guarded-schema.ts';
import type { Need } from './roles.ts';

const NOTE = 'Generated from packages/server/src/control/schema by scripts/generate.ts. Change it there.';

type Operation = ReturnType<typeof rootFields>[number][1];

/** Who has a need, by the table of roles. */
const WHO: Readonly<Record<Need, string>> = {
  'organization.read': 'members of the organization',
  'organization.write': 'Owners of the organization',
  'source.read': 'Owners, and Users who were granted the source',
  'source.write': 'Owners, and Users with `EDIT` access to the source',
  'connection.list': 'members of the organization',
  'connection.read': 'Owners of the organization',
  'connection.write': 'Owners of the organization',
  administration: 'Owners of the organization',
};

/** The schema in the schema language, in an order that only changes with it. */
export function schemaText(schema: GraphQLSchema): string {
  return `# ${NOTE}\n\n${printSchema(lexicographicSortSchema(schema))}\n`;
}

/** The page that describes each operation and each type, in Markdown. */
export function schemaReferencePage(schema: GraphQLSchema): string {
  const sorted = lexicographicSortSchema(schema);
  const operations = (root: string) => (name: string) => name.startsWith(`${root}.`);
  const section = (title: string, root: string) => [
    `## ${title}`,
    '',
    ...rootFields(sorted).flatMap(([name, field]) => (operations(root)(name) ? operationLines(field) : [])),
  ];
  return [
    `<!-- ${NOTE} -->`,
    '',
    '# Houston reference',
    '',
    'Every operation of the GraphQL API with its arguments, its answer and who may call it, and then every type. The same is',
    'in [schema.graphql](../packages/server/src/control/schema.graphql), and in the explorer at `/explorer` of a running server.',
    '',
    'A `!` means that there is always a value, brackets mean a list. "Needs the header `organization`" means that it has to have the id',
    'of the organization that is changed; other operations do not need it.',
    '',
    ...section('Queries', 'Query'),
    ...section('Mutations', 'Mutation'),
    ...section('Subscriptions', 'Subscription'),
    '## Types',
    '',
    ...Object.values(sorted.getTypeMap()).flatMap((type) => (isRoot(sorted, type) ? [] : typeLines(type))),
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

function operationLines({ name, args, type, description, extensions }: Operation): string[] {
  return [
    `### ${name}`,
    '',
    ...paragraph(description),
    ...table('Argument', args),
    `Answers \`${type}\`. ${whoMay(extensions)}`,
    '',
  ];
}

function whoMay(extensions: Readonly<Record<string, unknown>>): string {
  const rule = accessOf(extensions);
  switch (rule?.kind) {
    case 'open':
      return 'Open to anybody.';
    case 'signedIn':
      return 'For whoever is signed in, about what is theirs.';
    case 'person':
      return 'For people who are signed in; not for API keys.';
    case 'member':
      return [
        `For ${WHO[rule.need]}${rule.isForPersons ? '; not for API keys' : ''}.`,
        ...(rule.edits ? ['Needs the header `organization`.'] : []),
      ].join(' ');
    case undefined:
      throw new Error('a field without an access rule');
  }
}

function isRoot(schema: GraphQLSchema, type: GraphQLNamedType): boolean {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some(
    (root) => root === type,
  );
}

function typeLines(type: GraphQLNamedType): string[] {
  if (isIntrospectionType(type) || isSpecifiedScalarType(type)) return [];
  const members = membersOf(type);
  return [`### ${type.name}`, '', ...paragraph(type.description), ...members];
}

function membersOf(type: GraphQLNamedType): string[] {
  if (isEnumType(type)) return valueLines(type);
  if (isObjectType(type)) return table('Field', Object.values(type.getFields()));
  if (isInputObjectType(type)) return table('Field', Object.values(type.getFields()));
  return [];
}

function valueLines(type: GraphQLEnumType): string[] {
  const values = type.getValues();
  const line = ({ name, description }: (typeof values)[number]) =>
    description ? `- \`${name}\`: ${inline(description)}` : `- \`${name}\``;
  return [...values.map(line), ''];
}

function table(
  title: string,
  members: readonly (GraphQLArgument | GraphQLInputField | GraphQLField<unknown, unknown>)[],
): string[] {
  if (members.length === 0) return [];
  return [
    `| ${title} | Type | |`,
    '|---|---|---|',
    ...members.map(
      ({ name, type, description }) => `| \`${name}\` | \`${type}\` | ${inline(description ?? '')} |`,
    ),
    '',
  ];
}

function paragraph(description: string | null | undefined): string[] {
  return description ? [inline(description), ''] : [];
}

/** A description as text in a table: on one line, and with its bars. */
function inline(description: string): string {
  return description.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|');
}
