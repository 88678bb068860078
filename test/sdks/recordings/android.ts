import { plainJson } from '../json-text.ts';
import { basic, recordedSdk } from '../recorded-sdk.ts';
import { APP_CALLS, appEvents } from './app.ts';

const VERSION = '4.10.4';
const COMMIT = '01afe47';
const FROM = 'segmentio/analytics-android';
const FOLDER = 'analytics/src/main/java/com/segment/analytics';

/** Segment's classic library for Android: gzip in chunks. */
export const android = recordedSdk({
  name: 'analytics-android',
  version: `at ${COMMIT}`,
  page: 'android',
  platform: 'android',
  calls: APP_CALLS,
  common: { anonymousId: 'visitor-7', context: { library: { name: 'analytics-android' } } },
  patience: 'kept in a file of 1,000 events, at each flush until it succeeds',
  sources: [
    {
      from: FROM,
      at: COMMIT,
      file: `${FOLDER}/ConnectionFactory.java`,
      lines: [35, 69],
      shows: 'the request',
    },
    {
      from: FROM,
      at: '0040419',
      file: `${FOLDER}/SegmentIntegration.java`,
      lines: [384, 400],
      shows: 'what is kept; versions before it drop events on 429 too',
    },
  ],
  record: (writeKey) => ({
    path: '/v1/import',
    headers: {
      'Content-Type': 'application/json',
      'User-Agent': `analytics-android/${VERSION}`,
      Authorization: basic(writeKey),
      'Content-Encoding': 'gzip',
      Connection: 'Keep-Alive',
      'Accept-Encoding': 'gzip',
    },
    gzip: true,
    chunked: true,
    json: plainJson,
    body: (events) => ({ batch: events, sentAt: new Date().toISOString() }),
    events: appEvents('analytics-android', VERSION),
  }),
  reacts: { 200: 'done', 207: 'done', 400: 'drops', 413: 'drops', 429: 'again', 503: 'again', cut: 'again' },
});
