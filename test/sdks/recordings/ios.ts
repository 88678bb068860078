import { appleJson } from '../json-text.ts';
import { basic, recordedSdk } from '../recorded-sdk.ts';
import { APP_CALLS, appEvents } from './app.ts';

const VERSION = '4.1.6';
const COMMIT = 'fa0d3c5';
const FROM = { from: 'segmentio/analytics-ios', at: COMMIT, file: 'Segment/Classes/SEGHTTPClient.m' };

/** Segment's classic library for iOS: gzip. */
export const ios = recordedSdk({
  name: 'analytics-ios',
  version: `at ${COMMIT}`,
  page: 'ios',
  platform: 'ios',
  calls: APP_CALLS,
  common: { anonymousId: 'visitor-7', context: { library: { name: 'analytics-ios' } } },
  patience: 'kept in a file of 1,000 events, at each flush until it succeeds',
  sources: [
    { ...FROM, lines: [48, 64], shows: 'the headers' },
    { ...FROM, lines: [75, 107], shows: 'the request' },
    { ...FROM, lines: [109, 145], shows: 'what is sent again' },
  ],
  record: (writeKey) => ({
    path: '/v1/batch',
    headers: {
      'Content-Type': 'application/json',
      'Content-Encoding': 'gzip',
      'Accept-Encoding': 'gzip',
      Authorization: basic(writeKey),
      'User-Agent': `analytics-ios/${VERSION}`,
      Accept: '*/*',
      Connection: 'keep-alive',
    },
    gzip: true,
    json: appleJson,
    body: (events) => ({ sentAt: new Date().toISOString(), batch: events }),
    events: appEvents('analytics-ios', VERSION),
  }),
  reacts: { 200: 'done', 207: 'done', 400: 'drops', 413: 'drops', 429: 'again', 503: 'again', cut: 'again' },
});
