import { isAbsent, type JsonObject } from '@metarouter/events';

/** The values of a connection's fields, by their names, as they are stored. */
export interface SealedDetails {
  /** Those that may be shown. */
  readonly details: JsonObject;
  /** The secret ones: each a sealed text. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** A connection without any values. */
export const NO_DETAILS: SealedDetails = { details: {}, secrets: {} };

/** Values with their secrets opened. */
export interface OpenedDetails {
  readonly details: JsonObject;
  /** The secret fields that could not be opened, and are left out. */
  readonly unreadable: readonly string[];
}

/** What has to be known to store values: which fields are secret, and how one is sealed. */
export interface Sealing {
  isSecret(field: string): boolean;
  seal(field: string, text: string): string;
}

/** Values after a change: a field that is absent from `given` stays, null clears it, any other value takes its place. */
export function mergeDetails(values: JsonObject, given: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries({ ...values, ...given }).filter(([, value]) => !isAbsent(value)));
}

/** The same for values as they are stored. One whose field has become secret since is sealed, given or not. */
export function changeDetails(stored: SealedDetails, given: JsonObject, sealing: Sealing): SealedDetails {
  const details: [field: string, value: unknown][] = [];
  const secrets = Object.entries(stored.secrets).filter(([field]) => !Object.hasOwn(given, field));
  for (const [field, value] of Object.entries(mergeDetails(stored.details, given))) {
    if (sealing.isSecret(field)) secrets.push([field, sealing.seal(field, JSON.stringify(value))]);
    else details.push([field, value]);
  }
  return { details: Object.fromEntries(details), secrets: Object.fromEntries(secrets) };
}

/** Opens all secrets that can be opened. */
export function openDetails(
  { details, secrets }: SealedDetails,
  open: (field: string, sealed: string) => string,
): OpenedDetails {
  const opened: [field: string, value: unknown][] = [];
  const unreadable: string[] = [];
  for (const [field, sealed] of Object.entries(secrets)) {
    try {
      opened.push([field, JSON.parse(open(field, sealed))]);
    } catch {
      // Altered, brought here from elsewhere, or sealed under a key that is gone. Whoever asked tells people.
      unreadable.push(field);
    }
  }
  return { details: { ...details, ...Object.fromEntries(opened) }, unreadable };
}
