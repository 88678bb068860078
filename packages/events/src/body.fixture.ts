import type { Body } from './call.ts';
import { textOfUtf8 } from './utf8.fixture.ts';

/** UTF-8 bytes, one character for each, as the server hands a body to this package. */
export function bodyOf(latin1: string): Body {
  return {
    latin1,
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    hasControls: /[\x00-\x1f]/.test(latin1),
    textOf: (start, end) => textOfUtf8(latin1.slice(start, end)),
  };
}
