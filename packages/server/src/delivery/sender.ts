import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Outcomes, OutgoingRequest } from '@metarouter/destinations';
import { Agent } from 'undici';
import type { Clock } from '../platform/clock.ts';
import { type AddressGuardOptions, createAddressGuard } from './address-guard.ts';
import { CachedLookup, type Resolve } from './cached-lookup.ts';
import { ANSWER_KEPT_BYTES, Exchange, WHOLE_ANSWER_BYTES_MAX } from './exchange.ts';
import { Gate, IDLE_MS } from './gate.ts';
import { guardedConnector } from './guarded-connector.ts';
import { ALREADY_GONE, type Outcome } from './outcome.ts';
import { signatureHeaders } from './sign.ts';

/** One attempt to be made. */
export interface Shipment {
  readonly request: OutgoingRequest;
  /** The request's body as it goes over the wire. */
  readonly body: Uint8Array | string;
  /** The same for every attempt to deliver this event to this pipeline. Printable ASCII. */
  readonly idempotencyKey: string;
  /** Whether it is sent once more on someone's wish. The receiver is told. */
  readonly replay: boolean;
  /** Whether all of the answer is kept, up to what is read of it, and not only its beginning. */
  readonly wholeAnswer?: boolean;
}

/** One pipeline's way out, with connections of its own. */
export interface Channel {
  /** Makes one attempt. Never rejects: whatever happens is an outcome. */
  send(shipment: Shipment): Promise<Outcome>;
  /** Frees the connections. What is under way is broken off: each attempt settles at once, as one to be made again. */
  close(): Promise<void>;
}

/** The only way out of the process. */
export interface Sender {
  /** Opens a channel that has at most so many connections to each receiver, and knows what its answers mean. */
  open(connections: number, outcomes: Outcomes): Channel;
}

export interface SenderOptions extends AddressGuardOptions {
  readonly clock: Clock;
  /** Finds the addresses of a name: the system's resolver unless given. */
  readonly lookup?: LookupFunction;
}

interface Target {
  readonly origin: string;
  readonly path: string;
  /** That of its origin. */
  readonly gate: Gate;
}

/** Distinct URLs remembered per channel in their parsed form; more than that are parsed again. */
const TARGETS_MAX = 1_000;

const NO_TARGET: Outcome = { kind: 'misconfigured', reason: 'not sent: not an http or https URL' };

/** The product's own name towards receivers. */
const USER_AGENT = 'MetaRouter';

/** A sender that reaches public machines and the private ranges that are opened, and nothing else. */
export function createSender({ clock, lookup = dns.lookup, ...guardOptions }: SenderOptions): Sender {
  const names = new CachedLookup(clock, asked(lookup));
  const connect = guardedConnector(createAddressGuard(guardOptions), (name) => names.find(name));
  return {
    open(connections, outcomes) {
      // The attempt as a whole has a limit, which covers what these two would watch one by one.
      const agent = new Agent({
        connections,
        connect,
        allowH2: false,
        keepAliveTimeout: IDLE_MS,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const targets = new Targets(() => new Gate(clock, connections));
      const ofDelete = { ...outcomes, ...ALREADY_GONE };
      return {
        send: (shipment) =>
          new Promise((settle) => {
            const target = targets.of(shipment.request.url);
            if (target === undefined) return settle(NO_TARGET);
            const { gate } = target;
            const meanings = shipment.request.method === 'DELETE' ? ofDelete : outcomes;
            const keep = shipment.wholeAnswer === true ? WHOLE_ANSWER_BYTES_MAX : ANSWER_KEPT_BYTES;
            gate.enter(() => {
              const exchange = new Exchange(clock, meanings, keep, (outcome) => {
                gate.leave();
                settle(outcome);
              });
              dispatch(agent, clock, target, shipment, exchange);
            });
          }),
        async close() {
          const closed = agent.destroy();
          // What waited meets closed connections, and so settles too.
          targets.open();
          await closed;
        },
      };
    },
  };
}

/** All addresses of a name, of either family. */
function asked(lookup: LookupFunction): Resolve {
  return (name) =>
    new Promise((resolve, reject) =>
      lookup(name, { all: true }, (error, found) => {
        if (error) reject(error);
        else resolve(Array.isArray(found) ? found : []);
      }),
    );
}

function dispatch(
  agent: Agent,
  clock: Clock,
  target: Target,
  { request, body, idempotencyKey, replay }: Shipment,
  exchange: Exchange,
): void {
  const headers = ['user-agent', USER_AGENT, 'idempotency-key', idempotencyKey];
  if (replay) headers.push('x-replay', 'true');
  for (const name of Object.keys(request.headers)) headers.push(name, request.headers[name] ?? '');
  if (request.sign !== undefined)
    headers.push(...signatureHeaders(request.sign, idempotencyKey, clock.now(), body));
  agent.dispatch({ ...target, method: request.method, headers, body }, exchange);
}

/** The URLs of one channel in their parsed form. */
class Targets {
  readonly #newGate: () => Gate;
  readonly #targets = new Map<string, Target>();
  readonly #gates = new Map<string, Gate>();

  constructor(newGate: () => Gate) {
    this.#newGate = newGate;
  }

  /** Undefined when nothing can be sent there. */
  of(url: string): Target | undefined {
    const known = this.#targets.get(url);
    if (known !== undefined) return known;
    const parsed = URL.parse(url);
    if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) return undefined;
    const gate = this.#gates.get(parsed.origin) ?? this.#newGate();
    const target = { origin: parsed.origin, path: parsed.pathname + parsed.search, gate };
    if (this.#targets.size >= TARGETS_MAX) this.#targets.clear();
    this.#targets.set(url, target);
    this.#gates.set(parsed.origin, gate);
    return target;
  }

  /** Lets everything go that waits. */
  open(): void {
    for (const gate of this.#gates.values()) gate.open();
  }
}
