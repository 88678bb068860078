import { plainJson } from '../json-text.ts';
import { recordedSdk } from '../recorded-sdk.ts';
import { APP_CALLS, appEvents, METADATA } from './app.ts';

const VERSION = '1.5.0';
const COMMIT = '8b198c6';
const FROM = 'segmentio/analytics-swift';

/** Segment's library for Apple's systems: the file that it keeps its events in is what it sends. */
export const swift = recordedSdk({
  name: 'analytics-swift',
  version: `at ${COMMIT}`,
  page: 'swift',
  platform: 'ios',
  calls: APP_CALLS,
  common: { anonymousId: 'visitor-7', context: { library: { name: 'analytics-swift' } } },
  patience: 'kept in files, at each flush until it succeeds',
  sources: [
    {
      from: FROM,
      at: COMMIT,
      file: 'Sources/Segment/Utilities/Networking/HTTPClient.swift',
      lines: [189, 194],
      shows: 'the request',
    },
    {
      from: FROM,
      at: '2842618',
      file: 'Sources/Segment/Utilities/Storage/Types/DirectoryStore.swift',
      lines: [152, 176],
      shows: 'the body',
    },
    {
      from: FROM,
      at: '15d1467',
      file: 'Sources/Segment/Plugins/SegmentDestination.swift',
      lines: [135, 142],
      shows: 'that a file goes only when it was taken; pull request 296 adds: or answered 400',
    },
  ],
  record: (writeKey) => ({
    path: '/v1/b',
    headers: {
      'Content-Type': 'application/json; charset=utf-8',
      'User-Agent': `analytics-ios/${VERSION}`,
      'Accept-Encoding': 'gzip',
      Accept: '*/*',
      Connection: 'keep-alive',
    },
    json: (body) =>
      plainJson(body).replace('{"batch":[', '{ "batch": [\n').replace('],"sentAt"', '\n],"sentAt"'),
    body: (events) => ({ batch: events, sentAt: new Date().toISOString(), writeKey }),
    events: appEvents('analytics-swift', VERSION, { _metadata: METADATA }),
  }),
  reacts: {
    200: 'done',
    207: 'done',
    400: 'drops',
    413: 'for ever',
    429: 'again',
    503: 'again',
    cut: 'again',
  },
});
