import type { Event } from '@metarouter/events';
import type { Example } from '../../kit/example.ts';

const ordered: Event = {
  type: 'track',
  messageId: 'b6a4a2c8-1c4f-4f6e-9d0a-3f8f5a0f7d11',
  userId: 'ada',
  event: 'Order Completed',
  properties: { order_id: '50314b8e9bcf000000000000', revenue: 25, currency: 'USD' },
  receivedAt: '2026-03-01T09:00:01.250Z',
  timestamp: '2026-03-01T09:00:00.250Z',
};

/** What the server sends to Acquisio. */
export const acquisioExamples: readonly Example[] = [
  {
    title: 'The server leaves every event to the browser, conversions too',
    event: ordered,
    connection: { apiKey: '4A1D07C2' },
    config: { events: ['Order Completed'] },
    sends: { skip: 'device mode: it is left to the browser' },
  },
];
