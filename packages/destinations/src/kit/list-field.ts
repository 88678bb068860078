import { type Fault, type Field, type Labels, right, wrong } from './field.ts';
import { type Pattern, readText } from './text-field.ts';

/** Between `min` and `max` values of one field. */
export function list<T>(
  item: Field<T>,
  { min, max, ...labels }: Labels & { readonly min: number; readonly max: number },
): Field<readonly T[]> {
  return {
    ...labels,
    kind: 'list',
    required: min > 0,
    secret: item.secret,
    read(stored) {
      const values = stored === undefined ? [] : stored;
      if (!Array.isArray(values)) return wrong('must be a list');
      if (values.length < min) return wrong(`must have at least ${min} ${min === 1 ? 'entry' : 'entries'}`);
      if (values.length > max) return wrong(`must have at most ${max} entries`);
      const read: T[] = [];
      const faults: Fault[] = [];
      for (const [index, value] of values.entries()) {
        const reading = item.read(value);
        if (reading.ok) read.push(reading.value);
        else faults.push(...reading.faults.map((fault) => ({ ...fault, path: `[${index}]${fault.path}` })));
      }
      return faults.length > 0 ? { ok: false, faults } : right(read);
    },
  };
}

/** Optional names with a text each, such as headers. They are secret, since a header often carries a token. */
export function secretPairs(
  labels: Labels & { readonly name: Pattern; readonly value: Pattern },
): Field<Readonly<Record<string, string>>> {
  const { name, value, ...rest } = labels;
  return {
    ...rest,
    kind: 'pairs',
    required: false,
    secret: true,
    read(stored) {
      if (stored === undefined) return right({});
      if (typeof stored !== 'object' || stored === null || Array.isArray(stored))
        return wrong('must be names with values');
      const read: [string, string][] = [];
      const faults: Fault[] = [];
      for (const [key, text] of Object.entries(stored)) {
        const reading = name.matches.test(key)
          ? readText(text, value)
          : wrong(`its name must be ${name.mustBe}`);
        if (reading.ok) read.push([key, reading.value]);
        else faults.push(...reading.faults.map((fault) => ({ ...fault, path: `.${key}` })));
      }
      return faults.length > 0 ? { ok: false, faults } : right(Object.fromEntries(read));
    },
  };
}
