import { createHash } from 'node:crypto';
import { ForgetfulMap } from './forgetful-map.ts';

/** How often something may be used, for each key by itself. */
interface UseLimit {
  /** In any period of this length… */
  readonly periodMs: number;
  /** …at most this often. */
  readonly max: number;
  /** How many keys are counted; beyond, the one that was quiet for longest is forgotten. */
  readonly keysMax: number;
}

/** The moments of each key's last uses, on the monotonic clock. */
export class RecentUses {
  readonly #limit: UseLimit;
  readonly #moments: ForgetfulMap<readonly number[]>;
  #agedAt = 0;

  constructor(limit: UseLimit) {
    this.#limit = limit;
    this.#moments = new ForgetfulMap(limit.keysMax);
  }

  /** How many keys are being counted. */
  get size(): number {
    return this.#moments.size;
  }

  /** Milliseconds until there may be another use. */
  wait(key: string, now: number): number {
    // Of the last `max` uses the first has to be over before there can be another.
    const first = this.#moments.get(key)?.at(-this.#limit.max);
    return first === undefined ? 0 : Math.max(0, first + this.#limit.periodMs - now);
  }

  /** Counts a use that is made now. */
  count(key: string, now: number): void {
    if (now - this.#agedAt >= this.#limit.periodMs) {
      this.#moments.age();
      this.#agedAt = now;
    }
    this.#moments.set(key, [...(this.#moments.get(key) ?? []), now].slice(-this.#limit.max));
  }
}

/** Whether something may be done now, or after how many whole seconds. */
export type LimitAnswer = { readonly ok: true } | { readonly ok: false; readonly retryAfterSeconds: number };

/** Counts one use of each, or of none when one of them is used up. */
export function takeTogether(
  uses: readonly { readonly of: RecentUses; readonly key: string }[],
  now: number,
): LimitAnswer {
  const wait = Math.max(0, ...uses.map(({ of, key }) => of.wait(key, now)));
  if (wait > 0) return { ok: false, retryAfterSeconds: Math.ceil(wait / 1_000) };
  for (const { of, key } of uses) of.count(key, now);
  return { ok: true };
}

/** One size for all keys, whatever a caller wrote, and nobody's address or account is lying about in memory. */
export function keyOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64');
}
