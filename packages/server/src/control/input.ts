import { isMailAddress } from '../platform/mail-address.ts';
import { passwordFault } from '../platform/passwords.ts';
import { PLATFORMS, type Platform } from '../store/workspace.ts';
import { badInput, type FieldFault } from './refusal.ts';

/** Longer names fit no screen; a workspace file allows as many characters. */
const NAME_CHARACTERS_MAX = 200;
/** What a page of a list may hold, and does when its caller does not say. */
const PAGE_MAX = 200;
const PAGE_STANDARD = 50;

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in a name.
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]/;

/** A name as it is stored: without spaces around it. */
export function nameFrom(field: string, given: string): string {
  const name = lineFrom(field, given);
  if (name === '') throw badInput([{ field, message: 'is empty: give a name' }]);
  return name;
}

/** A short text as it is stored: without spaces around it. It may be empty. */
export function lineFrom(field: string, given: string): string {
  const line = given.trim();
  if (line.length > NAME_CHARACTERS_MAX)
    throw badInput([{ field, message: `is longer than ${NAME_CHARACTERS_MAX} characters` }]);
  if (CONTROL_CHARACTERS.test(line))
    throw badInput([{ field, message: 'has a line break or another control character in it: leave it out' }]);
  return line;
}

/** An address as it is stored: in lower case. */
export function emailFrom(field: string, given: string): string {
  const email = given.trim().toLowerCase();
  if (!isMailAddress(email))
    throw badInput([{ field, message: 'is no e-mail address: give one such as ada@example.com' }]);
  return email;
}

/** A new password, as it was given: spaces count. */
export function passwordFrom(field: string, given: string): string {
  const fault = passwordFault(given);
  if (fault !== undefined) throw badInput([{ field, message: fault }]);
  return given;
}

/** What SDKs are called in the documents is a platform too. */
const SDK_PLATFORMS: ReadonlyMap<string, Platform> = new Map([
  ['servers', 'server'],
  ['analytics-android', 'android'],
  ['analytics-ios', 'ios'],
  ['analytics-react-native', 'react-native'],
]);

export function platformFrom(field: string, given: string): Platform {
  const platform = PLATFORMS.find((known) => known === given) ?? SDK_PLATFORMS.get(given);
  if (platform === undefined) throw badInput([{ field, message: `is not one of ${PLATFORMS.join(', ')}` }]);
  return platform;
}

/** A JSON value as an object; absent is an empty one. */
export function objectFrom(field: string, given: unknown): Readonly<Record<string, unknown>> {
  if (given === undefined || given === null) return {};
  if (typeof given === 'object' && !Array.isArray(given)) return { ...given };
  throw badInput([{ field, message: 'must be an object, such as { apiKey: "123" }' }]);
}

/** How many entries a page has. */
export function pageSizeFrom(first: number | null | undefined): number {
  if (first === undefined || first === null) return PAGE_STANDARD;
  if (first >= 1 && first <= PAGE_MAX) return first;
  throw badInput([{ field: 'first', message: `must be from 1 to ${PAGE_MAX}` }]);
}

/** The faults that a destination's declaration finds, as faults of arguments. */
export function faultsIn(
  found: readonly { readonly path: string; readonly message: string }[],
  root: 'connection' | 'config',
  argument: string,
): readonly FieldFault[] {
  return found
    .filter(({ path }) => path === root || path.startsWith(`${root}.`) || path.startsWith(`${root}[`))
    .map(({ path, message }) => ({ field: argument + path.slice(root.length), message }));
}
