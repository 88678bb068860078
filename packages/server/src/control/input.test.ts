import { expect, test } from 'vitest';
import { platformFrom } from './input.ts';

test.each([
  ['analytics.js', 'analytics.js'],
  ['servers', 'server'],
  ['analytics-android', 'android'],
  ['analytics-ios', 'ios'],
  ['analytics-react-native', 'react-native'],
])('the platform %s may be called as the documents call it', (given, platform) => {
  expect(platformFrom('platform', given)).toBe(platform);
});
