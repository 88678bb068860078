import { randomUUID } from 'node:crypto';
import { htmlSafeJson } from '../json-text.ts';
import { basic, recordedSdk } from '../recorded-sdk.ts';
import { CALLS, MEANING } from '../sdk.ts';
import { told } from './told.ts';

const VERSION = '3.0.0';
const COMMIT = '57794f9';
const FROM = { from: 'segmentio/analytics-go', at: COMMIT, file: 'analytics.go' };

/** Segment's library for Go. */
export const go = recordedSdk({
  name: 'analytics-go',
  version: `at ${COMMIT}`,
  page: 'go',
  platform: 'server',
  calls: MEANING,
  common: { context: { library: { name: 'analytics-go' } } },
  patience: '9 times, 400 and 413 too',
  sources: [
    { ...FROM, lines: [281, 304], shows: 'the request' },
    { ...FROM, lines: [245, 279], shows: 'ten tries, whatever the status' },
    { ...FROM, lines: [307, 313], shows: 'under 300 is success' },
  ],
  record: (writeKey) => ({
    path: '/v1/batch',
    headers: {
      'User-Agent': `analytics-go (version: ${VERSION})`,
      Authorization: basic(writeKey),
      'Content-Type': 'application/json',
      'Accept-Encoding': 'gzip',
    },
    json: htmlSafeJson,
    body: (events) => ({
      messageId: randomUUID(),
      sentAt: new Date().toISOString(),
      batch: events,
      context: { library: { name: 'analytics-go', version: VERSION } },
    }),
    events: CALLS.map(told),
  }),
  reacts: { 200: 'done', 207: 'done', 400: 'again', 413: 'again', 429: 'again', 503: 'again', cut: 'again' },
});
