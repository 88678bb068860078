import { expect, test } from 'vitest';
import type { NewRecord } from '../log/event-log.ts';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { EVENT_TEXT_CHARACTERS_MAX } from './event-summary.ts';
import type { LiveEvent } from './live-event.ts';
import { LIVE_EVENTS_PER_SECOND_MAX, LiveFeed, TooManyWatchers, WATCHES_MAX } from './live-feed.ts';
import { WAITING_CHARACTERS_MAX, WAITING_EVENTS_MAX } from './live-watch.ts';
import { type RejectedSample, RejectedSamples } from './rejected-samples.ts';

function recordOf(source: string, messageId: string, more: object = {}): NewRecord {
  const event = {
    type: 'track',
    event: 'Seen',
    userId: 'u',
    timestamp: '',
    receivedAt: '',
    messageId,
    ...more,
  };
  const json = JSON.stringify({ ...event, writeKey: source });
  // As the door does it: a part of the body, and what it adds.
  const pieces = [Buffer.from(json.slice(0, 9)), json.slice(9)];
  return { source, orderKey: 'u', messageId, receivedAt: 7, pieces };
}

function store(feed: LiveFeed, ...records: readonly NewRecord[]): void {
  feed.gather(records)?.show();
}

const sample: RejectedSample = {
  source: 's',
  route: '/v1/track',
  reason: 'invalid_event',
  details: 'event is missing',
  messageId: 'm',
  receivedAt: 1,
  text: '{}',
};

/** The next so many that a watcher sees. */
async function taken(watch: AsyncIterableIterator<LiveEvent>, count: number): Promise<readonly LiveEvent[]> {
  const events: LiveEvent[] = [];
  for (let number = 0; number < count; number += 1) {
    const { value } = await watch.next();
    if (value !== undefined) events.push(value);
  }
  return events;
}

function fail(): never {
  throw new Error('nothing was seen');
}

const nameOf = (event: LiveEvent) => (event.kind === 'missed' ? event.count : event.messageId);

test('whoever watches a source sees its events once they are stored, as they are routed, and no others', async () => {
  const feed = new LiveFeed(new VirtualClock());
  const watch = feed.watch('s');
  const gathered = feed.gather([recordOf('other', 'a'), recordOf('s', 'b')]);
  const next = watch.next();
  gathered?.show();
  const text = '{"type":"track","event":"Seen","userId":"u","timestamp":"","receivedAt":"","messageId":"b"}';
  const event = {
    messageId: 'b',
    receivedAt: 7,
    type: 'track',
    name: 'Seen',
    userId: 'u',
    text,
    isCut: false,
  };
  expect(await next).toEqual({ done: false, value: { kind: 'accepted', ...event } });
});

test('what was never stored is never shown', async () => {
  const feed = new LiveFeed(new VirtualClock());
  const watch = feed.watch('s');
  feed.gather([recordOf('s', 'refused by the log')]);
  store(feed, recordOf('s', 'b'));
  expect((await taken(watch, 1)).map(nameOf)).toEqual(['b']);
});

test('refused events are seen with the reason, as their samples are kept', async () => {
  const clock = new VirtualClock();
  const feed = new LiveFeed(clock);
  const samples = new RejectedSamples(clock, (one) => feed.rejected(one));
  const watch = feed.watch('s');
  const { text, ...rejected } = sample;
  for (const source of ['s', 'other', undefined])
    samples.add({
      ...rejected,
      source,
      receivedAt: clock.now(),
      bytes: Buffer.from('{"writeKey":"s3cretkey"}'),
    });
  const [kept] = samples.of('s');
  expect(await taken(watch, 1)).toEqual([{ ...kept, kind: 'rejected' }]);
  expect(kept?.text).not.toContain('s3cretkey');
});

test('where nobody watches, nothing is read', () => {
  const feed = new LiveFeed(new VirtualClock());
  const unreadable: NewRecord = {
    ...recordOf('s', 'a'),
    get pieces(): never {
      throw new Error('it was read');
    },
  };
  expect(feed.gather([unreadable])).toBeUndefined();
  const watch = feed.watch('other');
  expect(feed.gather([unreadable])).toBeUndefined();
  void watch.return?.();
});

test('all who watch a source see the same event, which is read once', async () => {
  const feed = new LiveFeed(new VirtualClock());
  const watches = Array.from({ length: 3 }, () => feed.watch('s'));
  store(feed, recordOf('s', 'a'));
  const seen = await Promise.all(watches.map((watch) => watch.next()));
  expect(new Set(seen.map(({ value }) => value)).size).toBe(1);
});

test('who is slow loses the oldest, and is told how many', async () => {
  const clock = new VirtualClock();
  const feed = new LiveFeed(clock);
  const slow = feed.watch('s');
  const sent = WAITING_EVENTS_MAX + 30;
  for (let number = 0; number < sent; number += 1) {
    if (number % LIVE_EVENTS_PER_SECOND_MAX === 0) await clock.pass(1_000);
    store(feed, recordOf('s', `${number}`));
  }
  const events = await taken(slow, 1 + WAITING_EVENTS_MAX);
  expect(events.slice(0, 2).map(nameOf)).toEqual([30, '30']);
  expect(nameOf(events.at(-1) ?? fail())).toBe(`${sent - 1}`);
  store(feed, recordOf('s', 'late'));
  expect((await taken(slow, 1)).map(nameOf)).toEqual(['late']);
});

test('events whose JSON is long are cut, and few of them wait', async () => {
  const clock = new VirtualClock();
  const feed = new LiveFeed(clock);
  const slow = feed.watch('s');
  const long = 'x'.repeat(2 * EVENT_TEXT_CHARACTERS_MAX);
  const sent = WAITING_CHARACTERS_MAX / EVENT_TEXT_CHARACTERS_MAX + 5;
  for (let number = 0; number < sent; number += 1) store(feed, recordOf('s', `${number}`, { long }));
  const [missed, first, ...rest] = await taken(slow, sent - 4);
  expect(missed).toEqual({ kind: 'missed', count: 5 });
  expect(first?.kind === 'accepted' && [first.isCut, first.text.length]).toEqual([
    true,
    EVENT_TEXT_CHARACTERS_MAX,
  ]);
  expect(rest.length).toBe(sent - 6);
});

test('of a flood so many events a second are read, and the rest are counted', async () => {
  const clock = new VirtualClock();
  const feed = new LiveFeed(clock);
  const watch = feed.watch('s');
  const flood = Array.from({ length: 1_000 }, (_, number) => recordOf('s', `${number}`));
  store(feed, ...flood);
  const events = await taken(watch, 1 + LIVE_EVENTS_PER_SECOND_MAX);
  expect(events.filter(({ kind }) => kind === 'accepted').length).toBe(LIVE_EVENTS_PER_SECOND_MAX);
  expect(nameOf(events[0] ?? fail())).toBe(1_000 - LIVE_EVENTS_PER_SECOND_MAX);
  await clock.pass(1_000);
  store(feed, recordOf('s', 'late'));
  expect((await taken(watch, 1)).map(nameOf)).toEqual(['late']);
});

test('who stops watching is answered at once, gets nothing more, and makes room for another', async () => {
  const feed = new LiveFeed(new VirtualClock());
  const watches = Array.from({ length: WATCHES_MAX }, () => feed.watch('s'));
  expect(() => feed.watch('s')).toThrow(TooManyWatchers);
  const [watch] = watches;
  const asked = watch?.next();
  await watch?.return?.();
  await watch?.return?.();
  expect(await asked).toEqual({ done: true, value: undefined });
  store(feed, recordOf('s', 'a'));
  expect(await watch?.next()).toEqual({ done: true, value: undefined });
  feed.watch('s');
  expect(() => feed.watch('s')).toThrow(TooManyWatchers);
});

test('a loop over it ends the watching when it is left', async () => {
  const feed = new LiveFeed(new VirtualClock());
  const watch = feed.watch('s');
  store(feed, recordOf('s', 'a'), recordOf('s', 'b'));
  for await (const event of watch) {
    expect(nameOf(event)).toBe('a');
    break;
  }
  expect(feed.gather([recordOf('s', 'c')])).toBeUndefined();
});
