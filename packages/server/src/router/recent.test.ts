import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MemoryLog } from './memory-log.ts';
import { live } from './router.fixture.ts';
import type { Router } from './router.ts';

type Wish = Partial<Parameters<Router['recent']['page']>[0]>;

/** A log with so many events, each by the sources in turn; an event's message id is its position. */
function logOf(count: number, sources: readonly string[] = ['s']): MemoryLog {
  const log = new MemoryLog();
  for (let position = 0; position < count; position += 1)
    log.accept(sources[position % sources.length] ?? 's', `u${position % 10}`, `${position}`, {
      now: position,
    });
  return log;
}

function page(router: Router, wish: Wish = {}) {
  return router.recent.page({ source: 's', first: 10, search: '', ...wish });
}

async function ids(router: Router, wish: Wish = {}): Promise<readonly string[]> {
  return (await page(router, wish)).events.map(({ messageId }) => messageId);
}

/** All pages from the newest event on. */
async function walk(router: Router, wish: Wish): Promise<readonly string[]> {
  const all: string[] = [];
  let before: number | undefined;
  do {
    const { events, next } = await page(router, { ...wish, before });
    all.push(...events.map(({ messageId }) => messageId));
    before = next;
  } while (before !== undefined);
  return all;
}

test("pages show each of a source's events once, newest first, wherever pages end", async () => {
  const numbers = Array.from({ length: 1_500 }, (_, number) => number);
  const { router } = live({ log: logOf(1_500, ['s', 'other', 'third']) });
  const wanted = numbers.filter((number) => number % 3 === 0).toReversed();
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 7, max: 100 }), async (first) => {
      expect(await walk(router, { first })).toEqual(wanted.map(String));
    }),
    { numRuns: 5 },
  );
});

test('the last page says that there is no more, an empty log at once', async () => {
  const { router } = live({ log: logOf(10) });
  expect((await page(router, { first: 5 })).next).toBe(5);
  expect((await page(router, { first: 5, before: 5 })).next).toBeUndefined();
  expect(await page(live({ log: logOf(0) }).router)).toEqual({ events: [], searchedTo: undefined });
});

test('a source that has been silent for long is found behind thousands of events of others', async () => {
  const log = logOf(3);
  for (let position = 3; position < 20_000; position += 1)
    log.accept('other', 'u', `${position}`, { now: position });
  const { router } = live({ log });
  expect(await ids(router)).toEqual(['2', '1', '0']);
});

test('what the log has dropped or lost is left out', async () => {
  const log = logOf(10);
  log.dropBefore(4);
  log.damage(6);
  const { router } = live({ log });
  expect(await ids(router)).toEqual(['9', '8', '7', '5', '4']);
});

describe('a search', () => {
  const log = new MemoryLog();
  const stored = (position: number, more: object) => {
    const frame = { type: 'track', event: 'Seen', messageId: `m${position}`, timestamp: '', receivedAt: '' };
    const bytes = JSON.stringify({ ...frame, anonymousId: 'a', ...more, writeKey: 'secretKey' });
    log.accept('s', 'u', `m${position}`, { now: position, bytes });
  };
  stored(0, { event: 'Order Completed', userId: 'Arthur' });
  stored(1, { type: 'page', name: 'Home', properties: { city: 'Köln', path: '/a"b' } });
  stored(2, { type: 'identify', userId: 'ford', traits: { plan: 'towel' } });

  test.each([
    ['', ['m2', 'm1', 'm0']],
    ['m1', ['m1']],
    ['order comp', ['m0']],
    ['IDENTIFY', ['m2']],
    ['arthur', ['m0']],
    ['"plan":"towel"', ['m2']],
    ['köln', ['m1']],
    ['/a\\"b', ['m1']],
    ['secretKey', []],
    ['nothing of the kind', []],
  ])('for %j finds %j', async (search, found) => {
    const { router } = live({ log });
    expect(await ids(router, { search })).toEqual(found);
  });

  test('goes through all of the log, and stops now and then to say how far it is', async () => {
    const long = logOf(80_000);
    const { router: other } = live({ log: long });
    const first = await page(other, { search: '"messageId":"7"' });
    expect(first.events).toEqual([]);
    expect(first.next).toBeGreaterThan(0);
    expect(first.searchedTo).toBe(first.next);
    expect(await walk(other, { search: '"messageId":"7"' })).toEqual(['7']);
  });
});

test('an event is shown with what it is, its JSON without the write key, and whether it repeats an earlier one', async () => {
  const log = new MemoryLog();
  const event = { type: 'track', event: 'Seen', messageId: 'm', userId: 'u', timestamp: '', receivedAt: '' };
  for (let time = 0; time < 2; time += 1)
    log.accept('s', 'u', 'm', { now: 5, bytes: JSON.stringify({ ...event, writeKey: 'k' }) });
  const { router, clock } = live({ log });
  await clock.pass(1_000);
  const text = JSON.stringify(event);
  const shown = {
    messageId: 'm',
    receivedAt: 5,
    type: 'track',
    name: 'Seen',
    userId: 'u',
    text,
    isCut: false,
  };
  expect((await page(router)).events).toEqual([
    { ...shown, position: 1, isRepeat: true },
    { ...shown, position: 0, isRepeat: false },
  ]);
});

test('at most 100 events make a page, however many are asked for', async () => {
  const { router } = live({ log: logOf(300) });
  expect((await page(router, { first: 1_000 })).events.length).toBe(100);
});

test('when too many ask at once some are told to come again', async () => {
  const { router } = live({ log: logOf(50) });
  const pages = await Promise.allSettled(Array.from({ length: 20 }, () => page(router)));
  expect(pages.filter(({ status }) => status === 'rejected').length).toBe(4);
  expect(await ids(router, { first: 1 })).toEqual(['49']);
});
