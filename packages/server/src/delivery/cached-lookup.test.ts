import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { CachedLookup } from './cached-lookup.ts';
import { ScriptedResolver } from './scripted-resolver.ts';

/** Look-ups at the same time: half of the threads that `scripts/run.mjs` gives Node. */
const PLACES = 32;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TOO_MANY = 'too many other host names are being looked up';
const TOO_LONG = 'looking up its host name took longer than 5 s';

function start() {
  const clock = new VirtualClock();
  const resolver = new ScriptedResolver();
  const names = new CachedLookup(clock, resolver.resolve);
  /** What comes of a find, once it is there: the first address, or what the error says. */
  const find = (name: string) => {
    const found = { result: 'nothing yet' };
    names.find(name).then(
      ([first]) => {
        found.result = first?.address ?? 'no address';
      },
      (error: unknown) => {
        found.result = error instanceof Error ? error.message : String(error);
      },
    );
    return found;
  };
  /** The same, with all that needs no time. */
  const findNow = async (name: string) => {
    const found = find(name);
    await clock.pass(0);
    return found.result;
  };
  return { clock, resolver, find, findNow };
}

describe('known addresses', () => {
  test('serve for a minute, and are refreshed meanwhile for nobody to wait', async () => {
    const { clock, resolver, findNow } = start();
    resolver.answer('a.example', '192.0.2.1');
    expect(await findNow('a.example')).toBe('192.0.2.1');
    resolver.answer('a.example', '192.0.2.2');
    await clock.pass(30 * SECOND - 1);
    expect(await findNow('a.example')).toBe('192.0.2.1');
    expect(resolver.asked).toHaveLength(1);
    await clock.pass(1);
    expect(await findNow('a.example')).toBe('192.0.2.1');
    expect(resolver.asked).toHaveLength(2);
    expect(await findNow('a.example')).toBe('192.0.2.2');
  });

  test('are not used after a minute when the name has moved', async () => {
    const { clock, resolver, findNow } = start();
    resolver.answer('a.example', '192.0.2.1');
    await findNow('a.example');
    resolver.answer('a.example', '192.0.2.2');
    await clock.pass(MINUTE);
    expect(await findNow('a.example')).toBe('192.0.2.2');
  });

  test('serve on for an hour while the resolver fails, and no longer', async () => {
    const { clock, resolver, findNow } = start();
    resolver.answer('a.example', '192.0.2.1');
    await findNow('a.example');
    resolver.fail('a.example', 'EAI_AGAIN');
    await clock.pass(HOUR - 1);
    expect(await findNow('a.example')).toBe('192.0.2.1');
    await clock.pass(1);
    expect(await findNow('a.example')).toContain('EAI_AGAIN');
  });

  test('serve on while the resolver is silent, after a second at first and then at once', async () => {
    const { clock, resolver, find, findNow } = start();
    resolver.answer('a.example', '192.0.2.1');
    await findNow('a.example');
    resolver.hang('a.example');
    await clock.pass(MINUTE);
    const first = find('a.example');
    await clock.pass(SECOND - 1);
    expect(first.result).toBe('nothing yet');
    await clock.pass(1);
    expect(first.result).toBe('192.0.2.1');
    expect(await findNow('a.example')).toBe('192.0.2.1');
  });

  test('are forgotten when the resolver says that the name is gone', async () => {
    const { clock, resolver, findNow } = start();
    resolver.answer('a.example', '192.0.2.1');
    await findNow('a.example');
    resolver.fail('a.example', 'ENOTFOUND');
    await clock.pass(MINUTE);
    expect(await findNow('a.example')).toContain('ENOTFOUND');
  });
});

test('a name is looked up once however many want it', async () => {
  const { clock, resolver, find } = start();
  const found = Array.from({ length: 100 }, () => find('a.example'));
  await clock.pass(SECOND);
  resolver.answer('a.example', '192.0.2.1');
  await clock.pass(0);
  expect(found.every(({ result }) => result === '192.0.2.1')).toBe(true);
  expect(resolver.asked).toEqual(['a.example']);
});

test('a failure is kept for three seconds', async () => {
  const { clock, resolver, findNow } = start();
  resolver.fail('a.example', 'EAI_AGAIN');
  await findNow('a.example');
  resolver.answer('a.example', '192.0.2.1');
  await clock.pass(3 * SECOND - 1);
  expect(await findNow('a.example')).toContain('EAI_AGAIN');
  await clock.pass(1);
  expect(await findNow('a.example')).toBe('192.0.2.1');
  expect(clock.waiting).toBe(0);
});

test('whoever waits for an answer is told after five seconds, and the answer is used when it comes', async () => {
  const { clock, resolver, find, findNow } = start();
  const found = find('a.example');
  await clock.pass(5 * SECOND - 1);
  expect(found.result).toBe('nothing yet');
  await clock.pass(1);
  expect(found.result).toBe(TOO_LONG);
  resolver.answer('a.example', '192.0.2.1');
  expect(await findNow('a.example')).toBe('192.0.2.1');
  expect(resolver.asked).toEqual(['a.example']);
});

describe('a hundred names that hang', () => {
  const HUNG = Array.from({ length: 100 }, (_, index) => `hung-${index}.example`);

  test('leave a name alone whose addresses are known', async () => {
    const { clock, resolver, find, findNow } = start();
    resolver.answer('good.example', '192.0.2.1');
    await findNow('good.example');
    for (const name of HUNG) find(name);
    await clock.pass(MINUTE - 1);
    expect(await findNow('good.example')).toBe('192.0.2.1');
  });

  test('hold up a new name by no more than the second in which they show that they are slow', async () => {
    const { clock, resolver, find } = start();
    for (const name of HUNG) find(name);
    await clock.pass(0);
    resolver.answer('good.example', '192.0.2.1');
    const found = find('good.example');
    await clock.pass(SECOND);
    expect(found.result).toBe('192.0.2.1');
  });

  test('leave new names alone once they are known', async () => {
    const { clock, resolver, find, findNow } = start();
    // The system gives up on each after a while, so all of them have their turn.
    for (let tries = 0; tries < 20; tries += 1) {
      for (const name of HUNG) find(name);
      await clock.pass(10 * SECOND);
      for (const name of HUNG) if (resolver.asked.includes(name)) resolver.answer(name, '192.0.2.9');
      for (const name of HUNG) resolver.hang(name);
      await clock.pass(HOUR);
    }
    expect(new Set(resolver.asked).size).toBe(HUNG.length);
    for (const name of HUNG) find(name);
    for (let index = 0; index < 50; index += 1) {
      resolver.answer(`good-${index}.example`, '192.0.2.1');
      expect(await findNow(`good-${index}.example`)).toBe('192.0.2.1');
    }
  });

  test('hold up a new name by no more than that second when some of them are known', async () => {
    const { clock, resolver, find } = start();
    for (const name of HUNG) find(name);
    await clock.pass(10 * SECOND);
    for (const name of resolver.asked) resolver.answer(name, '192.0.2.9');
    for (const name of HUNG) resolver.hang(name);
    await clock.pass(HOUR);
    for (const name of HUNG) find(name);
    await clock.pass(0);
    resolver.answer('good.example', '192.0.2.1');
    const found = find('good.example');
    await clock.pass(SECOND);
    expect(found.result).toBe('192.0.2.1');
  });

  test('take no more places than Node has threads for look-ups', async () => {
    const { clock, resolver, find } = start();
    for (const name of HUNG) find(name);
    await clock.pass(HOUR);
    expect(resolver.asked).toHaveLength(PLACES);
  });

  test('are told after five seconds that they hang, or that they had no turn, and are not looked up any more', async () => {
    const { clock, resolver, find } = start();
    const found = HUNG.map(find);
    await clock.pass(5 * SECOND);
    expect(found.filter(({ result }) => result === TOO_LONG)).toHaveLength(PLACES);
    expect(found.filter(({ result }) => result === TOO_MANY)).toHaveLength(HUNG.length - PLACES);
    for (const name of resolver.asked) resolver.answer(name, '192.0.2.9');
    await clock.pass(HOUR);
    expect(resolver.asked).toHaveLength(PLACES);
    expect(clock.waiting).toBe(0);
  });
});

test('of too many thousands of names, the last ones wait and the others are told at once', async () => {
  const { clock, find } = start();
  const found = Array.from({ length: 5_000 }, (_, index) => find(`${index}.example`));
  await clock.pass(0);
  expect(found.filter(({ result }) => result === TOO_MANY)).toHaveLength(5_000 - PLACES / 2 - 4_000);
});

test('of more than ten thousand names, those asked for last are remembered', async () => {
  const { clock, resolver, find, findNow } = start();
  const names = Array.from({ length: 10_001 }, (_, index) => `${index}.example`);
  for (const name of names) resolver.answer(name, '192.0.2.1');
  for (let start = 0; start < 10_000; start += 1_000) {
    for (const name of names.slice(start, start + 1_000)) find(name);
    await clock.pass(0);
  }
  await findNow('0.example');
  await findNow('10000.example');
  expect(resolver.asked).toHaveLength(10_001);
  await findNow('0.example');
  expect(resolver.asked).toHaveLength(10_001);
  await findNow('1.example');
  expect(resolver.asked).toHaveLength(10_002);
});
