import { destination } from '../../kit/destination.ts';
import { list, optionalSecret, secretPairs, url } from '../../kit/field.ts';
import { post } from '../../kit/request.ts';

/** More receivers than this are better served by pipelines of their own. */
const URLS_MAX = 5;

/** Sends each event as it is to the organization's own servers. */
export const webhooks = destination({
  code: 'webhooks',
  name: 'Webhooks',
  purpose: 'Get every event as JSON on your own servers, signed and with an idempotency key.',
  docs: 'https://www.standardwebhooks.com/',
  limits: { concurrency: 64 },
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
          /^(?!(content-length|content-type|host|connection|transfer-encoding|idempotency-key|webhook-.*)$)[\w!#$%&'*+.^`|~-]+$/i,
        mustBe: 'a header name that is not set by us',
      },
      value: { matches: /^[\x20-\x7e]+$/, mustBe: 'printable ASCII' },
    }),
  },
  config: {},
  on: {
    any(event, { connection: { urls, secret, headers } }) {
      const sign = secret === undefined ? undefined : ({ scheme: 'standard-webhooks', secret } as const);
      return urls.map((receiver, index) => post(receiver, event, { key: `${index}`, headers, sign }));
    },
  },
});
