import { expect, test } from 'vitest';
import { listen, loseState, openLog, threadData } from './lane-thread.fixture.ts';
import { QUESTIONS } from './messages.ts';
import { startRouterThread } from './router-client.ts';

const QUIET = { report: () => {}, onFailure: () => {}, onDeath: () => {} };

test('an event in the log reaches its receiver through the lane thread, which says so and stops', async () => {
  const { url, received } = await listen();
  const { accept, ...place } = await openLog();
  expect(await accept('m')).toEqual({ kind: 'stored' });

  const thread = await startRouterThread({ ...threadData(place, url), ...QUIET });
  await expect
    .poll(async () => (await thread.ask(QUESTIONS.snapshot, undefined)).lanes[0])
    .toMatchObject({ delivered: 1, window: 0 });
  expect(received).toEqual(['m']);

  await thread.stop();
  await expect(thread.ask(QUESTIONS.snapshot, undefined)).rejects.toThrow('ended');
});

test('a thread that cannot start says why', async () => {
  const place = await openLog();
  const { url } = await listen();
  loseState(place.directory);
  await expect(startRouterThread({ ...threadData(place, url), ...QUIET })).rejects.toThrow(
    'lane thread failed',
  );
});

test('what the lanes refuse is told to whoever asked, and nobody else', async () => {
  const { url } = await listen();
  const thread = await startRouterThread({ ...threadData(await openLog(), url), ...QUIET });
  const unknown = { ...QUESTIONS.alive, name: 'nonsense' };
  await expect(thread.ask(unknown, undefined)).rejects.toThrow("the lanes have no answer to 'nonsense'");
  expect(await thread.ask(QUESTIONS.alive, undefined)).toBeUndefined();
  await thread.stop();
});

test('what is tried out is answered through the lane thread: nothing is counted, and a test reaches the receiver', async () => {
  const { url, received } = await listen();
  const thread = await startRouterThread({ ...threadData(await openLog(), url), ...QUIET });
  const event = JSON.stringify({ type: 'track', event: 'Seen', userId: 'ada' });
  expect(await thread.ask(QUESTIONS.preview, { pipeline: 'p', event })).toMatchObject({
    outcome: 'send',
    requests: [{ method: 'POST', url }],
  });
  expect(await thread.ask(QUESTIONS.preview, { pipeline: 'unknown', event })).toBeUndefined();
  expect(received).toEqual([]);
  const connection = { destination: 'webhooks', details: { urls: [url] } };
  expect(await thread.ask(QUESTIONS.testConnection, connection)).toEqual({
    verdict: 'works',
    sentence: 'The receiver took the test request.',
  });
  expect(received).toHaveLength(1);
  expect((await thread.ask(QUESTIONS.snapshot, undefined)).lanes[0]).toMatchObject({
    sequence: 0,
    delivered: 0,
  });
  await thread.stop();
});
