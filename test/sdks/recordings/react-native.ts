import { plainJson } from '../json-text.ts';
import { recordedSdk } from '../recorded-sdk.ts';
import { APP_CALLS, appEvents, METADATA } from './app.ts';

const VERSION = '2.24.1';
const FROM = { from: 'segmentio/analytics-react-native', at: `release ${VERSION}` };

/** Segment's library for React Native. */
export const reactNative = recordedSdk({
  name: '@segment/analytics-react-native',
  version: VERSION,
  page: 'react-native',
  platform: 'react-native',
  calls: APP_CALLS,
  common: { anonymousId: 'visitor-7', context: { library: { name: '@segment/analytics-react-native' } } },
  patience: '100 times within 12 hours (`httpConfig`)',
  sources: [
    { ...FROM, file: 'src/api.ts', lines: [3, 33], shows: 'the request' },
    { ...FROM, file: 'src/errors.ts', lines: [143, 197], shows: 'what is sent again' },
    { ...FROM, file: 'src/plugins/SegmentDestination.ts', lines: [83, 183], shows: 'and when' },
  ],
  record: (writeKey) => ({
    path: '/v1/b',
    headers: { 'Content-Type': 'application/json; charset=utf-8', Accept: '*/*', 'Accept-Encoding': 'gzip' },
    json: plainJson,
    body: (events) => ({ batch: events, sentAt: new Date().toISOString(), writeKey }),
    events: appEvents('@segment/analytics-react-native', VERSION, { _metadata: METADATA }),
  }),
  reacts: { 200: 'done', 207: 'done', 400: 'drops', 413: 'drops', 429: 'again', 503: 'again', cut: 'again' },
});
