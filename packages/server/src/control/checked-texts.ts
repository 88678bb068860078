import { type GraphQLArgument, getNamedType } from 'graphql';
import { badInput } from './refusal.ts';

/**
 * Refuses arguments that have the character NUL in a text: the store can neither keep nor look for it. Values of the type
 * JSON may have it, as they are kept in JSON's own spelling.
 */
export function checkTexts(
  declared: readonly GraphQLArgument[],
  args: Readonly<Record<string, unknown>>,
): void {
  const faults = declared
    .filter(({ name, type }) => getNamedType(type).name !== 'JSON' && hasNul(args[name]))
    .map(({ name }) => ({ field: name, message: 'has the character NUL in it: leave it out' }));
  if (faults.length > 0) throw badInput(faults);
}

function hasNul(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasNul);
}
