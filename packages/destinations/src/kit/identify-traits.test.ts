import { expect, test } from 'vitest';
import { identifyTraits } from './identify-traits.ts';

const own = { plan: 'Team' };
const ofContext = { plan: 'Free', city: 'Bern' };

test.each([
  ['its own', { traits: own }, own],
  ['its own alone, where the context has some too', { traits: own, context: { traits: ofContext } }, own],
  ['its own, though there are none in them', { traits: {}, context: { traits: ofContext } }, {}],
  ['those of its context, where it has none', { context: { traits: ofContext } }, ofContext],
  ['none, where there are none', {}, {}],
  ['none, where those of its context are no object', { context: Object({ traits: 'Team' }) }, {}],
])('the traits of an identify call are %s', (_, given, traits) => {
  const frame = { messageId: 'm', userId: 'u', timestamp: '', receivedAt: '' } as const;
  expect(identifyTraits({ ...frame, type: 'identify', ...given })).toEqual(traits);
});
