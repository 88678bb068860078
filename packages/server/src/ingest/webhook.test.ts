import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ServedDoor, serveDoor } from './door.fixture.ts';

let door: ServedDoor;
beforeEach(async () => {
  door = await serveDoor();
});
afterEach(() => door[Symbol.asyncDispose]());

const call = { type: 'track', userId: 'u1', event: 'e' };

describe('a batch that a webhook sends is refused as it is on the batch route', () => {
  test.each<[string, object]>([
    ['empty', { batch: [] }],
    ['around a context that is a text', { batch: [call, call], context: 'x' }],
    ['of too many events', { batch: Array(2_501).fill(7) }],
  ])('when it is %s', async (_, body) => {
    const usual = await door.post('/v1/batch?writeKey=server', body);
    const answer = await door.post('/v1/webhook?writeKey=server', body);
    expect(JSON.parse(answer.text)).toMatchObject({ Success: false, Errors: [{ Error: 'Bad Request' }] });
    expect([answer.status, answer.text]).toEqual([usual.status, usual.text]);
    const [first, second] = door.observer.told;
    expect(second).toBe(first);
    expect(door.samples.of('server')).toMatchObject([{ route: '/v1/webhook' }, { route: '/v1/batch' }]);
  });

  test('when the log does not take it, while a single call keeps its own shape', async () => {
    door.log.next = async () => ({ kind: 'refused', why: 'disk_full' });
    const batch = await door.post('/v1/w?writeKey=server', { batch: [call] });
    expect([batch.status, JSON.parse(batch.text)]).toMatchObject([503, { Success: false, Errors: [{}] }]);
    const single = await door.post('/v1/w?writeKey=server', call);
    expect([single.status, JSON.parse(single.text)]).toMatchObject([503, { Error: 'Service Unavailable' }]);
  });

  test('under the source of the query, which wins over the batch’s own', async () => {
    await door.post('/v1/webhook?writeKey=server', { writeKey: 'site', batch: [] });
    expect(door.observer.told).toEqual(['rejected server invalid_batch 1']);
  });
});

test('a body that cannot be read is refused as a single call', async () => {
  const answer = await door.send({ path: '/v1/webhook?writeKey=server', body: '{"batch":[' });
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([
    400,
    { Error: 'Bad Request', Message: 'Error reading request body' },
  ]);
});
