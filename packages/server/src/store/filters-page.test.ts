import { readFileSync } from 'node:fs';
import { compileFilter, type Event, type FilterRule } from '@metarouter/events';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const page = readFileSync(new URL('../../../../docs/filters.md', import.meta.url), 'utf8');

const filter = z.array(
  z.strictObject({ name: z.string(), only: z.string().optional(), drop: z.string().optional() }),
);
const block = z.union([
  z.object({ filter }),
  z.object({ pipelines: z.tuple([z.object({ filter })]) }).transform(({ pipelines: [pipeline] }) => pipeline),
]);

/** The rules of each block, in the page's order. */
const filters: readonly (readonly FilterRule[])[] = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(
  ([, yaml = '']) => block.parse(parse(yaml)).filter,
);

const frame = { messageId: 'm', userId: 'ada', timestamp: '', receivedAt: '' };
const track = (event: string, rest: object = {}): Event => ({ ...frame, ...rest, type: 'track', event });
const pageView = (context: object): Event => ({ ...frame, type: 'page', context: { ...context } });

/** For each block, events and the rule that leaves each out. */
const verdicts: readonly (readonly (readonly [event: Event, rule: string | undefined])[])[] = [
  [
    [track('Order Completed'), undefined],
    [track('Order Completed', { userId: 'test' }), 'No test users'],
    [track('Seen'), 'Orders only'],
  ],
  [
    [track('Product Added'), undefined],
    [track('Signed Up'), 'Shop events'],
  ],
  [
    [track('Seen'), undefined],
    [{ ...frame, type: 'identify', traits: { email: 'Bob@ACME.example' } }, 'No colleagues'],
    [track('Seen', { context: { traits: { email: 'bob@acme.example' } } }), 'No colleagues'],
    [track('Seen', { userId: 'qa-2' }), 'No test accounts'],
    [track('Seen', { userId: 'test-7' }), 'No test accounts'],
  ],
  [
    [track('Order Completed', { properties: { total: 100 } }), undefined],
    [track('Seen'), undefined],
    [track('Order Completed', { properties: { total: 99 } }), 'Large orders'],
  ],
  [
    [pageView({ page: { path: '/shop/cups' } }), undefined],
    [pageView({ page: { path: '/blog' } }), 'Shop pages'],
    [pageView({ page: { path: '/shop/cups' }, userAgent: 'GoogleBot' }), 'No robots'],
  ],
  [
    [track('Seen', { context: { consent: { categoryPreferences: { Advertising: true } } } }), undefined],
    [
      track('Seen', { context: { consent: { categoryPreferences: { Advertising: false } } } }),
      'Agreed to advertising',
    ],
    [track('Seen'), 'Agreed to advertising'],
  ],
  [
    [{ ...frame, type: 'custom', event: 'e', payload: { productCategory: 'kitchen' } }, undefined],
    [{ ...frame, type: 'custom', event: 'e', payload: { productCategory: 'garden' } }, 'Kitchen only'],
  ],
];

test('the documented recipes do what they are for', () => {
  const found = filters.map((rules, place) => {
    const reading = compileFilter(rules);
    return verdicts[place]?.map(([event]) => [event, reading.ok ? reading.filter(event) : reading.faults]);
  });
  expect(found).toEqual(verdicts);
});

test('the documented examples of conditions can be written', () => {
  const examples = [...page.matchAll(/^\| .* \| .* \| `([^`]+)` \|$/gm)].map(
    ([, condition = '']) => condition,
  );
  expect(examples).toHaveLength(13);
  const rules = examples.map((only, place) => ({ name: `${place}`, only }));
  expect(compileFilter(rules)).toMatchObject({ ok: true });
});
