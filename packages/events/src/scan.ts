import { DEPTH_MAX, KEYS_MAX } from './limits.ts';

/** What makes a body dangerous to work with, though JSON.parse would take it. */
export type ScanFault = 'too_deep' | 'too_many_keys' | 'forbidden_key';

/** Where one call lies in the received bytes. Offsets are -1 when there is no such byte. */
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
 * Looks once at a body's bytes, before JSON.parse does: bounds each call's depth and keys, refuses `__proto__` as a
 * key however it is spelled, and notes where each call ends, so that its bytes can be stored as they came. Agrees
 * with JSON.parse on every valid text: the last of several equal keys counts. On an invalid text it returns something
 * and never throws; JSON.parse refuses such a text afterwards.
 *
 * `batched` says whether the root's `batch` array holds the calls, or the root is itself the call.
 */
export function scan(bytes: Uint8Array, batched: boolean): Scan {
  const length = bytes.length;
  const root = newSpan(-1);
  let items: (OpenSpan | undefined)[] = [];
  let itemIndex = 0;
  /** The call that keys and depth are counted for, and the depth of its own members. */
  let call = root;
  let callDepth = 1;
  let depth = 0;
  let wordStart = 0;
  let wordEnd = 0;
  let escaped = false;
  /** Whether the value that comes next, or is open now, belongs to the key `batch` or `context`. */
  let batchNext = false;
  let batchOpen = false;
  let contextNext = false;
  let contextOpen = false;

  for (let at = 0; at < length; at++) {
    switch (bytes[at]) {
      case QUOTE: {
        wordStart = ++at;
        escaped = false;
        for (; at < length; at++) {
          const byte = bytes[at];
          if (byte === QUOTE) break;
          if (byte === BACKSLASH) {
            escaped = true;
            at++;
          }
        }
        wordEnd = at;
        break;
      }
      // Only a colon shows that the last string was a key, so that no stack of open brackets is needed.
      case COLON: {
        if (++call.keys > KEYS_MAX) call.fault ??= 'too_many_keys';
        const width = escaped ? ANY_WIDTH : wordEnd - wordStart;
        if (width >= 9 && spells(bytes, wordStart, wordEnd, '__proto__')) call.fault ??= 'forbidden_key';
        if (depth === callDepth) {
          contextNext = width >= 7 && spells(bytes, wordStart, wordEnd, 'context');
          batchNext = batched && depth === 1 && width >= 5 && spells(bytes, wordStart, wordEnd, 'batch');
        }
        break;
      }
      case OPEN_BRACE:
      case OPEN_BRACKET: {
        if (depth === 0) root.start = at;
        if (depth === callDepth) {
          contextOpen = contextNext;
          if (batchNext && bytes[at] === OPEN_BRACKET) {
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

/** Whether the bytes of a JSON string spell `word` (letters and underscores), also with some of it as `\uXXXX`. */
function spells(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  let at = start;
  for (let k = 0; k < word.length; k++) {
    if (at >= end) return false;
    let code = bytes[at++];
    if (code === BACKSLASH) {
      if (bytes[at] !== LOWER_U) return false;
      code = hexadecimal(bytes, at + 1);
      at += 5;
    }
    if (code !== word.charCodeAt(k)) return false;
  }
  return at === end;
}

/** The number that four hexadecimal digits make; nonsense for other bytes, which JSON.parse refuses. */
function hexadecimal(bytes: Uint8Array, start: number): number {
  let value = 0;
  for (let at = start; at < start + 4; at++) {
    const byte = bytes[at] ?? 0;
    value = value * 16 + (byte <= DIGIT_9 ? byte - DIGIT_0 : (byte | LOWER_CASE) - LOWER_A + 10);
  }
  return value;
}

/** Stands for a key with escapes, whose width in bytes says nothing about what it spells. */
const ANY_WIDTH = 1_000;

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
