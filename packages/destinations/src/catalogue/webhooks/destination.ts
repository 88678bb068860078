import { destination } from '../../kit/destination.ts';
import { list, secretPairs } from '../../kit/list-field.ts';
import { type OutgoingRequest, post } from '../../kit/request.ts';
import { optionalSecret, url } from '../../kit/text-field.ts';

/** More receivers than this are better served by pipelines of their own. */
const URLS_MAX = 5;

/** Sends each event as it is to the organization's own servers. */
export const webhooks = destination({
  code: 'webhooks',
  name: 'Webhooks',
  purpose: 'Get every event as JSON on your own servers, signed and with an idempotency key.',
  docs: 'https://www.standardwebhooks.com/',
  limits: { concurrency: 64, data: ['An event is sent whole, whatever its size.'] },
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
        'the same for every attempt.',
    },
    {
      symptom: 'The signature does not match',
      remedy:
        'Compute it over the bytes as they arrive, before they are parsed, and check that your clock is right.',
    },
  ],
  connection: {
    urls: list(url({ label: 'URL', description: 'Receives one POST request per event.' }), {
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
  config: {},
  on: {
    any: (event, { connection }) => toEach(connection, event),
    custom: ({ payload }, { connection }) => toEach(connection, payload),
  },
});

interface Receivers {
  readonly urls: readonly string[];
  readonly secret: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

function toEach({ urls, secret, headers }: Receivers, body: unknown): readonly OutgoingRequest[] {
  const sign = secret === undefined ? undefined : ({ scheme: 'standard-webhooks', secret } as const);
  return urls.map((receiver, index) => post(receiver, body, { key: `${index}`, headers, sign }));
}
