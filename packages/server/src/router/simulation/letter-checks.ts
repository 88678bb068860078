import type { Life } from './life.ts';
import type { ProbeWatch } from './probe-watch.ts';
import { type Turn, waitedMs } from './probe-watch.ts';
import { numbersIn } from './simulated-client.ts';
import type { Arrival, SimulatedReceivers } from './simulated-receivers.ts';

const HOUR_MS = 3_600_000;
/** For so long an event is tried, not counting when its destination was not. */
const TRIED_FOR_MS = 24 * HOUR_MS;
/** Each time that the day was set by an hour while an event was waiting for its turn, it may count as waited. */
const DAY_SET_MS = 2 * HOUR_MS;

interface Letter {
  readonly id: string;
  readonly pipeline: string;
  readonly reason: string;
  readonly elapsedMs: number;
  readonly number: number | undefined;
}

/** What is looked at. */
interface Watched {
  readonly receivers: SimulatedReceivers;
  readonly watch: ProbeWatch;
  readonly life: Life;
}

/** Looks at each dead letter once, when it is new: whether the event was given up too early, or for another one's fault. */
export class LetterChecks {
  readonly #world: Watched;
  readonly #seen = new Set<string>();

  constructor(world: Watched) {
    this.#world = world;
  }

  /** What is wrong with those that are new. */
  faults(): readonly string[] {
    return this.#letters().flatMap((letter) => {
      if (this.#seen.has(letter.id)) return [];
      this.#seen.add(letter.id);
      const { pipeline, number, reason } = letter;
      const isIts = (one: Arrival) =>
        number !== undefined && one.pipeline === pipeline && one.numbers.includes(number);
      const attempts = this.#world.receivers.arrivals.filter(isIts);
      const isJust = reason.startsWith('given up: ')
        ? isGivenUpLate(letter, attempts, this.#world.watch.turns)
        : !reason.startsWith('HTTP ') || attempts.some(isRefusedAlone);
      return isJust ? [] : [`a dead letter without cause: ${JSON.stringify(letter)}`];
    });
  }

  #letters(): readonly Letter[] {
    const sql = "SELECT id, at, pipeline, reason, elapsed_ms, event FROM exceptions WHERE state = 'dead'";
    return this.#world.life.state.db
      .prepare(sql)
      .all()
      .map(({ id, at, pipeline, reason, elapsed_ms: elapsedMs, event }) => ({
        id: `${String(id)} ${String(at)}`,
        pipeline: String(pipeline),
        reason: String(reason),
        elapsedMs: Number(elapsedMs),
        number: event instanceof Uint8Array ? numbersIn(Buffer.from(event).toString())[0] : undefined,
      }));
  }
}

function isGivenUpLate(
  { pipeline, elapsedMs }: Letter,
  attempts: readonly Arrival[],
  turns: readonly Turn[],
): boolean {
  const [from = 0, until = 0] = [attempts[0]?.at, attempts.at(-1)?.at];
  const triedMs = until - from - waitedMs(turns, pipeline, from, until);
  const isReplayed = attempts.some(({ isReplay }) => isReplay);
  return elapsedMs >= TRIED_FOR_MS && (isReplayed || triedMs >= TRIED_FOR_MS - DAY_SET_MS);
}

/** Nobody is given up for what was refused together with others. */
function isRefusedAlone({ outcome, numbers }: Arrival): boolean {
  return outcome?.kind === 'rejected' && numbers.length === 1;
}
