import { isAbsent, isJsonObject, type JsonObject, mergeDeep } from './json.ts';

/** What the items of one batch inherit from the body around them. */
export class Inheritance {
  /** The time for items that have none of their own. */
  readonly timestamp: unknown;
  readonly sentAt: unknown;
  readonly integrations: JsonObject | undefined;
  readonly context: JsonObject | undefined;
  /** The JSON of what many items inherit unchanged, made once for all of them. */
  #texts: Map<string, string> | undefined;

  /** Parts of the wrong type count as absent: `inheritanceFaults` tells the client of them. */
  constructor(body: JsonObject) {
    this.timestamp = body.timestamp ?? body.originalTimestamp;
    this.sentAt = body.sentAt ?? undefined;
    this.integrations = isJsonObject(body.integrations) ? body.integrations : undefined;
    this.context = isJsonObject(body.context) ? body.context : undefined;
  }

  /** The JSON of a value that items inherit as it is; `name` tells the inherited values apart. */
  textOf(name: string, value: unknown): string {
    this.#texts ??= new Map();
    let text = this.#texts.get(name);
    if (text === undefined) {
      text = JSON.stringify(value);
      this.#texts.set(name, text);
    }
    return text;
  }

  /** The JSON of an item's context: the batch's with the item's own over it, and `ip` where neither has one. */
  contextText(own: JsonObject | undefined, ip: string | undefined): string {
    const inherited = this.context ?? {};
    if (own === undefined)
      return this.textOf(ip === undefined ? 'context' : 'context with ip', withIp(inherited, ip));
    return JSON.stringify(withIp(mergeDeep(inherited, own), ip));
  }
}

/** What a single call inherits. A new one for each request, since an inheritance remembers texts. */
export function nothingInherited(): Inheritance {
  return new Inheritance({});
}

/** What is wrong with the parts of a batch's body that its items inherit; empty when nothing is. */
export function inheritanceFaults(body: JsonObject): readonly string[] {
  return (['context', 'integrations'] as const)
    .filter((field) => !isAbsent(body[field]) && !isJsonObject(body[field]) && !isEmptyArray(body[field]))
    .map((field) => `${field} must be an object`);
}

/** Whether a value is an empty array: PHP's spelling of an empty object. */
export function isEmptyArray(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function withIp(context: JsonObject, ip: string | undefined): JsonObject {
  return ip === undefined || !isAbsent(context.ip) ? context : { ...context, ip };
}
