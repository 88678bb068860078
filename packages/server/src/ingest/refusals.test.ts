import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ServedDoor, serveDoor } from './door.fixture.ts';

let door: ServedDoor;
beforeEach(async () => {
  door = await serveDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

const good = { type: 'track', userId: 'u1', event: 'e' };
const faulty = { type: 'track', properties: 7 };
const faults = 'userId or anonymousId is required; event is required; properties must be an object';

describe('an event that is refused is counted once, and leaves one sample', () => {
  test('with several faults, alone', async () => {
    await door.post('/v1/track', { ...faulty, writeKey: 'server' });
    expect(door.observer.told).toEqual(['rejected server invalid_event 1']);
    expect(door.samples.of('server')).toMatchObject([{ details: faults }]);
  });

  test('with several faults, in a batch', async () => {
    await door.post('/v1/batch', {
      writeKey: 'server',
      batch: [faulty, good, { ...faulty, messageId: 'm' }],
    });
    expect(door.observer.told).toEqual([
      'rejected server invalid_event 1',
      'rejected server invalid_event 1',
      'accepted server track 1',
    ]);
    expect(door.samples.of('server')).toMatchObject([
      { details: faults, messageId: 'm' },
      { details: faults, messageId: null },
    ]);
  });

  test('with several faults, as a custom event', async () => {
    await door.post('/v1/custom/event', { _metarouter: { writeKey: 'server', userID: 7 } });
    expect(door.observer.told).toEqual(['rejected server invalid_event 1']);
    expect(door.samples.of('server')).toMatchObject([
      { details: 'eventName is required; userID must be a string' },
    ]);
  });

  test('as a custom event with a batch and a writeKey of its own', async () => {
    const event = { writeKey: 'site', batch: [1, 2, 3] };
    const headers = { 'x-event-metadata': '[]' };
    await door.post('/v1/custom/event?writeKey=server', event, headers);
    expect(door.observer.told).toEqual(['rejected server invalid_event 1']);
  });
});

describe('a batch that is refused as a whole is counted with all its events, and leaves one sample', () => {
  const batches: readonly (readonly [string, object, string])[] = [
    ['around a context that is a text', { batch: [good, good, good], context: 'x' }, 'invalid_batch 3'],
    ['of too many events', { batch: Array(2_501).fill(7) }, 'request_too_large 2501'],
    ['that is empty', { batch: [] }, 'invalid_batch 1'],
    ['that is an object', { batch: {} }, 'invalid_batch 1'],
  ];

  test.each(batches)('%s', async (_, batch, counted) => {
    await door.post('/v1/batch', { writeKey: 'server', ...batch });
    expect(door.observer.told).toEqual([`rejected server ${counted}`]);
    expect(door.samples.of('server')).toMatchObject([
      { messageId: null, text: expect.stringMatching(/^\{"writeKey":"serv…"/) },
    ]);
  });

  test('under the source that its header tells when its body tells none', async () => {
    const authorization = `Basic ${Buffer.from('server:').toString('base64')}`;
    await door.post('/v1/batch', { batch: [] }, { authorization });
    await door.post('/v1/batch', { writeKey: 'site', batch: [] }, { authorization });
    await door.post('/v1/batch', { writeKey: 'nobody', batch: [] });
    expect(door.observer.told).toEqual([
      'rejected server invalid_batch 1',
      'rejected site invalid_batch 1',
      'rejected undefined invalid_batch 1',
    ]);
  });
});

test('a request that cannot be read counts as one event', async () => {
  await door.send({ path: '/v1/batch?writeKey=server', body: '{"batch":[{},{},' });
  await door.send({ path: '/v1/batch?writeKey=server', body: 'x'.repeat(500 * 1024 + 1) });
  expect(door.observer.told).toEqual([
    'rejected server invalid_body 1',
    'rejected server request_too_large 1',
  ]);
});
