import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DAY, dataDirectory, HOUR, ids, NOW, verdicts } from './repeats.fixture.ts';

const YEARS = 10 * 365 * DAY;

test.each([
  [DAY - 60_000, true],
  [DAY - 1, true],
  [DAY, false],
  [DAY + 60_000, false],
  [-DAY + 1, true],
  [-DAY, false],
])('the same message id %i ms later is a repeat: %s', (laterMs, isRepeat) => {
  const repeats = dataDirectory().start();
  expect(verdicts(repeats, ['m'])).toEqual([false]);
  expect(verdicts(repeats, ['m'], NOW + laterMs)).toEqual([isRepeat]);
});

test('a repeat does not extend the window, and an event that was routed again begins a new one', () => {
  const repeats = dataDirectory().start();
  const times = [0, DAY - 1, DAY, 2 * DAY - 1, 2 * DAY];
  expect(times.map((time) => repeats.isRepeat('s', 'm', NOW + time))).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
});

test('the same message id of another source is no repeat', () => {
  const repeats = dataDirectory().start();
  expect([repeats.isRepeat('one', 'm', NOW), repeats.isRepeat('two', 'm', NOW)]).toEqual([false, false]);
  // Neither do a source and an id that only look the same when they are put together.
  expect(repeats.isRepeat('on', 'em', NOW)).toBe(false);
});

test.each([
  ['', 'm'],
  ['m', 'm\0'],
  ['ab', 'a'],
  ['\u0100', '\u0001'],
  ['\ud83d', '\ude00'],
  ['x'.repeat(9_999), 'x'.repeat(9_998)],
])('message ids that are nearly the same are not the same', (one, other) => {
  const repeats = dataDirectory().start();
  expect(verdicts(repeats, [one, other, one, other])).toEqual([false, false, true, true]);
});

test.each([HOUR, -HOUR, YEARS, -YEARS])(
  'a clock that jumps by %i ms and back loses no event, and forgets none',
  (jump) => {
    const { start, commit } = dataDirectory();
    const repeats = start();
    const told: boolean[][] = [];
    for (const time of [NOW, NOW + jump, NOW + 1]) {
      told.push(verdicts(repeats, ids(10), time));
      commit(repeats);
    }
    const isFar = Math.abs(jump) >= DAY;
    expect(told[0]).toEqual(ids(10).map(() => false));
    expect(told[1]).toEqual(ids(10).map(() => !isFar));
    // Whoever came last in the far time is compared with that: such an event is routed again rather than lost.
    expect(told[2]).toEqual(ids(10).map(() => !isFar));
    expect(verdicts(repeats, ids(10), NOW + 2)).toEqual(ids(10).map(() => true));
  },
);

/** What happens to a server, in any order. */
const happening = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ source: fc.constantFrom('one', 'two'), id: fc.nat(7), wait: fc.nat(9) }),
  },
  { weight: 2, arbitrary: fc.constant('commit' as const) },
  { weight: 1, arbitrary: fc.constant('crash' as const) },
  { weight: 1, arbitrary: fc.constant('crash before the commit' as const) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
);

const WINDOW = 1_000;
const WAITS = [0, 0, 1, 249, 250, 499, WINDOW - 1, WINDOW, WINDOW + 1, 5 * WINDOW];

test('whatever crashes between, each event is judged as by a list of all of them, and again so after a crash', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 120 }), (happenings) => {
      const { storage, reports, start, commit } = dataDirectory({ windowMs: WINDOW });
      let repeats = start();
      let now = NOW;
      const routed = new Map<string, number>();
      let committed = new Map<string, number>();
      let since: (readonly [source: string, id: string, at: number, verdict: boolean])[] = [];
      const ask = (source: string, id: string, at: number) => {
        const last = routed.get(`${source} ${id}`);
        const expected = last !== undefined && at - last < WINDOW;
        if (!expected) routed.set(`${source} ${id}`, at);
        expect(repeats.isRepeat(source, id, at)).toBe(expected);
        return expected;
      };
      for (const happens of happenings) {
        if (typeof happens === 'object') {
          now += WAITS[happens.wait] ?? 0;
          const id = `id-${happens.id}`;
          since.push([happens.source, id, now, ask(happens.source, id, now)]);
          continue;
        }
        if (happens === 'commit' || happens === 'restart') {
          commit(repeats);
          committed = new Map(routed);
          since = [];
        }
        if (happens === 'restart') repeats.close();
        if (happens === 'crash before the commit') repeats.step();
        if (happens === 'commit') continue;
        storage.crash();
        repeats = start();
        routed.clear();
        for (const [key, at] of committed) routed.set(key, at);
        for (const [source, id, at, verdict] of since) expect(ask(source, id, at)).toBe(verdict);
      }
      expect(reports).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

/** Events on a clock that nobody minds. */
const jump = fc.constantFrom(0, 1, -1, HOUR, -HOUR, DAY - 1, -DAY, YEARS, -YEARS);
const wildEvent = fc.record({ id: fc.nat(5), jump, isCommitted: fc.boolean() });

test('whatever the clock does, the same events get the same answers, however they are spread over commits', () => {
  // As many as runs may wait for a commit.
  fc.assert(
    fc.property(fc.array(wildEvent, { maxLength: 16 }), (events) => {
      const [often, sometimes] = [dataDirectory(), dataDirectory()];
      const [first, second] = [often.start(), sometimes.start()];
      let now = NOW;
      for (const { id, jump, isCommitted } of events) {
        now += jump;
        expect(second.isRepeat('s', `${id}`, now)).toBe(first.isRepeat('s', `${id}`, now));
        often.commit(first);
        if (isCommitted) sometimes.commit(second);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('whatever the clock does, no event is taken for a repeat of one that is not near it', () => {
  fc.assert(
    fc.property(fc.array(wildEvent, { maxLength: 80 }), (events) => {
      const { start, commit, storage } = dataDirectory();
      const repeats = start();
      const routed = new Map<number, number[]>();
      let now = NOW;
      for (const { id, jump } of events) {
        now += jump;
        const times = routed.get(id) ?? [];
        const isRepeat = repeats.isRepeat('s', `${id}`, now);
        if (isRepeat) expect(times.some((time) => Math.abs(now - time) < DAY)).toBe(true);
        else routed.set(id, [...times, now]);
        commit(repeats);
      }
      // A run of one key, at worst, for each event.
      expect(storage.list().length).toBeLessThanOrEqual(events.length);
    }),
    { numRuns: 300 },
  );
});

test('a window that is made shorter, or longer, holds for what came before it', () => {
  const { start, commit } = dataDirectory({ windowMs: DAY, runKeysMax: 100 });
  const day = start();
  expect(day.isRepeat('s', 'first of its run', NOW)).toBe(false);
  expect(day.isRepeat('s', 'm', NOW + 5 * HOUR)).toBe(false);
  commit(day);
  const hour = start(HOUR);
  // Before and after the last one of its run, by more than an hour.
  const times = [NOW + 600_000, NOW + 600_001, NOW + 2 * HOUR];
  expect(times.map((time) => hour.isRepeat('s', 'm', time))).toEqual([false, true, false]);
  commit(hour);
  expect(start(7 * DAY).isRepeat('s', 'm', NOW + 8 * DAY)).toBe(false);
  expect(start(7 * DAY).isRepeat('s', 'm', NOW + 7 * DAY)).toBe(true);
});

test('an idle server has nothing to commit', () => {
  const { start, commit } = dataDirectory();
  const repeats = start();
  expect(repeats.step()).toBeUndefined();
  commit(repeats);
  verdicts(repeats, ids(10));
  for (let step = 0; step < 4; step += 1) commit(repeats);
  expect(verdicts(start(), ids(10))).not.toContain(false);
  verdicts(repeats, ids(10));
  expect(repeats.step()).toBeUndefined();
  expect(start().step()).toBeUndefined();
});

test('a run is forgotten when its window has passed, with its file, and not before', () => {
  const { storage, start, commit } = dataDirectory();
  const repeats = start();
  for (let day = 0; day < 20; day += 0.25) {
    verdicts(repeats, ids(1, day * 4), NOW + day * DAY);
    commit(repeats);
  }
  // Four runs of a window, and two at its ends.
  expect(storage.list().length).toBeLessThanOrEqual(6);
  expect(verdicts(repeats, ids(4, 76), NOW + 20 * DAY)).toEqual([false, true, true, true]);
});

test('a clock that jumps to and fro all the time fills neither disk nor memory', () => {
  const { storage, reports, start, commit } = dataDirectory();
  const repeats = start();
  for (let time = 0; time < 600; time += 1) {
    verdicts(repeats, [`${time}`], NOW + (time % 2) * YEARS);
    commit(repeats);
  }
  expect(storage.list()).toHaveLength(256);
  expect(reports[0]).toEqual(['warn', expect.stringContaining('there were too many'), { lost: 1 }]);
  expect(verdicts(repeats, ['598', '1'])).toEqual([true, false]);
});
