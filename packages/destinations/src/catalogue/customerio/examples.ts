import type { Event } from '@metarouter/events';
import type { Example } from '../../kit/example.ts';
import type { OutgoingRequest } from '../../kit/request.ts';

const connection = { siteId: '7c1d9e52a0b34f68', apiKey: '1f0e9d8c7b6a5f4e3d2c' };

/** What the site ID and the API key are as user name and password. */
const authorization = 'Basic N2MxZDllNTJhMGIzNGY2ODoxZjBlOWQ4YzdiNmE1ZjRlM2QyYw==';

const US = 'https://track.customer.io';
const person = '/api/v1/customers/userId123';

/** What every call of the examples has. */
const frame = {
  messageId: 'b6a4a2c8-1c4f-4f6e-9d0a-3f8f5a0f7d11',
  userId: 'userId123',
  timestamp: '2026-03-01T09:00:00.250Z',
  receivedAt: '2026-03-01T09:00:01.250Z',
} as const;

/** What of it every event in Customer.io has: the id that repeated deliveries are known by, and the second. */
const when = { id: '01KJMA0FVTGYC318PSYHADCXB1', timestamp: 1772355600 } as const;

function sent(method: 'POST' | 'PUT', path: string, body: unknown, host = US): OutgoingRequest {
  const headers = { 'content-type': 'application/json', authorization };
  return { key: path, method, url: host + path, headers, body };
}

function example(title: string, event: Event, sends: Example['sends'], notes?: readonly string[]): Example {
  const shown = { title, event, connection, config: {}, sends };
  return notes === undefined ? shown : { ...shown, notes };
}

const clicked: Event = { ...frame, type: 'track', event: 'Clicked Button' };
const manyTraits = Object.fromEntries(
  Array.from({ length: 31 }, (_, index) => [`trait${index + 1}`, index + 1]),
);
const phone = { context: { device: { token: 'ff15bc0c20c4', type: 'ios' } } };

/** What the Customer.io destination sends. */
export const customerioExamples: readonly Example[] = [
  example(
    'A page becomes a page view by the name of the page',
    { ...frame, type: 'page', name: 'Pricing', properties: { url: 'https://example.com/pricing' } },
    [
      sent('POST', `${person}/events`, {
        type: 'page',
        name: 'Pricing',
        ...when,
        data: { url: 'https://example.com/pricing' },
      }),
    ],
  ),
  example(
    'A page without a name goes by its URL',
    { ...frame, type: 'page', properties: { url: 'https://example.com/pricing', title: 'Prices' } },
    [
      sent('POST', `${person}/events`, {
        type: 'page',
        name: 'https://example.com/pricing',
        ...when,
        data: { url: 'https://example.com/pricing', title: 'Prices' },
      }),
    ],
  ),
  example('A screen of an app becomes a screen view', { ...frame, type: 'screen', name: 'Home' }, [
    sent('POST', `${person}/events`, { type: 'screen', name: 'Home', ...when, data: {} }),
  ]),
  example(
    'Identify adds the person, or changes the attributes that are given',
    { ...frame, type: 'identify', traits: { email: 'john.doe@example.com' } },
    [sent('PUT', person, { email: 'john.doe@example.com' })],
  ),
  example(
    'An email is not needed',
    { ...frame, type: 'identify', traits: { plan: 'Team', createdAt: '2026-02-01T12:00:00Z' } },
    [sent('PUT', person, { created_at: 1769947200, plan: 'Team' })],
  ),
  example(
    'Unsubscribe a person; false subscribes again, and without the trait it stays as it is',
    { ...frame, type: 'identify', traits: { email: 'john.doe@example.com', unsubscribed: true } },
    [sent('PUT', person, { email: 'john.doe@example.com', unsubscribed: true })],
  ),
  example(
    'Thirty traits are sent, the email among them, and the trace names the others',
    { ...frame, type: 'identify', traits: { ...manyTraits, email: 'john.doe@example.com' } },
    [
      sent('PUT', person, {
        email: 'john.doe@example.com',
        ...Object.fromEntries(Object.entries(manyTraits).slice(0, 29)),
      }),
    ],
    ['Left out (Customer.io takes 30 traits a call): trait30, trait31'],
  ),
  example(
    'Traits that Customer.io would take for commands are left out, and the trace names them',
    { ...frame, type: 'identify', traits: { id: 'userId456', _update: true, plan: 'Team' } },
    [sent('PUT', person, { plan: 'Team' })],
    ['Left out (commands to Customer.io): id, _update'],
  ),
  example(
    "The traits count that RudderStack's library for browsers gives in the context",
    { ...frame, type: 'identify', context: { traits: { email: 'john.doe@example.com' } } },
    [sent('PUT', person, { email: 'john.doe@example.com' })],
  ),
  example('A track call becomes an event of that name', clicked, [
    sent('POST', `${person}/events`, { type: 'event', name: 'Clicked Button', ...when, data: {} }),
  ]),
  example(
    'When an app was opened, its push token is kept too',
    { ...frame, ...phone, type: 'track', event: 'Application Opened', properties: { version: '1.2.3' } },
    [
      sent('POST', `${person}/events`, {
        type: 'event',
        name: 'Application Opened',
        ...when,
        data: { version: '1.2.3' },
      }),
      sent('PUT', `${person}/devices`, {
        device: { id: 'ff15bc0c20c4', platform: 'ios', last_used: when.timestamp },
      }),
    ],
  ),
  example(
    'A call that says the user was not active leaves the device as it was last used',
    { ...frame, type: 'track', event: 'Application Opened', context: { ...phone.context, active: false } },
    [sent('POST', `${person}/events`, { type: 'event', name: 'Application Opened', ...when, data: {} })],
  ),
  example(
    'When an app was uninstalled, its push token is removed',
    { ...frame, ...phone, type: 'track', event: 'Application Uninstalled' },
    [
      sent('POST', `${person}/events`, { type: 'event', name: 'Application Uninstalled', ...when, data: {} }),
      {
        key: `${person}/devices/ff15bc0c20c4`,
        method: 'DELETE',
        url: `${US}${person}/devices/ff15bc0c20c4`,
        headers: { authorization },
        body: undefined,
      },
    ],
  ),
  example(
    'A group becomes an object with the person in it',
    { ...frame, type: 'group', groupId: 'acme', traits: { name: 'Acme', plan: 'Enterprise' } },
    [
      sent('POST', '/api/v2/entity', {
        type: 'object',
        action: 'identify',
        identifiers: { object_type_id: '1', object_id: 'acme' },
        attributes: { name: 'Acme', plan: 'Enterprise' },
        cio_relationships: [{ identifiers: { id: 'userId123' } }],
      }),
    ],
  ),
  example(
    'Alias merges the previous person into this one',
    { ...frame, type: 'alias', previousId: 'lead-7' },
    [sent('POST', '/api/v1/merge_customers', { primary: { id: 'userId123' }, secondary: { id: 'lead-7' } })],
  ),
  example(
    'Without a userId nothing is sent, even where there is an email',
    {
      type: 'identify',
      messageId: frame.messageId,
      anonymousId: 'a-1',
      timestamp: frame.timestamp,
      receivedAt: frame.receivedAt,
      traits: { email: 'john.doe@example.com' },
    },
    { skip: 'no userId: Customer.io only knows people by their id, and an email does not stand in for it' },
  ),
  example(
    'An event that Customer.io cannot take is kept as a dead letter',
    { ...frame, type: 'track', event: `Clicked ${'very '.repeat(20)}often` },
    { refuse: 'the name is longer than 100 bytes' },
  ),
  {
    ...example('An account in the European Union has its own address', clicked, [
      sent(
        'POST',
        `${person}/events`,
        { type: 'event', name: 'Clicked Button', ...when, data: {} },
        'https://track-eu.customer.io',
      ),
    ]),
    connection: { ...connection, region: 'eu' },
  },
];
