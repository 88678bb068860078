import { type Field, type Labels, type Reading, right, wrong } from './field.ts';

/** The form that a text must have. */
export interface Pattern {
  readonly matches: RegExp;
  /** Completes the sentence "must be …". */
  readonly mustBe: string;
}

interface Patterned extends Labels {
  readonly pattern: Pattern;
}

/** A text that is shown as it is stored. */
export function text({ pattern, ...labels }: Patterned): Field<string> {
  return {
    ...labels,
    kind: 'text',
    required: true,
    secret: false,
    read: (stored) => readText(stored, pattern),
  };
}

/** A text that is never shown again once it is stored. */
export function secret({ pattern, ...labels }: Patterned): Field<string> {
  return {
    ...labels,
    kind: 'text',
    required: true,
    secret: true,
    read: (stored) => readText(stored, pattern),
  };
}

/** A secret that may be left out: handlers then see `undefined`. */
export function optionalSecret(labels: Patterned): Field<string | undefined> {
  return optional(secret(labels));
}

// The strict reading of an address happens where it is dialled; here it only has to look like one,
// and must not carry a password, which would end up in logs.
const WEB_ADDRESS: Pattern = {
  matches: /^https?:\/\/[^\s/?#@]+([/?#]\S*)?$/i,
  mustBe: 'an http or https URL without user name and password',
};

/** A web address. */
export function url(labels: Labels): Field<string> {
  return { ...text({ ...labels, pattern: WEB_ADDRESS }), kind: 'url' };
}

// Paths are put behind it, so it must end where they begin.
const BASE_ADDRESS: Pattern = {
  matches: /^https?:\/\/[^\s/?#@]+(\/[^\s?#]*)?$/i,
  mustBe: 'an http or https URL without user name, password, query and fragment',
};

/** A web address that paths are put behind, and that may be left out. Handlers see it without a slash at the end. */
export function optionalBaseUrl(labels: Labels): Field<string | undefined> {
  const field = optional(text({ ...labels, pattern: BASE_ADDRESS }));
  return {
    ...field,
    kind: 'url',
    read(stored) {
      const reading = field.read(stored);
      return reading.ok ? right(reading.value?.replace(/\/+$/, '')) : reading;
    },
  };
}

/** One of several values, each with its name for people. `fallback` counts when none is given. */
export function choice<O extends Readonly<Record<string, string>>>({
  options,
  fallback,
  ...labels
}: Labels & { readonly options: O; readonly fallback: keyof O & string }): Field<keyof O & string> {
  const isOption = (stored: unknown): stored is keyof O & string =>
    typeof stored === 'string' && Object.hasOwn(options, stored);
  return {
    ...labels,
    kind: 'choice',
    required: false,
    secret: false,
    options,
    fallback,
    read(stored) {
      if (stored === undefined) return right(fallback);
      return isOption(stored) ? right(stored) : wrong(`must be one of ${Object.keys(options).join(', ')}`);
    },
  };
}

/** Reads a text that must be there and have this form. */
export function readText(stored: unknown, pattern: Pattern): Reading<string> {
  if (stored === undefined || stored === '') return wrong('is required');
  // The value itself may be a secret.
  if (typeof stored !== 'string') return wrong(`must be a text, not ${kindOf(stored)}: ${pattern.mustBe}`);
  return pattern.matches.test(stored) ? right(stored) : wrong(`must be ${pattern.mustBe}`);
}

/** What a value that is no text is called. */
function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    default:
      return 'an object';
  }
}

function optional<T>(field: Field<T>): Field<T | undefined> {
  return {
    ...field,
    required: false,
    read: (stored) => (stored === undefined ? right(undefined) : field.read(stored)),
  };
}
