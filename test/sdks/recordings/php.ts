import { phpJson } from '../json-text.ts';
import { basic, recordedSdk } from '../recorded-sdk.ts';
import { CALLS, MEANING } from '../sdk.ts';
import { told } from './told.ts';

const VERSION = '3.8.0';
const COMMIT = '0ac2202';
const FROM = 'segmentio/analytics-php';

/** Segment's library for PHP with its default consumer, libcurl. */
export const php = recordedSdk({
  name: 'segmentio/analytics-php',
  version: `at ${COMMIT}`,
  page: 'php',
  platform: 'server',
  calls: MEANING,
  common: { context: { library: { name: 'analytics-php' } } },
  patience: '6 times within 7 s',
  losses: { cut: 'libcurl gives a batch up when its connection fails, and no option changes that' },
  sources: [
    { from: FROM, at: COMMIT, file: 'lib/Consumer/LibCurl.php', lines: [18, 65], shows: 'the request' },
    { from: FROM, at: '25acf46', file: 'lib/Client.php', lines: [81, 122], shows: 'the fields of an event' },
    {
      from: FROM,
      at: COMMIT,
      file: 'lib/Consumer/LibCurl.php',
      lines: [70, 97],
      shows: 'that a status from 201 to 399 neither ends the loop nor makes it wait',
    },
  ],
  record: (writeKey) => ({
    path: '/v1/batch',
    headers: {
      Authorization: basic(writeKey),
      Accept: '*/*',
      'Content-Type': 'application/json',
      'User-Agent': `analytics-php/${VERSION}`,
    },
    json: phpJson,
    body: (events) => ({ batch: events, sentAt: phpTime() }),
    events: CALLS.map((call) => ({
      ...told(call),
      context: { library: { name: 'analytics-php', version: VERSION, consumer: 'LibCurl' } },
      timestamp: phpTime(),
    })),
  }),
  reacts: {
    200: 'done',
    207: 'for ever',
    400: 'drops',
    413: 'drops',
    429: 'again',
    503: 'again',
    cut: 'drops',
  },
});

/** As `date('c')` writes the time: whole seconds, and an offset in place of Z. */
function phpTime(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, '+00:00');
}
