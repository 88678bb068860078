import { plainJson } from '../json-text.ts';
import { recordedSdk } from '../recorded-sdk.ts';
import { APP_CALLS, appEvents, METADATA } from './app.ts';

const VERSION = '1.27.0';
const FROM = { from: 'segmentio/analytics-kotlin', at: '03a356f' };
const HTTP = 'core/src/main/java/com/segment/analytics/kotlin/core/HTTPClient.kt';

/** Segment's library for Android and the JVM: gzip in chunks, called text/plain. */
export const kotlin = recordedSdk({
  name: 'analytics-kotlin',
  version: VERSION,
  page: 'kotlin',
  platform: 'android',
  calls: APP_CALLS,
  common: { anonymousId: 'visitor-7', context: { library: { name: 'analytics-kotlin' } } },
  patience: 'kept in files, at each flush until it succeeds',
  sources: [
    { ...FROM, file: HTTP, lines: [148, 154], shows: 'the request, in chunks' },
    { ...FROM, file: HTTP, lines: [90, 99], shows: 'gzip, and that under 300 is success' },
  ],
  record: (writeKey) => ({
    path: '/v1/b',
    headers: {
      'User-Agent': `analytics-kotlin/${VERSION}`,
      'Content-Encoding': 'gzip',
      'Content-Type': 'text/plain',
      Connection: 'Keep-Alive',
      'Accept-Encoding': 'gzip',
    },
    gzip: true,
    chunked: true,
    json: plainJson,
    body: (events) => ({ batch: events, sentAt: new Date().toISOString(), writeKey }),
    events: appEvents('analytics-kotlin', VERSION, { _metadata: METADATA }),
  }),
  reacts: { 200: 'done', 207: 'done', 400: 'drops', 413: 'drops', 429: 'again', 503: 'again', cut: 'again' },
});
