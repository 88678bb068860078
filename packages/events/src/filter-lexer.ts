/** A word or sign of a condition. */
export type Token = TokenContent & {
  /** Where it begins, in UTF-16 units from 1. */
  readonly column: number;
};

type TokenContent =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  /** A field's names, or a function's one. Escapes are undone. */
  | { readonly kind: 'name'; readonly names: readonly string[] }
  | { readonly kind: 'sign'; readonly sign: string }
  | { readonly kind: 'end' };

/** What is wrong with a condition. Thrown while one is read, and caught before it leaves this package. */
export class ConditionFault extends Error {
  readonly column: number;

  constructor(column: number, message: string) {
    super(message);
    this.column = column;
  }
}

/** Words that are no field unless a backslash stands before them or a dot does. They count as signs. */
const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'null', 'true', 'false']);

const SPACE = /\s*/uy;
const NUMBER = /[+-]?\d+(?:\.\d+)?(?![\p{L}\p{N}_.\\-])/uy;
const NAMES = /(?:[\p{L}_]|\\.)(?:[\p{L}\p{N}_-]|\\.)*(?:\.(?:[\p{L}\p{N}_-]|\\.)+)*/suy;
const TEXT = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"/suy;
const SIGN = /!=|<=|>=|[=<>!()[\],]/uy;

/** Takes a condition apart; the last token is its end. Throws a ConditionFault at what is none of its words. */
export function readTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  for (;;) {
    at += lengthAt(SPACE, text, at);
    const { length, ...token } = readToken(text, at);
    tokens.push({ ...token, column: at + 1 });
    if (token.kind === 'end') return tokens;
    at += length;
  }
}

function readToken(text: string, at: number): TokenContent & { readonly length: number } {
  if (at === text.length) return { kind: 'end', length: 0 };
  const found = (pattern: RegExp) => text.slice(at, at + lengthAt(pattern, text, at));
  const number = found(NUMBER);
  if (number !== '') return { kind: 'number', value: numberOf(number, at), length: number.length };
  const names = found(NAMES);
  if (KEYWORDS.has(names)) return { kind: 'sign', sign: names, length: names.length };
  if (names !== '') return { kind: 'name', names: namesOf(names), length: names.length };
  const quoted = found(TEXT);
  if (quoted !== '') return { kind: 'text', value: unquoted(quoted), length: quoted.length };
  const sign = found(SIGN);
  if (sign !== '') return { kind: 'sign', sign, length: sign.length };
  throw new ConditionFault(at + 1, faultAt(text, at));
}

function lengthAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}

function numberOf(text: string, at: number): number {
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new ConditionFault(at + 1, 'the number is too large');
}

/** Splits at the dots that no backslash stands before. */
function namesOf(path: string): readonly string[] {
  return [...path.matchAll(/(?:[^.\\]|\\.)+/gsu)].map(([name]) => name.replace(/\\(.)/gsu, '$1'));
}

/** A backslash that stands before neither a quote nor a backslash is kept: patterns have a use for it. */
function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(['"\\])/gu, '$1');
}

function faultAt(text: string, at: number): string {
  const [character = ''] = text.slice(at);
  if (character === "'" || character === '"') return `the text that begins here has no closing ${character}`;
  if (/[\d+-]/.test(character)) return 'expected a number such as 12 or -0.5';
  if (character === '\\') return "a backslash stands before a character of a field's name";
  return `${character} cannot stand here; put quotes around text, or a backslash before it in a field's name`;
}
