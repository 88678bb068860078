import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seededRandom } from '../packages/server/src/platform/seeded-random.ts';
import { eventually } from './support/eventually.ts';
import { startFragileReceiver } from './support/fragile-receiver.ts';
import { freePort } from './support/free-port.ts';
import { watchLedgers } from './support/ledger-watch.ts';
import { type Setback, startPatientClient } from './support/patient-client.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { messageIdsInLog } from './support/segment-log.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { writeWorkspace } from './support/workspace-file.ts';

/** `npm run prove` restarts 50 times. */
const RESTARTS = Number(process.env.METAROUTER_PROVE_ROLLING ?? 4);
/** The moment of each restart follows from this alone; it is printed, and may be set to look at a run again. */
const SEED = Number(process.env.METAROUTER_PROVE_SEED ?? Date.now() % 2 ** 32);
/** A restart comes at any moment from ready to this much later. */
const LIFE_MS_MAX = 1_000;
/** What is promised to who runs it: an orchestrator's usual patience. */
const STOP_MS_MAX = 30_000;
/** About 500 requests a second. */
const CLIENTS = 8;
const BETWEEN_REQUESTS_MS = 16;
/** What was answered just before the server became ready may be read just after. */
const ON_ITS_WAY_MS = 100;
const DRAIN_TIMEOUT_MS = 30_000;

test.each([
  { title: 'all destinations well', restarts: RESTARTS, hanging: false },
  // Each of these waits for answers that do not come, for as long as a stop may.
  { title: 'one destination hanging', restarts: Math.ceil(RESTARTS / 5), hanging: true },
])(
  '$restarts restarts at load, $title: clients see none of them, and nothing is lost or sent twice',
  {
    timeout: RESTARTS * 15_000 + DRAIN_TIMEOUT_MS + 60_000,
  },
  async ({ title, restarts, hanging }) => {
    const random = seededRandom(SEED);
    await using directory = await temporaryDirectory();
    await using opened = new AsyncDisposableStack();
    const receiver = opened.use(await startRecordingReceiver());
    const hanged = opened.use(await startFragileReceiver());
    if (hanging) await hanged.become('hanging');
    const hooks = hanging ? [receiver.url, hanged.url] : [receiver.url];
    const data = `${directory.path}/data`;
    const options = {
      workspace: await writeWorkspace(directory.path, { hooks }),
      data,
      port: await freePort(),
    };
    let server = await startServer(options);
    opened.defer(() => server[Symbol.asyncDispose]());
    const ledgers = opened.use(watchLedgers(() => server.url));
    const load = startPatientLoad(() => server.url);
    opened.defer(() => load.stop());

    const gaps: Gap[] = [];
    for (let restart = 0; restart < restarts; restart += 1) {
      await pause(random() * LIFE_MS_MAX);
      const askedAt = performance.now();
      expect(await server.stop(), server.output()).toEqual({ code: 0, signal: null });
      const endedAt = performance.now();
      server = await startServer(options);
      gaps.push({ askedAt, endedAt, readyAt: performance.now() });
    }
    await load.stop();
    const missing = () => load.acknowledged.difference(receiver.delivered).size;
    await eventually(
      () => `delivered: ${missing()} events (seed ${SEED})`,
      () => missing() === 0,
      DRAIN_TIMEOUT_MS,
    );
    await ledgers.stop();
    expect((await server.stop()).code, server.output()).toBe(0);

    const stored = await messageIdsInLog(data);
    const slowestMs = Math.max(...gaps.map(({ askedAt, endedAt }) => endedAt - askedAt));
    const repeats = receiver.deliveries.length - receiver.delivered.size;
    const seen = load.setbacks().filter((setback) => !gaps.some((gap) => explains(gap, setback)));
    process.stdout.write(
      `rolling restarts ${restarts} (seed ${SEED}), ${title}: ${load.acknowledged.size} events acknowledged, ` +
        `${load.setbacks().length} requests sent again, ${seen.length} of them for what a client should not see, ` +
        `${stored.length - load.acknowledged.size} stored without an answer, ${repeats} delivered twice; ` +
        `stops took at most ${Math.round(slowestMs)} ms; ` +
        `${ledgers.wrong.length} of ${ledgers.seen()} ledgers wrong\n`,
    );
    expect(load.acknowledged.size).toBeGreaterThan(0);
    expect(seen.slice(0, 3)).toEqual([]);
    // Who got no answer had not been heard: no request was cut off once it was stored.
    expect(stored.length).toBe(load.acknowledged.size);
    expect(repeats).toBe(0);
    expect(slowestMs).toBeLessThan(STOP_MS_MAX);
    expect(ledgers.wrong.slice(0, 3)).toEqual([]);
  },
);

/** From the signal to the end of one server, and on until the next was ready. Milliseconds on a clock that only grows. */
interface Gap {
  readonly askedAt: number;
  readonly endedAt: number;
  readonly readyAt: number;
}

/**
 * What happens to the clients of any server that goes away and comes back: the port is closed, or is open before events
 * are taken, and a connection is closed while its next request, or its first, is still on the way. Each SDK answers it
 * by sending again. That a request had been heard before its connection was closed would show in the log.
 */
function explains(gap: Gap, { at, status, code, began }: Setback): boolean {
  if (at < gap.askedAt || at > gap.readyAt + ON_ITS_WAY_MS) return false;
  const isClosed = code === 'ECONNREFUSED';
  const wasNotHeard = !began && (code === 'ECONNRESET' || code === 'EPIPE');
  const isStarting = status === 503 && at > gap.endedAt;
  return isClosed || wasNotHeard || isStarting;
}

/**
 * Clients that send one request after the other, each until it is acknowledged. Two events of one user in each: the second
 * waits behind the first, whatever becomes of others meanwhile.
 */
function startPatientLoad(url: () => string) {
  const acknowledged = new Set<string>();
  const clients = Array.from({ length: CLIENTS }, () => startPatientClient(url));
  let stopping = false;
  const sending = clients.map(async (client) => {
    while (!stopping) {
      const messageIds = [randomUUID(), randomUUID()];
      const userId = messageIds[0]?.slice(0, 2);
      const events = messageIds.map((messageId) => ({ type: 'track', messageId, userId, event: 'Tea Made' }));
      await Promise.all([client.send(events), pause(BETWEEN_REQUESTS_MS)]);
      for (const messageId of messageIds) acknowledged.add(messageId);
    }
    client.close();
  });
  const sent = Promise.all(sending);
  sent.catch(() => undefined);
  return {
    acknowledged,
    setbacks: () => clients.flatMap(({ setbacks }) => setbacks),
    async stop() {
      stopping = true;
      await sent;
    },
  };
}
