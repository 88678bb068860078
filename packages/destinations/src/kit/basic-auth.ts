import { utf8Bytes } from './utf8.ts';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The value of an Authorization header with user name and password, as RFC 7617 describes it, in UTF-8. */
export function basicAuth(user: string, password: string): string {
  return `Basic ${base64(utf8Bytes(`${user}:${password}`))}`;
}

function base64(bytes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second, third] = bytes.slice(at, at + 3);
    const bits = (first << 16) | ((second ?? 0) << 8) | (third ?? 0);
    text += digit(bits >> 18) + digit(bits >> 12);
    text += (second === undefined ? '=' : digit(bits >> 6)) + (third === undefined ? '=' : digit(bits));
  }
  return text;
}

function digit(bits: number): string {
  return DIGITS.charAt(bits & 63);
}
