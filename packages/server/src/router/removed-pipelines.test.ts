import { expect, test } from 'vitest';
import { HOUR, live, logOf, PIPELINE, REJECTED, RETRY, stateFile, users } from './router.fixture.ts';
import { DeliveryState } from './state/delivery-state.ts';

const DAY = 24 * HOUR;
const OTHER = { ...PIPELINE, id: 'o', source: 'other' };

/** How many rows of each kind are kept of a pipeline, once the router has stopped. */
function kept(pipeline: string): readonly number[] {
  const state = new DeliveryState(stateFile());
  const count = (table: string) =>
    Number(state.db.prepare(`SELECT count(*) AS n FROM ${table} WHERE pipeline = ?`).get(pipeline)?.n);
  const counts = ['lanes', 'exceptions', 'replays', 'configurations'].map(count);
  state.close();
  return counts;
}

/** A first life that leaves something of everything, and how the next one begins, so many milliseconds later. */
async function lived() {
  const log = logOf(users(3));
  const script = ({ messageId }: { messageId: string }) => ({
    outcome: messageId === '0' ? REJECTED : RETRY,
    afterMs: 1,
  });
  const first = live({ log, script, pipelines: [PIPELINE, OTHER] });
  await first.clock.pass(1_000);
  first.router.replay({ pipeline: 'p', from: 0, until: 1 });
  await first.clock.pass(1_000);
  const stopped = first.router.stop();
  await first.clock.pass(10_000);
  await stopped;
  const began = first.clock.now();
  const next = (afterMs: number, pipelines = [OTHER]) =>
    live({ log, script, pipelines, now: began + afterMs });
  return { next };
}

async function stop({ router, clock }: ReturnType<typeof live>): Promise<void> {
  const stopped = router.stop();
  await clock.pass(10_000);
  await stopped;
}

test('of a pipeline that has been gone for 30 days nothing is kept, and of the others everything', async () => {
  const { next } = await lived();
  const before = kept('p');
  expect(before.every((count) => count > 0)).toBe(true);
  const others = kept('o');
  const without = next(0);
  without.router.forgetOthers(['o']);
  await without.clock.pass(29 * DAY);
  without.router.forgetOthers(['o']);
  await stop(without);
  // Dead letters grow too old by themselves; what waited to be tried again does not.
  expect(kept('p')).toEqual(before);
  const later = next(30 * DAY);
  later.router.forgetOthers(['o']);
  await stop(later);
  expect(kept('p')).toEqual([0, 0, 0, 0]);
  expect(kept('o')).toEqual(others);
});

test.each([
  ['that is switched off', ['o'], [{ ...PIPELINE, enabled: false }, OTHER]],
  ['that is stored and cannot run', ['p', 'o'], [OTHER]],
])('a pipeline %s loses nothing, however long', async (_, stored, pipelines) => {
  const { next } = await lived();
  const [lanes, , ...others] = kept('p');
  const off = next(0, pipelines);
  off.router.forgetOthers(stored);
  await off.clock.pass(60 * DAY);
  off.router.forgetOthers(stored);
  await stop(off);
  // Two users wait in the live lane, and the same two in the replay. The dead letters have grown too old.
  expect(kept('p')).toEqual([lanes, 4, ...others]);
});

test('a pipeline that comes back within the 30 days goes on where it stood, and they begin anew', async () => {
  const { next } = await lived();
  const [lanes, , ...others] = kept('p');
  for (const [day, stored] of [
    [0, ['o']],
    [29, ['p', 'o']],
    [31, ['o']],
    [60, ['o']],
  ] as const) {
    const life = next(day * DAY);
    life.router.forgetOthers(stored);
    await stop(life);
  }
  expect(kept('p')).toEqual([lanes, 4, ...others]);
});
