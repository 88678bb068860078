import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DESTINATIONS, type Destination } from '@metarouter/destinations';
import { onTestFinished } from 'vitest';
import type { Outcome } from '../delivery/outcome.ts';
import { FaultyStorage } from '../log/segments/faulty-storage.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import type { Pipeline } from '../store/workspace.ts';
import { MemoryLog } from './memory-log.ts';
import type { LaneStart, Report } from './messages.ts';
import { Planning } from './planning.ts';
import { startRouter } from './router.ts';
import { type Script, ScriptedSender } from './scripted-sender.ts';
import { DeliveryState } from './state/delivery-state.ts';
import { Exceptions, type LaneException } from './state/exceptions.ts';
import type { ExceptionRow, LaneProgress } from './state/rows.ts';

/** In milliseconds. */
export const HOUR = 3_600_000;
/** The one receiver of `PIPELINE`. */
export const HOOK = 'https://hooks.example.com/';
const LANE = { pipeline: 'p', partition: 0, replay: '' };
/** From the source `s`. */
export const PIPELINE: Pipeline = {
  id: 'p',
  name: 'Everything',
  source: 's',
  destination: 'webhooks',
  connection: { urls: [HOOK] },
  config: {},
  filter: [],
  enabled: true,
};

/** What receivers answer. */
export const DELIVERED: Outcome = { kind: 'delivered', status: 200 };
export const RETRY: Outcome = { kind: 'retry', reason: 'HTTP 503', status: 503 };
export const REJECTED: Outcome = {
  kind: 'rejected',
  reason: 'HTTP 400',
  status: 400,
  answer: 'bad key sesame-sesame-sesame!',
};
export const MISCONFIGURED: Outcome = { kind: 'misconfigured', reason: 'HTTP 401', status: 401 };

let ofThisTest: string | undefined;

/** Where the state of the running test lies, which ends with it. */
export function stateFile(): string {
  if (ofThisTest !== undefined) return ofThisTest;
  const directory = mkdtempSync(join(tmpdir(), 'router-'));
  ofThisTest = join(directory, 'delivery.sqlite');
  onTestFinished(() => {
    ofThisTest = undefined;
    rmSync(directory, { recursive: true });
  });
  return ofThisTest;
}

interface Setting {
  readonly log: MemoryLog;
  readonly script?: Script;
  readonly pipelines?: readonly Pipeline[];
  readonly start?: LaneStart;
  readonly random?: () => number;
  readonly file?: string;
  /** Keeps message ids beyond this life. */
  readonly repeats?: FaultyStorage;
  /** By position: how often the event there has stopped the lanes. */
  readonly suspects?: ReadonlyMap<number, number>;
  readonly report?: Report;
  readonly destinations?: ReadonlyMap<string, Destination>;
  /** The time of day at which it begins, in milliseconds since 1970. */
  readonly now?: number;
}

/** What webhooks are, but for these parts. */
export function webhooksBut(change: Partial<Destination>): ReadonlyMap<string, Destination> {
  const webhooks = DESTINATIONS.get('webhooks') ?? fail('no webhooks');
  return new Map([['webhooks', { ...webhooks, ...change }]]);
}

/** Users `u0`, `u1`… */
export function users(count: number): readonly string[] {
  return Array.from({ length: count }, (_, number) => `u${number}`);
}

/** One life of the router. It crashes when nobody lets its clock run any more. */
export function live({
  log,
  script = () => ({ outcome: DELIVERED, afterMs: 1 }),
  pipelines = [PIPELINE],
  ...rest
}: Setting) {
  const file = rest.file ?? stateFile();
  const clock = new VirtualClock(rest.now);
  const sender = new ScriptedSender(clock, script);
  const failures: unknown[] = [];
  const bugs: unknown[] = [];
  let ids = clock.now();
  const reports: Parameters<Report>[] = [];
  const router = startRouter({
    log,
    pipelines,
    destinations: rest.destinations ?? DESTINATIONS,
    stateFile: file,
    repeatsStorage: () => rest.repeats ?? new FaultyStorage(() => 0),
    dedupWindowMs: 24 * HOUR,
    starts: [rest.start ?? startOf(log, file)],
    clock,
    random: rest.random ?? (() => 0.5),
    threadLoad: () => 0,
    planning: new Planning(),
    suspects: rest.suspects ?? new Map(),
    newId: () => `id-${ids++}`,
    sender,
    report: rest.report ?? ((...line) => reports.push(line)),
    onFailure: (error) => failures.push(error),
    onBug: (error) => bugs.push(error),
  });
  const ledger = () => {
    const lane = router.snapshot().lanes[0] ?? fail('no lane');
    return { ...lane, filtered: [...lane.filtered.values()].reduce((sum, count) => sum + count, 0) };
  };
  return { router, clock, sender, ledger, failures, bugs, reports };
}

/** Lanes of a first life begin at the log's beginning; the lives after it are told where the log ends. */
function startOf(log: MemoryLog, file: string): LaneStart {
  return existsSync(file)
    ? { position: log.head(), sequences: log.sequences }
    : { position: 0, sequences: new Map() };
}

/** Lets the lanes take so many events, without time passing: the log is read a few events a turn. */
export async function taken({ clock }: { readonly clock: VirtualClock }, events: number): Promise<void> {
  for (let turns = 0; turns < events; turns += 5) await clock.pass(0);
}

/** For what cannot be. */
export function fail(message: string): never {
  throw new Error(message);
}

/** A log with one event of each of these users, whose message ids are their positions. */
export function logOf(users: readonly string[]): MemoryLog {
  const log = new MemoryLog();
  for (const [position, user] of users.entries()) log.accept('s', user, `${position}`, { now: 0 });
  return log;
}

/** What is durable at this moment. */
export function stored(file = stateFile()): {
  readonly progress: LaneProgress | undefined;
  /** Oldest first. */
  readonly deadLetters: readonly LaneException[];
  readonly parked: readonly ExceptionRow[];
} {
  const state = new DeliveryState(file);
  try {
    const letters = new Exceptions(state.db).search({ pipeline: LANE.pipeline }, { first: 100_000 });
    return { progress: state.lane(LANE), deadLetters: letters.reverse(), parked: state.parked(LANE) };
  } finally {
    state.close();
  }
}
