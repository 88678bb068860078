/** The longest pattern, in UTF-16 units. A match costs at most this times the length of the text. */
export const GLOB_CHARS_MAX = 200;

/** A pattern that texts are matched against, part by part. */
export type Glob = readonly GlobPart[];

/** Any run of characters, or one character: of certain ranges, or not of them. */
export type GlobPart =
  | { readonly kind: 'run' }
  | { readonly kind: 'one'; readonly isOutside: boolean; readonly ranges: readonly Range[] };

/** Code points, the first and the last. */
type Range = readonly [from: number, to: number];

/** A pattern, or what is wrong with its text. */
export type GlobReading = { readonly glob: Glob } | { readonly fault: string };

/**
 * Reads a pattern: `*` for any run of characters, `?` for any one, `[a-z_]` for one of these, `[^a-z_]` for one that is
 * none of these, and a backslash before a character that stands for itself. Never throws.
 */
export function parseGlob(pattern: string): GlobReading {
  if (pattern.length > GLOB_CHARS_MAX) return { fault: `a pattern has at most ${GLOB_CHARS_MAX} characters` };
  const characters = Array.from(pattern);
  const glob: GlobPart[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at];
    if (character === '*') {
      // Two runs side by side are one; kept apart they would only cost time.
      if (glob.at(-1)?.kind !== 'run') glob.push({ kind: 'run' });
    } else if (character === '?') {
      glob.push({ kind: 'one', isOutside: true, ranges: [] });
    } else if (character === '[') {
      const set = readSet(characters, at + 1);
      if ('fault' in set) return set;
      glob.push(set.part);
      at = set.end;
    } else {
      if (character === '\\') at++;
      const code = characters[at]?.codePointAt(0);
      if (code === undefined)
        return { fault: 'the pattern ends with a backslash; write what it stands before' };
      glob.push({ kind: 'one', isOutside: false, ranges: [[code, code]] });
    }
  }
  return { glob };
}

/** Whether the whole text matches. Takes time in proportion to the text's length times the pattern's, at most. */
export function matchesGlob(glob: Glob, text: string): boolean {
  let at = 0;
  let next = 0;
  /** The part behind the last run, and where the text goes on that the run has not yet taken. */
  let behindRun: number | undefined;
  let untaken = 0;
  while (at < text.length) {
    const part = glob[next];
    const code = text.codePointAt(at) ?? 0;
    if (part?.kind === 'run') {
      next++;
      behindRun = next;
      untaken = at;
    } else if (part !== undefined && accepts(part, code)) {
      next++;
      at += unitsOf(code);
    } else if (behindRun !== undefined) {
      // The run takes one character more, and the parts behind it are tried again. Runs before it need not give back.
      untaken += unitsOf(text.codePointAt(untaken) ?? 0);
      at = untaken;
      next = behindRun;
    } else {
      return false;
    }
  }
  if (glob[next]?.kind === 'run') next++;
  return next === glob.length;
}

type OneCharacter = Extract<GlobPart, { kind: 'one' }>;

function accepts({ isOutside, ranges }: OneCharacter, code: number): boolean {
  return ranges.some(([from, to]) => from <= code && code <= to) !== isOutside;
}

/** How many UTF-16 units a code point takes. */
function unitsOf(code: number): number {
  return code > 0xffff ? 2 : 1;
}

/** Reads what stands behind a `[`; `end` is the place of its `]`. */
function readSet(
  characters: readonly string[],
  start: number,
): { readonly part: OneCharacter; readonly end: number } | { readonly fault: string } {
  const isOutside = characters[start] === '^';
  const ranges: Range[] = [];
  let at = isOutside ? start + 1 : start;
  /** The code point at `at`, which then moves behind it; undefined for what must have a backslash before it. */
  const take = (): number | undefined => {
    if (characters[at] === '-' || characters[at] === ']') return undefined;
    if (characters[at] === '\\') at++;
    const code = characters[at]?.codePointAt(0);
    at++;
    return code;
  };
  while (ranges.length === 0 || characters[at] !== ']') {
    const from = take();
    let to = from;
    if (characters[at] === '-') {
      at++;
      to = take();
    }
    if (at > characters.length) return { fault: 'the pattern has a [ without a ]' };
    if (from === undefined || to === undefined)
      return { fault: 'between [ and ] of the pattern, write \\- for a dash and \\] for a bracket' };
    if (from > to) return { fault: 'the pattern has a range that runs backwards' };
    ranges.push([from, to]);
  }
  return { part: { kind: 'one', isOutside, ranges }, end: at };
}
