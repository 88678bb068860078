import { expect, test } from 'vitest';
import type { EventLog, NewRecord } from './event-log.ts';
import { readAll, textOf } from './read-all.ts';

/** A log under test: opened anew on the same data, as after a restart. */
export interface LogUnderTest {
  readonly open: () => Promise<EventLog>;
  readonly remove: () => Promise<void>;
}

export function newRecord(messageId: string, change: Partial<NewRecord> = {}): NewRecord {
  const pieces = [`{"messageId":"${messageId}"`, Buffer.from(',"name":"Zoë"'), '}'];
  return { source: 'site', orderKey: 'user', messageId, receivedAt: 1_700_000_000_000, pieces, ...change };
}

/** What every implementation of `EventLog` promises. Call it in a test file with a way to make one. */
export function eventLogContract(name: string, make: () => LogUnderTest): void {
  const withLog = (title: string, body: (log: EventLog, reopen: () => Promise<EventLog>) => Promise<void>) =>
    test(`${name}: ${title}`, async () => {
      const { open, remove } = make();
      let log = await open();
      try {
        await body(log, async () => {
          await log.close();
          log = await open();
          return log;
        });
      } finally {
        await log.close();
        await remove();
      }
    });

  withLog('a record is given back as it was, pieces joined', async (log) => {
    expect(await log.append([newRecord('one', { orderKey: 'zoë', source: 'shop' })])).toEqual({
      kind: 'stored',
    });
    const [record] = await readAll(log);
    expect(record).toMatchObject({
      position: 0,
      sequence: 1,
      source: 'shop',
      orderKey: 'zoë',
      messageId: 'one',
    });
    expect(record?.receivedAt).toBe(1_700_000_000_000);
    expect(record && textOf(record)).toBe('{"messageId":"one","name":"Zoë"}');
  });

  withLog('appends keep the order of their calls, and a call the order of its records', async (log) => {
    const calls = Array.from({ length: 50 }, (_, call) => [newRecord(`${call}a`), newRecord(`${call}b`)]);
    await Promise.all(calls.map((records) => log.append(records)));
    const ids = (await readAll(log)).map(({ messageId }) => messageId);
    expect(ids).toEqual(calls.flat().map(({ messageId }) => messageId));
  });

  withLog('sequences are dense within each source, whatever the others do', async (log, reopen) => {
    const sources = ['red', 'blue', 'red', 'red', 'green', 'blue'];
    await log.append(sources.map((source, at) => newRecord(String(at), { source })));
    const reopened = await reopen();
    await reopened.append([newRecord('later', { source: 'blue' })]);
    const given = (await readAll(reopened)).map(({ source, sequence }) => `${source} ${sequence}`);
    expect(given).toEqual(['red 1', 'blue 1', 'red 2', 'red 3', 'green 1', 'blue 2', 'blue 3']);
    expect(reopened.sequences(0)).toEqual(
      new Map([
        ['red', 3],
        ['blue', 3],
        ['green', 1],
      ]),
    );
  });

  withLog('what was stored is there after a restart, and the log goes on behind it', async (log, reopen) => {
    await log.append([newRecord('before')]);
    const reopened = await reopen();
    await reopened.append([newRecord('after')]);
    const all = await readAll(reopened);
    expect(all.map(({ messageId, position }) => `${messageId} ${position}`)).toEqual(['before 0', 'after 1']);
    expect(reopened.head(0)).toBe(2);
  });

  withLog('a reader starts where it is told, and may ask for some sources only', async (log) => {
    await log.append(['a', 'b', 'a', 'b'].map((source, at) => newRecord(String(at), { source })));
    expect((await readAll(log, 2)).map(({ messageId }) => messageId)).toEqual(['2', '3']);
    expect((await readAll(log, 0, new Set(['b']))).map(({ messageId }) => messageId)).toEqual(['1', '3']);
  });

  withLog('a reader that waits at the head sees what comes later, and stops when told', async (log) => {
    const stop = new AbortController();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { records } of log.read({ partition: 0, from: 0, signal: stop.signal })) {
        seen.push(...records.map(({ messageId }) => messageId));
        if (seen.length === 3) stop.abort();
      }
    })();
    await log.append([newRecord('one')]);
    await log.append([newRecord('two'), newRecord('three')]);
    await reading;
    expect(seen).toEqual(['one', 'two', 'three']);
  });

  withLog('a large log is read back whole by two readers at once', async (log) => {
    const filling = 'x'.repeat(900);
    const ids = Array.from({ length: 3000 }, (_, at) => `id-${at}`);
    for (let at = 0; at < ids.length; at += 100) {
      await log.append(ids.slice(at, at + 100).map((id) => newRecord(id, { pieces: [`"${id}${filling}"`] })));
    }
    const [one, other] = await Promise.all([readAll(log), readAll(log)]);
    expect(one.map(({ messageId }) => messageId)).toEqual(ids);
    expect(other.map(textOf)).toEqual(ids.map((id) => `"${id}${filling}"`));
  });

  withLog('a closing log refuses, and stores what it had taken', async (log, reopen) => {
    const taken = log.append([newRecord('taken')]);
    const closed = log.close();
    expect(await log.append([newRecord('late')])).toEqual({ kind: 'refused', why: 'closing' });
    expect(await taken).toEqual({ kind: 'stored' });
    await closed;
    expect((await readAll(await reopen())).map(({ messageId }) => messageId)).toEqual(['taken']);
  });
}
