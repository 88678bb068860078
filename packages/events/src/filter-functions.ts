/** What is known of a value before there is an event. A field may be `any`. */
export type Kind = 'text' | 'number' | 'bool' | 'list' | 'null' | 'any';

/** A function of conditions. What it is given is checked only as far as it is known before there is an event. */
export interface BuiltIn {
  /** For each argument, the kinds that make sense for it. */
  readonly takes: readonly (readonly Kind[])[];
  readonly gives: Kind;
  /** Takes JSON values and returns one, whatever it is given. */
  readonly run: (first: unknown, second: unknown) => unknown;
}

/** `match` is not among them: its pattern is read with the condition. */
export const FUNCTIONS = {
  contains: {
    takes: [['text'], ['text']],
    gives: 'bool',
    run: (text, part) => typeof text === 'string' && typeof part === 'string' && text.includes(part),
  },
  length: { takes: [['text', 'list']], gives: 'number', run: lengthOf },
  lowercase: {
    takes: [['text']],
    gives: 'text',
    run: (text) => (typeof text === 'string' ? text.toLowerCase() : null),
  },
  uppercase: {
    takes: [['text']],
    gives: 'text',
    run: (text) => (typeof text === 'string' ? text.toUpperCase() : null),
  },
  typeof: { takes: [['any', 'text', 'number', 'bool', 'list']], gives: 'text', run: typeOf },
} as const satisfies Readonly<Record<string, BuiltIn>>;

export type FunctionName = keyof typeof FUNCTIONS;

/** Whether a name is a function's. */
export function isFunctionName(name: string): name is FunctionName {
  return Object.hasOwn(FUNCTIONS, name);
}

/** The items of a list or the UTF-8 bytes of a text; 0 for nothing, null for what has no length. */
function lengthOf(value: unknown): number | null {
  if (value === null) return 0;
  if (Array.isArray(value)) return value.length;
  return typeof value === 'string' ? utf8Length(value) : null;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
