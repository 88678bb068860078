import { pythonJson } from '../json-text.ts';
import { basic, recordedSdk } from '../recorded-sdk.ts';
import { CALLS, MEANING } from '../sdk.ts';
import { told } from './told.ts';

const VERSION = '2.4.0';
const FROM = { from: 'segmentio/analytics-python', at: `release ${VERSION}` };

/** Segment's library for Python, since it takes any 2xx for success. */
export const python = recordedSdk({
  name: 'segment-analytics-python',
  version: VERSION,
  page: 'python',
  platform: 'server',
  calls: MEANING,
  common: { context: { library: { name: 'analytics-python' } } },
  patience: '10 times (`max_retries`); while `Retry-After` tells it to wait, 30 minutes',
  sources: [
    { ...FROM, file: 'segment/analytics/request.py', lines: [60, 108], shows: 'the request' },
    { ...FROM, file: 'segment/analytics/request.py', lines: [112, 140], shows: '2xx is success' },
    { ...FROM, file: 'segment/analytics/consumer.py', lines: [281, 374], shows: 'what is sent again' },
  ],
  record: (writeKey) => ({
    path: '/v1/batch',
    headers: {
      'User-Agent': `analytics-python/${VERSION}`,
      'Accept-Encoding': 'gzip, deflate',
      Accept: '*/*',
      Connection: 'keep-alive',
      'Content-Type': 'application/json',
      Authorization: basic(writeKey),
    },
    json: pythonJson,
    body: (events) => ({ batch: events, sentAt: pythonTime(), writeKey }),
    events: CALLS.map((call) => ({
      integrations: {},
      anonymousId: null,
      context: { library: { name: 'analytics-python', version: VERSION } },
      ...told(call),
      timestamp: pythonTime(),
    })),
  }),
  reacts: { 200: 'done', 207: 'done', 400: 'drops', 413: 'drops', 429: 'again', 503: 'again', cut: 'again' },
});

const OLD_VERSION = '1.4.post1';
const OLD = { from: 'segmentio/analytics-python', at: `release ${OLD_VERSION}` };

/** The same library under its first name: to it, success is 200 alone. */
export const pythonOld = recordedSdk({
  name: 'analytics-python',
  version: OLD_VERSION,
  page: 'python',
  platform: 'server',
  calls: MEANING,
  common: { context: { library: { name: 'analytics-python' } } },
  patience: '10 times (`max_retries`)',
  sources: [
    { ...OLD, file: 'analytics/request.py', lines: [16, 49], shows: 'the request' },
    { ...OLD, file: 'analytics/request.py', lines: [51, 60], shows: 'only 200 is success' },
    { ...OLD, file: 'analytics/consumer.py', lines: [113, 135], shows: 'all but 4xx is sent again' },
  ],
  record: (writeKey) => ({
    path: '/v1/batch',
    headers: {
      'User-Agent': `analytics-python/${OLD_VERSION}`,
      'Accept-Encoding': 'gzip, deflate',
      Accept: '*/*',
      Connection: 'keep-alive',
      'Content-Type': 'application/json',
      Authorization: basic(writeKey),
    },
    json: pythonJson,
    body: (events) => ({ batch: events, sentAt: pythonTime() }),
    events: CALLS.map((call) => ({
      integrations: {},
      anonymousId: null,
      context: { library: { name: 'analytics-python', version: OLD_VERSION } },
      ...told(call),
      timestamp: pythonTime(),
    })),
  }),
  reacts: { 200: 'done', 207: 'again', 400: 'drops', 413: 'drops', 429: 'again', 503: 'again', cut: 'again' },
});

/** As `datetime.isoformat()` writes the time in UTC: microseconds, and an offset in place of Z. */
function pythonTime(): string {
  return new Date().toISOString().replace('Z', '000+00:00');
}
