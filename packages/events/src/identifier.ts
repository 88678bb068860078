import { isAbsent } from './json.ts';
import { MESSAGE_ID_CHARS_MAX } from './limits.ts';

/** Whether an identifier or name counts as not given. */
export function isBlank(value: unknown): value is null | undefined | '' {
  return isAbsent(value) || value === '';
}

/** Adds to `faults` what keeps an identifier, called `field`, from being a messageId. */
export function checkMessageId(field: string, id: string, faults: string[]): void {
  if (id.length > MESSAGE_ID_CHARS_MAX) {
    faults.push(`${field} must have at most ${MESSAGE_ID_CHARS_MAX} characters`);
  }
  // Broken surrogates all become the same replacement character in UTF-8: two such ids would count as duplicates.
  if (!id.isWellFormed()) faults.push(`${field} must be well-formed Unicode`);
  // The log finds its way behind damage by the zero bytes of its headers, which no text in it may have.
  if (id.includes('\0')) faults.push(`${field} must not contain U+0000`);
}

/** An identifier as an order key: without control characters, which the log keeps out of its records. */
export function orderKeyOf(id: string): string {
  return id.replace(CONTROL_CHARACTERS, ' ');
}

const CONTROL_CHARACTERS = /\p{Cc}/gu;
