import type { Problem } from '../platform/problem.ts';
import type { Rejection } from './intake.ts';
import type { DoorObserver, RejectionSink } from './observer.ts';

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

/** Counts what is refused because of the client, and leaves samples of it. */
export class Refusals {
  readonly #observe: DoorObserver;
  readonly #sink: RejectionSink;

  constructor(observe: DoorObserver, sink: RejectionSink) {
    this.#observe = observe;
    this.#sink = sink;
  }

  /** Some calls of a request, or all of them. */
  ofCalls(rejections: readonly Rejection[], { route, receivedAt, body }: Occasion): void {
    let samples = 0;
    for (const { source, problem, messageId, call } of rejections) {
      this.#observe.rejected(source, problem.code, 1);
      if (++samples > SAMPLES_PER_REQUEST_MAX) continue;
      const bytes = call === undefined ? body : body.subarray(call.start, call.end + 1);
      this.#sink.add({
        source,
        route,
        reason: problem.code,
        details: problem.details,
        messageId,
        receivedAt,
        bytes,
      });
    }
  }

  /** A request as a whole; its source is the one that its header or query told. */
  ofRequest(
    { code, details }: Problem,
    source: string | undefined,
    { route, receivedAt, body }: Occasion,
  ): void {
    this.#observe.rejected(source, code, 1);
    this.#sink.add({ source, route, reason: code, details, messageId: null, receivedAt, bytes: body });
  }
}
