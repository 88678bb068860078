import { buildSchema, GraphQLEnumType, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { expect, test } from 'vitest';
import { open } from './access.ts';
import { rootFields } from './guarded-schema.ts';
import { schema } from './schema.ts';
import { schemaReferencePage, schemaText } from './schema-reference.ts';
import { smallSchema } from './small-schema.fixture.ts';

test('an operation is described with its arguments, its answer and who may call it', () => {
  const page = schemaReferencePage(smallSchema());
  expect(page).toContain(`### updateApplication

Changes a source.

| Argument | Type | |
|---|---|---|
| \`appId\` | \`String!\` | The Source ID. |

Answers \`StatusMessage\`. For Owners, and Users with \`EDIT\` access to the source. Needs the header \`organization\`.
`);
  expect(page).toContain('Answers `Thing`. Open to anybody.');
  expect(page).toContain('Who asks.\n\nAnswers `String`. For people who are signed in; not for API keys.');
  expect(page).toContain('### Colour\n\n- `GREEN`\n- `RED`\n');
  expect(page).toContain('A thing with things in it.\n\n| Field | Type | |\n|---|---|---|\n');
});

test('a bar or a break in a description does not break a table', () => {
  const word = {
    type: GraphQLString,
    extensions: open,
    args: { a: { type: GraphQLString, description: 'x | y\nz' } },
  };
  const page = schemaReferencePage(
    new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: { word } }),
      types: [new GraphQLEnumType({ name: 'E', values: { A: { description: 'first\nof all' } } })],
    }),
  );
  expect(page).toContain('| `a` | `String` | x \\| y z |');
  expect(page).toContain('- `A`: first of all');
});

test('every operation of the API is on the page', () => {
  const page = schemaReferencePage(schema);
  for (const [name] of rootFields(schema)) expect(page).toContain(`### ${name.split('.')[1]}\n`);
});

test('the printed schema is one, whatever the order in which it was put together', () => {
  const text = schemaText(schema);
  expect(Object.keys(buildSchema(text).getTypeMap()).sort()).toEqual(Object.keys(schema.getTypeMap()).sort());
  const one = schemaText(buildSchema('type Query { b: Int a: B } type B { x: Int }'));
  expect(one).toBe(schemaText(buildSchema('type B { x: Int } type Query { a: B b: Int }')));
});
