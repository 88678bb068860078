import { DESTINATIONS, type Destination } from '@metarouter/destinations';
import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import type { Pipeline } from '../store/workspace.ts';
import { previewOf } from './preview.ts';
import { fail, HOOK, live, logOf, PIPELINE, taken, webhooksBut } from './router.fixture.ts';

const SIGNED_UP = { type: 'track', event: 'Signed Up', userId: 'ada' };
const KEYS = { siteId: '7c1d9e52a0b34f68', apiKey: 'sesame-sesame' };
const CUSTOMERIO: Pipeline = { ...PIPELINE, destination: 'customerio', connection: KEYS };

/** What the pipeline would do with the event. */
function preview(
  event: unknown,
  pipeline = PIPELINE,
  destinations: ReadonlyMap<string, Destination> = DESTINATIONS,
) {
  return previewOf({
    pipeline,
    destination: destinations.get(pipeline.destination) ?? fail('no destination'),
    text: typeof event === 'string' ? event : JSON.stringify(event),
    clock: new VirtualClock(Date.UTC(2026, 2, 1)),
    newId: () => 'id-0',
  });
}

const bodyOf = ({ requests }: ReturnType<typeof preview>) => JSON.parse(requests[0]?.body ?? 'null');

describe('a preview', () => {
  test('shows what would be sent of an event as a client sends it, completed as the door completes it', () => {
    const shown = preview({ ...SIGNED_UP, properties: { plan: 'Büro' }, timestamp: '2026-02-28T23:00:00Z' });
    expect(shown).toMatchObject({ outcome: 'send', requests: [{ method: 'POST', url: HOOK }], notes: [] });
    expect(bodyOf(shown)).toEqual({
      ...SIGNED_UP,
      properties: { plan: 'Büro' },
      messageId: 'id-0',
      timestamp: '2026-02-28T23:00:00Z',
      originalTimestamp: '2026-02-28T23:00:00Z',
      receivedAt: '2026-03-01T00:00:00.000Z',
    });
  });

  test('shows of an event that was stored what was sent of it', async () => {
    const life = live({ log: logOf(['ada']) });
    await life.clock.pass(1_000);
    const [trace] = life.router.trace('s', '0');
    const [traced] = trace?.pipelines ?? [];
    expect(life.router.trials.preview({ pipeline: 'p', event: trace?.event ?? '' })).toEqual({
      outcome: 'send',
      requests: traced?.requests,
      notes: [],
    });
    expect(traced?.requests).toEqual([traced?.exchanges[0]?.request]);
  });

  test('says which rule would filter the event, as it would be counted', () => {
    const filter = [{ name: 'no sign-ups', drop: 'event = "Signed Up"' }];
    expect(preview(SIGNED_UP, { ...PIPELINE, filter })).toEqual({
      outcome: 'filtered',
      rule: 'filter: no sign-ups',
      reason: "the pipeline's filter leaves it out: no sign-ups",
      requests: [],
      notes: [],
    });
    const anonymous = { type: 'track', event: 'Seen', anonymousId: 'a' };
    expect(preview(anonymous, CUSTOMERIO)).toMatchObject({ outcome: 'filtered', rule: 'destination' });
  });

  test('says why the event would be a dead letter, and what of it would be left out', () => {
    const long = { ...SIGNED_UP, event: 'e'.repeat(101) };
    expect(preview(long, CUSTOMERIO)).toMatchObject({
      outcome: 'dead',
      reason: expect.stringMatching('100'),
    });
    const identified = preview({ type: 'identify', userId: 'ada', traits: { cio_id: 'x' } }, CUSTOMERIO);
    expect(identified).toMatchObject({ outcome: 'send', notes: [expect.stringContaining('cio_id')] });
  });

  test('shows no secret, also where the event repeats one', () => {
    const shown = preview({ ...SIGNED_UP, properties: { said: KEYS.apiKey } }, CUSTOMERIO);
    expect(bodyOf(shown)).toMatchObject({ data: { said: '[secret]' } });
    expect(JSON.stringify(shown)).not.toContain(KEYS.apiKey);
  });

  test.each([
    ['a field is missing', { type: 'track', userId: 'ada' }, 'event is required'],
    [
      'all fields are missing',
      { event: 'Seen' },
      'userId or anonymousId is required; type must be one of identify',
    ],
    ['it is no JSON', '{"type":', 'it is not a JSON object'],
    ['it is a list', '[]', 'it is not a JSON object'],
    [
      'a key is dangerous',
      '{"type":"track","event":"e","userId":"u","__proto__":{}}',
      'the key __proto__ is not allowed',
    ],
    ['it is deep', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`, 'it is nested too deep'],
    ['it is large', `{"a":"${'x'.repeat(500 * 1_024)}"}`, 'it has more than 512000 bytes'],
  ])('says what the door would not take: %s', (_, event, reason) => {
    expect(preview(event)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining(reason),
      requests: [],
    });
  });

  test('is broken off when it takes too long, so that no event stops the lanes by it', () => {
    const endless = webhooksBut({
      prepare: () => () => {
        for (;;);
      },
    });
    const began = performance.now();
    expect(preview(SIGNED_UP, PIPELINE, endless)).toEqual({
      outcome: 'broken',
      reason: 'it was not planned within 250 ms',
      requests: [],
      notes: [],
    });
    expect(performance.now() - began).toBeLessThan(2_000);
    expect(preview(SIGNED_UP)).toMatchObject({ outcome: 'send' });
  });

  test('says what is wrong where a destination fails, or settings cannot be used', () => {
    const failing = webhooksBut({
      prepare: () => () => fail('no such field'),
    });
    expect(preview(SIGNED_UP, PIPELINE, failing)).toMatchObject({
      outcome: 'broken',
      reason: 'the destination failed on it: no such field',
    });
    expect(preview(SIGNED_UP, { ...PIPELINE, connection: {} })).toMatchObject({
      outcome: 'broken',
      reason: 'webhooks: connection.urls must have at least 1 entry',
    });
  });

  test('sends nothing, counts nothing, and is there for pipelines that are switched off', async () => {
    const life = live({ log: logOf([]), pipelines: [{ ...PIPELINE, enabled: false }] });
    const ask = (pipeline: string) =>
      life.router.trials.preview({ pipeline, event: JSON.stringify(SIGNED_UP) });
    expect(ask('p')).toMatchObject({ outcome: 'send' });
    expect(ask('unknown')).toBeUndefined();
    await life.clock.pass(1_000);
    expect(life.sender.arrivals).toEqual([]);
    expect(life.ledger()).toMatchObject({ delivered: 0, filtered: 0, dead: 0 });
  });
});

test('a pipeline to a destination that only browsers send to leaves out every event, and keeps none', async () => {
  const acquisio: Pipeline = {
    ...PIPELINE,
    destination: 'acquisio',
    connection: { apiKey: '123' },
    config: { events: ['Seen'] },
  };
  const life = live({ log: logOf(['ada', 'bob']), pipelines: [acquisio] });
  await taken(life, 2);
  expect(life.ledger()).toMatchObject({ delivered: 0, dead: 0, window: 0 });
  expect(life.router.snapshot().lanes[0]?.filtered).toEqual(new Map([['device mode', 2]]));
  expect(life.router.trace('s', '0')[0]?.pipelines).toMatchObject([
    { outcome: 'filtered', rule: 'device mode', reason: 'device mode: it is left to the browser' },
  ]);
  expect(life.sender.arrivals).toEqual([]);
});
