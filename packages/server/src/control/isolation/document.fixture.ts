import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isObjectType,
} from 'graphql';
import type { Context } from '../context.ts';
import { rootFields } from '../guarded-schema.ts';

/** A root field of the schema; throws when there is none of this name, which is as `Query.me`. */
export function rootField(schema: GraphQLSchema, name: string): GraphQLField<unknown, Context> {
  const found = rootFields(schema).find(([known]) => known === name);
  if (found === undefined) throw new Error(`the schema has no ${name}`);
  return found[1];
}

/** A document that calls a root field with variables of these names, and asks for all that it can answer. */
export function documentFor(schema: GraphQLSchema, name: string, given: readonly string[]): string {
  const field = rootField(schema, name);
  const args = field.args.filter((arg) => given.includes(arg.name));
  const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const kind = name.split('.')[0]?.toLowerCase();
  const call = `${field.name}${passed && `(${passed})`} ${everythingOf(field.type)}`;
  return `${kind} ${declared && `(${declared})`} { ${call} }`;
}

/** A selection of everything that can be reached from a type. */
function everythingOf(type: GraphQLOutputType, above: readonly string[] = []): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields())
    .filter((field) => !above.includes(getNamedType(field.type).name))
    .map((field) => `${field.name} ${everythingOf(field.type, [...above, named.name])}`);
  return `{ ${fields.join(' ')} }`;
}

/** The paths of all that can be given to a field: arguments, and the members of those that are objects. */
export function pathsOf(args: readonly GraphQLArgument[]): readonly string[] {
  return args.flatMap(({ name, type }) => {
    const named = getNamedType(type);
    if (!isInputObjectType(named)) return [name];
    return Object.keys(named.getFields()).map((member) => `${name}.${member}`);
  });
}
