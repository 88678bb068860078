import { createClient } from 'graphql-sse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RecentEvent } from '../../activity/event-views.ts';
import { type LiveEvent, TooManyWatchers } from '../../activity/live-feed.ts';
import { LiveWatch } from '../../activity/live-watch.ts';
import type { RejectedSample } from '../../activity/rejected-samples.ts';
import { type Houston, openHouston, valueAt } from '../houston.fixture.ts';

let houston: Houston;
let refused: RejectedSample[] = [];
let live: (source: string) => AsyncIterableIterator<LiveEvent>;
beforeAll(async () => {
  houston = await openHouston(undefined, {
    activity: { rejected: () => refused, live: (source) => live(source) },
  });
});
afterAll(() => houston[Symbol.asyncDispose]());

const accepted = (position: number, receivedAt: number): RecentEvent => ({
  position,
  receivedAt,
  messageId: `a${position}`,
  type: 'track',
  name: 'Order Completed',
  userId: 'ada',
  text: '{}',
  isCut: false,
  isRepeat: position === 1,
});
const rejected = (messageId: string, receivedAt: number): RejectedSample => ({
  source: houston.control.source,
  route: '/v1/track',
  reason: 'invalid_event',
  details: 'event is missing',
  messageId,
  receivedAt,
  text: '{"type":"track"}',
});

/** A log of these events, and what was refused beside them. */
function rehearse(log: readonly RecentEvent[], samples: RejectedSample[] = []): void {
  refused = samples;
  houston.lanes.rehearse({
    recent: async ({ first, before = Number.POSITIVE_INFINITY }) => {
      const found = log.filter(({ position }) => position < before);
      const events = found.slice(0, first);
      const last = events.at(-1);
      return found.length > first && last !== undefined
        ? { events, next: last.position, searchedTo: last.receivedAt }
        : { events };
    },
  });
}
const page = (args = '') =>
  houston.ask(`{ events(appId: "${houston.control.source}"${args}) {
    nodes { outcome receivedAt messageId type name userId anonymousId text isCut reason details missed }
    pageInfo { hasNextPage endCursor searchedTo } } }`);
const watch = () =>
  createClient({
    url: `${houston.control.url}/graphql/stream`,
    headers: { authorization: houston.control.key },
    retryAttempts: 0,
  }).iterate({
    query: `subscription { events(appId: "${houston.control.source}")
      { outcome messageId name reason text missed } }`,
  });

test('accepted, repeated and refused events are shown together, newest first, each with what is known', async () => {
  rehearse([accepted(2, 3_000), accepted(1, 1_000)], [rejected('r1', 2_000)]);
  const nothing = { anonymousId: null, reason: null, details: null, missed: null, isCut: false };
  const track = { type: 'track', name: 'Order Completed', userId: 'ada', text: '{}' };
  expect(await page()).toEqual({
    nodes: [
      { ...nothing, ...track, outcome: 'ACCEPTED', messageId: 'a2', receivedAt: '1970-01-01T00:00:03.000Z' },
      {
        ...nothing,
        outcome: 'REJECTED',
        messageId: 'r1',
        receivedAt: '1970-01-01T00:00:02.000Z',
        type: null,
        name: null,
        userId: null,
        text: '{"type":"track"}',
        reason: 'invalid_event',
        details: 'event is missing',
      },
      { ...nothing, ...track, outcome: 'REPEATED', messageId: 'a1', receivedAt: '1970-01-01T00:00:01.000Z' },
    ],
    pageInfo: { hasNextPage: false, endCursor: null, searchedTo: null },
  });
  expect(houston.lanes.asked).toEqual([
    ['recent', { source: houston.control.source, first: 50, search: '' }],
  ]);
});

test.each([1, 2, 3, 10])('page after page of %i shows each event once, newest first', async (first) => {
  rehearse(
    [9, 7, 5, 3, 1].map((place) => accepted(place, place * 1_000)),
    [8, 6, 2].map((place) => rejected(`r${place}`, place * 1_000)),
  );
  const seen: unknown[] = [];
  let after = '';
  for (let pages = 0; pages === 0 || after !== ''; pages += 1) {
    expect(pages).toBeLessThan(20);
    const answer = await page(`, first: ${first}${after}`);
    const nodes = valueAt(answer, 'nodes');
    if (Array.isArray(nodes)) seen.push(...nodes.map((node) => valueAt(node, 'messageId')));
    const cursor = valueAt(answer, 'pageInfo', 'endCursor');
    expect(valueAt(answer, 'pageInfo', 'hasNextPage')).toBe(cursor !== null);
    after = cursor === null ? '' : `, after: "${cursor}"`;
  }
  expect(seen).toEqual(['a9', 'r8', 'a7', 'r6', 'a5', 'a3', 'r2', 'a1']);
});

test('a search goes to the log, and finds refused events as well, whatever the case', async () => {
  rehearse([], [rejected('r1', 2_000), { ...rejected('r2', 1_000), details: 'the NAME is too long' }]);
  expect(await page(', search: "name IS"')).toMatchObject({ nodes: [{ messageId: 'r2' }] });
  expect(houston.lanes.asked).toMatchObject([['recent', { search: 'name IS' }]]);
});

test.each(['', 'x', 'e30x', '-1', 'eyJiZWZvcmUiOi0xfQ'])('"%s" is no cursor', async (after) => {
  rehearse([]);
  expect(await page(`, after: "${after}"`)).toMatchObject({
    errors: [{ extensions: { code: 'BAD_INPUT', faults: [{ field: 'after' }] } }],
  });
  expect(houston.lanes.asked).toEqual([]);
});

test('who stops watching is not given any more', async () => {
  const begun = Promise.withResolvers<LiveWatch>();
  const left = Promise.withResolvers<void>();
  live = () => {
    const watch = new LiveWatch(left.resolve);
    begun.resolve(watch);
    return watch;
  };
  const results = watch();
  const first = results.next();
  (await begun.promise).give({ ...rejected('r1', 1_000), kind: 'rejected' });
  expect((await first).value).toMatchObject({ data: { events: { messageId: 'r1' } } });
  await results.return?.();
  await left.promise;
});

test('whoever watches sees what is accepted, what is refused, and how much is not shown', async () => {
  const source = houston.control.source;
  async function* events(): AsyncGenerator<LiveEvent> {
    yield { ...accepted(2, 1_000), kind: 'accepted' };
    yield { ...rejected('r1', 2_000), kind: 'rejected' };
    yield { kind: 'missed', count: 7 };
  }
  const sources: string[] = [];
  live = (watched) => {
    sources.push(watched);
    return events();
  };
  const seen: unknown[] = [];
  for await (const { data } of watch()) seen.push(valueAt(data, 'events'));
  expect(sources).toEqual([source]);
  const nothing = { messageId: null, name: null, reason: null, text: null, missed: null };
  expect(seen).toEqual([
    { ...nothing, outcome: 'ACCEPTED', messageId: 'a2', name: 'Order Completed', text: '{}' },
    { ...nothing, outcome: 'REJECTED', messageId: 'r1', reason: 'invalid_event', text: '{"type":"track"}' },
    { ...nothing, outcome: 'MISSED', missed: 7 },
  ]);
});

test('one watcher too many is told to try later, and it is no bug', async () => {
  live = () => {
    throw new TooManyWatchers();
  };
  const results = watch();
  const { value } = await results.next();
  await results.return?.();
  expect(value).toMatchObject({
    errors: [{ message: expect.stringMatching(/try again .*\.$/), extensions: { code: 'RATE_LIMITED' } }],
  });
  expect(houston.control.bugs).toEqual([]);
});
