/** The bytes of a text as UTF-8; half of a surrogate pair becomes the replacement character. */
export function utf8Bytes(text: string): readonly number[] {
  const escaped = encodeURIComponent(text.toWellFormed());
  return [...escaped.matchAll(/%([0-9A-F]{2})|[^%]/g)].map(([character, hex]) =>
    hex === undefined ? character.charCodeAt(0) : Number.parseInt(hex, 16),
  );
}

/** How many bytes a text has as UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) bytes += widthOf(character);
  return bytes;
}

/** The longest beginning of a text that has at most so many bytes as UTF-8: no character is cut in two. */
export function utf8Beginning(text: string, bytesMax: number): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += widthOf(character);
    if (bytes > bytesMax) break;
    kept += character;
  }
  return kept;
}

function widthOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}
