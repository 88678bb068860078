import { DESTINATIONS } from '@metarouter/destinations';
import { expect, test } from 'vitest';
import { configFaults, detailsFaults, prototypeId, prototypeOf } from './prototypes.ts';

function destination(code: string) {
  return DESTINATIONS.get(code) ?? expect.fail(`no ${code}`);
}

test('the prototype of a destination is what its declaration says', () => {
  expect(prototypeOf(destination('acquisio'))).toEqual({
    id: '0b22c08719ad7b5b2ecdb065',
    code: 'acquisio',
    name: 'Acquisio',
    description: 'Count what people do after they clicked an ad, so that bids follow what really sells.',
    modes: ['device'],
    platforms: ['analytics.js'],
    connectionPrototype: [
      {
        propertyName: 'apiKey',
        label: 'API Key',
        type: 'input',
        required: true,
        default: undefined,
        choices: [],
        secret: true,
        help: 'Names your account, as Acquisio gave it to you: it is also called the Advertiser ID.',
      },
    ],
    configPrototype: [
      {
        propertyName: 'events',
        label: 'Events',
        type: 'array',
        required: false,
        default: undefined,
        choices: [],
        secret: false,
        help: 'The names of the track calls that are conversions, up to 100.',
      },
    ],
  });
});

test.each([
  ['customerio', 'siteId', { type: 'input', required: true, secret: false }],
  [
    'customerio',
    'region',
    {
      type: 'choice',
      required: false,
      default: 'us',
      choices: [
        { value: 'us', label: 'United States' },
        { value: 'eu', label: 'European Union' },
      ],
      help: 'Where your account keeps its data. In Customer.io under Settings, Privacy.',
    },
  ],
  ['customerio', 'endpoint', { type: 'input', required: false }],
  ['webhooks', 'urls', { type: 'array', required: true }],
  ['webhooks', 'headers', { type: 'map', secret: true }],
  ['webhooks', 'batchSize', { type: 'number', help: expect.stringContaining('A number from 1 to 500.') }],
])('of %s the form shows %s as it is declared', (code, propertyName, field) => {
  const { connectionPrototype, configPrototype } = prototypeOf(destination(code));
  expect([...connectionPrototype, ...configPrototype]).toContainEqual(
    expect.objectContaining({ propertyName, ...field }),
  );
});

test('ids are apart from each other and from the codes, and never change', () => {
  const codes = [...DESTINATIONS.keys()];
  const ids = codes.map(prototypeId);
  expect(new Set([...ids, ...codes]).size).toBe(2 * codes.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{24}$/);
  expect(prototypeId('webhooks')).toBe('458b5e6439af66c3638ebe40');
});

test.each([
  [
    'webhooks',
    { urls: ['https://a.example/', 'ftp://x/'] },
    'details.urls[1]',
    'must be an http or https URL',
  ],
  ['webhooks', {}, 'details.urls', 'must have at least 1 entry'],
  ['webhooks', [], 'details', 'must be names with values'],
  ['webhooks', { urls: ['https://a.example/'], headers: { 'X A': 'b' } }, 'details.headers.X A', 'its name'],
  ['acquisio', { apiKey: '' }, 'details.apiKey', 'is required'],
  ['acquisio', { apiKey: '123', key: '4' }, 'details.key', 'is not a setting of this destination'],
])('details of %s that cannot be used are refused at their path: %j', (code, details, field, message) => {
  expect(detailsFaults(destination(code), details)).toContainEqual({
    field,
    message: expect.stringContaining(message),
  });
});

test.each([
  ['acquisio', { events: ['a', 7] }, 'configPayload.events[1]'],
  ['webhooks', { batchSize: 0 }, 'configPayload.batchSize'],
  ['webhooks', 'text', 'configPayload'],
])('a config of %s that cannot be used is refused at its path: %j', (code, config, field) => {
  expect(configFaults(destination(code), config).map((fault) => fault.field)).toEqual([field]);
});

test('details and config are looked at by themselves', () => {
  expect(detailsFaults(destination('acquisio'), { apiKey: '123' })).toEqual([]);
  expect(configFaults(destination('acquisio'), { events: ['Order Completed'] })).toEqual([]);
  expect(configFaults(destination('acquisio'), undefined)).toEqual([]);
});

test('of very many faults some are told', () => {
  const headers = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`X ${index}`, 'a']));
  expect(detailsFaults(destination('webhooks'), { urls: ['https://a.example/'], headers })).toHaveLength(20);
});
