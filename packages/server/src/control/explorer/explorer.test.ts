import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { runInNewContext } from 'node:vm';
import { parse, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openControl, type TestControl } from '../control.fixture.ts';
import { schema } from '../schema.ts';
import { smallSchema } from '../small-schema.fixture.ts';

let control: TestControl;

beforeAll(async () => {
  control = await openControl(async () => smallSchema());
});
afterAll(() => control[Symbol.asyncDispose]());

const addresses = async () => {
  const page = await (await fetch(`${control.url}/explorer`)).text();
  return [...page.matchAll(/(?:src|href)="(explorer\/[^"]+)"/g)].map(
    ([, address]) => `${control.url}/${address}`,
  );
};

test('the page may load what is ours and talk to us, and nothing else', async () => {
  const { status, headers } = await fetch(`${control.url}/explorer`);
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(headers.get('cache-control')).toBe('no-cache');
  const policy = headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).toContain("connect-src 'self'");
  expect(policy).not.toMatch(/unsafe|https?:|\*/);
});

test('each file is kept for ever at an address with its hash, zipped or not', async () => {
  const all = await addresses();
  expect(all).toHaveLength(9);
  for (const address of all) {
    const [zipped, plain] = [
      await fetch(address),
      await fetch(address, { headers: { 'accept-encoding': 'identity' } }),
    ];
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(plain.headers.get('content-encoding')).toBeNull();
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(plain.headers.get('content-type')).toMatch(/^text\/(javascript|css); charset=utf-8$/);
    const text = await plain.text();
    expect(await zipped.text()).toBe(text);
    expect(address).toContain(createHash('sha256').update(text).digest('hex').slice(0, 12));
  }
});

test.each(['/explorer/other.js', '/explorer/..%2f..%2fpackage.json', '/explorer/react.js'])(
  'there is nothing at %s',
  async (path) => {
    expect((await fetch(`${control.url}${path}`)).status).toBe(404);
  },
);

/** The variables that the page fills in: `ids` in choices.js. */
const FILLED_IN = ['orgId', 'appId', 'connectionId', 'integrationId', 'connectionPrototypeId', 'messageId'];

test('the example operations are valid, each has a name, and the page fills in all that they ask for', async () => {
  const window: { EXAMPLES: string[] } = { EXAMPLES: [] };
  runInNewContext(await readFile(new URL('examples.js', import.meta.url), 'utf8'), { window });
  expect(window.EXAMPLES.length).toBeGreaterThan(12);
  for (const query of window.EXAMPLES) {
    const document = parse(query);
    expect(validate(schema, document)).toEqual([]);
    for (const each of document.definitions) {
      if (each.kind !== 'OperationDefinition') throw new Error(`this is no operation: ${query}`);
      expect(each.name?.value).toBeDefined();
      for (const { variable } of each.variableDefinitions ?? [])
        expect(FILLED_IN).toContain(variable.name.value);
    }
  }
});
