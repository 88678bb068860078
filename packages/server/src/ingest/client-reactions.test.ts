import { expect, test } from 'vitest';
import { forClient } from './client-reactions.ts';

test.each([
  [
    207,
    200,
    ['analytics-python/2.3.2', 'analytics-php/3.8.1', 'rudder-analytics-php/2.0.0', 'Analytics.NET/3.9.0'],
  ],
  [207, 207, ['analytics-ruby/2.4.0', 'analytics-go (version: 3.3.0)', 'my-analytics-php/1', '', undefined]],
  [413, 400, ['analytics-ios/1.6.2']],
  [413, 413, ['analytics-python/2.3.2', 'analytics-android/4.11.3', undefined]],
  [429, 503, ['analytics-ios/1.6.2', 'analytics-android/4.11.3']],
  [429, 429, ['analytics-python/2.3.2', undefined]],
  [400, 400, ['analytics-python/2.3.2', 'analytics-ios/1.6.2']],
])('%i is sent as %i to %j, with the same body and headers', (status, sent, agents) => {
  const answer = { status, body: '{}', headers: ['Retry-After', '7'] };
  for (const agent of agents) {
    const request = { headers: { 'user-agent': agent } };
    expect([agent, forClient(answer, request)]).toEqual([agent, { ...answer, status: sent }]);
  }
});
