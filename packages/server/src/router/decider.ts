import type { Batch, Destination, Planner } from '@metarouter/destinations';
import { compileFilter, type Filter } from '@metarouter/events';
import type { Pipeline } from '../store/workspace.ts';
import { type Mask, maskOf } from './mask.ts';
import type { Parcel } from './parcel.ts';
import { type Plan, plan } from './plan.ts';
import type { Planning } from './planning.ts';
import { SUSPECT_TIMES_MAX, type Suspicions } from './suspects.ts';

/** What is not looked at any more. */
const POISON: Plan = { kind: 'dead', reason: 'it stopped the program again and again by an error of ours' };

export interface DeciderOptions {
  readonly pipeline: Pipeline;
  readonly destination: Destination;
  /** Notes which event is being looked at, for the case that the thread dies of it. */
  readonly planning: Planning;
  /** The events that it has died of. */
  readonly suspects: Suspicions;
}

/** Decides what becomes of events in one pipeline: with its settings read, once for all of its lanes. */
export class Decider {
  /** How several events go together; undefined when each goes alone. */
  readonly batch: Batch | undefined;
  /** Hides the pipeline's secrets in a text. */
  readonly mask: Mask;
  readonly #options: DeciderOptions;
  readonly #planner: Planner;
  readonly #filter: Filter;

  /** Throws when the settings cannot be used. */
  constructor(options: DeciderOptions) {
    const { pipeline, destination } = options;
    const { connection, config } = pipeline;
    const compiled = compileFilter(pipeline.filter);
    if (!compiled.ok) throw new Error(`filter: ${compiled.faults[0]?.message ?? 'unusable'}`);
    this.#options = options;
    this.#filter = compiled.filter;
    this.#planner = destination.prepare(connection, config);
    this.batch = destination.batch(connection, config);
    this.mask = maskOf(destination.secrets(connection, config));
  }

  /** What becomes of this event. */
  decide({ event, position }: Pick<Parcel, 'event' | 'position'>): Plan {
    const { destination, planning, suspects } = this.#options;
    if (suspects.size > 0 && (suspects.get(position) ?? 0) >= SUSPECT_TIMES_MAX) return POISON;
    const { batch } = this;
    return planning.run(position, () =>
      plan(event, { destination, planner: this.#planner, filter: this.#filter, batch }),
    );
  }
}
