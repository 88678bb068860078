import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { plainJson } from '../json-text.ts';
import { basic, recordedSdk } from '../recorded-sdk.ts';
import { CALLS, MEANING } from '../sdk.ts';
import { told } from './told.ts';

const VERSION = '3.8.1';
const COMMIT = '0292007';
const FROM = 'segmentio/Analytics.NET';

/** With the offset of the clock that wrote it. */
const LOCAL_TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}[+-]\d\d:\d\d$/);

/** Segment's first library for .NET. Its times are local ones. */
export const dotnet = recordedSdk({
  name: 'Analytics.NET',
  version: `at ${COMMIT}`,
  page: 'dotnet',
  platform: 'server',
  calls: MEANING,
  common: {
    originalTimestamp: LOCAL_TIME,
    sentAt: LOCAL_TIME,
    context: { library: { name: 'Analytics.NET' } },
  },
  patience: '6 times within 7 s',
  sources: [
    {
      from: FROM,
      at: COMMIT,
      file: 'Analytics/Request/BlockingRequestHandler.cs',
      lines: [111, 165],
      shows: 'the request',
    },
    { from: FROM, at: 'a4f7e62', file: 'Analytics/Model/BaseAction.cs', lines: [11, 47], shows: 'an event' },
    {
      from: FROM,
      at: COMMIT,
      file: 'Analytics/Request/BlockingRequestHandler.cs',
      lines: [174, 268],
      shows: 'that a status from 201 to 399 neither ends the loop nor makes it wait',
    },
  ],
  record: (writeKey) => ({
    path: '/v1/import',
    headers: {
      Authorization: basic(writeKey),
      'User-Agent': `Analytics.NET/${VERSION}`,
      'Content-Type': 'application/json',
    },
    json: plainJson,
    body: (events) => ({ batch: events, messageId: randomUUID(), sentAt: localTime() }),
    events: CALLS.map((call) => ({
      ...told(call),
      timestamp: localTime(),
      context: { library: { name: 'Analytics.NET', version: VERSION } },
      integrations: {},
      anonymousId: null,
    })),
  }),
  reacts: {
    200: 'done',
    207: 'for ever',
    400: 'drops',
    413: 'drops',
    429: 'again',
    503: 'again',
    cut: 'again',
  },
});

const CSHARP_VERSION = '2.0.0';
const CSHARP_COMMIT = '001b443';
const CSHARP = 'segmentio/Analytics-CSharp';

/** Segment's second library for .NET, Unity and Xamarin. It sends no `User-Agent`. */
export const csharp = recordedSdk({
  name: 'Segment.Analytics.CSharp',
  version: `at ${CSHARP_COMMIT}`,
  page: 'dotnet',
  platform: 'server',
  calls: MEANING,
  common: { anonymousId: 'visitor-7', context: { library: { name: 'Analytics-CSharp' } } },
  patience: 'kept in files, at each flush until it succeeds',
  sources: [
    {
      from: CSHARP,
      at: CSHARP_COMMIT,
      file: 'Analytics-CSharp/Segment/Analytics/Utilities/HTTPClient.cs',
      lines: [231, 252],
      shows: 'the request',
    },
    {
      from: CSHARP,
      at: '100d21e',
      file: 'Analytics-CSharp/Segment/Analytics/Utilities/Storage.cs',
      lines: [161, 163],
      shows: 'the body',
    },
    {
      from: CSHARP,
      at: CSHARP_COMMIT,
      file: 'Analytics-CSharp/Segment/Analytics/Retry/RetryStateMachine.cs',
      lines: [21, 30],
      shows: 'what is kept',
    },
  ],
  record: (writeKey) => ({
    path: '/v1/b',
    headers: { Connection: 'close', Accept: 'text/plain', 'Content-Encoding': 'gzip' },
    gzip: true,
    json: plainJson,
    body: (events) => ({ batch: events, sentAt: utcTime(), writeKey }),
    events: CALLS.map((call) => ({
      ...told(call),
      anonymousId: 'visitor-7',
      context: { library: { name: 'Analytics-CSharp', version: CSHARP_VERSION } },
      integrations: {},
      _metadata: { bundled: [], unbundled: [], bundledIds: [] },
    })),
  }),
  reacts: { 200: 'done', 207: 'done', 400: 'drops', 413: 'drops', 429: 'again', 503: 'again', cut: 'again' },
});

/** As `DateTime.UtcNow.ToString("o")` writes the time: to a tenth of a microsecond. */
function utcTime(): string {
  return new Date().toISOString().replace('Z', '0000Z');
}

/** As `DateTime.Now.ToString("o")` writes it where the clock is two hours ahead of UTC. */
function localTime(): string {
  const ahead = Date.now() + 2 * 60 * 60 * 1_000;
  return new Date(ahead).toISOString().replace('Z', '0000+02:00');
}
