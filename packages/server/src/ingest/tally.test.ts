import { expect, test } from 'vitest';
import type { TakenRecord } from './intake.ts';
import { tallyOf } from './tally.ts';

const record = (source: string, type: TakenRecord['type']): TakenRecord => {
  return { source, type, orderKey: 'u', messageId: 'm', receivedAt: 0, pieces: [] };
};

test('a request of any length is remembered as one run for each source and type that it has', () => {
  const records = Array.from({ length: 900 }, (_, place) =>
    record(place % 2 === 0 ? 's' : 't', place % 3 === 0 ? 'page' : 'track'),
  );
  expect(tallyOf(records)).toEqual([
    { source: 's', type: 'page', count: 150 },
    { source: 't', type: 'track', count: 300 },
    { source: 's', type: 'track', count: 300 },
    { source: 't', type: 'page', count: 150 },
  ]);
  expect(tallyOf([])).toEqual([]);
});
