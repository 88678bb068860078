import { once } from 'node:events';
import { createServer } from 'node:http';
import { DESTINATIONS } from '@metarouter/destinations';
import { expect, onTestFinished, test } from 'vitest';
import type { Outcome } from '../delivery/outcome.ts';
import { createSender, type Sender, type Shipment } from '../delivery/sender.ts';
import { systemClock } from '../platform/clock.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { ConnectionTests } from './connection-tests.ts';

const HOOK = 'https://hooks.example.com/';
const KEYS = { siteId: '7c1d9e52a0b34f68', apiKey: 'sesame-sesame' };

/** Tests whose requests are answered by a script, or by being broken off. */
function scripted(answer: (shipment: Shipment) => Promise<Outcome>) {
  const sent: Shipment[] = [];
  let open = 0;
  const sender: Sender = {
    open() {
      open += 1;
      const closed = Promise.withResolvers<Outcome>();
      return {
        send(shipment) {
          sent.push(shipment);
          return Promise.race([answer(shipment), closed.promise]);
        },
        async close() {
          open -= 1;
          closed.resolve({ kind: 'retry', reason: 'broken off' });
        },
      };
    },
  };
  const clock = new VirtualClock();
  const tests = new ConnectionTests({ destinations: DESTINATIONS, sender, clock, newId: () => 'id' });
  return { tests, sent, clock, open: () => open };
}

const answering = (outcome: Outcome) => scripted(() => Promise.resolve(outcome));

test('credentials that the receiver takes work, and no event was sent to find out', async () => {
  const { tests, sent, open } = answering({ kind: 'delivered', status: 200, answer: '{"region":"us"}' });
  expect(await tests.run({ destination: 'customerio', details: KEYS })).toEqual({
    verdict: 'works',
    sentence: 'The keys are right, and the account is in the region United States.',
  });
  expect(sent).toMatchObject([
    { request: { method: 'GET' }, body: '', idempotencyKey: 'test:id', replay: false },
  ]);
  expect(open()).toBe(0);
});

test('a refusal is told with what the destination knows about it, and without what was answered', async () => {
  const { tests } = answering({
    kind: 'misconfigured',
    reason: `HTTP 401: ${KEYS.apiKey} is wrong`,
    status: 401,
    answer: 'internal notes',
  });
  const { verdict, sentence } = await tests.run({ destination: 'customerio', details: KEYS });
  expect(verdict).toBe('fails');
  expect(sentence).toBe('The keys could not be confirmed: HTTP 401: [secret] is wrong.');
});

test('each receiver is asked, and the one that fails is named', async () => {
  const { tests, sent } = scripted(({ request }) =>
    Promise.resolve(
      request.key === '1'
        ? { kind: 'rejected', reason: 'HTTP 400', status: 400 }
        : { kind: 'delivered', status: 204 },
    ),
  );
  const { verdict, sentence } = await tests.run({ destination: 'webhooks', details: { urls: [HOOK, HOOK] } });
  expect({ verdict, sent: sent.length }).toEqual({ verdict: 'fails', sent: 2 });
  expect(sentence).toContain('URL 2: HTTP 400.');
  expect(JSON.parse(String(sent[0]?.body))).toMatchObject({ type: 'test' });
});

test('a receiver that does not answer is not waited for longer than 10 seconds', async () => {
  const { tests, clock, open } = scripted(() => new Promise(() => {}));
  const found = tests.run({ destination: 'webhooks', details: { urls: [HOOK] } });
  await clock.pass(9_999);
  expect(open()).toBe(1);
  await clock.pass(1);
  expect((await found).sentence).toContain('no answer within 10 s');
  expect(open()).toBe(0);
});

test('no more than 10 tests are under way at the same time', async () => {
  const { tests, sent, clock } = scripted(() => new Promise(() => {}));
  const hook = { destination: 'webhooks', details: { urls: [HOOK] } };
  const found = Array.from({ length: 11 }, () => tests.run(hook));
  expect(await found[10]).toMatchObject({
    verdict: 'unchecked',
    sentence: expect.stringMatching('Too many'),
  });
  expect(sent).toHaveLength(10);
  await clock.pass(10_000);
  await Promise.all(found);
  void tests.run(hook);
  expect(sent).toHaveLength(11);
});

test('a stop breaks off what is under way', async () => {
  const { tests } = scripted(() => new Promise(() => {}));
  const found = tests.run({ destination: 'webhooks', details: { urls: [HOOK] } });
  tests.stop();
  expect((await found).sentence).toContain('broken off');
});

test('what cannot be checked from here, or not be used at all, is said without asking anybody', async () => {
  const { tests, sent } = answering({ kind: 'delivered', status: 200 });
  expect(await tests.run({ destination: 'acquisio', details: { apiKey: '123' } })).toEqual({
    verdict: 'unchecked',
    sentence: 'Nothing can be checked from here: Acquisio is reached by browsers, and answers no server.',
  });
  expect(await tests.run({ destination: 'webhooks', details: { urls: [HOOK, 'ftp://x/'] } })).toEqual({
    verdict: 'fails',
    sentence: 'The connection.urls[1] must be an http or https URL without user name and password.',
  });
  await expect(tests.run({ destination: 'unknown', details: {} })).rejects.toThrow('no destination unknown');
  expect(sent).toEqual([]);
});

test('a test goes the guarded way: into the networks that are opened, and into no other', async () => {
  const methods: string[] = [];
  const server = createServer((request, response) => {
    methods.push(`${request.method} ${request.headers['x-test']}`);
    response.end('a page that nobody else may read');
  });
  server.listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const run = (allowPrivate: string[]) => {
    const clock = systemClock;
    const sender = createSender({ clock, allowPrivate, ownPorts: [] });
    const tests = new ConnectionTests({ destinations: DESTINATIONS, sender, clock, newId: () => 'id' });
    return tests.run({ destination: 'webhooks', details: { urls: [`http://127.0.0.1:${port}/`] } });
  };
  const refused = await run([]);
  expect(refused.verdict).toBe('fails');
  expect(refused.sentence).toContain('not sent:');
  expect(methods).toEqual([]);
  expect(await run(['127.0.0.0/8'])).toEqual({
    verdict: 'works',
    sentence: 'The receiver took the test request.',
  });
  expect(methods).toEqual(['POST true']);
});
