import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CATALOGUE, type Example } from '../packages/destinations/src/index.ts';
import { eventually } from './support/eventually.ts';
import { ledgerOf, samplesOf } from './support/metrics.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { type Reply, startVendorReceiver } from './support/vendor-receiver.ts';

const EXAMPLES = CATALOGUE.find(({ destination }) => destination.code === 'customerio')?.examples ?? [];
const CREDENTIALS = { siteId: '7c1d9e52a0b34f68', apiKey: '1f0e9d8c7b6a5f4e3d2c' };
const OK: Reply = { status: 200, text: '{}' };

interface Way {
  readonly writeKey: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A workspace with a source for each way, which leads to Customer.io with these details. */
async function writeWays(directory: string, ways: readonly Way[]): Promise<string> {
  const workspace = {
    version: 1,
    organizations: [
      {
        name: 'Acme',
        connections: ways.map(({ writeKey, details }) => ({
          name: writeKey,
          destination: 'customerio',
          details,
        })),
        sources: ways.map(({ writeKey }) => ({
          name: writeKey,
          platform: 'server',
          writeKey,
          pipelines: [{ name: writeKey, destination: 'customerio', connection: writeKey }],
        })),
      },
    ],
  };
  const path = join(directory, 'workspace.yaml');
  await writeFile(path, JSON.stringify(workspace));
  return path;
}

async function send(url: string, writeKey: string, { type, ...call }: Readonly<Record<string, unknown>>) {
  const headers = { authorization: `Basic ${btoa(`${writeKey}:`)}` };
  const answer = await fetch(`${url}/v1/${type}`, { method: 'POST', headers, body: JSON.stringify(call) });
  expect([answer.status, await answer.text()]).toEqual([200, '{"success":true}']);
}

/** What arrives at a vendor behind `base` when an example is sent. */
function arrivalsOf({ sends }: Example, base: string) {
  const requests = 'skip' in sends || 'refuse' in sends ? [] : sends;
  return requests.map(({ method, url, headers, body }) => ({
    method,
    path: base + new URL(url).pathname,
    authorization: headers.authorization,
    contentType: headers['content-type'],
    body,
  }));
}

test('every example reaches Customer.io as it says: method, path, credentials and body', {
  timeout: 60_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using vendor = await startVendorReceiver(() => OK);
  // Each example has a source and an endpoint of its own, so that it can be sent with the ids that it shows.
  const ways = EXAMPLES.map(({ connection }, index) => ({
    writeKey: `example${index}`,
    details: { ...connection, endpoint: `${vendor.url}/example${index}` },
  }));
  const workspace = await writeWays(directory.path, ways);
  await using server = await startServer({ workspace, data: `${directory.path}/data` });

  for (const [index, { event }] of EXAMPLES.entries()) {
    const { receivedAt: _, ...call } = event;
    await send(server.url, `example${index}`, call);
  }
  const settled = async (state: string) => {
    const samples = samplesOf(await (await fetch(`${server.url}/metrics`)).text());
    return samples
      .filter(({ name, labels }) => name === 'metarouter_ledger' && labels.state === state)
      .reduce((sum, { value }) => sum + value, 0);
  };
  const thatAre = (kind: 'skip' | 'refuse') => EXAMPLES.filter(({ sends }) => kind in sends).length;
  const expected = { filtered: thatAre('skip'), dead: thatAre('refuse') };
  const delivered = EXAMPLES.length - expected.filtered - expected.dead;
  await eventually('all delivered', async () => (await settled('delivered')) === delivered, 20_000);

  expect({ filtered: await settled('filtered'), dead: await settled('dead') }).toEqual(expected);
  for (const [index, example] of EXAMPLES.entries()) {
    const base = `/example${index}`;
    const arrived = vendor.received
      .filter(({ path }) => path.startsWith(`${base}/`))
      .map(({ at: _, attempt: __, ...request }) => request);
    expect(arrived, example.title).toEqual(expect.arrayContaining(arrivalsOf(example, base)));
    expect(arrived, example.title).toHaveLength(arrivalsOf(example, base).length);
  }
});

test('every documented answer has its consequence, and none of them shows the credentials', {
  timeout: 90_000,
}, async () => {
  await using directory = await temporaryDirectory();
  let keysAreGood = true;
  /** What the first request of these users is answered; everything else is taken. */
  const first: Readonly<Record<string, Reply>> = {
    'user-429': { status: 429, headers: { 'retry-after': '2' } },
    'user-500': { status: 500 },
    'user-502': { status: 502 },
    'user-503': { status: 503, headers: { 'retry-after': '1' } },
    'user-cut': 'cut',
  };
  await using vendor = await startVendorReceiver(({ path, attempt, authorization = '' }) => {
    if (!keysAreGood) return { status: 401, text: '{"meta":{"error":"Unauthorized"}}' };
    const [, user = ''] = /customers\/([^/]+)/.exec(path) ?? [];
    // A receiver that repeats what it was sent.
    if (user === 'user-400') return { status: 400, text: `{"meta":{"error":"refused: ${authorization}"}}` };
    return (attempt === 1 ? first[user] : undefined) ?? OK;
  });
  const details = { ...CREDENTIALS, endpoint: vendor.url };
  const workspace = await writeWays(directory.path, [{ writeKey: 'answers', details }]);
  const data = `${directory.path}/data`;
  await using server = await startServer({ workspace, data });
  const clicked = (userId: string) =>
    send(server.url, 'answers', { type: 'track', userId, event: 'Clicked' });
  const of = (user: string) => vendor.received.filter(({ path }) => path.includes(`/${user}/`));
  const settled = (ledger: object) =>
    eventually(
      () => `${JSON.stringify(ledger)}\n${server.output()}`,
      async () => JSON.stringify(await ledgerOf(server.url)) === JSON.stringify(ledger),
      30_000,
    );

  // One event each that fails for itself: the others go on, it comes back, or is kept as a dead letter.
  const users = ['user-200', 'user-400', 'user-500', 'user-502', 'user-503', 'user-cut'];
  for (const user of users) await clicked(user);
  await settled({ accepted: 6, delivered: 5, filtered: 0, dead: 1, pending: 0 });
  expect(users.map((user) => of(user).length)).toEqual([1, 1, 2, 2, 2, 2]);
  const waited = (user: string) => (of(user)[1]?.at ?? 0) - (of(user)[0]?.at ?? 0);
  for (const user of ['user-500', 'user-502', 'user-cut']) expect(waited(user)).toBeGreaterThan(3_900);
  expect(waited('user-503')).toBeGreaterThanOrEqual(1_000);
  expect(waited('user-503')).toBeLessThan(3_900);

  // Too many requests: nobody of this connection sends for as long as is asked.
  await clicked('user-429');
  await eventually('refused', () => of('user-429').length === 1, 10_000);
  await clicked('user-next');
  await settled({ accepted: 8, delivered: 7, filtered: 0, dead: 1, pending: 0 });
  const refusedAt = of('user-429')[0]?.at ?? 0;
  expect((of('user-next')[0]?.at ?? 0) - refusedAt).toBeGreaterThan(1_950);
  expect(waited('user-429')).toBeGreaterThan(1_950);

  // Wrong credentials: the pipeline waits and says why. No event is lost, and none is sent again and again.
  keysAreGood = false;
  for (let number = 1; number <= 5; number += 1) await clicked(`user-401-${number}`);
  await eventually('paused', () => server.output().includes('HTTP 401: the Site ID or the API key'), 10_000);
  keysAreGood = true;
  await settled({ accepted: 13, delivered: 12, filtered: 0, dead: 1, pending: 0 });

  expect((await server.stop()).code).toBe(0);
  const files = await readdir(data, { recursive: true, withFileTypes: true });
  const stored = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'latin1')),
  );
  const kept = `${server.output()}${stored.join('')}`;
  expect(kept).toContain('refused: Basic [secret]');
  for (const secret of [CREDENTIALS.apiKey, btoa(`${CREDENTIALS.siteId}:${CREDENTIALS.apiKey}`)])
    expect(kept).not.toContain(secret);
});
