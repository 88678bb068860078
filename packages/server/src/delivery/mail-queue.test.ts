import { expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import type { Carried, Mail } from './mail.ts';
import { MailQueue, PATIENCE_MS, STOP_MS, WAITING_MAX } from './mail-queue.ts';

const MINUTE_MS = 60_000;
const DOWN: Carried = { kind: 'unreachable', reason: 'nobody there' };
const LATER: Carried = { kind: 'postponed', reason: '451 not now' };

/** A queue whose mails are answered by `answer`; without one, all are taken. */
function queueWith(answer: (to: string, attempt: number) => Carried | Promise<Carried> = () => TAKEN) {
  const clock = new VirtualClock();
  const tries: { to: string; at: number }[] = [];
  const written: string[] = [];
  const lines: string[] = [];
  let composed = 0;
  let isDiskFull = false;
  let opened = 0;
  let closed = 0;
  const log = (message: string, fields = {}) => lines.push(`${message} ${JSON.stringify(fields)}`);
  const queue = new MailQueue({
    clock,
    logger: { info: log, warn: log, error: log },
    compose: async ({ to }) => {
      composed += 1;
      return { from: 'us@example.com', to, bytes: Buffer.from(to) };
    },
    openCarrier: async () => {
      opened += 1;
      return {
        carry: async ({ to }) => {
          tries.push({ to, at: clock.monotonic() });
          return answer(to, tries.filter((it) => it.to === to).length);
        },
        close: () => {
          closed += 1;
        },
      };
    },
    outbox: {
      write: async ({ to }) => {
        if (isDiskFull) throw new Error('ENOSPC');
        written.push(to);
        return `outbox/${to}.eml`;
      },
    },
  });
  return {
    queue,
    clock,
    tries,
    written,
    lines,
    tried: () => tries.map(({ to }) => to),
    composed: () => composed,
    carriers: () => ({ opened, closed }),
    fillDisk: () => {
      isDiskFull = true;
    },
  };
}

const TAKEN: Carried = { kind: 'taken' };

function mailTo(to: string): Mail {
  return { to, subject: 's', text: 't', html: 'h' };
}

test('a mail is taken over at once, and goes out in a later turn', async () => {
  const { queue, clock, tried, composed, carriers } = queueWith();
  await queue.add(mailTo('a@example.com'));
  expect([composed(), carriers().opened, tried()]).toEqual([0, 0, []]);
  await clock.pass(0);
  expect(tried()).toEqual(['a@example.com']);
});

test('mails go one after the other, in their order', async () => {
  let underWay = 0;
  let most = 0;
  const { queue, clock, tried } = queueWith(async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await new Promise((resolve) => setImmediate(resolve));
    underWay -= 1;
    return TAKEN;
  });
  for (const to of ['a@x.example', 'b@x.example', 'c@x.example']) await queue.add(mailTo(to));
  await clock.pass(10);
  await queue.stop();
  expect(tried()).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
  expect(most).toBe(1);
});

test('a mail that is postponed is tried after growing waits and composed once; the others go on', async () => {
  const { queue, clock, tries, composed, lines } = queueWith((to, attempt) =>
    to === 'grey@x.example' && attempt < 4 ? LATER : TAKEN,
  );
  await queue.add(mailTo('grey@x.example'));
  await queue.add(mailTo('other@x.example'));
  await clock.pass(30 * MINUTE_MS);
  expect(tries).toEqual([
    { to: 'grey@x.example', at: 0 },
    { to: 'other@x.example', at: 0 },
    { to: 'grey@x.example', at: 15_000 },
    { to: 'grey@x.example', at: 75_000 },
    { to: 'grey@x.example', at: 375_000 },
  ]);
  expect(composed()).toBe(2);
  expect(lines).toEqual([]);
});

test('a mail that is refused is written to the outbox, and the log says where, with the address masked', async () => {
  const { queue, clock, written, lines } = queueWith(() => ({ kind: 'refused', reason: '550 no such user' }));
  await queue.add(mailTo('ford@x.example'));
  await clock.pass(PATIENCE_MS);
  expect(written).toEqual(['ford@x.example']);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /written to a file.*"to":"f…@x\.example","reason":"550 no such user","file":"outbox/,
  );
});

test('a mail that is postponed for ever is given up after hours, in the outbox', async () => {
  const { queue, clock, tries, written } = queueWith(() => LATER);
  await queue.add(mailTo('a@x.example'));
  await clock.pass(PATIENCE_MS - 1);
  expect(written).toEqual([]);
  await clock.pass(60 * MINUTE_MS);
  expect(written).toEqual(['a@x.example']);
  expect(tries.length).toBeGreaterThan(6);
  expect(clock.waiting).toBe(0);
});

test('while the server is not reached all mails wait, one is tried ever less often, and the log says it once', async () => {
  let isDown = true;
  const { queue, clock, tries, lines, tried } = queueWith(() => (isDown ? DOWN : TAKEN));
  for (const to of ['a@x.example', 'b@x.example', 'c@x.example']) await queue.add(mailTo(to));
  await clock.pass(15_000);
  expect(tries).toEqual([
    { to: 'a@x.example', at: 0 },
    { to: 'b@x.example', at: 2_000 },
    { to: 'c@x.example', at: 6_000 },
    { to: 'a@x.example', at: 14_000 },
  ]);
  await clock.pass(60 * MINUTE_MS);
  const perHour = tries.length;
  expect(perHour).toBeLessThan(25);
  isDown = false;
  await clock.pass(5 * MINUTE_MS);
  expect(new Set(tried().slice(perHour))).toEqual(new Set(['a@x.example', 'b@x.example', 'c@x.example']));
  expect(lines).toEqual([
    'Mails cannot be sent now: they wait, and are tried again. {"reason":"nobody there"}',
    'Mails are sent again. {}',
  ]);
});

test('one mail that breaks the connection does not hold up the others', async () => {
  const { queue, clock, tried } = queueWith((to) => (to === 'poison@x.example' ? DOWN : TAKEN));
  for (const to of ['poison@x.example', 'b@x.example', 'c@x.example']) await queue.add(mailTo(to));
  await clock.pass(2_000);
  expect(tried().slice(0, 3)).toEqual(['poison@x.example', 'b@x.example', 'c@x.example']);
});

test('when the server is away for hours, all that waited that long is in the outbox, whoever was tried', async () => {
  const { queue, clock, written } = queueWith(() => DOWN);
  for (let n = 0; n < 200; n++) await queue.add(mailTo(`${n}@x.example`));
  await clock.pass(PATIENCE_MS + 10 * MINUTE_MS);
  expect(written).toHaveLength(200);
});

test('more mails than may wait go to the outbox, and nothing is lost', async () => {
  const { queue, clock, written, lines } = queueWith(() => DOWN);
  for (let n = 0; n < WAITING_MAX + 3; n++) await queue.add(mailTo(`${n}@x.example`));
  expect(written).toEqual(['1000@x.example', '1001@x.example', '1002@x.example']);
  expect(lines[0]).toContain('1000 mails are waiting before it');
  await clock.pass(0);
  await queue.stop();
  expect(written).toHaveLength(WAITING_MAX + 3);
});

test('stopping sends what waits, also what was postponed, and closes the connection', async () => {
  const { queue, clock, tried, written, carriers } = queueWith((_, attempt) =>
    attempt === 1 ? LATER : TAKEN,
  );
  await queue.add(mailTo('a@x.example'));
  await clock.pass(1_000);
  await queue.stop();
  expect(tried()).toEqual(['a@x.example', 'a@x.example']);
  expect([written, carriers()]).toEqual([[], { opened: 1, closed: 1 }]);
  expect(clock.waiting).toBe(0);
});

test('what the server does not take while stopping is in the outbox at once', async () => {
  const { queue, clock, tried, written } = queueWith(() => DOWN);
  for (const to of ['a@x.example', 'b@x.example', 'c@x.example']) await queue.add(mailTo(to));
  await clock.pass(1_000);
  await queue.stop();
  expect(tried()).toEqual(['a@x.example', 'b@x.example']);
  expect(written.toSorted()).toEqual(['a@x.example', 'b@x.example', 'c@x.example']);
  await queue.add(mailTo('late@x.example'));
  expect(written).toContain('late@x.example');
});

test('a server that does not answer holds up stopping for a few seconds at most', async () => {
  const clock = new VirtualClock();
  const written: string[] = [];
  const log = () => undefined;
  const queue = new MailQueue({
    clock,
    logger: { info: log, warn: log, error: log },
    compose: async ({ to }) => ({ from: 'us@example.com', to, bytes: Buffer.of() }),
    openCarrier: async () => ({
      carry: (_, stop) => new Promise((resolve) => stop.addEventListener('abort', () => resolve(DOWN))),
      close: log,
    }),
    outbox: { write: async ({ to }) => `${written.push(to)}` },
  });
  await queue.add(mailTo('a@x.example'));
  await queue.add(mailTo('b@x.example'));
  await clock.pass(0);
  let hasStopped = false;
  const stopped = queue.stop().then(() => {
    hasStopped = true;
  });
  await clock.pass(STOP_MS - 1);
  expect(hasStopped).toBe(false);
  await clock.pass(1);
  await stopped;
  expect(written.toSorted()).toEqual(['a@x.example', 'b@x.example']);
});

test('a mail that even the disk does not take is told as lost', async () => {
  const { queue, clock, lines, fillDisk } = queueWith(() => ({ kind: 'refused', reason: '550 no' }));
  fillDisk();
  await queue.add(mailTo('ford@x.example'));
  await clock.pass(0);
  expect(lines).toEqual([
    'A mail could neither be sent nor written to a file: it is lost. {"to":"f…@x.example","reason":"550 no"}',
  ]);
});

test('a queue that never had a mail opens nothing, and stops at once', async () => {
  const { queue, carriers, clock } = queueWith();
  await queue.stop();
  expect([carriers(), clock.waiting]).toEqual([{ opened: 0, closed: 0 }, 0]);
});
