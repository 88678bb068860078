import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestText, UnwritableRequest } from './request-text.ts';

const HEAD = { method: 'POST', path: '/a?b=c', host: '127.0.0.1:8080', headers: ['x-a', 'b'] };

/** The bytes that go over the wire, as text in UTF-8. */
const written = (head: Partial<typeof HEAD> = {}, body: Uint8Array | string = '') =>
  Buffer.from(requestText({ ...HEAD, ...head }, body), 'latin1').toString();

test('a request is written in one piece, with its length in bytes', () => {
  expect(written({}, 'ok')).toBe(
    'POST /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:8080\r\nx-a: b\r\ncontent-length: 2\r\n\r\nok',
  );
  for (const body of ['é 🙂', Buffer.from('é 🙂'), new TextEncoder().encode('-é 🙂').subarray(1)])
    expect(written({}, body)).toMatch(/content-length: 7\r\n\r\né 🙂$/);
});

test('a body arrives byte by byte, whatever it is', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.string({ unit: 'binary' }), (bytes, string) => {
      for (const body of [bytes, string]) {
        const text = requestText(HEAD, body);
        const content = Buffer.from(text.slice(text.indexOf('\r\n\r\n') + 4), 'latin1');
        expect(content.equals(Buffer.from(body))).toBe(true);
      }
    }),
  );
});

test('a DELETE or GET without a body says nothing about its length, a POST does', () => {
  expect(written({ method: 'DELETE' })).not.toContain('content-length');
  expect(written({ method: 'GET' })).not.toContain('content-length');
  expect(written()).toContain('content-length: 0');
});

/** Why it is not written, and whether a header is at fault. */
function fault(head: Partial<typeof HEAD>): readonly [isAboutHeader: boolean, message: string] | undefined {
  try {
    written(head);
    return undefined;
  } catch (error) {
    if (error instanceof UnwritableRequest) return [error.isAboutHeader, error.message];
    throw error;
  }
}

const EVIL = ['\r\nx: y', '\n', '\r', '\0', '\u2028', '\u010a', '🙂', '\x7f'];

test.each(EVIL)('nothing can be smuggled in with %j', (evil) => {
  expect(fault({ headers: ['x-a', `a${evil}b`] })).toEqual([true, 'the header x-a has odd characters']);
  expect(fault({ headers: [`x-a${evil}`, 'b'] })).toEqual([true, 'the name of a header is not a word']);
  expect(fault({ path: `/${evil}` })?.[0]).toBe(false);
  expect(fault({ host: `a${evil}` })?.[0]).toBe(false);
  expect(fault({ method: `POST${evil}` })?.[0]).toBe(false);
});

test('neither can a second request be, by spaces or an empty name', () => {
  expect(fault({ path: '/ HTTP/1.1' })?.[0]).toBe(false);
  expect(fault({ path: 'http://elsewhere/' })?.[0]).toBe(false);
  expect(fault({ method: 'GET /x' })?.[0]).toBe(false);
  expect(fault({ method: '' })?.[0]).toBe(false);
  expect(fault({ headers: ['', 'b'] })?.[0]).toBe(true);
  expect(fault({ headers: ['a b', 'b'] })?.[0]).toBe(true);
  expect(fault({ headers: ['a:', 'b'] })?.[0]).toBe(true);
});

test.each([
  'Host',
  'content-length',
  'Transfer-Encoding',
  'CONNECTION',
  'upgrade',
  'expect',
  'keep-alive',
  'te',
  'trailer',
])('nobody else can set the header %s', (name) => {
  expect(fault({ headers: [name, '1'] })).toEqual([true, `the header ${name} cannot be set`]);
});

test('letters beyond ASCII are written as Latin-1 in headers', () => {
  expect(requestText({ ...HEAD, headers: ['x-a', 'é\tü'] }, '')).toContain('x-a: é\tü\r\n');
});
