import { asTrack, type CustomEvent, type Event } from '@metarouter/events';
import { expect, test } from 'vitest';
import { type Declaration, destination } from './destination.ts';
import { post } from './request.ts';
import { VENDOR } from './vendor.fixture.ts';

const custom: CustomEvent = {
  type: 'custom',
  event: 'kitchen',
  messageId: 'm',
  timestamp: '',
  receivedAt: '',
  payload: { _metarouter: {}, _mrSchema: {}, productCategory: 'kitchen' },
};

type Handlers = Declaration<Record<never, never>, Record<never, never>>['on'];

/** What a destination with these handlers does with the custom event. */
function answerOf(on: Handlers) {
  const vendor = destination({
    ...VENDOR,
    connection: {},
    on,
  });
  return vendor.prepare({}, {})(custom);
}

const toVendor = (event: Event) => post('https://vendor.example/', event);

test('a custom event goes as it is to a handler of its own', () => {
  const answer = answerOf({ custom: toVendor, track: () => [], any: () => [] });
  expect('requests' in answer && answer.requests[0]?.body).toBe(custom);
});

test.each<[string, Handlers]>([
  ['the handler for track calls', { track: toVendor, any: () => [] }],
  ['the handler for any call', { any: toVendor }],
])('without one it goes as a track call to %s', (_, on) => {
  expect(answerOf(on)).toMatchObject({ requests: [{ body: asTrack(custom) }] });
});

test('a destination that takes no track calls skips it', () => {
  expect(answerOf({ identify: toVendor })).toHaveProperty('skip');
});
