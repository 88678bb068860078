import {
  type Destination,
  isUnchecked,
  type OutgoingRequest,
  type TestAnswer,
} from '@metarouter/destinations';
import type { FindingView } from '../activity/trial-views.ts';
import type { Outcome } from '../delivery/outcome.ts';
import type { Channel, Sender } from '../delivery/sender.ts';
import type { Clock } from '../platform/clock.ts';
import { maskOf } from './mask.ts';
import { within } from './within.ts';

/** Somebody waits for the finding: what has not answered by then does not work well enough. */
const ANSWERS_WITHIN_MS = 10_000;
/** Tests that may be under way at the same time: each has connections of its own. */
const TESTS_MAX = 10;

export interface ConnectionTestsOptions {
  /** By code. */
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly newId: () => string;
}

/** What is to be tested. */
export interface StoredConnection {
  /** The destination's code. */
  readonly destination: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * Checks credentials by asking receivers, on the same guarded way that events take. Of what they answer only the status
 * and what a destination reads from it are told, never the answer itself: whoever names the receiver must not be able to
 * read with it what they cannot read themselves.
 */
export class ConnectionTests {
  readonly #options: ConnectionTestsOptions;
  readonly #open = new Set<Channel>();

  constructor(options: ConnectionTestsOptions) {
    this.#options = options;
  }

  /** What the test of a connection finds, within 10 seconds. Rejects when there is no such destination. */
  async run({ destination: code, details }: StoredConnection): Promise<FindingView> {
    const { destinations, sender } = this.#options;
    const destination = destinations.get(code);
    if (destination === undefined) throw new Error(`no destination ${code}`);
    const fault = destination.check(details, {}).find(({ path }) => path.startsWith('connection'));
    if (fault !== undefined) return { verdict: 'fails', sentence: `The ${fault.path} ${fault.message}.` };
    const test = destination.test(details);
    if (isUnchecked(test)) return { verdict: 'unchecked', sentence: test.unchecked };
    if (this.#open.size >= TESTS_MAX) return BUSY;
    const channel = sender.open(test.requests.length, destination.outcomes);
    this.#open.add(channel);
    const answers = await this.#ask(channel, test.requests);
    this.#open.delete(channel);
    await channel.close();
    const { verdict, sentence } = test.read(answers);
    return { verdict, sentence: maskOf(destination.secrets(details, {}))(sentence) };
  }

  /** Breaks off what is under way. */
  stop(): void {
    for (const channel of this.#open) void channel.close();
  }

  /** The answers, in the order of the requests. */
  async #ask(channel: Channel, requests: readonly OutgoingRequest[]): Promise<readonly TestAnswer[]> {
    const { clock, newId } = this.#options;
    const outcomes = new Map<OutgoingRequest, Outcome>();
    const idempotencyKey = `test:${newId()}`;
    const asked = requests.map(async (request) => {
      const body = request.body === undefined ? '' : JSON.stringify(request.body);
      outcomes.set(request, await channel.send({ request, body, idempotencyKey, replay: false }));
    });
    await within(clock, ANSWERS_WITHIN_MS, asked);
    return requests.map((request) => answerFrom(outcomes.get(request)));
  }
}

const BUSY: FindingView = {
  verdict: 'unchecked',
  sentence: 'Too many connections are being tested just now: try again in some seconds.',
};

function answerFrom(outcome: Outcome | undefined): TestAnswer {
  if (outcome === undefined)
    return { failure: `no answer within ${ANSWERS_WITHIN_MS / 1_000} s`, json: undefined };
  const failure = outcome.kind === 'delivered' ? undefined : outcome.reason;
  return { failure, json: outcome.answer === undefined ? undefined : jsonIn(outcome.answer) };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
