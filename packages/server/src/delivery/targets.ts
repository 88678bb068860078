import type { Connections } from './connections.ts';
import { type Receiver, receiverOf } from './receiver.ts';

/** A URL as it is needed to send something there. */
export interface Target {
  /** Path and query. */
  readonly path: string;
  /** Host, and port where it is not the scheme's. */
  readonly host: string;
  /** Those to its receiver. */
  readonly connections: Connections;
}

/** Distinct URLs remembered per channel in their parsed form; more than that are parsed again. */
const TARGETS_MAX = 1_000;
/** Longer URLs, in characters, are parsed each time: an event's text in a path can make them as long as an event. */
const URL_REMEMBERED_MAX = 1_024;

/** The URLs of one channel in their parsed form, and the connections of those that lead to the same receiver. */
export class Targets {
  readonly #open: (receiver: Receiver) => Connections;
  readonly #targets = new Map<string, Target>();
  readonly #connections = new Map<string, Connections>();

  /** `open` is called once for each receiver. It may throw what is then thrown each time. */
  constructor(open: (receiver: Receiver) => Connections) {
    this.#open = open;
  }

  /** Undefined when nothing can be sent there. */
  of(url: string): Target | undefined {
    const known = this.#targets.get(url);
    if (known !== undefined) return known;
    const parsed = URL.parse(url);
    const receiver = parsed === null ? undefined : receiverOf(parsed);
    if (parsed === null || receiver === undefined) return undefined;
    const connections = this.#connections.get(parsed.origin) ?? this.#open(receiver);
    const target = { path: parsed.pathname + parsed.search, host: parsed.host, connections };
    this.#connections.set(parsed.origin, connections);
    if (url.length > URL_REMEMBERED_MAX) return target;
    if (this.#targets.size >= TARGETS_MAX) this.#targets.clear();
    this.#targets.set(url, target);
    return target;
  }

  /** Closes all connections that carry nothing. */
  close(): void {
    for (const connections of this.#connections.values()) connections.close();
  }
}
