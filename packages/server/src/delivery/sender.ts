import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import type { Outcomes, OutgoingRequest } from '@metarouter/destinations';
import type { Clock } from '../platform/clock.ts';
import { type AddressGuardOptions, createAddressGuard } from './address-guard.ts';
import { CachedLookup, type Resolve } from './cached-lookup.ts';
import { Connections } from './connections.ts';
import { Exchange, outcomeOfError } from './exchange.ts';
import { GuardedConnector } from './guarded-connector.ts';
import { ALREADY_GONE, type Outcome } from './outcome.ts';
import { requestText } from './request-text.ts';
import { signatureHeaders } from './sign.ts';
import { type Target, Targets } from './targets.ts';
import { UnderWay } from './under-way.ts';

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

const NO_TARGET: Outcome = { kind: 'misconfigured', reason: 'not sent: not an http or https URL' };

/** The product's own name towards receivers. */
const USER_AGENT = 'MetaRouter';

/** A sender that reaches public machines and the private ranges that are opened, and nothing else. */
export function createSender({ clock, lookup = dns.lookup, ...guardOptions }: SenderOptions): Sender {
  const names = new CachedLookup(clock, asked(lookup));
  const guard = createAddressGuard(guardOptions);
  const connector = new GuardedConnector(clock, guard, (name) => names.find(name));
  return { open: (connections, outcomes) => new HttpChannel(clock, connector, connections, outcomes) };
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

class HttpChannel implements Channel {
  readonly #clock: Clock;
  readonly #outcomes: Outcomes;
  readonly #outcomesOfDelete: Outcomes;
  readonly #targets: Targets;
  readonly #underWay: UnderWay;

  constructor(clock: Clock, connector: GuardedConnector, connectionsMax: number, outcomes: Outcomes) {
    this.#clock = clock;
    this.#outcomes = outcomes;
    this.#outcomesOfDelete = { ...outcomes, ...ALREADY_GONE };
    this.#underWay = new UnderWay(clock);
    this.#targets = new Targets((receiver) => {
      const refusal = connector.refusal(receiver);
      if (refusal !== undefined) throw refusal;
      return new Connections(clock, connector, receiver, connectionsMax);
    });
  }

  send(shipment: Shipment): Promise<Outcome> {
    return new Promise((settle) => {
      try {
        const target = this.#targets.of(shipment.request.url);
        if (target === undefined) return settle(NO_TARGET);
        const exchange = this.#exchange(target, shipment, settle);
        this.#underWay.begin(exchange);
        if (!exchange.isOver) target.connections.carry(exchange);
      } catch (error) {
        settle(outcomeOfError(error instanceof Error ? error : new Error(String(error))));
      }
    });
  }

  async close(): Promise<void> {
    this.#underWay.close();
    this.#targets.close();
  }

  #exchange(target: Target, shipment: Shipment, settle: (outcome: Outcome) => void): Exchange {
    const { method } = shipment.request;
    const options = {
      method,
      request: requestText({ ...target, method, headers: this.#headers(shipment) }, shipment.body),
      outcomes: method === 'DELETE' ? this.#outcomesOfDelete : this.#outcomes,
      wholeAnswer: shipment.wholeAnswer === true,
    };
    return new Exchange(this.#clock, options, (outcome, exchange) => {
      this.#underWay.end(exchange);
      settle(outcome);
    });
  }

  #headers({ request, body, idempotencyKey, replay }: Shipment): readonly string[] {
    const headers = ['user-agent', USER_AGENT, 'idempotency-key', idempotencyKey];
    if (replay) headers.push('x-replay', 'true');
    for (const name of Object.keys(request.headers)) headers.push(name, request.headers[name] ?? '');
    if (request.sign !== undefined)
      headers.push(...signatureHeaders(request.sign, idempotencyKey, this.#clock.now(), body));
    return headers;
  }
}
