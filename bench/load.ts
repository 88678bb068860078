// The load generator, a process of its own: sends prepared requests over raw sockets, one outstanding request per
// connection, for a while; then prints what was answered as one line of JSON (see LoadReport).
//
// It may be held back in two ways. `--rate` lets so many events a second out, each stamped with the moment when it is
// sent. `--receiver` with `--backlog` lets no more events out than have arrived at that receiver, plus the backlog;
// `--deliveries` tells how often each of them arrives.
import { connect } from 'node:net';
import { parseArgs } from 'node:util';
import { machineMs } from './machine-clock.ts';
import { percentile } from './percentile.ts';
import { type PreparedRequest, prepareRequest } from './prepared-request.ts';
import { countAt } from './receiver-figures.ts';

/** How often connections that were held back look whether they may go on, in milliseconds. */
const WAKE_EVERY_MS = 1;
/** How often the receiver is asked how many events have arrived, in milliseconds. */
const LOOK_EVERY_MS = 5;
const SUCCESS = 200;

/** What the load generator prints at its end. Counts leave the warm-up out. */
export interface LoadReport {
  readonly requestsPerSecond: number;
  readonly eventsPerSecond: number;
  /** The time that 99 of 100 requests took at most, from their first byte out to their answer's last one in. */
  readonly p99Ms: number;
  /** Answers with another status than 200. */
  readonly refused: number;
}

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    path: { type: 'string' },
    'write-key': { type: 'string', multiple: true },
    connections: { type: 'string', default: '64' },
    batch: { type: 'string', default: '0' },
    seconds: { type: 'string' },
    'warm-up': { type: 'string', default: '1' },
    rate: { type: 'string' },
    receiver: { type: 'string' },
    backlog: { type: 'string', default: '0' },
    deliveries: { type: 'string', default: '1' },
  },
});

const letsOut = await openGate();
const isStamped = values.rate !== undefined;
const idle: (() => void)[] = [];
let sent = 0;
let requests = 0;
let answeredRequests = 0;
let answeredEvents = 0;
let refused = 0;
let tookMs: number[] = [];
let running = true;

for (let number = 0; number < Number(values.connections); number += 1) {
  const { path = '/', 'write-key': writeKeys = [''] } = values;
  open(prepareRequest({ path, writeKeys, batch: Number(values.batch), number }));
}
setInterval(() => {
  for (const goOn of idle.splice(0)) goOn();
}, WAKE_EVERY_MS);

await seconds(Number(values['warm-up']));
const startedAt = performance.now();
[answeredRequests, answeredEvents, refused, tookMs] = [0, 0, 0, []];
await seconds(Number(values.seconds));
const elapsedSeconds = (performance.now() - startedAt) / 1_000;
running = false;
const report: LoadReport = {
  requestsPerSecond: answeredRequests / elapsedSeconds,
  eventsPerSecond: answeredEvents / elapsedSeconds,
  p99Ms: percentile(tookMs, 0.99),
  refused,
};
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));

/** One connection: sends, waits for the whole answer, sends again. */
function open(request: PreparedRequest): void {
  const socket = connect(Number(values.port), '127.0.0.1', () => send());
  socket.setNoDelay(true);
  socket.on('error', fail);
  socket.on('close', () => running && fail(new Error('The server closed a connection')));
  let pending: Buffer | undefined;
  let sentAt = 0;

  function send(): void {
    if (!running) return;
    if (sent + request.events > letsOut()) {
      idle.push(send);
      return;
    }
    sent += request.events;
    request.renew(requests++);
    if (isStamped) request.stamp(machineMs());
    sentAt = performance.now();
    socket.write(request.bytes);
  }

  socket.on('data', (chunk) => {
    pending = pending === undefined ? chunk : Buffer.concat([pending, chunk]);
    const status = wholeAnswer(pending);
    if (status === undefined) return;
    pending = undefined;
    answeredRequests += 1;
    tookMs.push(performance.now() - sentAt);
    if (status === SUCCESS) answeredEvents += request.events;
    else refused += 1;
    send();
  });
}

/** The status of the answer that these bytes hold, or undefined while some of it is still on its way. */
function wholeAnswer(bytes: Buffer): number | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`An answer without a length:\n${head}`);
  return bytes.length < headEnd + 4 + Number(length) ? undefined : Number(head.slice(9, 12));
}

/** How many events may have been sent by now, at most. */
async function openGate(): Promise<() => number> {
  if (values.rate !== undefined) {
    const [perSecond, openedAt] = [Number(values.rate), performance.now()];
    return () => ((performance.now() - openedAt) / 1_000) * perSecond;
  }
  if (values.receiver === undefined) return () => Number.POSITIVE_INFINITY;
  const port = Number(values.receiver);
  const { count: atStart } = await countAt(port);
  let arrived = 0;
  void (async () => {
    for (;;) {
      arrived = (await countAt(port)).count - atStart;
      await seconds(LOOK_EVERY_MS / 1_000);
    }
  })().catch(fail);
  return () => (arrived + Number(values.backlog)) / Number(values.deliveries);
}

function seconds(count: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, count * 1_000));
}

function fail(cause: unknown): void {
  if (!running) return;
  process.stderr.write(`The load generator failed: ${String(cause)}\n`);
  process.exit(1);
}
