import { expect, test } from 'vitest';
import { MemoryLog } from '../memory-log.ts';
import { DELIVERED, HOUR, live, logOf, MISCONFIGURED, PIPELINE, REJECTED } from '../router.fixture.ts';

test('a paused lane has one probe at a time, and goes on with no more at once than its destination takes', async () => {
  let wrong = true;
  let underWay = 0;
  let most = 0;
  const { clock, sender, ledger } = live({
    log: logOf(Array.from({ length: 500 }, (_, number) => `u${number}`)),
    // The first ones come back one by one, over a time in which probes fail as well.
    script: ({ messageId }) => {
      const afterMs = wrong ? 100 + 100 * (Number(messageId) % 64) : 10;
      underWay += 1;
      most = Math.max(most, underWay);
      clock.after(afterMs, () => {
        underWay -= 1;
      });
      return { outcome: wrong ? MISCONFIGURED : DELIVERED, afterMs };
    },
  });
  // The log is read a few events a turn; no answer comes before all have been taken.
  for (let turns = 0; turns < 200; turns += 1) await clock.pass(0);
  await clock.pass(6_500);
  expect([most, sender.arrivals.length]).toEqual([64, 64]);
  await clock.pass(60_000);
  expect(sender.arrivals.length).toBeLessThan(64 + 8);
  wrong = false;
  most = 0;
  await clock.pass(HOUR);
  expect(most).toBe(64);
  expect(ledger()).toMatchObject({ delivered: 500, window: 0 });
});

test('the log tells of every dead letter before the process ends, however few lines it takes', async () => {
  const script = () => ({ outcome: REJECTED, afterMs: 1 });
  const { clock, router, reports } = live({ log: logOf(['a', 'b', 'c']), script });
  await clock.pass(1_000);
  const counts = () => reports.map(([, , { count }]) => count);
  expect(counts()).toEqual([1]);
  await router.stop();
  expect(counts()).toEqual([1, 2]);
});

test('what receivers get has each key once and no write key, whatever lies in the log', async () => {
  const log = new MemoryLog();
  const stored =
    '{"type":"track","event":"Seen","messageId":"0","userId":"a","timestamp":"then","writeKey":"k","timestamp":"now","receivedAt":""}';
  log.accept('s', 'a', '0', { now: 0, bytes: stored });
  const { clock, sender } = live({ log, pipelines: [PIPELINE, { ...PIPELINE, id: 'q' }] });
  await clock.pass(1_000);
  const sent =
    '{"type":"track","event":"Seen","messageId":"0","userId":"a","timestamp":"now","receivedAt":""}';
  expect(sender.arrivals.map(({ body }) => body.toString())).toEqual([sent, sent]);
  expect(sender.arrivals[0]?.body).toBe(sender.arrivals[1]?.body);
});
