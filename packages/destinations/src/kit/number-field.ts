import { type Field, type Labels, type Range, right, wrong } from './field.ts';

/** A whole number within a range that may be left out: handlers then see `undefined`. */
export function optionalNumber({
  range,
  ...labels
}: Labels & { readonly range: Range }): Field<number | undefined> {
  const isWithin = (stored: unknown): stored is number =>
    typeof stored === 'number' && Number.isInteger(stored) && stored >= range.min && stored <= range.max;
  return {
    ...labels,
    kind: 'number',
    required: false,
    secret: false,
    range,
    read(stored) {
      if (stored === undefined || isWithin(stored)) return right(stored);
      return wrong(`must be a whole number from ${range.min} to ${range.max}`);
    },
  };
}
