import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ReplayStatus } from '../../activity/delivery-views.ts';
import { openWithPipeline, type WithPipeline } from '../pipeline.fixture.ts';

const STATUS = '{ success message code id faults { field } }';
const [FROM, TO] = [Date.UTC(2026, 1, 1), Date.UTC(2026, 1, 2)];

let houston: WithPipeline;
beforeAll(async () => {
  houston = await openWithPipeline();
});
afterAll(() => houston[Symbol.asyncDispose]());

const status = (): ReplayStatus => ({
  id: 'replay-1',
  pipeline: houston.pipeline,
  fromTime: FROM,
  untilTime: TO,
  createdAt: TO,
  state: 'running',
  accepted: 5,
  delivered: 1,
  filtered: 1,
  dead: 1,
  pending: 2,
});
const replay = (args: string, token?: string) =>
  houston.ask(
    `mutation { replay(integrationId: "${houston.pipeline}", ${args}) ${STATUS} }`,
    token === undefined ? {} : { token },
  );
const change = (id: string, action: string) =>
  houston.ask(
    `mutation { changeReplay(integrationId: "${houston.pipeline}", replayId: "${id}", action: ${action}) ${STATUS} }`,
  );

test('a replay goes from a time up to another, or up to now, and the audit log says so', async () => {
  houston.lanes.rehearse({ replay: async () => status() });
  const answer = { success: true, id: 'replay-1', message: expect.stringContaining('5 events') };
  expect(await replay(`from: "2026-02-01", to: ${TO}`)).toMatchObject(answer);
  expect(await replay(`from: ${FROM}`)).toMatchObject(answer);
  const now = houston.control.clock.now();
  expect(houston.lanes.asked).toEqual([
    ['replay', { pipeline: houston.pipeline, from: FROM, until: TO }],
    ['replay', { pipeline: houston.pipeline, from: FROM, until: now }],
  ]);
  expect((await houston.audit()).slice(0, 2)).toMatchObject([
    { action: 'pipeline.replayed', details: { from: FROM, until: now, replay: 'replay-1' } },
    {
      action: 'pipeline.replayed',
      target: houston.pipeline,
      targetName: 'Everything',
      details: { until: TO },
    },
  ]);
});

test.each([
  [0, 'The replay has begun: 0 events lie in its range.'],
  [1, 'The replay has begun: 1 event lies in its range.'],
  [2, 'The replay has begun: 2 events lie in its range.'],
])('the answer counts %i in words that fit', async (accepted, message) => {
  houston.lanes.rehearse({ replay: async () => ({ ...status(), accepted }) });
  expect(await replay(`from: ${FROM}`)).toMatchObject({ message });
});

test.each([
  ['that ends where it begins', () => `from: ${FROM}, to: ${FROM}`],
  ['that begins in the future', () => `from: ${houston.control.clock.now() + 1}`],
])('a replay %s is refused', async (_, args) => {
  houston.lanes.rehearse({ replay: async () => status() });
  expect(await replay(args())).toMatchObject({
    success: false,
    code: 'BAD_INPUT',
    faults: [{ field: 'from' }],
  });
  expect(houston.lanes.asked).toEqual([]);
});

test('what does not run is not replayed', async () => {
  houston.lanes.rehearse({ replay: async () => undefined });
  const before = await houston.audit();
  expect(await replay(`from: ${FROM}`)).toMatchObject({ success: false, code: 'CONFLICT', id: null });
  expect(await houston.audit()).toEqual(before);
});

test('the replays of a pipeline are shown, with how far they are', async () => {
  houston.lanes.rehearse({ replays: async () => [status()] });
  const { pipeline, fromTime, untilTime, createdAt, ...shown } = status();
  expect(
    await houston.ask(`{ replays(integrationId: "${houston.pipeline}")
      { id integrationId from to createdAt state accepted delivered filtered dead pending } }`),
  ).toEqual([
    {
      ...shown,
      integrationId: pipeline,
      from: '2026-02-01T00:00:00.000Z',
      to: '2026-02-02T00:00:00.000Z',
      createdAt: '2026-02-02T00:00:00.000Z',
    },
  ]);
  expect(houston.lanes.asked).toEqual([['replays', { pipeline: houston.pipeline }]]);
});

test.each([
  ['PAUSE', 'pause', 'The replay is paused.'],
  ['RESUME', 'resume', 'The replay is running again.'],
  ['CANCEL', 'cancel', 'The replay is cancelled.'],
])('%s is done, and the audit log says so', async (action, to, message) => {
  houston.lanes.rehearse({ replays: async () => [status()], changeReplay: async () => true });
  expect(await change('replay-1', action)).toMatchObject({ success: true, message, id: 'replay-1' });
  expect(houston.lanes.asked.at(-1)).toEqual(['changeReplay', { id: 'replay-1', to }]);
  expect((await houston.audit())[0]).toMatchObject({
    action: `replay.${to}`,
    target: houston.pipeline,
    details: { replay: 'replay-1' },
  });
});

test('a replay that is in no state for it, or of another pipeline, is left as it is', async () => {
  const before = await houston.audit();
  houston.lanes.rehearse({ replays: async () => [status()], changeReplay: async () => false });
  expect(await change('replay-1', 'RESUME')).toMatchObject({ success: false, code: 'CONFLICT' });
  houston.lanes.rehearse({ replays: async () => [status()], changeReplay: async () => true });
  expect(await change('replay-2', 'CANCEL')).toMatchObject({ success: false, code: 'NOT_FOUND' });
  expect(houston.lanes.asked).toEqual([['replays', { pipeline: houston.pipeline }]]);
  expect(await houston.audit()).toEqual(before);
});

test('whoever may only see the source replays nothing', async () => {
  const { token } = await houston.member('ada@example.com', { access: 'VIEW' });
  houston.lanes.rehearse({ replay: async () => status() });
  expect(await replay(`from: ${FROM}`, token)).toMatchObject({ success: false, code: 'FORBIDDEN' });
  expect(houston.lanes.asked).toEqual([]);
});
