/** A complaint about one stored value: where it is, and what would be right. */
export interface Fault {
  /** Dots and brackets from the value's root: `urls[1]`. Empty for the root itself. */
  readonly path: string;
  readonly message: string;
}

/** What a field made of a stored value. */
type Reading<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] };

/** One entry of a destination's form. It is at once the form, the validation, the redaction list and the docs. */
export interface Field<T> {
  readonly kind: 'text' | 'url' | 'list' | 'pairs';
  readonly label: string;
  readonly description: string;
  readonly required: boolean;
  /** True when the value must never be shown, logged or returned. */
  readonly secret: boolean;
  /** Turns a stored value into the type that handlers see. An absent value arrives as `undefined`. */
  read(stored: unknown): Reading<T>;
}

/** The fields of a connection or a config, by their stored name. */
export type Fields = Readonly<Record<string, Field<unknown>>>;

/** What handlers see of these fields. */
export type Values<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

interface Labels {
  readonly label: string;
  readonly description: string;
}

interface Pattern {
  readonly matches: RegExp;
  /** Completes the sentence "must be …". */
  readonly mustBe: string;
}

// The strict reading of an address happens where it is dialled; here it only has to look like one,
// and must not carry a password, which would end up in logs.
const WEB_ADDRESS: Pattern = {
  matches: /^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/i,
  mustBe: 'an http or https URL without user name and password',
};

/** A web address. */
export function url(labels: Labels): Field<string> {
  return {
    ...labels,
    kind: 'url',
    required: true,
    secret: false,
    read: (stored) => readText(stored, WEB_ADDRESS),
  };
}

/** A text that is never shown again once it is stored. Handlers see `undefined` where none was given. */
export function optionalSecret(labels: Labels & { readonly pattern: Pattern }): Field<string | undefined> {
  const { pattern, ...rest } = labels;
  return {
    ...rest,
    kind: 'text',
    required: false,
    secret: true,
    read: (stored) => (stored === undefined ? right(undefined) : readText(stored, pattern)),
  };
}

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

function readText(stored: unknown, pattern: Pattern): Reading<string> {
  if (stored === undefined || stored === '') return wrong('is required');
  return typeof stored === 'string' && pattern.matches.test(stored)
    ? right(stored)
    : wrong(`must be ${pattern.mustBe}`);
}

function right<T>(value: T): Reading<T> {
  return { ok: true, value };
}

function wrong(message: string): { readonly ok: false; readonly faults: readonly Fault[] } {
  return { ok: false, faults: [{ path: '', message }] };
}
