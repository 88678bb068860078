import { type Call, isEmptyArray, isObject, jsonOf } from './call.ts';
import { parseIsoTime } from './iso-time.ts';
import { isAbsent, isJsonObject, type JsonObject, mergeDeep } from './json.ts';

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
   *
   * The item's members are put behind the batch's, since the last of several equal keys counts: merging and writing all of
   * them anew, a batch of 10 KB could keep the door busy for a second.
   */
  contextText(own: JsonObject | undefined, ip: string | undefined): string | undefined {
    const inherited = this.#ownContextText(ip);
    if (own === undefined || inherited === undefined) return inherited;
    const below = this.context ?? {};
    const over = Object.entries(own).flatMap(([key, value]) => {
      const isKnown = Object.hasOwn(below, key) || (key === 'ip' && ip !== undefined);
      if (isAbsent(value) && isKnown) return [];
      const under = isKnown ? below[key] : undefined;
      const merged = isJsonObject(under) && isJsonObject(value) ? mergeDeep(under, value) : value;
      return [`${JSON.stringify(key)}:${JSON.stringify(merged)}`];
    });
    return withMembers(inherited, over.join());
  }

  /** The JSON of the batch's own context, with `ip` where it has none. */
  #ownContextText(ip: string | undefined): string | undefined {
    const text = this.texts.get('context');
    if (ip === undefined || !isAbsent(this.context?.ip)) return text;
    this.#contextWithIp ??= withMembers(text ?? '{}', `"ip":${JSON.stringify(ip)}`);
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

/** The JSON of an object with more members at its end. */
function withMembers(object: string, members: string): string {
  if (members === '') return object;
  const opening = object.slice(0, -1);
  const comma = opening.trim() === '{' ? '' : ',';
  return `${opening}${comma}${members}}`;
}
