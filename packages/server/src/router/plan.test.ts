import type { Answer } from '@metarouter/destinations';
import { expect, test } from 'vitest';
import { bodyOf, idempotencyKey, isWanted, plan } from './plan.ts';

const webhooks = { code: 'webhooks', name: 'Webhooks' };
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

test('an event is sent, filtered with a reason, or dead with a reason', () => {
  const request = { key: '0', method: 'POST', url: 'https://x.example/', headers: {}, body: event } as const;
  const broken = (): Answer => {
    throw new Error('no such field');
  };
  const notes = ['Left out: a'];
  expect(plan(event, webhooks, () => ({ requests: [request], notes }))).toEqual({
    kind: 'send',
    requests: [request],
    notes,
  });
  expect(plan(event, webhooks, () => ({ skip: 'no user' }))).toEqual({ kind: 'filtered', reason: 'no user' });
  const sending = () => ({ requests: [request], notes });
  expect(plan({ ...event, integrations: { All: false } }, webhooks, sending).kind).toBe('filtered');
  expect(plan(event, webhooks, () => ({ refuse: 'too long' }))).toEqual({
    kind: 'dead',
    reason: 'not sent: too long',
  });
  expect(plan(event, webhooks, broken)).toEqual({
    kind: 'dead',
    reason: 'the destination failed on it: no such field',
  });
  expect(plan(undefined, webhooks, sending).kind).toBe('dead');
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
