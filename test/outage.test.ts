import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { machineMs } from '../bench/machine-clock.ts';
import { percentile } from '../bench/percentile.ts';
import { seededRandom } from '../packages/server/src/platform/seeded-random.ts';
import { pipelineId } from '../packages/server/src/store/workspace-id.ts';
import { eventually } from './support/eventually.ts';
import type { Answered, Condition } from './support/fragile-receiver.ts';
import { countInversions } from './support/inversions.ts';
import { watchLedgers } from './support/ledger-watch.ts';
import { ledgersOn, metricsPage } from './support/metrics.ts';
import { messageIdOf, type PacedLoad, startPacedLoad } from './support/paced-load.ts';
import { type ReceiversProcess, startReceiversProcess } from './support/receivers-process.ts';
import { messageIdsInLog } from './support/segment-log.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { writeWorkspace } from './support/workspace-file.ts';

/** `npm run prove` has a minute, as long as the promise is made for. */
const OUTAGE_MS = Number(process.env.METAROUTER_PROVE_OUTAGE_SECONDS ?? 5) * 1_000;
/** Compiled code is what is compared, not the first seconds of a process. */
const WARM_UP_MS = 2_000;
/** From then on: until it has made up for what these seconds left waiting. */
const MADE_UP_MS_MAX = 60_000;
/** Enough events for a 99th percentile that one slow moment does not decide. */
const BASELINE_MS = Math.max(OUTAGE_MS / 2, 3_000);
/** Ten times as many are delivered. `npm run prove` has 1,000, which needs a machine with nothing else to do. */
const EVENTS_PER_SECOND = Number(process.env.METAROUTER_PROVE_OUTAGE_RATE ?? 200);
/** A warm pipeline has fewer events waiting than come in this time. */
const UNDER_WAY_MS = 100;
const PIPELINES = 10;
const USERS = 500;
/** The first one that goes down; if several do, the next ones too. Lanes look at others before and after them. */
const FAILING = 4;
/** The one that never takes some of the events. */
const REFUSING = 7;
const REFUSED = '"Product Removed"';
/** What pipelines do not get of the events. */
const FILTERED_SHARE = 1 / 20;

/**
 * What an outage may cost the other pipelines: a tenth, and what cannot be told from noise. That is 50 ms in `npm run
 * prove`, the promise; a small run only sees a lane that waits for another, for seconds, on whatever else is going on.
 */
const NOISE_MS = Number(process.env.METAROUTER_PROVE_OUTAGE_NOISE_MS ?? 1_000);
const allowedMs = (baselineMs: number) => baselineMs * 1.1 + NOISE_MS;
/** A lane looks whether its receiver is back at least once a minute, and not much later than it has been down for. */
const NOTICED_MS_MAX = Math.min(OUTAGE_MS + 10_000, 60_000);
/**
 * From then on. It catches up with the time that live events leave, and where those leave none, at twice the rate of `npm run
 * prove`: so it needs as long as it was down for, and some more while new events come.
 */
const DRAINED_MS_MAX = Math.max(OUTAGE_MS * 2, 30_000);
/** The ledgers are looked at each 100 ms; a machine that is busy may take longer. */
const LOOK_EVERY_MS_MAX = 500;
const SETTLED_TIMEOUT_MS = 30_000;
const TIMEOUT_MS = WARM_UP_MS + MADE_UP_MS_MAX + BASELINE_MS + 3 * OUTAGE_MS + 120_000;

const WAYS: readonly Condition[] = ['refusing connections', 'answering 500', 'hanging'];
/** `npm run prove` has one destination down at a time; a small run has one in each way, all at once. */
const OUTAGES = process.env.METAROUTER_PROVE_OUTAGE_SECONDS === undefined ? [WAYS] : WAYS.map((way) => [way]);

test.each(OUTAGES.map((ways) => ({ ways, down: ways.join(' or ') })))(
  'a destination that is $down holds up no other, loses nothing, and catches up in order',
  {
    timeout: TIMEOUT_MS,
  },
  async ({ ways, down }) => {
    await using directory = await temporaryDirectory();
    await using opened = new AsyncDisposableStack();
    const receivers = opened.use(
      await startReceiversProcess(
        Array.from({ length: PIPELINES }, (_, index) => (index === REFUSING ? { refuses: REFUSED } : {})),
      ),
    );
    const data = `${directory.path}/data`;
    const workspace = await writeWorkspace(directory.path, { hooks: receivers.urls });
    const server = opened.use(await startServer({ workspace, data }));
    const { url } = server;
    const ledgers = opened.use(watchLedgers(() => url));
    const load = startPacedLoad({ url, eventsPerSecond: EVENTS_PER_SECOND, eventOf });
    opened.defer(() => load.stop());
    await pause(WARM_UP_MS);
    let waiting = Number.POSITIVE_INFINITY;
    const isWarm = async () => {
      const taken = Math.min(...(await countsOf(receivers, ways)));
      waiting = load.acknowledged.size * (1 - FILTERED_SHARE) - taken;
      return waiting < (EVENTS_PER_SECOND * UNDER_WAY_MS) / 1_000;
    };
    await eventually(() => `warm: ${waiting} events wait`, isWarm, MADE_UP_MS_MAX);

    const times = await haveOutage(receivers, ways);
    await load.stop();
    await eventually('settled', async () => (await pendingAt(url)) === 0, SETTLED_TIMEOUT_MS);
    const settled = ledgersOn(await metricsPage(url));
    await ledgers.stop();
    expect((await server.stop()).code, server.output()).toBe(0);

    const acknowledged = [...load.acknowledged];
    const answered = await receivers.answered();
    const others = answered.filter((_, index) => index < FAILING || index >= FAILING + ways.length);
    const expected = expectedLedgers(answered, acknowledged);
    const places = new Map((await messageIdsInLog(data)).map((messageId, place) => [messageId, place]));
    const placeOf = (number: number) => places.get(messageIdOf(number)) ?? Number.NaN;
    const inversions = answered.map(({ taken }) =>
      countInversions(
        [...new Set(taken)].map((number) => ({ user: userOf(number), place: placeOf(number) })),
      ),
    );
    const waits = others.map((other) => ({
      before: waitsOf(other, load, times.begun, times.downAt),
      meanwhile: waitsOf(other, load, times.downAt, times.drainedAt),
    }));
    const [worst] = waits.toSorted((one, other) => other.meanwhile.p99 - one.meanwhile.p99);
    process.stdout.write(
      `outage of ${OUTAGE_MS / 1_000} s (${down}): ${acknowledged.length} events to ${PIPELINES} pipelines, noticed ` +
        `${inSeconds(times.noticedAt - times.backAt)} s after its end and drained ` +
        `${inSeconds(times.drainedAt - times.noticedAt)} s later; the other pipelines' p50 and p99 at most ` +
        `${inMs(worst?.meanwhile)} (before: ${inMs(worst?.before)}), ` +
        `${ledgers.wrong.length} of ${ledgers.seen()} ledgers wrong, ${inversions} out of order\n`,
    );
    expect(load.failures.slice(0, 3)).toEqual([]);
    expect(settled).toEqual(expected);
    for (const { accepted, delivered, filtered, dead } of expected.values())
      expect(delivered + filtered + dead).toBe(accepted);
    expect(ledgers.wrong.slice(0, 3)).toEqual([]);
    expect(ledgers.seen()).toBeGreaterThan((PIPELINES * (BASELINE_MS + OUTAGE_MS)) / LOOK_EVERY_MS_MAX);
    expect(inversions).toEqual(answered.map(() => 0));
    expect(others.map(({ taken }) => taken.length - new Set(taken).size)).toEqual(others.map(() => 0));
    for (const { before, meanwhile } of waits) expect(meanwhile.p99).toBeLessThan(allowedMs(before.p99));
  },
);

/** Lets receivers go down and come back; resolves when their pipelines have caught up. All moments on one clock. */
async function haveOutage(receivers: ReceiversProcess, ways: readonly Condition[]) {
  const begun = machineMs();
  await pause(BASELINE_MS);
  const downAt = machineMs();
  for (const [index, way] of ways.entries()) await receivers.become(FAILING + index, way);
  await pause(OUTAGE_MS);
  const before = await countsOf(receivers, ways);
  for (const index of ways.keys()) await receivers.become(FAILING + index, 'well');
  const backAt = machineMs();
  const isNoticed = async () => {
    const counts = await countsOf(receivers, ways);
    return counts.every((count, index) => count > (before[index] ?? 0));
  };
  await eventually('noticed', isNoticed, NOTICED_MS_MAX);
  const noticedAt = machineMs();
  // New events keep coming: it has caught up when it has no more to do than the others.
  let behind = Number.POSITIVE_INFINITY;
  const hasCaughtUp = async () => {
    const counts = await receivers.counts();
    behind = Math.max(...counts) - Math.min(...(await countsOf(receivers, ways)));
    return behind < EVENTS_PER_SECOND / 2;
  };
  await eventually(() => `caught up: ${behind} events`, hasCaughtUp, DRAINED_MS_MAX);
  return { begun, downAt, backAt, noticedAt, drainedAt: machineMs() };
}

/** How many events the receivers that fail in these ways have taken so far. */
async function countsOf(receivers: ReceiversProcess, ways: readonly Condition[]): Promise<readonly number[]> {
  return (await receivers.counts()).slice(FAILING, FAILING + ways.length);
}

async function pendingAt(url: string): Promise<number> {
  const ledgers = ledgersOn(await metricsPage(url));
  return [...ledgers.values()].reduce((sum, { pending }) => sum + pending, 0);
}

/** Each pipeline's ledger as the client, who was acknowledged these events, and the receivers know it. */
function expectedLedgers(answered: readonly Answered[], acknowledged: readonly number[]) {
  const accepted = acknowledged.length;
  const filtered = acknowledged.filter(isFiltered).length;
  return new Map(
    answered.map(({ taken, refused }, index) => [
      pipelineId('Acme', 'Website', `hook ${index + 1}`),
      { accepted, delivered: new Set(taken).size, filtered, dead: new Set(refused).size, pending: 0 },
    ]),
  );
}

/** Two events in a row are of one user: the second is there while the first is under way. */
function userOf(number: number): string {
  return `user-${Math.floor(seededRandom(Math.floor(number / 2))() * USERS)}`;
}

function eventOf(number: number) {
  return {
    type: 'track',
    userId: userOf(number),
    event: isRefused(number) ? 'Product Removed' : 'Product Added',
    properties: { sku: `G-${number}`, price: 18.95, quantity: 1 },
    ...(isFiltered(number) ? { integrations: { Webhooks: false } } : {}),
  };
}

function isFiltered(number: number): boolean {
  return number % (1 / FILTERED_SHARE) === 3;
}

function isRefused(number: number): boolean {
  return number % 100 === 17;
}

/** What is waited for, in milliseconds: by half of the events, and by one of a hundred. */
interface Waits {
  readonly p50: number;
  readonly p99: number;
}

/** Of the events that were due in between: the time from then until they arrived. */
function waitsOf({ taken, takenAt }: Answered, load: PacedLoad, from: number, until: number): Waits {
  const waits = taken
    .map((number, index) => ({ due: load.dueAt(number), at: takenAt[index] ?? Number.NaN }))
    .filter(({ due }) => due >= from && due < until)
    .map(({ due, at }) => at - due);
  return { p50: percentile(waits, 0.5), p99: percentile(waits, 0.99) };
}

function inSeconds(ms: number): string {
  return (ms / 1_000).toFixed(1);
}

function inMs(waits: Waits | undefined): string {
  return waits === undefined ? 'nothing' : `${Math.round(waits.p50)} and ${Math.round(waits.p99)} ms`;
}
