import { isAscii } from 'node:buffer';
import type { Body } from '@metarouter/events';

/** A request's bytes, as the events package reads them. The bytes must be valid UTF-8. */
export function bodyOf(bytes: Buffer): Body {
  const latin1 = bytes.toString('latin1');
  return {
    latin1,
    hasControls: hasControls(bytes),
    // In a text that is all ASCII, bytes are characters.
    textOf: isAscii(bytes)
      ? (start, end) => latin1.slice(start, end)
      : (start, end) => bytes.toString('utf8', start, end),
  };
}

/**
 * Whether one of the bytes is below 0x20. Four at a time: subtracting 0x20 from a byte borrows its highest bit only if
 * the byte is smaller, or had that bit already.
 */
function hasControls(bytes: Buffer): boolean {
  const { buffer, byteOffset, length } = bytes;
  const start = (BYTES_PER_WORD - (byteOffset % BYTES_PER_WORD)) % BYTES_PER_WORD;
  const count = Math.floor((length - start) / BYTES_PER_WORD);
  if (count <= 0) return isControlIn(bytes);
  const words = new Int32Array(buffer, byteOffset + start, count);
  let found = 0;
  for (let at = 0; at < count; at++) {
    const word = words[at] ?? 0;
    found |= (word - EACH_0X20) & ~word & EACH_0X80;
  }
  const end = start + count * BYTES_PER_WORD;
  return found !== 0 || isControlIn(bytes.subarray(0, start)) || isControlIn(bytes.subarray(end));
}

function isControlIn(bytes: Buffer): boolean {
  return bytes.some((byte) => byte < 0x20);
}

const BYTES_PER_WORD = 4;
const EACH_0X20 = 0x20202020;
const EACH_0X80 = 0x80808080;
