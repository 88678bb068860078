/** The UTF-8 bytes of a text without broken surrogates: this package knows no runtime that could make them. */
export function utf8(text: string): Uint8Array {
  const latin1 = encodeURIComponent(text).replace(/%(..)/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Uint8Array.from(latin1, (char) => char.charCodeAt(0));
}

/** The text of UTF-8 bytes. */
export function textOfUtf8(bytes: Uint8Array): string {
  return decodeURIComponent(Array.from(bytes, (byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
}
