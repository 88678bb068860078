import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ServedDoor, serveDoor } from './door.fixture.ts';

/** Ten events a second, and so a hundred at once. */
const RATE = 10;

let door: ServedDoor;
beforeEach(async () => {
  door = await serveDoor({ sourceEventsPerSecond: RATE });
});
afterEach(() => door[Symbol.asyncDispose]());

const call = { type: 'track', userId: 'u1', event: 'e' };

/** Sends so many events of a source in one batch. */
const send = (source: string, events: number) =>
  door.post('/v1/batch', { writeKey: source, batch: Array(events).fill(call) });

describe('a source over its rate', () => {
  test('is answered 429 with the whole seconds to wait, in the keys that SDKs read', async () => {
    expect((await send('server', 100)).status).toBe(200);
    const answer = await door.post('/v1/track', { ...call, writeKey: 'server' });
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '1']);
    expect(JSON.parse(answer.text)).toEqual({
      Error: 'Too Many Requests',
      Message: 'Too many events',
      Details: 'this source may send 10 events a second: send it again later',
      success: false,
      code: 'over_rate',
      message: 'Too many events',
      error: 'Too Many Requests',
    });
    const batch = await send('server', 2);
    expect([batch.status, JSON.parse(batch.text)]).toMatchObject([
      429,
      { Success: false, Errors: [{ Error: 'Too Many Requests' }] },
    ]);
    expect(door.observer.told).toEqual([
      'accepted server track 100',
      'rejected server over_rate 1',
      'rejected server over_rate 2',
    ]);
  });

  test('is taken again when it has waited as long as it was told', async () => {
    await send('server', 100);
    await door.clock.pass(99);
    expect((await send('server', 1)).status).toBe(429);
    await door.clock.pass(1);
    expect((await send('server', 1)).status).toBe(200);
    expect((await send('server', 1)).status).toBe(429);
  });

  test('never has half a batch stored: what a batch takes too much is owed', async () => {
    await send('server', 99);
    expect((await send('server', 50)).status).toBe(200);
    expect(door.log.records).toHaveLength(149);
    expect((await send('server', 1)).headers['retry-after']).toBe('5');
    await door.clock.pass(5_000);
    expect((await send('server', 1)).status).toBe(200);
  });

  test('is never told to wait longer than SDKs would', async () => {
    await door[Symbol.asyncDispose]();
    door = await serveDoor({ sourceEventsPerSecond: 1 });
    await send('server', 2_500);
    expect((await send('server', 1)).headers['retry-after']).toBe('300');
  });

  test('saves up ten seconds of its rate and no more', async () => {
    await send('server', 1);
    await door.clock.pass(3_600_000);
    await send('server', 100);
    expect((await send('server', 1)).status).toBe(429);
  });

  test('does not stand in the way of others, unless it shares a batch with them', async () => {
    await send('server', 100);
    expect((await send('site', 1)).status).toBe(200);
    const batch = ['site', 'server', 'site'].map((writeKey) => ({ ...call, writeKey }));
    expect((await door.post('/v1/batch', { batch })).status).toBe(429);
    expect(door.log.records).toHaveLength(101);
  });

  test('shows its pixels all the same', async () => {
    await send('server', 100);
    const answer = await door.get('/v1/pixel/track?writeKey=server&userId=u&event=e');
    expect([answer.status, answer.headers['content-type'], answer.headers['retry-after']]).toEqual([
      200,
      'image/gif',
      undefined,
    ]);
    expect(door.log.records).toHaveLength(100);
  });
});

test('events that the log does not take do not count against a source', async () => {
  const { next } = door.log;
  door.log.next = async () => ({ kind: 'refused', why: 'overloaded' });
  for (let sent = 0; sent < 3; sent++) expect((await send('server', 100)).status).toBe(503);
  door.log.next = () => Promise.reject(new Error('EIO'));
  expect((await send('server', 100)).status).toBe(503);
  door.log.next = next;
  expect((await send('server', 100)).status).toBe(200);
  expect((await send('server', 1)).status).toBe(429);
});

test('events that are only turned away leave no samples among those with mistakes', async () => {
  await send('server', 100);
  await door.post('/v1/track', { ...call, event: '', writeKey: 'server' });
  expect((await send('server', 1)).status).toBe(429);
  expect(door.samples.of('server')).toMatchObject([{ reason: 'invalid_event' }]);
});

test('refused events do not count against a source', async () => {
  for (let sent = 0; sent < 3; sent++) {
    const batch = Array(100).fill({ ...call, event: '' });
    expect((await door.post('/v1/batch', { writeKey: 'server', batch })).status).toBe(400);
  }
  expect((await send('server', 100)).status).toBe(200);
});

test('with a rate of 0 there is no limit', async () => {
  await door[Symbol.asyncDispose]();
  door = await serveDoor({ sourceEventsPerSecond: 0 });
  for (let sent = 0; sent < 5; sent++) expect((await send('server', 2_500)).status).toBe(200);
});
