/** A JSON object, its members not yet looked at. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed JSON value is an object: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a member counts as not given. SDKs write null for what they do not know. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/**
 * The members of both objects, objects within objects merged the same way; where they disagree, `over` wins.
 * A member that is null in `over` counts as not given. Neither argument is changed.
 */
export function mergeDeep(under: JsonObject, over: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over)) {
    if (isAbsent(value) && key in under) continue;
    const below = under[key];
    merged[key] = isJsonObject(below) && isJsonObject(value) ? mergeDeep(below, value) : value;
  }
  return merged;
}
