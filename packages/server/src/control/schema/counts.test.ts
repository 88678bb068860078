import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HourCount } from '../../activity/event-views.ts';
import { VirtualClock } from '../../platform/virtual-clock.ts';
import { type Houston, openHouston } from '../houston.fixture.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A Thursday. */
const NOW = Date.UTC(2026, 9, 15, 10, 30);

let houston: Houston;
beforeAll(async () => {
  houston = await openHouston(undefined, { clock: new VirtualClock(NOW - 1) });
});
afterAll(() => houston[Symbol.asyncDispose]());

const iso = (time: number) => new Date(time).toISOString();

/** The answer, and what the lanes were asked. */
async function counts(args: string, answer: readonly HourCount[] = []) {
  const { lanes, ask, control } = houston;
  lanes.rehearse({ counts: async () => answer });
  const answered = await ask(`{ eventCounts(appId: "${control.source}", ${args})
    { at integrationId type outcome reason count } }`);
  return { answered, asked: lanes.asked[0]?.[1] };
}

test.each([
  ['HOUR', Date.UTC(2026, 9, 14, 10), 1],
  ['DAY', Date.UTC(2026, 8, 14), 24],
  ['WEEK', Date.UTC(2026, 6, 13), 24],
  ['MONTH', Date.UTC(2025, 9, 1), 24],
])('by %s, who does not say from when gets whole periods up to now', async (period, from, step) => {
  const { source } = houston.control;
  expect((await counts(`period: ${period}`)).asked).toEqual({ source, from, until: NOW + 1, step });
});

test.each([
  ['HOUR', iso(Date.UTC(2026, 9, 1, 3, 59)), Date.UTC(2026, 9, 1, 3)],
  ['DAY', iso(Date.UTC(2026, 9, 1, 3, 59)), Date.UTC(2026, 9, 1)],
  ['WEEK', iso(Date.UTC(2026, 9, 11, 23, 59)), Date.UTC(2026, 9, 5)],
  ['MONTH', iso(Date.UTC(2026, 1, 28, 23, 59)), Date.UTC(2026, 1, 1)],
])(
  'by %s, the period in which `from` lies is the first one, and that of `to` the last',
  async (period, given, from) => {
    const to = Date.UTC(2026, 9, 14, 12, 30);
    const { asked } = await counts(`period: ${period}, from: "${given}", to: "${iso(to)}"`);
    expect(asked).toMatchObject({ from, until: to + 1 });
  },
);

test('the longest range may begin within a period', async () => {
  for (const [period, days] of [
    ['HOUR', 32],
    ['DAY', 400],
    ['MONTH', 400],
  ] as const) {
    const from = NOW - days * DAY_MS;
    expect((await counts(`period: ${period}, from: ${from}`)).asked).toBeDefined();
    expect((await counts(`period: ${period}, from: ${from - 1}`)).answered).toMatchObject({
      errors: [
        {
          message: `from must be at most ${days} days before to.`,
          extensions: { code: 'BAD_INPUT', faults: [{ field: 'from' }] },
        },
      ],
    });
  }
});

test('a range that ends before it begins is refused, in one hour too', async () => {
  const { answered, asked } = await counts(`period: HOUR, from: ${NOW}, to: ${NOW - 1}`);
  expect(answered).toMatchObject({
    errors: [{ extensions: { code: 'BAD_INPUT', faults: [{ field: 'from' }] } }],
  });
  expect(asked).toBeUndefined();
  expect((await counts(`period: HOUR, from: ${NOW}, to: ${NOW}`)).asked).toBeDefined();
  expect((await counts('period: MONTH, to: 1000')).asked).toMatchObject({ from: 0, until: 1_001 });
});

test('counts are added up over the period, by pipeline, type, outcome and reason, in order of time', async () => {
  const [first, second] = [Date.UTC(2026, 9, 1), Date.UTC(2026, 9, 2)];
  const track = { type: 'track', outcome: 'accepted' } as const;
  const { answered } = await counts('period: MONTH', [
    { at: second, ...track, count: 2 },
    { at: first, ...track, count: 1 },
    { at: first, outcome: 'rejected', reason: 'invalid_event', count: 4 },
    { at: Date.UTC(2026, 8, 30), ...track, pipeline: 'p', outcome: 'delivered', count: 3_000_000_000 },
  ]);
  const nothing = { integrationId: null, type: null, reason: null };
  expect(answered).toEqual([
    {
      ...nothing,
      at: iso(Date.UTC(2026, 8, 1)),
      integrationId: 'p',
      type: 'track',
      outcome: 'delivered',
      count: 3e9,
    },
    { ...nothing, at: iso(first), ...track, count: 3 },
    { ...nothing, at: iso(first), outcome: 'rejected', reason: 'invalid_event', count: 4 },
  ]);
});

test("the ledger has the rows of the source, and nobody else's", async () => {
  const { source } = houston.control;
  const row = { pipeline: 'p', accepted: 3e9, delivered: 1, filtered: 1, dead: 1, pending: 3e9 - 3 };
  houston.lanes.rehearse({
    ledger: async () => [
      { ...row, source },
      { ...row, source: 'other', pipeline: 'foreign' },
    ],
  });
  const { pipeline, ...numbers } = row;
  expect(
    await houston.ask(
      `{ ledger(appId: "${source}") { integrationId accepted delivered filtered dead pending } }`,
    ),
  ).toEqual([{ integrationId: pipeline, ...numbers }]);
});
