import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { describeWith, installedProgram } from './support/real-part.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { pathOf, type TracedCall, tracedCalls } from './support/traced-calls.ts';
import { WRITE_KEY, writeWorkspace } from './support/workspace-file.ts';

/** `npm run prove` looks at 1,000 requests. */
const REQUESTS = Number(process.env.METAROUTER_PROVE_SYNCS ?? 100);
const CALLS = 'write,writev,pwrite64,pwritev,pwritev2,fdatasync,fsync,sendto,sendmsg';
/** Longer than any record of this test: what strace cuts off could hide the messageId. */
const STRING_BYTES = 8_192;

/** What one request's answer stood on. Line numbers of the trace; undefined for what was not there. */
interface Order {
  readonly messageId: string;
  readonly written: number | undefined;
  readonly synced: number | undefined;
  readonly answered: number | undefined;
}

/** For requests sent one after the other to `port`: when each was written, was synced, and began to be answered. */
function ordersOf(
  calls: readonly TracedCall[],
  data: string,
  port: number,
  messageIds: readonly string[],
): Order[] {
  const writes = calls.filter((call) => pathOf(call)?.startsWith(data) && /^p?write/.test(call.name));
  const syncs = calls.filter((call) => /sync$/.test(call.name) && call.result === 0);
  const answers = calls.filter(
    ({ text }) =>
      text.includes(`127.0.0.1:${port}->`) && text.includes('HTTP/1.1 200') && text.includes('success'),
  );
  return messageIds.map((messageId, index) => {
    const write = writes.find(({ text }) => text.includes(messageId));
    const sync = write && syncs.find((call) => call.began > write.ended && pathOf(call) === pathOf(write));
    return { messageId, written: write?.ended, synced: sync?.ended, answered: answers[index]?.began };
  });
}

/** The requests that were answered before, or without, a finished sync of what had been written. */
function tooEarly(orders: readonly Order[]): readonly Order[] {
  return orders.filter(({ written, synced, answered }) => {
    if (written === undefined || synced === undefined || answered === undefined) return true;
    return !(written < synced && synced < answered);
  });
}

describeWith('the order of sync and answer', 'strace', installedProgram('strace'), (strace) => {
  test(`none of ${REQUESTS} answers leaves before fdatasync of its record has returned`, {
    timeout: 60_000 + REQUESTS * 100,
  }, async () => {
    await using directory = await temporaryDirectory();
    const data = `${directory.path}/data`;
    const trace = `${directory.path}/trace`;
    const workspace = await writeWorkspace(directory.path);
    // -D makes the tracer the grandchild, so that the process started is the server itself.
    const under = [
      strace,
      '-D',
      '-f',
      '-v',
      '-yy',
      '-s',
      String(STRING_BYTES),
      '-e',
      `trace=${CALLS}`,
      '-o',
      trace,
    ];
    await using server = await startServer({ workspace, data, under });
    const messageIds = Array.from(
      { length: REQUESTS },
      (_, index) => `in-order-${String(index).padStart(6, '0')}`,
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (const messageId of messageIds) expect(await track(server.port, agent, messageId)).toBe(200);
    agent.destroy();
    await server.stop();
    const lines = () => readFile(trace, 'utf8');
    const lastLine = new RegExp(`^${server.pid} +\\+\\+\\+ exited`, 'm');
    await eventually('the whole trace', async () => lastLine.test(await lines()), 10_000);

    const orders = ordersOf(tracedCalls(await lines()), data, server.port, messageIds);
    process.stdout.write(`answers before their sync: ${tooEarly(orders).length} of ${orders.length}\n`);
    expect(tooEarly(orders)).toEqual([]);
  });
});

describe('the reading of a trace', () => {
  const order = (...lines: string[]) =>
    tooEarly(ordersOf(tracedCalls(lines.join('\n')), '/data', 8080, ['m-1']));
  const write =
    '7 writev(20</data/log/1.segment>, [{iov_base="\\1\\0{\\"messageId\\":\\"m-1\\"}", iov_len=24}], 1) = 24';
  const sync = '7 fdatasync(20</data/log/1.segment>) = 0';
  const answer =
    '6 write(24<TCP:[127.0.0.1:8080->127.0.0.1:50000]>, "HTTP/1.1 200 OK\\r\\n\\r\\n{\\"success\\":true}", 38) = 38';

  test('finds no fault when the sync returned before the answer began', () => {
    expect(order(write, sync, answer)).toEqual([]);
    expect(
      order(
        write,
        '7 fdatasync(20</data/log/1.segment> <unfinished ...>',
        '7 <... fdatasync resumed>) = 0',
        answer,
      ),
    ).toEqual([]);
  });

  test.each([
    ['the answer overtakes the sync', [write, answer, sync]],
    [
      'the answer leaves while the sync runs',
      [
        write,
        '7 fdatasync(20</data/log/1.segment> <unfinished ...>',
        answer,
        '7 <... fdatasync resumed>) = 0',
      ],
    ],
    ['the sync failed', [write, sync.replace('= 0', '= -1 EIO (Input/output error)'), answer]],
    ['another file was synced', [write, sync.replace('1.segment', '2.segment'), answer]],
    ['nothing was synced', [write, answer]],
    ['the sync came before the write', [sync, write, answer]],
  ])('finds the fault when %s', (_, lines) => {
    expect(order(...lines)).toHaveLength(1);
  });
});

/** Sends one track call and resolves with the status once the whole answer is read. */
function track(port: number, agent: Agent, messageId: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const call = request({ host: '127.0.0.1', port, path: '/v1/track', method: 'POST', agent, headers });
    call.on('error', reject);
    call.on('response', (response) => text(response).then(() => resolve(response.statusCode ?? 0), reject));
    call.end(JSON.stringify({ writeKey: WRITE_KEY, messageId, userId: 'ada', event: 'In Order' }));
  });
}
