import { expect, test } from 'vitest';
import { acquisio } from './destination.ts';

test('the connection and config of the documented example can be used', () => {
  expect(acquisio.check({ apiKey: '123' }, { events: ['Order Completed'] })).toEqual([]);
  expect(acquisio.check({ apiKey: '123' }, undefined)).toEqual([]);
});

test.each([
  [{ events: 'Order Completed' }, 'config.events', 'must be a list'],
  [{ events: ['a', ''] }, 'config.events[1]', 'is required'],
  [{ events: ['a '] }, 'config.events[0]', 'must be an event name of up to 200 characters'],
  [{ events: ['a'.repeat(201)] }, 'config.events[0]', 'must be an event name of up to 200 characters'],
  [{ events: Array(101).fill('a') }, 'config.events', 'must have at most 100 entries'],
])('a config that cannot work is refused with its path: %j', (config, path, message) => {
  expect(acquisio.check({ apiKey: '123' }, config)).toEqual([{ path, message }]);
});

test('the key is never shown', () => {
  expect(acquisio.secrets({ apiKey: '123' }, {})).toEqual(['123']);
});
