import { DEPTH_MAX, KEYS_MAX } from './limits.ts';

/** What makes a body dangerous to work with, though JSON.parse would take it. */
export type ScanFault = 'too_deep' | 'too_many_keys' | 'forbidden_key';

/** Where one call lies in the received bytes. Offsets are in bytes, and -1 when there is no such byte. */
export interface Span {
  /** The offset of its opening brace. */
  readonly start: number;
  /** The offset of its closing brace. */
  readonly end: number;
  /** The offset of the closing brace of its own `context` object. */
  readonly contextEnd: number;
  /** The first thing found wrong in it; in a batch each item answers for itself. */
  readonly fault: ScanFault | undefined;
}

/** What one pass over a body found. */
export interface Scan {
  readonly root: Span;
  /** The item `k` of the root's `batch` array, where that item is an object or an array; scalars leave holes. */
  readonly items: readonly (Span | undefined)[];
}

/**
 * Looks once at a body, before JSON.parse does: bounds each call's depth and keys, refuses `__proto__` as a
 * key however it is spelled, and notes where each call ends, so that its bytes can be stored as they came. Agrees
 * with JSON.parse on every valid text: the last of several equal keys counts. On an invalid text it returns something
 * and never throws; JSON.parse refuses such a text afterwards.
 *
 * `body` has one character for each byte (Latin-1), whatever the bytes' real encoding: JSON's own characters are the
 * same, and texts know a native search for the quote that ends a string. `batched` says whether the root's `batch`
 * array holds the calls, or the root is itself the call.
 */
export function scan(body: string, batched: boolean): Scan {
  const { length } = body;
  const root = newSpan(-1);
  let items: (OpenSpan | undefined)[] = [];
  let itemIndex = 0;
  /** The call that keys and depth are counted for, and the depth of its own members. */
  let call = root;
  let callDepth = 1;
  let depth = 0;
  let wordStart = 0;
  let wordEnd = 0;
  /** Whether the value that comes next, or is open now, belongs to the key `batch` or `context`. */
  let batchNext = false;
  let batchOpen = false;
  let contextNext = false;
  let contextOpen = false;

  for (let at = 0; at < length; at++) {
    switch (body.charCodeAt(at)) {
      case QUOTE: {
        wordStart = at + 1;
        at = endOfString(body, wordStart);
        wordEnd = at;
        break;
      }
      // Only a colon shows that the last string was a key, so that no stack of open brackets is needed.
      case COLON: {
        if (++call.keys > KEYS_MAX) call.fault ??= 'too_many_keys';
        // A word is at least as wide as it is long, however it is spelled.
        const width = wordEnd - wordStart;
        if (width >= 9 && spells(body, wordStart, wordEnd, '__proto__')) call.fault ??= 'forbidden_key';
        if (depth === callDepth) {
          contextNext = width >= 7 && spells(body, wordStart, wordEnd, 'context');
          batchNext = batched && depth === 1 && width >= 5 && spells(body, wordStart, wordEnd, 'batch');
        }
        break;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET: {
        if (depth === 0) root.start = at;
        if (depth === callDepth) {
          contextOpen = contextNext;
          if (batchNext && body.charCodeAt(at) === OPEN_BRACKET) {
            batchOpen = true;
            batchNext = false;
            items = [];
            itemIndex = 0;
          }
        } else if (depth === 2 && batchOpen) {
          call = newSpan(at);
          callDepth = 3;
          contextNext = false;
          items[itemIndex] = call;
        }
        depth++;
        if (depth - callDepth >= DEPTH_MAX) call.fault ??= 'too_deep';
        break;
      }
      case CLOSE_BRACE:
      case CLOSE_BRACKET: {
        depth--;
        if (depth <= 0) {
          root.end = at;
          return { root, items };
        }
        if (depth === callDepth && contextOpen) {
          call.contextEnd = at;
          contextOpen = false;
        }
        if (batchOpen && depth === 2) {
          call.end = at;
          call = root;
          callDepth = 1;
        }
        if (depth === 1) batchOpen = false;
        break;
      }
      case COMMA: {
        if (batchOpen && depth === 2) itemIndex++;
        break;
      }
    }
  }
  return { root, items };
}

interface OpenSpan {
  start: number;
  end: number;
  contextEnd: number;
  fault: ScanFault | undefined;
  keys: number;
}

function newSpan(start: number): OpenSpan {
  return { start, end: -1, contextEnd: -1, fault: undefined, keys: 0 };
}

/** The offset of the quote that ends a string; the body's length when none does. */
function endOfString(body: string, start: number): number {
  for (let quote = body.indexOf('"', start); quote >= 0; quote = body.indexOf('"', quote + 1)) {
    let before = quote;
    while (before > start && body.charCodeAt(before - 1) === BACKSLASH) before--;
    // Backslashes in pairs stand for themselves; one that is left over makes the quote a part of the string.
    if ((quote - before) % 2 === 0) return quote;
  }
  return body.length;
}

/** Whether the characters of a JSON string spell `word` (letters and underscores), also with some of it as `\uXXXX`. */
function spells(body: string, start: number, end: number, word: string): boolean {
  let at = start;
  for (let k = 0; k < word.length; k++) {
    if (at >= end) return false;
    let code = body.charCodeAt(at++);
    if (code === BACKSLASH) {
      if (body.charCodeAt(at) !== LOWER_U) return false;
      code = hexadecimal(body, at + 1);
      at += 5;
    }
    if (code !== word.charCodeAt(k)) return false;
  }
  return at === end;
}

/** The number that four hexadecimal digits make; nonsense for other characters, which JSON.parse refuses. */
function hexadecimal(body: string, start: number): number {
  let value = 0;
  for (let at = start; at < start + 4; at++) {
    const code = body.charCodeAt(at);
    value = value * 16 + (code <= DIGIT_9 ? code - DIGIT_0 : (code | LOWER_CASE) - LOWER_A + 10);
  }
  return value;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const LOWER_A = 0x61;
const LOWER_U = 0x75;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
/** The bit that tells a small letter from its capital. */
const LOWER_CASE = 0x20;
