/** The longest path, in UTF-16 units: generous for eight steps, and a bound on what its parsing costs. */
export const PATH_CHARS_MAX = 256;

/** The most steps of a path. Deeper places are reached with `..`. */
export const PATH_STEPS_MAX = 8;

/** A path through JSON: the choices that it makes, one after the other. Without any it stands for the whole. */
export type Path = readonly PathStep[];

/** One choice of a path. */
export interface PathStep {
  /** True for `..`: the choice is made in the value and in everything below it. */
  readonly deep: boolean;
  /** What is chosen, in this order. */
  readonly selectors: readonly Selector[];
}

/** One way to choose members of an object or items of an array. Negative numbers count from the end. */
export type Selector =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly from: number; readonly to: number | undefined }
  | { readonly kind: 'all' };

/** A path, or why a text is none: a phrase that goes on after the text itself. */
export type PathReading = { readonly path: Path } | { readonly fault: string };

/**
 * Reads a path of the small JSONPath subset: `$` (optional), `.name`, `['name']`, `[n]`, `[-n]`, `.*`, `[*]`, `[a:b]`,
 * several of these between commas, and at most one `..`. There are no filters, functions or scripts, so that nothing
 * that a client sends is ever run. Never throws.
 */
export function parsePath(text: string): PathReading {
  if (text === '') return { fault: 'is empty' };
  if (text.length > PATH_CHARS_MAX) return { fault: `is longer than ${PATH_CHARS_MAX} characters` };
  const steps: PathStep[] = [];
  let at = text.startsWith('$') ? 1 : 0;
  while (at < text.length) {
    const read = readStep(text, at);
    if (read === undefined) return { fault: `cannot be understood at ${text.slice(at)}` };
    steps.push(read.step);
    at = read.end;
  }
  if (steps.length > PATH_STEPS_MAX) return { fault: `has more than ${PATH_STEPS_MAX} steps` };
  if (steps.filter(({ deep }) => deep).length > 1) return { fault: 'has more than one ..' };
  return { path: steps };
}

interface ReadStep {
  readonly step: PathStep;
  /** The offset behind it. */
  readonly end: number;
}

/** Dots before a name, a star, or (after two dots only) a bracket. Names with other characters stand in brackets. */
const DOTTED = /(\.\.?)(?:([\p{L}\p{N}_$-]+)|(\*))|(\.\.)?(?=\[)/uy;

/** One selector between brackets, with the comma or bracket behind it. */
const BRACKETED =
  /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\*)|(-?\d+)?(:)(-?\d+)?|(-?\d+))\s*([,\]])/uy;

function readStep(text: string, at: number): ReadStep | undefined {
  DOTTED.lastIndex = at;
  const match = DOTTED.exec(text);
  if (match === null) return undefined;
  const [, dots, name, star, dotsBeforeBracket] = match;
  const end = DOTTED.lastIndex;
  if (name !== undefined) return { step: { deep: dots === '..', selectors: [{ kind: 'name', name }] }, end };
  if (star !== undefined) return { step: { deep: dots === '..', selectors: [{ kind: 'all' }] }, end };
  const brackets = readBrackets(text, end + 1);
  if (brackets === undefined) return undefined;
  const { selectors, end: behind } = brackets;
  return { step: { deep: dotsBeforeBracket !== undefined, selectors }, end: behind };
}

function readBrackets(
  text: string,
  start: number,
): { readonly selectors: readonly Selector[]; readonly end: number } | undefined {
  const selectors: Selector[] = [];
  for (let at = start; ; at = BRACKETED.lastIndex) {
    BRACKETED.lastIndex = at;
    const match = BRACKETED.exec(text);
    if (match === null) return undefined;
    selectors.push(selectorOf(match));
    if (match[8] === ']') return { selectors, end: BRACKETED.lastIndex };
  }
}

function selectorOf([, single, double, star, from, colon, to, index]: RegExpExecArray): Selector {
  const name = single ?? double;
  if (name !== undefined) return { kind: 'name', name: name.replace(/\\(.)/gsu, '$1') };
  if (star !== undefined) return { kind: 'all' };
  if (colon === undefined) return { kind: 'index', index: Number(index) };
  return { kind: 'slice', from: Number(from ?? 0), to: to === undefined ? undefined : Number(to) };
}
