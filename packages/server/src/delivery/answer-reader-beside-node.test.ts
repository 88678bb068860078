import { request } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AnswerReader } from './answer-reader.ts';

/** More than any of these answers has. */
const ALL = 1_024 * 1_024;

interface Answer {
  readonly bytes: Buffer;
  /** Whether it ends with the connection. */
  readonly isUntilClose: boolean;
}

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,11}$/);
const text = fc.stringMatching(/^[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]{0,30}[\x21-\x7e\x80-\xff])?$/);
const NO_CASE_OF_THEIRS =
  /^(content-length|transfer-encoding|connection|keep-alive|retry-after|upgrade|set-cookie)$/;
const otherHeader = fc
  .tuple(
    word.filter((name) => !NO_CASE_OF_THEIRS.test(name)),
    text,
  )
  .map(([name, value]) => `${name}: ${value}`);
const retryAfter = fc.integer({ min: 0, max: 9_999 }).map((seconds) => `Retry-After:  ${seconds} `);
const connection = fc.constantFrom('Connection: close', 'connection: Keep-Alive', 'x: y');

/** Content of these chunks, with extensions and trailers, as `transfer-encoding: chunked` has it. */
function chunked(chunks: readonly Uint8Array[], trailers: readonly string[]): Buffer {
  const parts = chunks
    .filter(({ length }) => length > 0)
    .flatMap((chunk, index) => [
      `${chunk.length.toString(16).padStart(index % 4, '0')}${index % 2 === 0 ? '' : ';a=b;c="d"'}\r\n`,
      chunk,
      '\r\n',
    ]);
  const end = ['0\r\n', ...trailers.map((trailer) => `${trailer}\r\n`), '\r\n'];
  return Buffer.concat([...parts, ...end].map((part) => Buffer.from(part)));
}

const framed = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => ({
    header: `Content-Length: ${bytes.length}`,
    content: Buffer.from(bytes),
    isUntilClose: false,
  })),
  fc
    .tuple(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
      fc.array(otherHeader, { maxLength: 2 }),
    )
    .map(([chunks, trailers]) => ({
      header: 'Transfer-Encoding: chunked',
      content: chunked(chunks, trailers),
      isUntilClose: false,
    })),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => ({
    header: 'x-until: close',
    content: Buffer.from(bytes),
    isUntilClose: true,
  })),
);

/** Any valid final answer with content, perhaps behind interim ones. */
const answer: fc.Arbitrary<Answer> = fc
  .record({
    interim: fc.array(fc.constantFrom('100 Continue', '102 Processing', '103 Early Hints'), { maxLength: 2 }),
    status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
    reason: fc.option(text, { nil: '' }),
    headers: fc.array(otherHeader, { maxLength: 5 }),
    own: fc.array(fc.oneof(retryAfter, connection), { maxLength: 1 }),
    framed,
  })
  .map(({ interim, status, reason, headers, own, framed: { header, content, isUntilClose } }) => {
    const before = interim.map((line) => `HTTP/1.1 ${line}\r\n\r\n`).join('');
    const lines = [`HTTP/1.1 ${status} ${reason}`, ...headers, header, ...own].join('\r\n');
    return {
      bytes: Buffer.concat([Buffer.from(`${before}${lines}\r\n\r\n`, 'latin1'), content]),
      isUntilClose,
    };
  });

/** The bytes in pieces, cut at these places. */
function pieces(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((one, other) => one - other);
  return [0, ...places]
    .map((from, index) => bytes.subarray(from, places[index] ?? bytes.length))
    .filter(({ length }) => length > 0);
}

/** What Node's own client makes of these pieces. */
function readByNode(received: Buffer[], isUntilClose: boolean) {
  return new Promise((resolve, reject) => {
    const socket = new Duplex({
      read() {},
      write(_chunk, _encoding, callback) {
        callback();
        while (received.length > 0) socket.push(received.shift());
        if (isUntilClose) socket.push(null);
      },
    });
    const sent = request({ method: 'POST', createConnection: () => socket }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({
          status: response.statusCode,
          retryAfter: response.headers['retry-after'],
          answer: Buffer.concat(chunks).toString(),
        });
        socket.destroy();
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

function readByUs(received: readonly Buffer[], isUntilClose: boolean) {
  const reader = new AnswerReader();
  reader.begin('POST', ALL, ALL);
  const completeAfter = received.findIndex((piece) => reader.read(piece, piece.length));
  expect(completeAfter).toBe(isUntilClose ? -1 : received.length - 1);
  if (isUntilClose) reader.end();
  return reader.answered();
}

test('a valid answer reads as it does to the client of node:http, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(answer, fc.array(fc.nat(), { maxLength: 12 }), async ({ bytes, isUntilClose }, cuts) => {
      const received = pieces(bytes, cuts);
      const found = readByUs(received, isUntilClose);
      expect(found).toEqual(await readByNode([...received], isUntilClose));
    }),
    { numRuns: 500 },
  );
});
