import type { LookupAddress } from 'node:dns';
import type { Clock } from '../platform/clock.ts';
import { LookupGivenUp, LookupPlaces, type Subject } from './lookup-places.ts';

/** Finds the addresses of a host name. Rejects when it has none, or when they cannot be had now. */
export type Resolve = (name: string) => Promise<readonly LookupAddress[]>;

/** Addresses of this age are asked for anew, while the known ones still serve. */
const REFRESHED_AFTER_MS = 30_000;
/** Known addresses serve for this long. The system does not say how long they hold; common records hold for a minute. */
const FRESH_MS = 60_000;
/** They serve for this long while the resolver is silent or out of order: better than no delivery until it is mended. */
const STALE_MS = 3_600_000;
/** Whoever has stale addresses waits for fresh ones at most this long. */
const STALE_AFTER_MS = 1_000;
/** Whoever has none waits at most this long; the look-up itself goes on. */
const WAIT_MAX_MS = 5_000;
/** A look-up that failed is not tried again for this long: less than any event waits for its first retry. */
const FAILURE_KEPT_MS = 3_000;
/** Names that are remembered. The one that was not asked for the longest goes first. */
const NAMES_MAX = 10_000;

/** What is known of a host name. Times on the clock that only grows. */
interface Host extends Subject {
  addresses: readonly LookupAddress[];
  answeredAt: number;
  failure: unknown;
  failedAt: number;
  /** The look-up under way, or waiting for its place. */
  asking: Promise<readonly LookupAddress[]> | undefined;
}

/**
 * Remembers the addresses of host names and has each name looked up once at a time, so that a name that is slow or hangs
 * holds up only those who want to go there. It is about time alone: who uses an address still has to check it.
 */
export class CachedLookup {
  readonly #clock: Clock;
  readonly #resolve: Resolve;
  readonly #places: LookupPlaces;
  readonly #hosts = new Map<string, Host>();

  /** `resolve` is what really asks, as slowly as it likes. */
  constructor(clock: Clock, resolve: Resolve) {
    this.#clock = clock;
    this.#resolve = resolve;
    this.#places = new LookupPlaces(clock);
  }

  /** The addresses of a name. Rejects with the resolver's error, or with LookupGivenUp when it takes too long. */
  async find(name: string): Promise<readonly LookupAddress[]> {
    const host = this.#host(name);
    const failedLately = this.#clock.monotonic() - host.failedAt < FAILURE_KEPT_MS;
    if (!failedLately && this.#known(host, REFRESHED_AFTER_MS) === undefined) this.#ask(name, host);
    const fresh = this.#known(host, FRESH_MS);
    if (fresh !== undefined) return fresh;
    const stale = this.#known(host, STALE_MS);
    if (stale !== undefined && (failedLately || host.slow)) return stale;
    if (host.asking === undefined) throw host.failure;
    return await this.#whicheverComes(host, host.asking);
  }

  /** Its addresses, unless they are as old as that. */
  #known({ addresses, answeredAt }: Host, ageMs: number): readonly LookupAddress[] | undefined {
    return this.#clock.monotonic() - answeredAt < ageMs ? addresses : undefined;
  }

  /** The answer, or what there is when it does not come in time or is a failure. */
  #whicheverComes(host: Host, asking: Promise<readonly LookupAddress[]>): Promise<readonly LookupAddress[]> {
    return new Promise((resolve, reject) => {
      const makeDo = (error: unknown) => {
        const stale = this.#known(host, STALE_MS);
        if (stale === undefined) reject(error);
        else resolve(stale);
      };
      const patienceMs = this.#known(host, STALE_MS) === undefined ? WAIT_MAX_MS : STALE_AFTER_MS;
      const cancel = this.#clock.after(patienceMs, () =>
        makeDo(new LookupGivenUp(`looking up its host name took longer than ${WAIT_MAX_MS / 1_000} s`)),
      );
      void asking.then(resolve, makeDo).then(cancel);
    });
  }

  #ask(name: string, host: Host): void {
    if (host.asking !== undefined) return;
    host.asking = this.#places.run(host, () => this.#resolve(name));
    // Nobody may be waiting for it, so its failure is also taken here.
    host.asking.then(
      (addresses) => {
        host.asking = undefined;
        host.addresses = addresses;
        host.answeredAt = this.#clock.monotonic();
      },
      (error: unknown) => {
        host.asking = undefined;
        host.failure = error;
        host.failedAt = this.#clock.monotonic();
        if (isGone(error)) host.answeredAt = Number.NEGATIVE_INFINITY;
      },
    );
  }

  #host(name: string): Host {
    const host = this.#hosts.get(name) ?? {
      slow: false,
      addresses: [],
      answeredAt: Number.NEGATIVE_INFINITY,
      failure: undefined,
      failedAt: Number.NEGATIVE_INFINITY,
      asking: undefined,
    };
    // The last one of the map is the one asked for last.
    this.#hosts.delete(name);
    this.#hosts.set(name, host);
    if (this.#hosts.size > NAMES_MAX) this.#forgetOne();
    return host;
  }

  /** One that is being looked up stays, or it would be looked up twice. Far fewer can be at once than are remembered. */
  #forgetOne(): void {
    for (const [name, { asking }] of this.#hosts) {
      if (asking === undefined) return void this.#hosts.delete(name);
    }
  }
}

/** Whether the resolver says for sure that the name has no address, rather than that it cannot tell. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOTFOUND';
}
