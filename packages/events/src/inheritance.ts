import { type Call, isEmptyArray, isObject, jsonOf } from './call.ts';
import { parseIsoTime } from './iso-time.ts';
import { isAbsent, type JsonObject, mergeDeep } from './json.ts';

/** What the items of one batch inherit from the body around them. */
export class Inheritance {
  /** The time for items that have none of their own. */
  readonly timestamp: unknown;
  /** The batch's `sentAt` in milliseconds since 1970; undefined when it has none that can be read. */
  readonly sent: number | undefined;
  readonly context: JsonObject | undefined;
  /** The JSON of each part that items inherit, by its field's name: made once for all of them. */
  readonly texts: ReadonlyMap<string, string>;
  #contextWithIp: string | undefined;

  /** Parts of the wrong type count as absent: `inheritanceFaults` tells the client of them. */
  constructor(batch: Call | undefined) {
    this.timestamp = batch?.timestamp ?? batch?.originalTimestamp;
    this.sent = parseIsoTime(batch?.sentAt);
    const context = isObject(batch?.context) ? batch.context : undefined;
    this.context = context?.members();
    const texts = new Map<string, string>();
    const add = (field: string, value: unknown) => {
      if (!isAbsent(value)) texts.set(field, jsonOf(value));
    };
    add('timestamp', this.timestamp);
    add('sentAt', batch?.sentAt);
    add('context', context);
    if (isObject(batch?.integrations)) add('integrations', batch.integrations);
    this.texts = texts;
  }

  /**
   * The JSON of an item's context: the batch's with the item's own over it, and `ip` where neither has one. Undefined
   * when there is nothing to make one of. All items of a batch come from the same `ip`.
   */
  contextText(own: JsonObject | undefined, ip: string | undefined): string | undefined {
    const inherited = this.context ?? {};
    if (own !== undefined) return JSON.stringify(withIp(mergeDeep(inherited, own), ip));
    if (ip === undefined) return this.texts.get('context');
    this.#contextWithIp ??= JSON.stringify(withIp(inherited, ip));
    return this.#contextWithIp;
  }
}

/** What a single call inherits. A new one for each request, since an inheritance remembers a text. */
export function nothingInherited(): Inheritance {
  return new Inheritance(undefined);
}

/** What is wrong with the parts of a batch's body that its items inherit; empty when nothing is. */
export function inheritanceFaults(batch: Call): readonly string[] {
  return (['context', 'integrations'] as const)
    .filter((field) => !isAbsent(batch[field]) && !isObject(batch[field]) && !isEmptyArray(batch[field]))
    .map((field) => `${field} must be an object`);
}

function withIp(context: JsonObject, ip: string | undefined): JsonObject {
  return ip === undefined || !isAbsent(context.ip) ? context : { ...context, ip };
}
