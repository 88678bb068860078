import { randomBytes } from 'node:crypto';

/** The size of one event's JSON in bytes, as the benchmarks promise it. */
const EVENT_BYTES = 1_024;
/** Random start of every messageId, so that no two runs against the same log ever send the same one. */
const RUN = randomBytes(4).toString('hex');
const COUNTER_DIGITS = 10;
const ZERO = '0'.charCodeAt(0);
/** Microseconds of the machine's clock, room enough for three centuries of running. */
const SENT_DIGITS = 16;
const SENT = '"sent_at":"';
const SENT_BYTES = Buffer.from(SENT);
const MICROSECONDS_PER_MS = 1_000;
const BASIC = 'authorization: Basic ';

/** A request's bytes, ready to be written to a socket, as often as wanted. */
export interface PreparedRequest {
  readonly bytes: Buffer;
  /** How many events it carries. */
  readonly events: number;
  /**
   * Gives its events messageIds that were never sent before, and the next write key, in place. `count`: which request
   * of the run it is.
   */
  renew(count: number): void;
  /** Writes into its events when they are sent, in milliseconds of the machine's clock: see `sentAtMs`. */
  stamp(sentMs: number): void;
}

/** What a prepared request is made of. */
export interface RequestShape {
  readonly path: string;
  /** The sources that take turns, request by request. Their write keys are of one length. */
  readonly writeKeys: readonly string[];
  /** 0 for a single call, else the number of events in the batch. */
  readonly batch: number;
  /** Requests with different numbers carry different users. */
  readonly number: number;
}

/**
 * A 1 KB track call of an online shop, as compact JSON of exactly 1,024 bytes. The counter in its messageId and
 * the time when it was sent are all zeros.
 */
export function trackEvent(user: number, item: number): string {
  const event = {
    type: 'track',
    messageId: `${RUN}-${'0'.repeat(COUNTER_DIGITS)}-${String(item).padStart(4, '0')}`,
    userId: `user-${user}`,
    event: 'Product Added',
    timestamp: '2026-01-02T03:04:05.678Z',
    properties: {
      cart_id: 'c-2f81',
      product_id: '507f1f77bcf86cd799439011',
      sku: 'G-32',
      price: 18.99,
      quantity: 1,
      sent_at: '0'.repeat(SENT_DIGITS),
    },
    context: {
      library: { name: 'analytics.js', version: '1.84.3' },
      page: {
        path: '/games/monopoly',
        title: 'Monopoly: 3rd Edition',
        url: 'https://shop.example/games/monopoly',
      },
      userAgent:
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
      locale: 'en-GB',
      timezone: 'Europe/London',
    },
    description: '',
  };
  const room = EVENT_BYTES - Buffer.byteLength(JSON.stringify(event));
  return JSON.stringify({ ...event, description: 'monopoly '.repeat(room).slice(0, room) });
}

/** When a stamped event was sent, in milliseconds of the machine's clock, off any bytes that hold its JSON. */
export function sentAtMs(bytes: Buffer): number {
  const start = bytes.indexOf(SENT_BYTES) + SENT.length;
  return Number(bytes.toString('latin1', start, start + SENT_DIGITS)) / MICROSECONDS_PER_MS;
}

/**
 * Builds a request once; sending it again costs no more than rewriting the digits of its messageIds. Throws when the
 * write keys differ in length.
 */
export function prepareRequest({ path, writeKeys, batch, number }: RequestShape): PreparedRequest {
  const credentials = writeKeys.map((key) => Buffer.from(`${key}:`).toString('base64'));
  const [first = ''] = credentials;
  if (credentials.some(({ length }) => length !== first.length))
    throw new Error('Write keys that take turns in one request must be of one length');
  const events = Math.max(batch, 1);
  const items = Array.from({ length: events }, (_, item) => trackEvent(number * events + item, item));
  const body = batch === 0 ? items.join() : `{"batch":[${items.join()}],"sentAt":"2026-01-02T03:04:05.700Z"}`;
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `${BASIC}${first}`,
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  const bytes = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
  const [credential = 0] = placesOf(BASIC, bytes);
  const counters = placesOf(`"messageId":"${RUN}-`, bytes);
  const stamps = placesOf(SENT, bytes);
  return {
    bytes,
    events,
    renew(count) {
      for (
        let digit = COUNTER_DIGITS - 1, rest = count;
        digit >= 0;
        digit -= 1, rest = Math.floor(rest / 10)
      ) {
        const character = ZERO + (rest % 10);
        for (const start of counters) bytes[start + digit] = character;
      }
      if (credentials.length > 1)
        bytes.write(credentials[count % credentials.length] ?? '', credential, 'latin1');
    },
    stamp(sentMs) {
      const digits = Math.round(sentMs * MICROSECONDS_PER_MS)
        .toString()
        .padStart(SENT_DIGITS, '0');
      for (const start of stamps) bytes.write(digits, start, 'latin1');
    },
  };
}

/** The offsets just after each occurrence of a text. */
function placesOf(text: string, bytes: Buffer): readonly number[] {
  const places: number[] = [];
  for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) places.push(at + text.length);
  return places;
}
