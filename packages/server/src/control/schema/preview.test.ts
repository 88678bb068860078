import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Asking } from '../houston.fixture.ts';
import { openWithPipeline, type WithPipeline } from '../pipeline.fixture.ts';

let houston: WithPipeline;
beforeAll(async () => {
  houston = await openWithPipeline();
});
afterAll(() => houston[Symbol.asyncDispose]());

const preview = (asking: Asking = {}) =>
  houston.ask(
    `{ preview(integrationId: "${houston.pipeline}", event: { type: "track" })
    { outcome rule reason method url body notes } }`,
    asking,
  );

test('each request that would be sent is shown, with what would be left out', async () => {
  const request = { method: 'POST', url: 'https://receiver.example/', body: '{}' };
  houston.lanes.rehearse({
    preview: async () => ({
      outcome: 'send',
      requests: [request, { ...request, body: undefined }],
      notes: ['a'],
    }),
  });
  const shown = { outcome: 'send', rule: null, reason: null, notes: ['a'] };
  expect(await preview()).toEqual([
    { ...shown, ...request },
    { ...shown, ...request, body: null },
  ]);
  expect(houston.lanes.asked).toEqual([
    ['preview', { pipeline: houston.pipeline, event: '{"type":"track"}' }],
  ]);
});

test('where nothing would be sent, one entry says why', async () => {
  houston.lanes.rehearse({
    preview: async () => ({
      outcome: 'filtered',
      rule: 'Orders only',
      reason: 'why',
      requests: [],
      notes: [],
    }),
  });
  const nothing = { method: null, url: null, body: null, notes: [] };
  expect(await preview()).toEqual([{ ...nothing, outcome: 'filtered', rule: 'Orders only', reason: 'why' }]);
});

test('a pipeline that does not run has no preview', async () => {
  houston.lanes.rehearse({ preview: async () => undefined });
  expect(await preview()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
});

test('who may not see into connections is not shown where a request would go', async () => {
  const request = { method: 'POST', url: 'https://receiver.example/hook?token=c4n4ry', body: '{}' };
  houston.lanes.rehearse({ preview: async () => ({ outcome: 'send', requests: [request], notes: [] }) });
  const { token } = await houston.member('user@example.com');
  expect(await preview({ token })).toMatchObject([
    { outcome: 'send', method: 'POST', url: null, body: '{}' },
  ]);
  expect(await preview()).toMatchObject([{ url: request.url }]);
});
