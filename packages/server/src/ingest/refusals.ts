import type { Calls } from '@metarouter/events';
import type { Problem } from '../platform/problem.ts';
import type { Rejection, Surroundings } from './intake.ts';
import type { DoorObserver, RejectionSink } from './observer.ts';
import { writeKeyIn } from './write-key.ts';

/** The most samples that one request leaves: the 2,500 events of a bad batch nearly always have the same fault. */
const SAMPLES_PER_REQUEST_MAX = 10;

/** What the refused calls of one request have in common. */
interface Occasion {
  /** The path by which the route is known. */
  readonly route: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly body: Buffer;
}

/** Counts the events that are refused because of the client, each once, and leaves samples of them. */
export class Refusals {
  readonly #observe: DoorObserver;
  readonly #sink: RejectionSink;

  constructor(observe: DoorObserver, sink: RejectionSink) {
    this.#observe = observe;
    this.#sink = sink;
  }

  /** Takes the refusals of one request. An event with several faults counts under the first of them. */
  add(rejections: readonly Rejection[], { route, receivedAt, body }: Occasion): void {
    let samples = 0;
    for (const faults of Map.groupBy(rejections, ({ index }) => index).values()) {
      const [first] = faults;
      if (first === undefined) continue;
      const { source, problem, messageId, call, events = 1 } = first;
      this.#observe.rejected(source, problem.code, events);
      if (++samples > SAMPLES_PER_REQUEST_MAX) continue;
      this.#sink.add({
        source,
        route,
        reason: problem.code,
        details: faults.map((fault) => fault.problem.details).join('; '),
        messageId,
        receivedAt,
        bytes: call === undefined ? body : body.subarray(call.start, call.end + 1),
      });
    }
  }
}

/**
 * The refusal of a request as a whole. It stands for all events of the batch that its body was read as, for one where
 * the body could not be read. The source is looked for where all events of a batch look for it.
 */
export function rejectionOfAll(
  cause: Problem,
  calls: Calls | undefined,
  { workspace, writeKey }: Pick<Surroundings, 'workspace' | 'writeKey'>,
  imposedKey?: string,
): Rejection {
  const key = imposedKey ?? writeKeyIn(calls?.root.writeKey) ?? writeKey();
  const source = key === undefined ? undefined : workspace.sources.get(key);
  const events = Math.max(calls?.items.length ?? 0, 1);
  return { index: 0, messageId: null, source: source?.id, problem: cause, events };
}
