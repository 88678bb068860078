import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventTrace, PipelineTrace } from '../../activity/delivery-views.ts';
import type { Asking } from '../houston.fixture.ts';
import { openWithPipeline, type WithPipeline } from '../pipeline.fixture.ts';

let houston: WithPipeline;
beforeAll(async () => {
  houston = await openWithPipeline();
});
afterAll(() => houston[Symbol.asyncDispose]());

const REQUEST = { method: 'POST', url: 'https://receiver.example/', body: '{}' };
const waiting: PipelineTrace = {
  pipeline: 'p',
  partition: 0,
  replay: '',
  name: 'Everything',
  destination: 'webhooks',
  outcome: 'waiting',
  attempts: 2,
  waits: { state: 'retry', dueInMs: 1_500 },
  requests: [REQUEST],
  notes: ['a note'],
  exchanges: [
    { request: REQUEST, attempt: 1, events: 3, at: 2_000, tookMs: 20, status: 503, answer: 'Busy' },
  ],
};
const record = (receivedAt: number, isRepeat: boolean): EventTrace => ({
  source: houston.control.source,
  messageId: 'm1',
  position: receivedAt,
  sequence: 0,
  receivedAt,
  isRepeat,
  event: '{"type":"track"}',
  pipelines: isRepeat ? [] : [waiting, { ...waiting, replay: 'r1', outcome: 'delivered' }],
});
const trace = (asking: Asking = {}) =>
  houston.ask(
    `{ event(appId: "${houston.control.source}", messageId: "m1") { appId messageId receivedAt repeats event
    pipelines { integrationId replayId name integrationCode outcome rule reason status answer attempts waitsFor dueInMs
      requests { method url body } notes
      exchanges { request { url } attempt events at tookMs status reason answer } } } }`,
    asking,
  );

test('an event is shown with each step of it, and with the times at which it was repeated', async () => {
  houston.lanes.rehearse({
    trace: async () => [record(1_000, true), record(2_000, false), record(3_000, true)],
  });
  expect(await trace()).toEqual({
    appId: houston.control.source,
    messageId: 'm1',
    receivedAt: '1970-01-01T00:00:02.000Z',
    repeats: ['1970-01-01T00:00:01.000Z', '1970-01-01T00:00:03.000Z'],
    event: '{"type":"track"}',
    pipelines: [
      {
        integrationId: 'p',
        replayId: null,
        name: 'Everything',
        integrationCode: 'webhooks',
        outcome: 'waiting',
        rule: null,
        reason: null,
        status: null,
        answer: null,
        attempts: 2,
        waitsFor: 'retry',
        dueInMs: 1_500,
        requests: [REQUEST],
        notes: ['a note'],
        exchanges: [
          {
            request: { url: REQUEST.url },
            attempt: 1,
            events: 3,
            at: '1970-01-01T00:00:02.000Z',
            tookMs: 20,
            status: 503,
            reason: null,
            answer: 'Busy',
          },
        ],
      },
      expect.objectContaining({ replayId: 'r1', outcome: 'delivered' }),
    ],
  });
  expect(houston.lanes.asked).toEqual([['trace', { source: houston.control.source, messageId: 'm1' }]]);
});

test('of an event whose first record is gone, the oldest repeat is shown', async () => {
  houston.lanes.rehearse({ trace: async () => [record(1_000, true), record(3_000, true)] });
  expect(await trace()).toMatchObject({
    receivedAt: '1970-01-01T00:00:01.000Z',
    repeats: ['1970-01-01T00:00:03.000Z'],
  });
});

test('an event that never came is null', async () => {
  houston.lanes.rehearse({ trace: async () => [] });
  expect(await trace()).toBeNull();
});

test('who may not see into connections is not shown where requests go', async () => {
  houston.lanes.rehearse({ trace: async () => [record(2_000, false)] });
  const { token } = await houston.member('user@example.com');
  const shown = await trace({ token });
  expect(shown).toMatchObject({ pipelines: [{ requests: [{ method: 'POST', url: null }] }, {}] });
  expect(JSON.stringify(shown)).not.toContain('receiver.example');
});
