import type { Fault, Fields, Values } from './field.ts';

/** Reads every field of stored values; what cannot be used is added to `faults`, with paths from `root`. */
export function readAll<F extends Fields>(
  fields: F,
  stored: unknown,
  root: string,
  faults: Fault[],
): Values<F> {
  const given = entriesOf(stored);
  if (given === undefined) faults.push({ path: root, message: 'must be names with values' });
  for (const name of given?.keys() ?? []) {
    if (!Object.hasOwn(fields, name))
      faults.push({ path: `${root}.${name}`, message: 'is not a setting of this destination' });
  }
  const values: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const reading = field.read(given?.get(name));
    if (reading.ok) values[name] = reading.value;
    else faults.push(...reading.faults.map((fault) => ({ ...fault, path: `${root}.${name}${fault.path}` })));
  }
  // The only cast: each value was read by the field of that name, which the compiler cannot follow through a loop.
  return values as Values<F>;
}

/** The stored texts of the secret fields. */
export function secretTexts(fields: Fields, stored: unknown): readonly string[] {
  const given = entriesOf(stored);
  return Object.entries(fields).flatMap(([name, field]) => (field.secret ? textsIn(given?.get(name)) : []));
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function entriesOf(stored: unknown): ReadonlyMap<string, unknown> | undefined {
  if (stored === undefined) return new Map();
  if (typeof stored !== 'object' || stored === null || Array.isArray(stored)) return undefined;
  return new Map(Object.entries(stored));
}
