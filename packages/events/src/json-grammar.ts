/** The offset of the quote that ends the string whose content starts here; -1 when it is no valid string. */
export function endOfString(text: string, start: number): number {
  for (let at = start; ; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at;
    if (code === BACKSLASH) {
      at++;
      if (text.charCodeAt(at) === LOWER_U) {
        for (let k = 0; k < 4; k++) if (!isHexadecimal(text.charCodeAt(++at))) return -1;
      } else if (!ESCAPES.has(text.charCodeAt(at))) return -1;
      // Behind the end of the text the code is not a number.
    } else if (!(code >= SPACE)) return -1;
  }
}

/** The offset behind the number, true, false or null that starts here; -1 when it is none of them. */
export function endOfWord(text: string, start: number): number {
  switch (text.charCodeAt(start)) {
    case LOWER_T:
      return text.startsWith('true', start) ? start + 4 : -1;
    case LOWER_F:
      return text.startsWith('false', start) ? start + 5 : -1;
    case LOWER_N:
      return text.startsWith('null', start) ? start + 4 : -1;
    default:
      return endOfNumber(text, start);
  }
}

function endOfNumber(text: string, start: number): number {
  let at = text.charCodeAt(start) === MINUS ? start + 1 : start;
  at = text.charCodeAt(at) === DIGIT_0 ? at + 1 : behindDigits(text, at);
  if (at >= 0 && text.charCodeAt(at) === POINT) at = behindDigits(text, at + 1);
  if (at < 0 || (text.charCodeAt(at) | LOWER_CASE) !== LOWER_E) return at;
  const sign = text.charCodeAt(at + 1);
  return behindDigits(text, sign === PLUS || sign === MINUS ? at + 2 : at + 1);
}

/** The offset behind one or more digits; -1 when there is none. */
function behindDigits(text: string, start: number): number {
  let at = start;
  while (isDigit(text.charCodeAt(at))) at++;
  return at > start ? at : -1;
}

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9;
}

function isHexadecimal(code: number): boolean {
  const letter = code | LOWER_CASE;
  return isDigit(code) || (letter >= LOWER_A && letter <= LOWER_F);
}

const SPACE = 0x20;
const QUOTE = 0x22;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const BACKSLASH = 0x5c;
const LOWER_A = 0x61;
const LOWER_E = 0x65;
const LOWER_F = 0x66;
const LOWER_N = 0x6e;
const LOWER_T = 0x74;
const LOWER_U = 0x75;
/** The bit that tells a small letter from its capital. */
const LOWER_CASE = 0x20;
/** What may follow a backslash, beside `u` and four hexadecimal digits. */
const ESCAPES: ReadonlySet<number> = new Set([...'"\\/bfnrt'].map((character) => character.charCodeAt(0)));
