/**
 * The UTF-8 bytes of a text without broken surrogates, one character for each byte: this package knows no runtime that
 * could make the bytes themselves.
 */
export function utf8(text: string): string {
  return encodeURIComponent(text).replace(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** The text of UTF-8 bytes. */
export function textOfUtf8(bytes: string): string {
  return decodeURIComponent(
    Array.from(bytes, (byte) => `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`).join(''),
  );
}
