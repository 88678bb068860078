import { formatIsoTime, parseIsoTime } from '@metarouter/events';
import { Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { builder } from './builder.ts';

/** The first millisecond of 2101: texts are read as far, and what is written has four digits for the year. */
const LATEST = 4_133_980_800_000;

builder.scalarType('Date', {
  description:
    'A moment as ISO 8601, such as 2026-11-21T14:30:00.000Z, or in milliseconds since 1970. Without a time zone it is in ' +
    'UTC. A day alone, such as 2026-11-21, is the moment at which it begins.',
  serialize: formatIsoTime,
  parseValue: readDate,
  parseLiteral: (node) => readDate(node.kind === Kind.INT ? Number(node.value) : valueFromASTUntyped(node)),
});

builder.scalarType('JSON', {
  description:
    'Any JSON value: given as a variable, or written inline, as { apiKey: "123" }. Keys may stand in quotes, as in JSON.',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => readLiteral(node, variables ?? {}),
});

function readDate(value: unknown): number {
  const milliseconds = typeof value === 'string' ? parseIsoTime(value) : value;
  if (typeof milliseconds === 'number' && Number.isInteger(milliseconds)) {
    if (milliseconds >= 0 && milliseconds < LATEST) return milliseconds;
  }
  // No GraphQLError: only others are told with the place in the document.
  throw new TypeError('A Date is ISO 8601, such as 2026-11-21T14:30:00Z, from 1970 to 2100.');
}

/** Objects without a prototype would surprise whoever reads them, and `__proto__` must be a key like others. */
function readLiteral(node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown {
  switch (node.kind) {
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, readLiteral(value, variables)]),
      );
    case Kind.LIST:
      return node.values.map((value) => readLiteral(value, variables));
    case Kind.VARIABLE:
      return Object.hasOwn(variables, node.name.value) ? variables[node.name.value] : undefined;
    default:
      return valueFromASTUntyped(node);
  }
}
