import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RecentEvent, RecentPage } from './event-views.ts';
import {
  cursorOf,
  isFound,
  mergeSeen,
  NO_MORE,
  placeIn,
  type SeenEvent,
  type SeenPlace,
} from './recent-events.ts';
import type { RejectedSample } from './rejected-samples.ts';

function acceptedAt(position: number, receivedAt: number): RecentEvent {
  return { position, receivedAt, messageId: `a${position}`, text: '{}', isCut: false, isRepeat: false };
}

function rejectedAt(number: number, receivedAt: number): RejectedSample {
  const reason = 'invalid_event';
  return {
    source: 's',
    route: '/v1/track',
    reason,
    details: '',
    messageId: `r${number}`,
    receivedAt,
    text: '',
  };
}

/** A log's answer: it looks at so many events at most, and says where it stopped. */
function pageOf(log: readonly RecentEvent[], first: number, before: number, lookedMax: number): RecentPage {
  const found = log.slice(0, before).slice(-Math.min(first, lookedMax)).toReversed();
  const end = before - found.length;
  return { events: found, next: end > 0 ? end : undefined, searchedTo: log[end]?.receivedAt };
}

const timeOf = (seen: SeenEvent) => (seen.kind === 'accepted' ? seen.event : seen.sample).receivedAt;
const idOf = (seen: SeenEvent) => (seen.kind === 'accepted' ? seen.event : seen.sample).messageId;

test('page after page shows each event once, newest first, however many come at once and wherever a search stops', () => {
  const times = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 30 });
  fc.assert(
    fc.property(
      times,
      times,
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      (own, others, first, looked) => {
        const log = own.toSorted((a, b) => a - b).map((time, position) => acceptedAt(position, time));
        const rejected = others.toSorted((a, b) => b - a).map((time, number) => rejectedAt(number, time));
        const seen: SeenEvent[] = [];
        let from: SeenPlace | undefined = {};
        while (from !== undefined) {
          const { before } = from;
          const accepted = before === null ? NO_MORE : pageOf(log, first, before ?? log.length, looked);
          const page = mergeSeen(first, from, accepted, rejected);
          expect(page.events.length).toBeLessThanOrEqual(first);
          seen.push(...page.events);
          from = page.next === undefined ? undefined : placeIn(cursorOf(page.next));
        }
        expect(seen.map(idOf).toSorted()).toEqual(
          [...log, ...rejected].map(({ messageId }) => messageId).toSorted(),
        );
        expect(seen.map(timeOf)).toEqual(seen.map(timeOf).toSorted((a, b) => b - a));
      },
    ),
  );
});

test('refused events that came since the first page are not on the next one', () => {
  const [old, older] = [rejectedAt(0, 5), rejectedAt(1, 4)];
  const { next } = mergeSeen(1, {}, NO_MORE, [old, older]);
  const { events } = mergeSeen(5, next ?? {}, NO_MORE, [rejectedAt(2, 6), old, older]);
  expect(events.map(idOf)).toEqual(['r1']);
});

test.each(['', 'x', cursorOf({}).slice(1), 'eyJiZWZvcmUiOi0xfQ', 'W10'])('%j is no cursor', (text) => {
  expect(placeIn(text)).toBeUndefined();
});

test('a search looks at all that a refused event shows', () => {
  const sample = { ...rejectedAt(7, 1), details: 'userId is missing', text: '{"event":"Sale"}' };
  for (const search of ['', 'R7', 'invalid_', 'USERID is', '"sale"'])
    expect(isFound(sample, search)).toBe(true);
  expect(isFound(sample, 'towel')).toBe(false);
  expect(isFound({ ...sample, messageId: null }, 'r7')).toBe(false);
});
