import type { Answer } from '@metarouter/destinations';
import type { Event } from '@metarouter/events';
import { expect, test } from 'vitest';
import { bodyOf, type Deciders, idempotencyKey, isBundled, isWanted, plan } from './plan.ts';

const webhooks = { code: 'webhooks', name: 'Webhooks', modes: ['cloud'] } as const;
const event = {
  type: 'track',
  event: 'Seen',
  messageId: 'm',
  userId: 'u',
  timestamp: '',
  receivedAt: '',
} as const;

test.each([
  [undefined, true],
  [{}, true],
  [{ All: true }, true],
  [{ All: false }, false],
  [{ Webhooks: false }, false],
  [{ All: false, Webhooks: true }, true],
  [{ All: true, Webhooks: false }, false],
  [{ All: false, Webhooks: { some: 'option' } }, true],
  [{ All: false, webhooks: true }, true],
  [{ All: false, WEBHOOKS: true }, true],
  [{ Webhooks: true, WEBHOOKS: false }, true],
  [{ 'Google Analytics': false }, true],
  [{ All: false, 'Google Analytics': true }, false],
])('integrations %j: sent to Webhooks is %j', (integrations, expected) => {
  expect(isWanted(integrations, webhooks)).toBe(expected);
});

test.each([
  [undefined, false],
  [null, false],
  ['Webhooks', false],
  [['Webhooks'], false],
  [{}, false],
  [{ bundled: 'Webhooks' }, false],
  [{ bundled: { 0: 'Webhooks' } }, false],
  [{ bundled: [] }, false],
  [{ bundled: ['Segment.io', 'Google Analytics'], unbundled: ['Webhooks'], bundledIds: ['webhooks'] }, false],
  [{ bundled: ['Web', null, 7, ['Webhooks'], { name: 'Webhooks' }] }, false],
  [Object.create({ bundled: ['Webhooks'] }), false],
  [{ bundled: ['Segment.io', 'Webhooks'] }, true],
  [{ bundled: [null, 'webhooks'] }, true],
  [{ bundled: ['WEBHOOKS'], unbundled: ['Webhooks'] }, true],
])('metadata %j: Webhooks was served by the SDK itself is %j', (metadata, expected) => {
  expect(isBundled(metadata, webhooks)).toBe(expected);
});

const request = { key: '0', method: 'POST', url: 'https://x.example/', headers: {}, body: event } as const;
const notes = ['Left out: a'];
const sending = (): Answer => ({ requests: [request], notes });
/** A pipeline to Webhooks that sends everything, except for what a test changes. */
const pipeline: Deciders = { destination: webhooks, planner: sending, filter: () => undefined };

test('an event is sent, or dead with a reason, or waits for a better version of ours', () => {
  const broken = (): Answer => {
    throw new Error('no such field');
  };
  expect(plan(event, pipeline)).toEqual({ kind: 'send', requests: [request], notes });
  expect(plan(event, { ...pipeline, planner: () => ({ refuse: 'too long' }) })).toEqual({
    kind: 'dead',
    reason: 'not sent: too long',
  });
  expect(plan(event, { ...pipeline, planner: broken })).toEqual({
    kind: 'broken',
    reason: 'the destination failed on it: no such field',
  });
  expect(plan(undefined, pipeline)).toEqual({ kind: 'dead', reason: 'the stored bytes are no event' });
});

test('an event is filtered by the first that objects: its integrations, its SDK, the filter, the destination', () => {
  const unwanted = { ...event, integrations: { All: false } };
  const served = { ...event, _metadata: { bundled: ['Webhooks'] } };
  const skips = { ...pipeline, planner: () => ({ skip: 'no user' }) };
  const filters = { ...skips, filter: () => 'Orders only' };
  expect(plan({ ...served, ...unwanted }, filters)).toEqual({
    kind: 'filtered',
    rule: 'integrations',
    reason: "the event's integrations say no",
  });
  expect(plan(served, filters)).toEqual({
    kind: 'filtered',
    rule: 'bundled',
    reason: 'the browser or app has sent it to Webhooks itself',
  });
  expect(plan(event, filters)).toEqual({
    kind: 'filtered',
    rule: 'filter: Orders only',
    reason: "the pipeline's filter leaves it out: Orders only",
  });
  expect(plan(event, skips)).toEqual({ kind: 'filtered', rule: 'destination', reason: 'no user' });
});

test('what only browsers send to is filtered before all else, also what is no event', () => {
  const skipped = { kind: 'filtered', rule: 'device mode', reason: 'device mode: it is left to the browser' };
  const tag: Deciders = { ...pipeline, destination: { ...webhooks, modes: ['device'] } };
  expect(plan(event, tag)).toEqual(skipped);
  expect(plan({ ...event, integrations: { All: false } }, tag)).toEqual(skipped);
  expect(plan(undefined, tag)).toEqual(skipped);
  expect(plan(event, { ...pipeline, destination: { ...webhooks, modes: ['device', 'cloud'] } }).kind).toBe(
    'send',
  );
});

test('the filter is asked about the event itself', () => {
  const filter = ({ type }: Event) => (type === 'track' ? 'No tracks' : undefined);
  expect(plan(event, { ...pipeline, filter }).kind).toBe('filtered');
  expect(plan({ ...event, type: 'page' }, { ...pipeline, filter }).kind).toBe('send');
});

test('the idempotency key is the same for the same event and pipeline only, and fits into a header', () => {
  expect(idempotencyKey('p', 'm-1')).toBe('p:m-1');
  expect(idempotencyKey('q', 'm-1')).not.toBe(idempotencyKey('p', 'm-1'));
  for (const odd of ['é', 'a b', 'a\r\nb', '', 'x'.repeat(200)]) {
    expect(idempotencyKey('p', odd)).toMatch(/^p:[0-9a-f]{64}$/);
    expect(idempotencyKey('p', odd)).toBe(idempotencyKey('p', odd));
  }
});

test('a body that is the event is serialized once for all pipelines', () => {
  const bytes = Buffer.from(JSON.stringify(event));
  const parcel = { position: 0, sequence: 1, orderKey: 'u', messageId: 'm', receivedAt: 0, event, bytes };
  const request = { key: '0', method: 'POST', url: '', headers: {} } as const;
  expect(bodyOf({ ...request, body: event }, parcel)).toBe(bytes);
  expect(bodyOf({ ...request, body: { a: 1 } }, parcel)).toBe('{"a":1}');
  expect(bodyOf({ ...request, body: undefined }, parcel)).toBe('');
});
