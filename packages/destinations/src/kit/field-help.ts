import type { Field } from './field.ts';

/** What a person needs to know to fill in a field: what it is, what it may be, where it is found. Sentences. */
export function fieldHelp({ description, range, found }: Field<unknown>): string {
  const numbers = range === undefined ? [] : [`A number from ${range.min} to ${range.max}.`];
  return [description, ...numbers, ...(found === undefined ? [] : [found])].join(' ');
}
