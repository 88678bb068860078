import { isJsonObject, type JsonObject } from '@metarouter/events';

/** The JSON object in a column. Throws when the column has something else. */
export function objectIn(json: string): JsonObject {
  const value: unknown = JSON.parse(json);
  if (!isJsonObject(value)) throw new Error('the store has no JSON object where there must be one');
  return value;
}

/** The JSON object in a column, each of its values a text. Throws when the column has something else. */
export function textsIn(json: string): Readonly<Record<string, string>> {
  const value = objectIn(json);
  if (!isTexts(value)) throw new Error('the store has no JSON object of texts where there must be one');
  return value;
}

/** The JSON array in a column, each item of this kind. Throws when the column has something else. */
export function listIn<T>(json: string, isItem: (value: unknown) => value is T): readonly T[] {
  const value: unknown = JSON.parse(json);
  if (!Array.isArray(value) || !value.every(isItem))
    throw new Error('the store has no JSON array of the right items where there must be one');
  return value;
}

/** Whether a JSON value is a text. */
export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: JsonObject): value is Readonly<Record<string, string>> {
  return Object.values(value).every(isText);
}
