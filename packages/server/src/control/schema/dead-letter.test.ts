import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DeadLetterView } from '../../activity/delivery-views.ts';
import { valueAt } from '../houston.fixture.ts';
import { openWithPipeline, type WithPipeline } from '../pipeline.fixture.ts';

const STATUS = '{ success message code id faults { field } }';
const AT = Date.UTC(2026, 2, 1);

let houston: WithPipeline;
beforeAll(async () => {
  houston = await openWithPipeline();
});
afterAll(() => houston[Symbol.asyncDispose]());

const letter = (id: number): DeadLetterView => ({
  id,
  pipeline: houston.pipeline,
  partition: 0,
  replay: '',
  state: 'dead',
  count: 1,
  reason: 'refused',
  attempts: 3,
  at: AT,
});
const page = (args = '') =>
  houston.ask(`{ deadLetters(integrationId: "${houston.pipeline}"${args})
    { nodes { id state messageId count reason status attempts at answer event } pageInfo { hasNextPage endCursor } } }`);
const redeliver = (args = '', token?: string) =>
  houston.ask(
    `mutation { redeliver(integrationId: "${houston.pipeline}"${args}) ${STATUS} }`,
    token === undefined ? {} : { token },
  );

test('a dead letter is shown with what is known of it', async () => {
  const whole = { messageId: 'm', status: 410, answer: 'Gone', event: '{}' };
  houston.lanes.rehearse({ deadLetters: async () => [{ ...letter(8), ...whole }, letter(7)] });
  const shown = { state: 'dead', count: 1, reason: 'refused', attempts: 3, at: '2026-03-01T00:00:00.000Z' };
  expect(await page()).toEqual({
    nodes: [
      { ...shown, ...whole, id: '8' },
      { ...shown, id: '7', messageId: null, status: null, answer: null, event: null },
    ],
    pageInfo: { hasNextPage: false, endCursor: null },
  });
  const choice = { pipeline: houston.pipeline };
  expect(houston.lanes.asked).toEqual([['deadLetters', { choice, first: 51 }]]);
});

test('page after page shows each dead letter once', async () => {
  const letters = [5, 4, 3, 2, 1].map(letter);
  houston.lanes.rehearse({
    deadLetters: async ({ first, before = Number.POSITIVE_INFINITY }) =>
      letters.filter(({ id }) => id < before).slice(0, first),
  });
  const seen: unknown[] = [];
  let after = '';
  do {
    const answer = await page(`, first: 2, reason: "refused"${after}`);
    seen.push(valueAt(answer, 'nodes'));
    const cursor = valueAt(answer, 'pageInfo', 'endCursor');
    after = cursor === null ? '' : `, after: "${cursor}"`;
  } while (after !== '');
  expect(seen).toMatchObject([[{ id: '5' }, { id: '4' }], [{ id: '3' }, { id: '2' }], [{ id: '1' }]]);
  const choice = { pipeline: houston.pipeline, reason: 'refused' };
  expect(houston.lanes.asked).toEqual([
    ['deadLetters', { choice, first: 3 }],
    ['deadLetters', { choice, first: 3, before: 4 }],
    ['deadLetters', { choice, first: 3, before: 2 }],
  ]);
});

test('the reasons are told with their numbers', async () => {
  houston.lanes.rehearse({ reasons: async () => [{ reason: 'refused', count: 3_000_000_000 }] });
  const query = `{ deadLetterReasons(integrationId: "${houston.pipeline}") { reason count } }`;
  expect(await houston.ask(query)).toEqual([{ reason: 'refused', count: 3_000_000_000 }]);
  expect(houston.lanes.asked).toEqual([['reasons', houston.pipeline]]);
});

test.each([
  ['all of a pipeline', '', {}, { reason: null, named: null }],
  ['those of a reason', ', reason: "refused"', { reason: 'refused' }, { reason: 'refused', named: null }],
  ['named ones', ', deadLetterIds: ["7", 8]', { ids: [7, 8] }, { reason: null, named: 2 }],
  ['none, when none are named', ', deadLetterIds: []', { ids: [] }, { reason: null, named: 0 }],
  [
    'all, when nothing is said twice',
    ', deadLetterIds: null, reason: null',
    {},
    { reason: null, named: null },
  ],
])('redelivered are %s, and the audit log says so', async (_, args, choice, details) => {
  houston.lanes.rehearse({ redeliver: async () => 2 });
  expect(await redeliver(args)).toMatchObject({
    success: true,
    message: '2 dead letters are delivered once more.',
    id: houston.pipeline,
  });
  expect(houston.lanes.asked).toEqual([['redeliver', { pipeline: houston.pipeline, ...choice }]]);
  expect((await houston.audit())[0]).toMatchObject({
    action: 'pipeline.redelivered',
    target: houston.pipeline,
    targetName: 'Everything',
    details: { count: 2, ...details },
  });
});

test.each([
  ['an id that is none', ', deadLetterIds: ["7", "x"]', 'deadLetterIds[1]'],
  ['an id below zero', ', deadLetterIds: ["-7"]', 'deadLetterIds[0]'],
  ['too many ids', `, deadLetterIds: [${Array(1_001).fill(7).join(',')}]`, 'deadLetterIds'],
])('%s is refused, and nothing is delivered', async (_, args, field) => {
  houston.lanes.rehearse({ redeliver: async () => 1 });
  const before = await houston.audit();
  expect(await redeliver(args)).toMatchObject({ success: false, code: 'BAD_INPUT', faults: [{ field }] });
  expect(houston.lanes.asked).toEqual([]);
  expect(await houston.audit()).toEqual(before);
});

test('whoever may only see the source redelivers nothing', async () => {
  const { token } = await houston.member('ada@example.com', { access: 'VIEW' });
  houston.lanes.rehearse({ redeliver: async () => 1 });
  expect(await redeliver('', token)).toMatchObject({ success: false, code: 'FORBIDDEN' });
  expect(houston.lanes.asked).toEqual([]);
});
