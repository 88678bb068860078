import type { Event } from '@metarouter/events';
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
];
