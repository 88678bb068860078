import fc from 'fast-check';
import { GraphQLError, Kind, parse, print, valueFromASTUntyped } from 'graphql';
import { expect, test } from 'vitest';
import { readableQuery } from './readable-query.ts';

/** What is wrong with a query. */
function faultOf(query: string): GraphQLError {
  try {
    parse(readableQuery(query));
  } catch (error) {
    if (error instanceof GraphQLError) return error;
    throw error;
  }
  throw new Error(`nothing is wrong with ${query}`);
}

test.each([
  ['{ a(b: { "events" : ["x"] }) }', '{ a(b: { events : ["x"] }) }'],
  ['{ a(b: [{"c":{"d":1,"e":null}}], f: "g") }', '{ a(b: [{c: {d: 1, e: null}}], f: "g") }'],
  [
    'query ($v: JSON = {"a": true}) { b(c: $v) @d(e: {"f": $v}) }',
    'query ($v: JSON = {a: true}) { b(c: $v) @d(e: {f: $v}) }',
  ],
  ['{ a(b: { "\\u0065vents"\n# of it\n: "x: y" }) }', '{ a(b: { events: "x: y" }) }'],
])('keys in quotes, as JSON has them, are taken for keys: %s', (query, meant) => {
  expect(print(parse(readableQuery(query)))).toBe(print(parse(meant)));
});

test('a JSON object, whatever is in it, may be written into a query as it is, when its keys are names', () => {
  const name = fc.stringMatching(/^[_A-Za-z][_0-9A-Za-z]{0,8}$/);
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(name, value, { maxKeys: 3 }), fc.boolean(), (object, isIndented) => {
      const written = JSON.stringify(object, null, isIndented ? 2 : 0);
      const readable = readableQuery(`{ a(b: ${written}) }`);
      expect(readable).toHaveLength(`{ a(b: ${written}) }`.length);
      expect(valueIn(readable)).toEqual(object);
    }),
  );
});

test('what is wrong behind such a key is found in its own line and column', () => {
  const { message, locations } = faultOf('{\n  a(b: { "c": 1, "d": ! })\n}');
  expect(message).toBe('Syntax Error: Unexpected "!".');
  expect(locations).toEqual([{ line: 2, column: 23 }]);
});

test.each([
  ['{ a(b: { "Order Completed": 1 }) }', /found String "Order Completed"\. .* as a variable/, 10],
  ['{ a(b: { "": 1 }) }', /found String ""\. .* as a variable/, 10],
  ['{ a("b": 1) }', /found String "b"\. Names are written without quotes\.$/, 5],
  ['{ "a": b }', /found String "a"\. Names are written without quotes\.$/, 3],
  ['{ a(b: ["c": 1]) }', /found String "c"\. Names/, 9],
  ['{ a(b: { """c""": 1 }) }', /^Syntax Error: Expected Name, found BlockString "c"\.$/, 10],
])(
  'other strings in the place of names are refused, with what to do and where: %s',
  (query, message, column) => {
    expect(faultOf(query)).toMatchObject({
      message: expect.stringMatching(message),
      locations: [{ line: 1, column }],
    });
  },
);

test.each([
  '{ a }',
  '{ a(b: "c:") }',
  '"a" query { b }',
  '{ a(b: "c" d: "e") { f: g } }',
  '{ a(b: """c": d""") }',
  '',
])('a query without such keys stays as it is: %s', (query) => {
  expect(readableQuery(query)).toBe(query);
});

/** The value of the first argument of the first field, as JSON has it. */
function valueIn(query: string): unknown {
  const [operation] = parse(query).definitions;
  const field =
    operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections[0] : undefined;
  const argument = field?.kind === Kind.FIELD ? field.arguments?.[0] : undefined;
  if (argument === undefined) throw new Error(`there is no argument in ${query}`);
  return JSON.parse(JSON.stringify(valueFromASTUntyped(argument.value)));
}
