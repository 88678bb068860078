import { afterAll, beforeAll, expect, test } from 'vitest';
import { textAt, valueAt } from './houston.fixture.ts';
import { openWithPipeline, type WithPipeline } from './pipeline.fixture.ts';
import { CONNECTION_TESTS_A_MINUTE, PREVIEWS_A_MINUTE } from './trial-limits.ts';

const HALF_A_MINUTE_MS = 30_000;
let houston: WithPipeline;
let connection: string;
beforeAll(async () => {
  houston = await openWithPipeline();
  const { ask, control } = houston;
  connection = textAt(await ask(`{ orgConnections(orgId: "${control.organization}") { id } }`), '0', 'id');
});
afterAll(() => houston[Symbol.asyncDispose]());

const preview = (token?: string) =>
  houston.ask(`{ preview(integrationId: "${houston.pipeline}", event: {}) { outcome } }`, {
    ...(token && { token }),
  });
const testConnection = (token?: string) =>
  houston.ask(`mutation { testConnection(connectionId: "${connection}") { code message } }`, {
    ...(token && { token }),
  });

test.each([
  ['previews', preview, PREVIEWS_A_MINUTE],
  ['tests of connections', testConnection, CONNECTION_TESTS_A_MINUTE],
])(
  'a person has so many %s a minute, with whatever keys, and beyond is told when to try again, and costs nothing',
  async (what, ask, max) => {
    const { lanes, control } = houston;
    lanes.rehearse({
      preview: async () => ({ outcome: 'send', requests: [], notes: [] }),
      testConnection: async () => ({ verdict: 'works', sentence: 'It answered 200.' }),
    });
    for (let count = 0; count < max; count += 1) {
      if (count === max / 2) await control.clock.pass(HALF_A_MINUTE_MS);
      await ask();
    }
    expect(lanes.asked).toHaveLength(max);
    const refused = await ask();
    const { code, message } = {
      code: valueAt(refused, 'code') ?? valueAt(refused, 'errors', '0', 'extensions', 'code'),
      message: valueAt(refused, 'message') ?? valueAt(refused, 'errors', '0', 'message'),
    };
    expect(code).toBe('RATE_LIMITED');
    expect(message).toBe(`There may be ${max} ${what} a minute. Try again in 30 seconds.`);
    expect(lanes.asked).toHaveLength(max);

    // The key is this person's too.
    await ask(control.key);
    expect(lanes.asked).toHaveLength(max);
    const other = await houston.member(`${max}@example.com`, { role: 'OWNER' });
    await ask(other.token);
    expect(lanes.asked).toHaveLength(max + 1);
    await control.clock.pass(HALF_A_MINUTE_MS);
    await ask();
    expect(lanes.asked).toHaveLength(max + 2);
  },
);
