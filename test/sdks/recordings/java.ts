import { randomUUID } from 'node:crypto';
import { htmlSafeJson } from '../json-text.ts';
import { recordedSdk } from '../recorded-sdk.ts';
import { CALLS, MEANING } from '../sdk.ts';
import { told } from './told.ts';

const VERSION = '3.5.4';
const FROM = { from: 'segmentio/analytics-java', at: `release ${VERSION}` };

/** Segment's library for Java: its write key is in the body alone, its path ends with a slash. */
export const java = recordedSdk({
  name: 'com.segment.analytics.java',
  version: VERSION,
  page: 'java',
  platform: 'server',
  calls: MEANING,
  common: { context: { library: { name: 'analytics-java' } } },
  patience: '3 times (`retries`), up to 15 s apart at first',
  sources: [
    {
      ...FROM,
      file: 'com/segment/analytics/Analytics.java',
      lines: [132, 134],
      shows: 'path and user agent',
    },
    { ...FROM, file: 'com/segment/analytics/messages/Batch.java', lines: [15, 35], shows: 'the body' },
    {
      ...FROM,
      file: 'com/segment/analytics/internal/AnalyticsClient.java',
      lines: [442, 507],
      shows: 'what is sent again',
    },
  ],
  record: (writeKey) => ({
    path: '/v1/import/',
    headers: {
      'User-Agent': `analytics-java/${VERSION}`,
      'Content-Type': 'application/json; charset=UTF-8',
      Connection: 'Keep-Alive',
      'Accept-Encoding': 'gzip',
    },
    json: htmlSafeJson,
    body: (events) => ({
      batch: events,
      sentAt: new Date().toISOString(),
      context: { library: { name: 'analytics-java', version: VERSION }, instanceId: randomUUID() },
      sequence: 1,
      writeKey,
    }),
    events: CALLS.map((call) => ({ ...told(call), integrations: {} })),
  }),
  reacts: { 200: 'done', 207: 'done', 400: 'drops', 413: 'drops', 429: 'again', 503: 'again', cut: 'again' },
});
