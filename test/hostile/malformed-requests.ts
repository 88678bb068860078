import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { WRITE_KEY } from '../support/workspace-file.ts';

/** A request that no client should make, as the bytes of a connection. */
export interface MalformedRequest {
  readonly method: string;
  readonly path: string;
  readonly bytes: Buffer;
}

const TYPES = ['identify', 'track', 'page', 'screen', 'group', 'alias'];
const PATHS = [
  ...TYPES.map((type) => `/v1/${type}`),
  ...TYPES.map((type) => `/v1/pixel/${type}`),
  ...['i', 't', 'p', 's', 'g', 'a', 'batch', 'b', 'import', 'webhook', 'w', 'm'].map((name) => `/v1/${name}`),
  '/v1/custom/event',
  ...[
    '/b',
    '/import',
    '/batch',
    '/i',
    '/t',
    '/m',
    '/v1/batch/b',
    '/v1/v1/batch',
    '/beacon/v1/batch',
    '/v1/track/',
    '/v1//b',
  ],
  `/v1/projects/${WRITE_KEY}/settings`,
  '/v1/projects/x/settings',
  '/projects/x/settings',
  '/health/live',
  '/',
];

const path = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...PATHS) },
  fc.constantFrom(...PATHS).map((known) => `${known}//../%2e%2e/`),
  fc.webPath(),
  fc.constantFrom('/%', '/%ff%00', '/v1/track;x', '/V1/TRACK', '/v1/__proto__', '/v1/pixel/constructor', '*'),
);
const query = fc.oneof(
  { weight: 4, arbitrary: fc.constant('') },
  fc.webQueryParameters().map((text) => `?${text}`),
  fc.base64String().map((data) => `?data=${data}`),
  fc.jsonValue().map((value) => `?data=${Buffer.from(JSON.stringify(value)).toString('base64url')}`),
  fc.constantFrom(
    '?data=',
    '?data=%',
    '?writeKey=%ff&writeKey=a',
    `?writeKey=${WRITE_KEY}`,
    '?__proto__=1',
    '?data=eyJ9',
  ),
  fc.constantFrom(
    '?eventName=%7B..%7D',
    '?eventName=%7B%20..a%20%7D&timestamp=1',
    '?properties.__proto__.x=1',
  ),
);
const method = fc.oneof(
  { weight: 8, arbitrary: fc.constant('POST') },
  { weight: 3, arbitrary: fc.constant('GET') },
  fc.constantFrom('PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT', 'BREW', 'post', 'G@T', ''),
);

/** Values for the members that the door looks at, most of them wrong. */
const member = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('', '\0', '\ud800', ' ', 'x'.repeat(20_000), 1e308, -0, 2 ** 53, [], {}, [[]], null, true),
  fc.string({ unit: 'binary' }),
);
const call = fc
  .dictionary(
    fc.constantFrom(
      ...[
        'type',
        'userId',
        'anonymousId',
        'messageId',
        'event',
        'eventName',
        'timestamp',
        'sentAt',
        'context',
      ],
      ...[
        'integrations',
        'properties',
        'traits',
        'groupId',
        'previousId',
        'writeKey',
        'originalTimestamp',
        'name',
      ],
      ...['_metarouter', '_mrSchema', 'constructor', 'toString', 'batch', 'ip'],
    ),
    member,
    { maxKeys: 8 },
  )
  .map((members) => ({ writeKey: WRITE_KEY, ...members }));
const metadata = fc.dictionary(
  fc.constantFrom('writeKey', 'eventName', 'eventID', 'timestamp', 'userID', 'anonymousID', 'ip', 'x'),
  fc.oneof(
    member,
    fc.constantFrom('{ ..a }', '{}', '{ a[0:9].b }', '{ $..*..* }', `{ ${'[*]'.repeat(80)} }`, '{ a[?(1)] }'),
  ),
);
const shaped = fc.oneof(
  call,
  fc.record({
    writeKey: fc.constant(WRITE_KEY),
    batch: fc.oneof(fc.array(fc.oneof(call, member), { maxLength: 6 }), member),
  }),
  fc.record({ _metarouter: metadata, a: member }),
  fc.jsonValue(),
);
const json = fc.oneof(
  shaped.map((value) => JSON.stringify(value)),
  shaped.map((value) => JSON.stringify(value, null, 2)),
);
const body: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: json.map((text) => Buffer.from(text)) },
  {
    weight: 4,
    arbitrary: fc.tuple(json, fc.nat(), fc.uint8Array({ maxLength: 3 })).map(([text, at, put]) => {
      const bytes = Buffer.from(text);
      return Buffer.concat([
        bytes.subarray(0, at % (bytes.length + 1)),
        put,
        bytes.subarray((at % (bytes.length + 1)) + 1),
      ]);
    }),
  },
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc
    .tuple(
      fc.constantFrom('[', '{"a":', '{"batch":[', '{"a":[', '"\\u', '[[],'),
      fc.integer({ min: 1, max: 20_000 }),
    )
    .map(([opening, times]) => Buffer.from(opening.repeat(times))),
  fc
    .integer({ min: 1, max: 200 })
    .map((depth) => Buffer.from(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)),
  fc
    .constantFrom(
      '',
      '\ufeff',
      'null',
      '[]',
      '0',
      '"x"',
      '{}',
      '{"batch":[]}',
      '{"batch":{}}',
      '{"__proto__":{"x":1}}',
    )
    .map((text) => Buffer.from(text)),
  fc.constant(Buffer.from(`{${Array.from({ length: 11_000 }, (_, k) => `"k${k}":0`).join()}}`)),
  fc.constant(Buffer.alloc(600_000, 0x20)),
);
const encoded = fc.oneof(
  { weight: 6, arbitrary: body.map((bytes) => ({ bytes, encoding: '' })) },
  body.map((bytes) => ({ bytes: gzipSync(bytes), encoding: 'Content-Encoding: gzip\r\n' })),
  body.map((bytes) => ({ bytes, encoding: 'Content-Encoding: gzip\r\n' })),
  body.map((bytes) => ({ bytes: gzipSync(bytes).subarray(0, -9), encoding: 'Content-Encoding: gzip\r\n' })),
  body.map((bytes) => ({ bytes, encoding: 'Content-Encoding: br\r\n' })),
  fc.constant({ bytes: gzipSync(Buffer.alloc(50_000_000)), encoding: 'Content-Encoding: gzip\r\n' }),
);
const header = fc.oneof(
  fc.constantFrom(
    'Content-Type: text/plain',
    'Content-Type: application/x-www-form-urlencoded',
    'Content-Type: \xff',
  ),
  fc.constantFrom(
    'Authorization: Basic',
    'Authorization: Basic !!!',
    'Authorization: Bearer x',
    `Authorization: Basic ${btoa(`${WRITE_KEY}:`)}`,
  ),
  fc.constantFrom(
    'X-Event-Metadata: {',
    'X-Event-Metadata: []',
    'X-Event-Metadata: %zz',
    'X-Event-Metadata: {"writeKey":1}',
  ),
  metadata.map(
    (value) =>
      `X-Event-Metadata: ${JSON.stringify(value)
        .replace(/[^\x20-\x7e]/g, '?')
        .slice(0, 4_000)}`,
  ),
  fc.constantFrom('Origin: null', 'Origin: https://a.example', 'Access-Control-Request-Headers: x-\x7f'),
  fc.constantFrom(
    'User-Agent: analytics-python/2.3.2',
    'User-Agent: ',
    'X-Forwarded-For: , ,',
    'Expect: 100-continue',
    'Expect: x',
  ),
  fc.constantFrom(
    'Host: other',
    'Upgrade: h2c',
    'Range: bytes=0-',
    'Cookie: a',
    ': x',
    'a b: c',
    'X: \0',
    ' folded',
  ),
);

/** Lengths and chunks that say something else than what follows: the ways to smuggle a request past a proxy. */
const framing = fc.oneof(
  { weight: 12, arbitrary: fc.constant((length: number) => `Content-Length: ${length}`) },
  fc.constantFrom(
    (length: number) => `Content-Length: ${length + 7}`,
    (length: number) => `Content-Length: ${Math.max(0, length - 1)}`,
    (length: number) => `Content-Length: ${length}\r\nContent-Length: ${length + 1}`,
    (length: number) => `Content-Length: ${length}\r\nTransfer-Encoding: chunked`,
    () => 'Transfer-Encoding: chunked',
    () => 'Transfer-Encoding: chunked, identity',
    () => 'Transfer-Encoding: xchunked',
    () => 'Content-Length: -1',
    () => 'Content-Length: 0x10',
    () => 'Content-Length: 99999999999999999999',
    () => 'X: y',
  ),
);

/** Requests that get as far into the door as any: right but for one thing, or right. */
const nearlyRight = fc.oneof(
  fc.tuple(call, call).map(([first, second]) => {
    const good = { type: 'track', event: 'e', userId: 'u' };
    return { path: '/v1/batch', value: { writeKey: WRITE_KEY, batch: [good, first, second] } };
  }),
  fc.tuple(metadata, member).map(([wrong, a]) => {
    const _metarouter = { ...wrong, writeKey: WRITE_KEY, eventName: '{ ..name }' };
    return { path: '/v1/custom/event', value: { _metarouter, name: 'n', a } };
  }),
  fc.tuple(member, member).map(([name, id]) => {
    const _metarouter = { writeKey: WRITE_KEY, eventName: 'e' };
    return { path: '/v1/custom/event', value: { _metarouter, name, id } };
  }),
  call.map((wrong) => ({
    path: '/v1/identify',
    value: { ...wrong, writeKey: WRITE_KEY, userId: 'u', messageId: 'm' },
  })),
);
const largeHead = fc.integer({ min: 10_000, max: 40_000 }).map((length) => ({
  method: 'POST',
  path: '/v1/track',
  bytes: Buffer.from(`POST /v1/track HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(length)}\r\n\r\n`),
}));

/** Requests in every way wrong that the generator knows of; now and then one is right by chance. */
export const malformedRequest: fc.Arbitrary<MalformedRequest> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc
      .record({ method, path, query, headers: fc.array(header, { maxLength: 3 }), framing, encoded })
      .map(({ method, path, query, headers, framing, encoded: { bytes, encoding } }) => {
        const lines = headers.map((line) => `${line}\r\n`).join('');
        const head = `${method} ${path}${query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${lines}${encoding}`;
        const start = Buffer.from(`${head}${framing(bytes.length)}\r\n\r\n`, 'latin1');
        return { method, path, bytes: Buffer.concat([start, bytes]) };
      }),
  },
  {
    weight: 5,
    arbitrary: nearlyRight.map(({ path, value }) => {
      const body = JSON.stringify(value);
      const length = Buffer.byteLength(body);
      const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${length}`;
      return { method: 'POST', path, bytes: Buffer.from(`${head}\r\n\r\n${body}`) };
    }),
  },
  largeHead,
  fc
    .uint8Array({ minLength: 1, maxLength: 400 })
    .map((bytes) => ({ method: '', path: '', bytes: Buffer.from(bytes) })),
);
