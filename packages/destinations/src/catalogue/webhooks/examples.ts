import type { CustomEvent, Event } from '@metarouter/events';
import type { Example } from '../../kit/example.ts';

const signedUp: Event = {
  type: 'track',
  messageId: 'b6a4a2c8-1c4f-4f6e-9d0a-3f8f5a0f7d11',
  userId: 'ada',
  event: 'Signed Up',
  properties: { plan: 'Team' },
  originalTimestamp: '2026-03-01T09:00:00.000Z',
  sentAt: '2026-03-01T09:00:01.000Z',
  receivedAt: '2026-03-01T09:00:01.250Z',
  timestamp: '2026-03-01T09:00:00.250Z',
};

const viewed: Event = {
  type: 'page',
  messageId: '5d1b8c6e-9a0f-4c52-8b6b-2e1f6f2a9c07',
  anonymousId: '7f3c',
  name: 'Pricing',
  receivedAt: '2026-03-01T09:00:01.300Z',
  timestamp: '2026-03-01T09:00:01.300Z',
};

const metadata = {
  eventID: 'a4d896bb-f425-4dac-a214-31940cf94006',
  eventName: 'kitchen',
  writeKey: 'ILoveData123',
  timestamp: '2026-03-01T09:00:01.250Z',
  ip: '203.0.113.7',
};

const soldInKitchen: CustomEvent = {
  type: 'custom',
  event: 'kitchen',
  messageId: metadata.eventID,
  timestamp: metadata.timestamp,
  receivedAt: metadata.timestamp,
  payload: {
    event: 'my event fields',
    productCategory: 'kitchen',
    _metarouter: metadata,
    _mrSchema: metadata,
  },
};

const json = { 'content-type': 'application/json' };

/** What the webhooks destination sends. */
export const webhooksExamples: readonly Example[] = [
  {
    title: 'The event arrives as it is, with its four time stamps',
    event: signedUp,
    connection: { urls: ['https://hooks.example.com/events'] },
    config: {},
    sends: [
      { key: '0', method: 'POST', url: 'https://hooks.example.com/events', headers: json, body: signedUp },
    ],
  },
  {
    title: 'A custom event arrives as the JSON that it is, with its metadata completed',
    event: soldInKitchen,
    connection: { urls: ['https://hooks.example.com/events'] },
    config: {},
    sends: [
      {
        key: '0',
        method: 'POST',
        url: 'https://hooks.example.com/events',
        headers: json,
        body: soldInKitchen.payload,
      },
    ],
  },
  {
    title: 'Every URL gets its own request, signed and with the headers asked for',
    event: signedUp,
    connection: {
      urls: ['https://one.example.com/', 'https://two.example.com/'],
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      headers: { 'X-Team': 'growth' },
    },
    config: {},
    sends: ['https://one.example.com/', 'https://two.example.com/'].map((url, index) => ({
      key: `${index}`,
      method: 'POST',
      url,
      headers: { ...json, 'X-Team': 'growth' },
      body: signedUp,
      sign: { scheme: 'standard-webhooks', secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
    })),
  },
  {
    title: 'With a batch size events arrive in arrays, custom events as the JSON that they are',
    event: signedUp,
    together: [viewed, soldInKitchen],
    connection: { urls: ['https://hooks.example.com/events'] },
    config: { batchSize: 100 },
    sends: [
      {
        key: '0',
        method: 'POST',
        url: 'https://hooks.example.com/events',
        headers: json,
        body: [signedUp, viewed, soldInKitchen.payload],
      },
    ],
  },
  {
    title: 'With a batch size an event that goes alone arrives in an array, too',
    event: signedUp,
    connection: { urls: ['https://hooks.example.com/events'] },
    config: { batchSize: 100 },
    sends: [
      { key: '0', method: 'POST', url: 'https://hooks.example.com/events', headers: json, body: [signedUp] },
    ],
  },
];
