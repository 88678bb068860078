import { describe, expect, test } from 'vitest';
import { DELIVERED, live, logOf, PIPELINE, REJECTED, stored } from './router.fixture.ts';
import type { Script } from './scripted-sender.ts';

describe('a log that lost its end', () => {
  /** The first life delivers six events, of which one is refused; then the log is what is left of it. */
  async function aftermath(left: readonly string[]) {
    const script: Script = ({ messageId }) => ({
      outcome: messageId === '5' ? REJECTED : DELIVERED,
      afterMs: 1,
    });
    const first = live({ log: logOf(['a', 'b', 'c', 'd', 'e', 'f']), script });
    await first.clock.pass(1_000);
    await first.router.stop();
    const log = logOf(left);
    return { log, start: { position: left.length, sequences: new Map(log.sequences) } };
  }

  test.each([[[]], [['a', 'b']]])(
    'with %j left, every event accepted afterwards is delivered, and the ledger adds up',
    async (left) => {
      const { log, start } = await aftermath(left);
      const { clock, ledger, sender, reports } = live({ log, start });
      for (const id of ['x', 'y', 'z']) log.accept('s', 'a', id, { now: 0 });
      await clock.pass(1_000);
      expect(sender.delivered()).toEqual(['x', 'y', 'z']);
      expect(ledger()).toMatchObject({ sequence: left.length + 3, delivered: 8, dead: 1, window: 0 });
      expect(ledger().sequence - ledger().startSequence).toBe(8 + 1);
      expect(stored().progress).toMatchObject({ position: left.length + 3, delivered: 8, dead: 1 });
      expect(reports).toEqual([
        ['error', expect.stringContaining('The log ends before the place'), expect.anything()],
      ]);
      expect(reports[0]?.[2]).toMatchObject({ name: 'Everything', positions: 6 - left.length });
    },
  );

  test('a dead letter that gets the sequence of an earlier one does not replace it', async () => {
    const { log, start } = await aftermath([]);
    const { clock } = live({ log, start, script: () => ({ outcome: REJECTED, afterMs: 1 }) });
    for (const user of ['a', 'b', 'c', 'd', 'e', 'f']) log.accept('s', user, `late ${user}`, { now: 0 });
    await clock.pass(1_000);
    expect(stored().deadLetters.length).toBe(stored().progress?.dead);
  });

  test('a disabled pipeline is set back at once, before the log grows past its place', async () => {
    const { log, start } = await aftermath([]);
    live({ log, start, pipelines: [{ ...PIPELINE, enabled: false }] });
    const late = Array.from({ length: 9 }, (_, number) => `late ${number}`);
    for (const id of late) log.accept('s', 'a', id, { now: 0 });
    const { clock, sender } = live({ log, start: { position: 9, sequences: log.sequences } });
    await clock.pass(1_000);
    expect(sender.delivered()).toEqual(late);
  });

  test('a pipeline that is gone is forgotten, and begins like a new one when it comes back', async () => {
    const { log, start } = await aftermath(['a']);
    live({ log, start, pipelines: [] });
    const { clock, ledger } = live({ log, start });
    log.accept('s', 'a', 'x', { now: 0 });
    await clock.pass(1_000);
    expect(ledger()).toMatchObject({ startSequence: 1, sequence: 2, delivered: 1, dead: 0 });
  });
});
