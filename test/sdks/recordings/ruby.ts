import { plainJson } from '../json-text.ts';
import { basic, recordedSdk } from '../recorded-sdk.ts';
import { CALLS, MEANING } from '../sdk.ts';
import { told } from './told.ts';

const VERSION = '2.4.0';
const COMMIT = '2bba403';
const FROM = 'segmentio/analytics-ruby';

/** Segment's library for Ruby. */
export const ruby = recordedSdk({
  name: 'analytics-ruby',
  version: `at ${COMMIT}`,
  page: 'ruby',
  platform: 'server',
  calls: MEANING,
  common: { context: { library: { name: 'analytics-ruby' } } },
  patience: '10 times (`retries`)',
  sources: [
    {
      from: FROM,
      at: COMMIT,
      file: 'lib/segment/analytics/transport.rb',
      lines: [185, 206],
      shows: 'the request',
    },
    {
      from: FROM,
      at: '6682f02',
      file: 'lib/segment/analytics/defaults.rb',
      lines: [5, 12],
      shows: 'its headers',
    },
    {
      from: FROM,
      at: '44c748e',
      file: 'lib/segment/analytics/field_parser.rb',
      lines: [136, 160],
      shows: 'the fields of an event',
    },
    {
      from: FROM,
      at: COMMIT,
      file: 'lib/segment/analytics/transport.rb',
      lines: [147, 158],
      shows: 'what is sent again',
    },
  ],
  record: (writeKey) => ({
    path: '/v1/import',
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'User-Agent': `analytics-ruby/${VERSION}`,
      Authorization: basic(writeKey),
      Connection: 'close',
    },
    json: plainJson,
    body: (events) => ({ sentAt: new Date().toISOString(), batch: events }),
    events: CALLS.map((call) => ({
      context: { library: { name: 'analytics-ruby', version: VERSION } },
      ...told(call),
    })),
  }),
  reacts: { 200: 'done', 207: 'done', 400: 'drops', 413: 'drops', 429: 'again', 503: 'again', cut: 'again' },
});
