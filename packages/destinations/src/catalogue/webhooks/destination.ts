import { KB } from '@metarouter/events';
import { type Finding, fails, type TestAnswer, works } from '../../kit/connection-test.ts';
import { destination } from '../../kit/destination.ts';
import { list, secretPairs } from '../../kit/list-field.ts';
import { optionalNumber } from '../../kit/number-field.ts';
import { PLATFORMS } from '../../kit/reach.ts';
import { type OutgoingRequest, post } from '../../kit/request.ts';
import { optionalSecret, url } from '../../kit/text-field.ts';

/** More receivers than this are better served by pipelines of their own. */
const URLS_MAX = 5;

/** Events in one request, at most, however small they are: what a receiver can store in one go. */
const BATCH_EVENTS_MAX = 500;
/**
 * Bytes of one array, at most. Many receivers run Express, which reads bodies of up to 100 KB unless told otherwise: so
 * one that takes single events takes arrays as well.
 */
const BATCH_BYTES_MAX = 100 * KB;
/**
 * How long an event waits for others, at most, in ms. A trickle of events comes to five requests a second, and yet
 * whoever watches them arrive sees no delay; a user whose events go one after the other is not held up for long.
 */
const BATCH_WAIT_MS = 200;

/** Sends each event as it is to the organization's own servers. */
export const webhooks = destination({
  code: 'webhooks',
  name: 'Webhooks',
  purpose: 'Get every event as JSON on your own servers, signed and with an idempotency key.',
  docs: 'https://www.standardwebhooks.com/',
  modes: ['cloud'],
  platforms: PLATFORMS,
  limits: {
    concurrency: 64,
    data: [
      'An event is sent whole, whatever its size.',
      `In batch mode a request has at most ${BATCH_EVENTS_MAX} events, or fewer as the pipeline says, and ` +
        `${BATCH_BYTES_MAX / KB} KB of them; a larger event goes alone. An event waits for others for at most ` +
        `${BATCH_WAIT_MS} ms.`,
      'In batch mode one answer counts for all events of the request. When they are sent again they may be grouped ' +
        'otherwise, so tell repeated events by their `messageId` (`eventID` of custom events).',
    ],
  },
  outcomes: {},
  troubleshooting: [
    {
      symptom: 'The pipeline is paused',
      remedy:
        'A receiver answered 401, 403, 404 or 410, or lies in a private network. Correct the URL or the headers; ' +
        'for a receiver in your own network start MetaRouter with `--allow-private`. Events are kept meanwhile.',
    },
    {
      symptom: 'An event arrives twice',
      remedy:
        'The answer to the first request was lost, so it was sent again. Remember the `idempotency-key` header: it is ' +
        'the same for every attempt. In batch mode remember the `messageId` of each event instead.',
    },
    {
      symptom: 'The signature does not match',
      remedy:
        'Compute it over the bytes as they arrive, before they are parsed, and check that your clock is right.',
    },
  ],
  connection: {
    urls: list(url({ label: 'URL', description: 'Receives POST requests.' }), {
      label: 'URLs',
      description: `Up to ${URLS_MAX}. A retry goes only to those that have not answered with a 2xx status.`,
      min: 1,
      max: URLS_MAX,
    }),
    secret: optionalSecret({
      label: 'Signing secret',
      description:
        'Signs each request as Standard Webhooks describes, so that you can tell ours from forged ones.',
      pattern: {
        // 22 characters hold 16 bytes; anything shorter can be guessed. 88 hold the 64 bytes that HMAC can use.
        matches: /^(whsec_)?[A-Za-z0-9+/]{22,88}={0,2}$/,
        mustBe: 'base64 of 16 to 64 bytes, with or without the prefix whsec_',
      },
    }),
    headers: secretPairs({
      label: 'Headers',
      description: 'Sent with each request, for example an Authorization header.',
      name: {
        matches:
          /^(?!(content-length|content-type|host|connection|keep-alive|upgrade|expect|transfer-encoding|idempotency-key|webhook-.*)$)[\w!#$%&'*+.^`|~-]+$/i,
        mustBe: 'a header name that is neither set by us nor about the connection',
      },
      value: { matches: /^[\x20-\x7e]+$/, mustBe: 'printable ASCII' },
    }),
  },
  config: {
    batchSize: optionalNumber({
      label: 'Batch size',
      description:
        'Turns batch mode on: the body of each request is an array of up to so many events, of one at least. ' +
        'Without it the body is the event itself.',
      range: { min: 1, max: BATCH_EVENTS_MAX },
    }),
  },
  test: {
    asks:
      'Posts a JSON object to each URL. It is no event: its `type` is `test`, and it has the header `x-test: true`. The ' +
      'other headers and the signature are as events have them. A 2xx status is the right answer.',
    requests: (connection) => eachOf(connection, TEST, { 'x-test': 'true' }),
    read: readTest,
  },
  batch: ({ config: { batchSize } }) =>
    batchSize === undefined
      ? undefined
      : { eventsMax: batchSize, bytesMax: BATCH_BYTES_MAX, waitMs: BATCH_WAIT_MS },
  on: {
    any: (event, settings) => toEach(settings, event),
    custom: ({ payload }, settings) => toEach(settings, payload),
  },
});

interface Settings {
  readonly connection: Receivers;
  readonly config: { readonly batchSize: number | undefined };
}

interface Receivers {
  readonly urls: readonly string[];
  readonly secret: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

function toEach({ connection, config }: Settings, json: unknown): readonly OutgoingRequest[] {
  return eachOf(connection, config.batchSize === undefined ? json : [json]);
}

function eachOf(
  { urls, secret, headers: own }: Receivers,
  body: unknown,
  added?: Readonly<Record<string, string>>,
): readonly OutgoingRequest[] {
  const headers = added === undefined ? own : { ...own, ...added };
  const sign = secret === undefined ? undefined : ({ scheme: 'standard-webhooks', secret } as const);
  return urls.map((receiver, index) => post(receiver, body, { key: `${index}`, headers, sign }));
}

/**
 * What a test posts. An OPTIONS request would be gentler, but a gateway often answers it by itself, without looking at
 * headers or signature: it would say that all is well where no event could pass.
 */
const TEST = { type: 'test', message: 'This is a test of the connection, and no event.' };

function readTest(answers: readonly TestAnswer[]): Finding {
  const failures = answers.flatMap(({ failure }, index) =>
    failure === undefined ? [] : [answers.length === 1 ? failure : `URL ${index + 1}: ${failure}`],
  );
  if (failures.length > 0)
    return fails(
      `The test request was not taken: ${failures.join('; ')}. A receiver that takes nothing but events may refuse ` +
        'it, too: let it answer requests with the header x-test with a 2xx status.',
    );
  return works(
    answers.length === 1
      ? 'The receiver took the test request.'
      : `All ${answers.length} receivers took the test request.`,
  );
}
