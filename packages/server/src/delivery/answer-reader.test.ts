import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnswerReader } from './answer-reader.ts';
import { NoAnswer } from './no-answer.ts';

const KIB = 1_024;
const KEPT_MAX = KIB;
const CONTENT_MAX = 64 * KIB;

/** What a reader makes of these pieces: what it is waiting for, or the answer, or why there is none. */
function readPieces(pieces: Iterable<Buffer>, { method = 'POST', isClosed = false } = {}) {
  const reader = new AnswerReader();
  reader.begin(method, KEPT_MAX, CONTENT_MAX);
  let isComplete = false;
  try {
    for (const piece of pieces) isComplete ||= reader.read(piece, piece.length);
    if (isClosed && !isComplete) {
      reader.end();
      isComplete = true;
    }
  } catch (error) {
    if (error instanceof NoAnswer) return error.message;
    throw error;
  }
  return isComplete ? { ...reader.answered(), keepMs: reader.keepMs } : 'incomplete';
}

const read = (text: string, options?: Parameters<typeof readPieces>[1]) =>
  readPieces([Buffer.from(text, 'latin1')], options);

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = 'transfer-encoding: chunked\r\n';
const MALFORMED = 'no answer (it is malformed)';
const UNCLEAR = 'no answer (its length is unclear)';
const CUT_SHORT = 'no answer (the connection was closed in the middle of it)';
/** An answer that ends at once, with more headers. */
const empty = (...headers: readonly string[]) =>
  `${OK}content-length: 0\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;

test('an answer reads the same wherever it is cut, at every byte', () => {
  for (const answer of [
    `HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}retry-after: 7\r\nContent-Length: 5\r\n\r\nh\xc3\xa9l\n`,
    `HTTP/1.1 503 Busy\r\nRetry-After:\r\n\t7\r\nconnection: Keep-Alive,\r\n  close\r\n${CHUNKED}\r\n2;a="b"\r\nhi\r\n003\r\n!\r\n\r\n0\r\nx-sum: 1\r\n\r\n`,
  ]) {
    const whole = read(answer);
    expect(whole).toMatchObject({ status: expect.any(Number), retryAfter: '7' });
    const bytes = Buffer.from(answer, 'latin1');
    for (let at = 1; at < bytes.length; at += 1) {
      expect(read(answer.slice(0, at))).toBe('incomplete');
      expect(readPieces([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    }
    expect(readPieces(Array.from(bytes, (byte) => Buffer.of(byte)))).toEqual(whole);
  }
});

test('one reader reads one answer after the other, each by itself', () => {
  const head = 'content-length: 1\r\nretry-after: 1\r\n\r\n';
  const reader = new AnswerReader();
  for (const [method, text, found] of [
    ['POST', `${OK}${head}a`, { status: 200, retryAfter: '1', answer: 'a' }],
    ['POST', `${OK}${head}b`, { status: 200, retryAfter: '1', answer: 'b' }],
    ['POST', `HTTP/1.1 103 \r\n\r\n${OK}${head}c`, { status: 200, retryAfter: '1', answer: 'c' }],
    ['HEAD', `${OK}${head}`, { status: 200, retryAfter: '1', answer: '' }],
    ['POST', `${OK}${head}d`, { status: 200, retryAfter: '1', answer: 'd' }],
    ['POST', `HTTP/1.1 404 \r\n${CHUNKED}\r\n0\r\n\r\n`, { status: 404, retryAfter: undefined, answer: '' }],
    ['POST', `${OK}${head}e`, { status: 200, retryAfter: '1', answer: 'e' }],
  ] as const) {
    reader.begin(method, KEPT_MAX, CONTENT_MAX);
    expect(reader.read(Buffer.from(text), text.length)).toBe(true);
    expect([reader.answered(), reader.keepMs]).toEqual([found, 30_000]);
  }
});

describe('the content ends', () => {
  test('after Content-Length bytes, also when the same number is given several times (RFC 9110 §8.6)', () => {
    for (const length of ['2', '2, 2', '2\r\ncontent-length: 2'])
      expect(read(`${OK}content-length: ${length}\r\n\r\nok`)).toMatchObject({
        answer: 'ok',
        keepMs: 30_000,
      });
  });

  test.each([
    '2\r\ncontent-length: 3',
    '2, 3',
    '-2',
    '+2',
    '2.0',
    '0x2',
    '',
    '2 2',
    'two',
    '9007199254740992',
  ])('nowhere that can be relied on with Content-Length %j', (length) => {
    expect(read(`${OK}content-length: ${length}\r\n\r\nok`)).toBe(UNCLEAR);
  });

  test('with the last chunk, whatever extensions and trailers say', () => {
    const chunks = '1\r\no\r\n1 ;a=b;c="d"\r\nk\r\n000\r\nretry-after: 7\r\n\r\n';
    expect(read(`${OK}${CHUNKED}\r\n${chunks}`)).toEqual({
      status: 200,
      retryAfter: undefined,
      answer: 'ok',
      keepMs: 30_000,
    });
    expect(read(`${OK}transfer-encoding: gzip, Chunked\r\n\r\n${chunks}`)).toMatchObject({ answer: 'ok' });
  });

  test.each([
    'g\r\n',
    '\r\n',
    '-1\r\n',
    '0x1\r\n',
    '1 1\r\n',
    '1\n',
    'ffffffffffffff\r\n',
    '1\r\nok\r\n',
    '1\r\no\n',
  ])('nowhere that can be relied on with the chunk %j', (chunk) => {
    expect(read(`${OK}${CHUNKED}\r\n${chunk}`)).toBe(MALFORMED);
  });

  test('with the last chunk where a length is given too, and the connection is closed (RFC 9112 §6.3)', () => {
    const answer = 'content-length: 1\r\n\r\n2\r\nok\r\n0\r\n\r\n';
    expect(read(`${OK}${CHUNKED}${answer}`)).toMatchObject({ answer: 'ok', keepMs: 0 });
  });

  test('with the connection where neither is given, or chunked is not the last coding', () => {
    for (const headers of ['', 'transfer-encoding: gzip\r\n']) {
      expect(read(`${OK}${headers}\r\nok`)).toBe('incomplete');
      expect(read(`${OK}${headers}\r\nok`, { isClosed: true })).toMatchObject({ answer: 'ok', keepMs: 0 });
    }
    expect(read(`${OK}transfer-encoding: chunked, gzip\r\n\r\n`)).toContain('unclear');
  });

  test('with the headers for 204, for 304, and for HEAD, whatever length they state', () => {
    const headers = 'content-length: 5\r\n\r\n';
    for (const status of [204, 304])
      expect(read(`HTTP/1.1 ${status} \r\n${headers}`)).toMatchObject({ status, answer: '', keepMs: 30_000 });
    expect(read(`${OK}${headers}`, { method: 'HEAD' })).toMatchObject({ answer: '' });
    expect(read(`${OK}${CHUNKED}\r\n`, { method: 'HEAD' })).toMatchObject({ answer: '' });
  });

  test('for us after 64 KiB, and the connection is closed', () => {
    const bytes = Buffer.from(`${OK}\r\n${'x'.repeat(CONTENT_MAX)}`);
    expect(readPieces([bytes])).toBe('incomplete');
    expect(readPieces([bytes, Buffer.from('x')])).toMatchObject({ answer: 'x'.repeat(KEPT_MAX), keepMs: 0 });
  });
});

test('what stands around chunks counts as content: many tiny ones are no way to keep us busy', () => {
  const chunk = `1;${'x'.repeat(57)}\r\n!\r\n`;
  const bytes = Buffer.from(`${OK}${CHUNKED}\r\n${chunk.repeat(CONTENT_MAX / chunk.length)}`);
  expect(readPieces([bytes])).toBe('incomplete');
  expect(readPieces([bytes, Buffer.from(chunk)])).toMatchObject({ answer: '!'.repeat(KEPT_MAX), keepMs: 0 });
});

describe('the connection is kept', () => {
  test.each([
    [[], 30_000],
    [['connection: close'], 0],
    [['connection: Upgrade, CLOSE'], 0],
    [['connection: closed'], 30_000],
    [['keep-alive: timeout=5'], 4_000],
    [['Keep-Alive: max=100, Timeout=5'], 4_000],
    [['keep-alive: timeout=1'], 0],
    [['keep-alive: timeout=0'], 0],
    [['keep-alive: timeout=31'], 30_000],
    [['keep-alive: timeout=600'], 30_000],
    [['keep-alive: timeout=soon'], 30_000],
    [['keep-alive: timeout=5', 'connection: close'], 0],
  ])('after an answer with %j for %i ms', (headers, keepMs) => {
    expect(read(empty(...headers))).toMatchObject({ keepMs });
  });

  test('after HTTP/1.0 only where it says so, and not after chunks, which are not part of it', () => {
    const http10 = (text: string) => read(text.replace('HTTP/1.1', 'HTTP/1.0'));
    expect(http10(empty())).toMatchObject({ status: 200, keepMs: 0 });
    expect(http10(empty('connection: keep-alive'))).toMatchObject({ keepMs: 30_000 });
    expect(http10(`${OK}${CHUNKED}connection: keep-alive\r\n\r\n0\r\n\r\n`)).toMatchObject({ keepMs: 0 });
  });

  test('not when anything follows the answer', () => {
    expect(read(`${empty()}H`)).toMatchObject({ status: 200, keepMs: 0 });
    expect(read(`${OK}${CHUNKED}\r\n0\r\n\r\n\r\n`)).toMatchObject({ keepMs: 0 });
    expect(read('HTTP/1.1 204 No Content\r\n\r\nno')).toMatchObject({ status: 204, keepMs: 0 });
  });
});

describe('there is no answer', () => {
  test('as soon as it cannot be HTTP/1.x any more', () => {
    for (const beginning of [
      'S',
      'SSH-2.0-x',
      '\x15\x03\x01',
      '\r\n',
      ' HTTP',
      'HTTP/2',
      'http/1.1 200',
      '{}',
    ])
      expect(read(beginning)).toBe('no answer (it is not HTTP/1.1)');
  });

  test.each([
    'HTTP/1.1 200 OK\n',
    'HTTP/1.1 200 OK\ncontent-length: 0\n\n',
    'HTTP/1.1  200 OK\r\n\r\n',
    'HTTP/1.1 20 OK\r\n\r\n',
    'HTTP/1.1 2000 OK\r\n\r\n',
    'HTTP/1.1 099 OK\r\n\r\n',
    'HTTP/1.1 200OK\r\n\r\n',
    'HTTP/1.1 200 O\rK\r\n\r\n',
    'HTTP/1.1 200 O\0K\r\n\r\n',
    'HTTP/1.x 200 OK\r\n\r\n',
    'HTTP/1.1\r\n\r\n',
    'HTTP/1.1 101 Switching Protocols\r\n\r\n',
    `${OK}a: b\n`,
    `${OK}no colon\r\n\r\n`,
    `${OK}: no name\r\n\r\n`,
    `${OK}a : b\r\n\r\n`,
    `${OK}content-length : 0\r\n\r\n`,
  ])('in %j', (text) => {
    expect(read(text)).toBe(MALFORMED);
  });

  test('where the headers, the trailers, or the line before a chunk are longer than 16 KiB', () => {
    const long = 'x'.repeat(16 * KIB);
    const lines = 'a: b\r\n'.repeat(3 * KIB);
    for (const text of [`HTTP/1.1 200 ${long}`, `${OK}a: ${long}`, `${OK}${lines}`])
      expect(read(text)).toBe('no answer (its headers are longer than 16 KiB)');
    for (const text of [`0\r\n${lines}`, `1;${long}`])
      expect(read(`${OK}${CHUNKED}\r\n${text}`)).toContain('16 KiB');
    expect(read(empty(`a: ${'x'.repeat(15 * KIB)}`))).toMatchObject({ status: 200 });
  });

  test('where only interim ones come', () => {
    const interim = 'HTTP/1.1 102 Processing\r\n\r\n';
    expect(read(`${interim.repeat(100)}${empty()}`)).toMatchObject({ status: 200 });
    expect(read(interim.repeat(101))).toBe('no final answer among 100 interim ones');
  });

  test('where the connection is closed before it is complete', () => {
    expect(read('', { isClosed: true })).toBe('no answer (the connection was closed)');
    for (const text of ['H', OK, `${OK}content-length: 2\r\n\r\no`, `${OK}${CHUNKED}\r\n1\r\no\r\n0\r\n`])
      expect(read(text, { isClosed: true })).toBe(CUT_SHORT);
  });
});

test('whatever comes, in whatever pieces, a reader says what it is or waits for more', () => {
  const fragment = fc.oneof(
    fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        OK,
        CHUNKED,
        '\r\n',
        '\r\n\r\n',
        'HTTP/1.1 100 \r\n\r\n',
        'content-length: 3\r\n',
        '3\r\nabc\r\n',
        '0\r\n',
        ' a\r\n',
      )
      .map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 12 }), fc.boolean(), (pieces, isClosed) => {
      const found = readPieces(pieces, { isClosed });
      const whole = readPieces([Buffer.concat(pieces)], { isClosed });
      // What follows a complete answer is noticed where it comes with it.
      if (typeof found === 'string') expect(whole).toBe(found);
      else expect(whole).toEqual({ ...found, keepMs: expect.any(Number) });
    }),
    { numRuns: 2_000 },
  );
});
