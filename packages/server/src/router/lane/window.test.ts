import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ExceptionRow, LaneProgress } from '../state/rows.ts';
import type { Fate } from './tally.ts';
import { Entry, WINDOW_MAX, Window } from './window.ts';

const START: LaneProgress = {
  position: 0,
  startSequence: 0,
  sequence: 0,
  delivered: 0,
  filtered: new Map(),
  dead: 0,
  held: 0,
  repeats: 0,
};

function rowOf(entry: Entry, change: Partial<ExceptionRow> = {}): ExceptionRow {
  const { position, sequence } = entry;
  const times = { attempts: 1, at: 0, elapsedMs: 0, waitMs: 0 };
  return {
    id: sequence,
    state: 'parked',
    position,
    sequence,
    slot: 0,
    count: 1,
    reason: '',
    answered: [],
    ...times,
    ...change,
  };
}

/** A window of so many events that weigh 100 bytes each, and what they take in memory. */
function windowOf(count: number, onStuck: (window: Window, entry: Entry) => void = () => {}) {
  let bytes = 0;
  const share = {
    isFull: () => false,
    take: (more: number) => {
      bytes += more;
    },
    giveBack: (less: number) => {
      bytes -= less;
    },
    close: () => {},
  };
  const window: Window = new Window(START, share, (entry) => onStuck(window, entry));
  const entries = Array.from({ length: count }, (_, place) => new Entry(place, place + 1, 100, 0));
  for (const entry of entries) window.open(entry);
  window.reach(count);
  return { window, entries, bytes: () => bytes };
}

/** Two events by name. */
function windowOfTwo() {
  const { window, entries, bytes } = windowOf(2);
  const [first, second] = entries;
  if (first === undefined || second === undefined) throw new Error('two were opened');
  return { window, first, second, bytes };
}

test('an event takes memory until it is settled, also behind one that is not', () => {
  const { window, first, second, bytes } = windowOfTwo();
  expect(bytes()).toBe(200);
  window.settle(second, 'delivered');
  expect(bytes()).toBe(100);
  window.settle(first, { rule: 'destination' });
  expect(bytes()).toBe(0);
});

test("a dead letter's copy of its event takes memory until it is durable", () => {
  const { window, first, second, bytes } = windowOfTwo();
  const row = rowOf(second, { state: 'dead', event: Buffer.alloc(30) });
  window.settle(second, { dead: 1 }, row);
  expect(bytes()).toBe(130);
  window.committed();
  expect(bytes()).toBe(130);
  window.settle(first, 'delivered');
  expect(bytes()).toBe(30);
  expect(window.step(false)?.saved).toEqual([row]);
  window.committed();
  expect(bytes()).toBe(0);
});

describe('an event that is held', () => {
  test('lets the position pass, is a row until it is settled, and is counted all the while', () => {
    const { window, first, second } = windowOfTwo();
    window.hold(first, rowOf(first));
    window.settle(second, 'delivered');
    expect(window.step(false)).toMatchObject({
      progress: { position: 2, sequence: 2, delivered: 1, held: 1 },
      saved: [{ id: 1, state: 'parked' }],
      removed: [],
    });
    window.committed();
    window.settle(first, 'delivered');
    expect(window.step(false)).toMatchObject({
      progress: { position: 2, sequence: 2, delivered: 2, held: 0 },
      saved: [],
      removed: [1],
    });
  });

  test('and is settled before it was committed leaves nothing behind', () => {
    const { window, first, second } = windowOfTwo();
    window.hold(second, rowOf(second));
    window.settle(second, 'delivered');
    window.settle(first, 'delivered');
    expect(window.step(false)).toMatchObject({ progress: { delivered: 2, held: 0 }, saved: [] });
  });

  test('and dies becomes a dead letter in its own row', () => {
    const { window, first } = windowOfTwo();
    window.hold(first, rowOf(first));
    window.committed();
    window.settle(first, { dead: 1 }, rowOf(first, { state: 'dead' }));
    expect(window.step(false)).toMatchObject({
      progress: { position: 1, dead: 1, held: 0 },
      saved: [{ id: 1, state: 'dead' }],
    });
  });
});

test('one that is not settled holds up half a window of settled ones at the most', () => {
  const stuck: number[] = [];
  const { window, entries } = windowOf(WINDOW_MAX, (that, entry) => {
    stuck.push(entry.sequence);
    that.hold(entry, rowOf(entry));
  });
  for (const entry of entries.slice(1)) window.settle(entry, 'delivered');
  expect(stuck).toEqual([1]);
  expect(window.step(false)?.progress).toMatchObject({
    position: WINDOW_MAX,
    held: 1,
    delivered: WINDOW_MAX - 1,
  });
  window.committed();
  expect(window.hasRoom).toBe(true);
});

test('whatever happens in which order, every event is counted in exactly one place, live and committed', () => {
  const fates: readonly (Fate | 'held')[] = ['delivered', { rule: 'r' }, { dead: 1 }, 'repeat', 'held'];
  const step = fc.record({ at: fc.nat({ max: 19 }), what: fc.constantFrom(...fates), commit: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const { window, entries, bytes } = windowOf(20);
      const rows = new Map<number, ExceptionRow>();
      for (const { at, what, commit } of steps) {
        const entry = entries[at];
        if (entry === undefined || entry.fate !== undefined) continue;
        if (what === 'held') window.hold(entry, rowOf(entry));
        else
          window.settle(
            entry,
            what,
            Object(what) === what && 'dead' in Object(what) ? rowOf(entry, { state: 'dead' }) : undefined,
          );
        const { counts, unsettled, held } = window;
        const { delivered, filtered, dead, repeats } = counts;
        expect(delivered + (filtered.get('r') ?? 0) + dead + repeats + unsettled + held).toBe(20);
        const made = commit ? window.step(true) : undefined;
        if (made === undefined) continue;
        for (const id of made.removed) rows.delete(id);
        for (const row of made.saved) rows.set(row.id, row);
        window.committed();
        const { progress } = made;
        const before = progress.delivered + (progress.filtered.get('r') ?? 0) + progress.dead;
        expect(before + progress.repeats + progress.held).toBe(progress.sequence);
        const states = [...rows.values()].map(({ state }) => state);
        expect(states.filter((state) => state === 'parked')).toHaveLength(progress.held);
        expect(states.filter((state) => state === 'dead')).toHaveLength(progress.dead);
        // The position never passes an event that is neither settled nor a row.
        for (const passed of entries.slice(0, progress.position))
          expect(passed.fate !== undefined || rows.has(passed.sequence)).toBe(true);
      }
      for (const entry of entries) if (entry.fate === undefined) window.settle(entry, 'delivered');
      window.step(true);
      window.committed();
      expect(bytes()).toBe(0);
    }),
    { seed: 1, numRuns: 300 },
  );
});
