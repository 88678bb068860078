import fc from 'fast-check';
import { expect, test } from 'vitest';
import { batchOf, type DeclaredBatch } from './batch.ts';
import { type OutgoingRequest, post, remove } from './request.ts';
import { utf8Length } from './utf8.ts';

const bounds = { eventsMax: 10, bytesMax: 1_000, waitMs: 0 };
const plain = batchOf(bounds);
const named = batchOf({ ...bounds, list: 'items' });

const to = (body: unknown) => post('/all', body, { headers: { 'x-a': 'b' } });
const bytesOf = ({ body }: OutgoingRequest) => utf8Length(JSON.stringify(body));
const lists = fc.array(fc.array(fc.jsonValue()), { minLength: 1, maxLength: 6 });

test('joined requests have all that the single ones have, in order, and no more bytes', () => {
  fc.assert(
    fc.property(lists, fc.jsonValue(), (each, rest) => {
      const cases = [
        { batch: plain, requests: each.map((items) => to(items)), body: each.flat() },
        {
          batch: named,
          requests: each.map((items) => to({ rest, items })),
          body: { rest, items: each.flat() },
        },
      ];
      for (const { batch, requests, body } of cases) {
        const joined = batch.join(requests);
        expect(joined).toEqual({ ...requests[0], body });
        expect(bytesOf(joined)).toBeLessThanOrEqual(requests.reduce((sum, one) => sum + bytesOf(one), 0));
      }
    }),
  );
});

test('it makes no difference what is joined first', () => {
  fc.assert(
    fc.property(lists, fc.nat(6), (each, at) => {
      const requests = each.map((items) => to(items));
      const parts = [requests.slice(0, at), requests.slice(at)].filter((part) => part.length > 0);
      expect(plain.join(parts.map((part) => plain.join(part)))).toEqual(plain.join(requests));
    }),
  );
});

const sign = { scheme: 'standard-webhooks', secret: 'c2VjcmV0' } as const;

test.each<[string, OutgoingRequest]>([
  ['the address', post('/other', [2], { key: '/all' })],
  ['the method', { ...post('/all', [2]), method: 'PUT' }],
  ['a header', post('/all', [2], { headers: { 'x-user': 'u' } })],
  ['the signature', post('/all', [2], { sign })],
  ['the key', post('/all', [2], { key: 'other' })],
])('requests that differ in %s are never joined', (_, other) => {
  const one = post('/all', [1]);
  expect(() => plain.join([one, other])).toThrow('differ in more than their lists');
  expect(() => plain.join([other, one])).toThrow('differ in more than their lists');
});

test.each<[string, object, object]>([
  ['a value', { stream: 'a' }, { stream: 'b' }],
  ['the type of a value', { stream: '1' }, { stream: 1 }],
  ['a name', { stream: 'a' }, {}],
  ['a name without a value', { stream: undefined }, { colour: undefined }],
  ['another list', { at: ['a', 'b'] }, { at: ['a'] }],
  ['an object', { at: { b: 1 } }, { at: { b: 2 } }],
])('bodies that differ in %s beside their lists are never joined', (_, one, other) => {
  const requests = [one, other].map((rest) => to({ ...rest, items: [] }));
  expect(() => named.join(requests)).toThrow('differ in more than their lists');
  expect(() => named.join(requests.toReversed())).toThrow('differ in more than their lists');
});

test('names may stand in any order', () => {
  const requests = [to({ a: 1, b: { c: 1, d: 2 }, items: [1] }), to({ items: [2], b: { d: 2, c: 1 }, a: 1 })];
  expect(named.join(requests).body).toEqual({ a: 1, b: { c: 1, d: 2 }, items: [1, 2] });
});

test.each<[string, () => unknown]>([
  ['no list', () => plain.join([to({ items: [1] })])],
  ['a list without a name', () => named.join([to([1])])],
  ['a list of another name', () => named.join([to({ events: [1] })])],
  ['no body', () => plain.join([remove('/all'), remove('/all')])],
])('a body with %s is a bug of the declaration', (_, join) => {
  expect(join).toThrow('has no list');
});

test('there is always something to join', () => {
  expect(() => plain.join([])).toThrow('nothing to join');
});

test('each event has an outcome of its own, or the declaration has a bug', () => {
  const requests = [to([1]), to([2])];
  const outcomes = (count: number) =>
    batchOf({ ...bounds, outcomesOf: () => Array.from({ length: count }, () => undefined) }).outcomesOf;
  const answer = { status: 200, body: '' };
  expect(outcomes(2)?.(answer, requests)).toEqual([undefined, undefined]);
  for (const count of [0, 1, 3]) expect(() => outcomes(count)?.(answer, requests)).toThrow('of 2 events');
});

test.each([
  ['{"a":[1]}', { a: [1] }],
  ['{"a":[1', undefined],
  ['<html>', undefined],
  ['', undefined],
])('the author reads the answer %j as JSON, if it is any', (body, json) => {
  const read: unknown[] = [];
  const outcomesOf: DeclaredBatch['outcomesOf'] = (answer) => {
    read.push(answer);
    return [undefined];
  };
  batchOf({ ...bounds, outcomesOf }).outcomesOf?.({ status: 207, body }, [to([1])]);
  expect(read).toStrictEqual([{ status: 207, json }]);
});

test('an author who reads no answers leaves the reading out', () => {
  expect(plain.outcomesOf).toBeUndefined();
});
