import type { Outage } from '../activity/delivery-views.ts';
import type { Clock } from '../platform/clock.ts';
import type { OutageStep } from './state/outage-rows.ts';

/**
 * After so long without an attempt the next failure begins a new outage: nobody knows what an attempt in between would
 * have come to. An event that is never taken is tried for a day, so a source that sends one every other day is not silent.
 */
const SILENCE_MAX_MS = 2 * 24 * 3_600_000;
/** How often it is made durable that an outage goes on: its beginning and its end always are. */
const NOTED_EVERY_MS = 600_000;

/** Is told what each attempt of a pipeline's live lanes says of its destination. */
export interface OutageWatch {
  /** It works. */
  worked(): void;
  /** An attempt failed, for a reason without secrets. `isRefused`: the lane is paused, for the pipeline itself is refused. */
  failed(reason: string, isRefused: boolean): void;
}

export interface OutagesOptions {
  /** Those that were there when it was last committed. */
  readonly known: readonly Outage[];
  readonly clock: Clock;
  /** Called each time that there is something to commit. */
  readonly onChanged: () => void;
}

/** The pipelines of which every attempt fails, and since when: one success ends an outage, a restart does not. */
export class Outages {
  readonly #options: OutagesOptions;
  /** By pipeline. */
  readonly #outages: Map<string, Outage>;
  /** By pipeline: which last failure was noted to be committed. */
  readonly #notedAt = new Map<string, number>();
  /** The pipelines of which there is something to commit. */
  readonly #changed = new Set<string>();

  constructor(options: OutagesOptions) {
    this.#options = options;
    this.#outages = new Map(options.known.map((outage) => [outage.pipeline, outage]));
  }

  /** How things stand at this moment. */
  all(): readonly Outage[] {
    return [...this.#outages.values()];
  }

  /** What a pipeline's live lanes tell of their attempts. */
  watch(pipeline: string): OutageWatch {
    return {
      worked: () => this.#end(pipeline),
      failed: (reason, isRefused) => this.#goOn(pipeline, reason, isRefused),
    };
  }

  /** Only these pipelines run from now on: one that is switched on again has its outage behind it. */
  keepOnly(pipelines: ReadonlySet<string>): void {
    for (const pipeline of this.#outages.keys()) if (!pipelines.has(pipeline)) this.#end(pipeline);
  }

  /** What there is to commit, or undefined. */
  step(): OutageStep | undefined {
    if (this.#changed.size === 0) return undefined;
    const changed = [...this.#changed];
    return {
      saved: changed.flatMap((pipeline) => this.#outages.get(pipeline) ?? []),
      ended: changed.filter((pipeline) => !this.#outages.has(pipeline)),
    };
  }

  /** The last step is durable. */
  committed(): void {
    this.#changed.clear();
  }

  #goOn(pipeline: string, reason: string, isRefused: boolean): void {
    const now = this.#options.clock.now();
    const before = this.#outages.get(pipeline);
    // In both directions: the clock may have been set.
    const isSame = before !== undefined && Math.abs(now - before.lastAt) <= SILENCE_MAX_MS;
    const since = isSame ? before.since : now;
    const refusedSince = isRefused ? ((isSame ? before.refusedSince : undefined) ?? now) : undefined;
    this.#outages.set(pipeline, { pipeline, since, refusedSince, lastAt: now, reason });
    const isKnown = isSame && before.refusedSince === refusedSince;
    if (isKnown && now - (this.#notedAt.get(pipeline) ?? before.lastAt) < NOTED_EVERY_MS) return;
    this.#notedAt.set(pipeline, now);
    this.#note(pipeline);
  }

  #end(pipeline: string): void {
    if (!this.#outages.delete(pipeline)) return;
    this.#notedAt.delete(pipeline);
    this.#note(pipeline);
  }

  #note(pipeline: string): void {
    this.#changed.add(pipeline);
    this.#options.onChanged();
  }
}
