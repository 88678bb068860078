import { describe, expect, test } from 'vitest';
import type { Outcome } from '../delivery/outcome.ts';
import { MemoryLog } from './memory-log.ts';
import {
  DELIVERED,
  fail,
  HOOK,
  HOUR,
  live,
  logOf,
  MISCONFIGURED,
  PIPELINE,
  REJECTED,
  RETRY,
  taken,
  users,
  webhooksBut,
} from './router.fixture.ts';
import type { Script } from './scripted-sender.ts';

type Life = ReturnType<typeof live>;

/** What the trace says of an event, at one pipeline. */
function traceOf({ router }: Life, messageId: string, pipeline = 'p', replay = '') {
  const [record] = router.trace('s', messageId);
  const found = record?.pipelines.find((one) => one.pipeline === pipeline && one.replay === replay);
  return found ?? fail(`no trace of ${messageId}`);
}

/** A receiver whose answer depends on the user, and can be changed. */
function receiver(answers: Record<string, Outcome>, afterMs = 1) {
  const script: Script = ({ user }) => ({ outcome: answers[user] ?? DELIVERED, afterMs });
  return { answers, script };
}

const REQUEST = { method: 'POST', url: HOOK };

describe('the trace tells of an event that it', () => {
  test('was delivered, with the request and the answer; after a restart it is worked out again', async () => {
    const log = logOf(['a']);
    const life = live({ log });
    await life.clock.pass(1_000);
    const trace = traceOf(life, '0');
    expect(trace).toMatchObject({
      outcome: 'delivered',
      requests: [REQUEST],
      exchanges: [{ request: REQUEST, attempt: 1, events: 1, status: 200, tookMs: 1 }],
    });
    expect(trace.exchanges[0]?.request.body).toBe(trace.requests[0]?.body);
    await life.router.stop();
    const after = traceOf(live({ log }), '0');
    expect(after).toEqual({ ...trace, exchanges: [] });
    expect(after.requests[0]?.body).toContain('"messageId":"0"');
  });

  test('was filtered, and by which rule', async () => {
    const log = logOf(['a', 'b']);
    const life = live({
      log,
      pipelines: [{ ...PIPELINE, filter: [{ name: 'no b', drop: 'userId = "b"' }] }],
    });
    await life.clock.pass(1_000);
    const wanted = { outcome: 'filtered', rule: 'filter: no b', requests: [], exchanges: [] };
    expect(traceOf(life, '1')).toMatchObject(wanted);
    expect(traceOf(life, '0')).toMatchObject({ outcome: 'delivered' });
  });

  test('is dead, with the reason, from the moment on at which it is', async () => {
    const { script } = receiver({ a: REJECTED });
    const life = live({ log: logOf(['a']), script });
    await life.clock.pass(2);
    const wanted = { outcome: 'dead', reason: 'HTTP 400', status: 400, attempts: 1 };
    expect(traceOf(life, '0')).toMatchObject(wanted);
    await life.clock.pass(1_000);
    expect(traceOf(life, '0')).toMatchObject({ ...wanted, exchanges: [{ status: 400, reason: 'HTTP 400' }] });
  });

  test('is on its way, waits for its time, and behind another one of its user', async () => {
    const { script } = receiver({ a: RETRY }, 100);
    const life = live({ log: logOf(['a', 'a']), script });
    await life.clock.pass(50);
    expect(traceOf(life, '0')).toMatchObject({
      outcome: 'waiting',
      waits: { state: 'underWay' },
      attempts: 1,
    });
    expect(traceOf(life, '0').exchanges).toMatchObject([{ attempt: 1, tookMs: undefined }]);
    await life.clock.pass(1_050);
    expect(traceOf(life, '0')).toMatchObject({
      outcome: 'waiting',
      waits: { state: 'retry', dueInMs: 4_000 },
      reason: 'HTTP 503',
      attempts: 1,
    });
    expect(traceOf(life, '1')).toMatchObject({ outcome: 'waiting', waits: { state: 'behind' }, attempts: 0 });
  });

  test('waits for its turn, or for the destination', async () => {
    const refused = live({ log: logOf(['a', 'b']), script: () => ({ outcome: MISCONFIGURED, afterMs: 1 }) });
    await refused.clock.pass(500);
    expect(traceOf(refused, '1')).toMatchObject({
      outcome: 'waiting',
      waits: { state: 'refused' },
      attempts: 0,
    });
    await refused.router.stop();
    const log = logOf(users(70));
    const start = { position: 0, sequences: new Map() };
    const pipelines = [{ ...PIPELINE, id: 'q' }];
    const busy = live({ log, start, pipelines, script: () => ({ outcome: DELIVERED, afterMs: 1_000 }) });
    await taken(busy, 70);
    expect(traceOf(busy, '69', 'q')).toMatchObject({ outcome: 'waiting', waits: { state: 'turn' } });
  });

  test('waits for its pipeline to be switched on, or came before it was there, or is not read yet', async () => {
    const { script } = receiver({ a: RETRY });
    const log = logOf(['a', 'b']);
    const life = live({ log, script });
    await life.clock.pass(1_000);
    const change = life.router.apply([
      { ...PIPELINE, enabled: false },
      { ...PIPELINE, id: 'later' },
    ]);
    await life.clock.pass(10);
    await change;
    log.accept('s', 'c', '2', { now: 0 });
    await life.clock.pass(1_000);
    expect(traceOf(life, '0')).toMatchObject({
      outcome: 'waiting',
      waits: { state: 'off' },
      reason: 'HTTP 503',
    });
    expect(traceOf(life, '1')).toMatchObject({ outcome: 'delivered' });
    expect(traceOf(life, '2')).toMatchObject({ outcome: 'unread' });
    expect(traceOf(life, '1', 'later')).toMatchObject({ outcome: 'before' });
    expect(traceOf(life, '2', 'later')).toMatchObject({ outcome: 'delivered' });
  });

  test('is delivered once more, or was by a replay', async () => {
    const { answers, script } = receiver({ a: REJECTED });
    const life = live({ log: logOf(['a', 'b']), script });
    await life.clock.pass(1_000);
    const id = life.router.replay({ pipeline: 'p', from: 0, until: 1 })?.id ?? fail('it does not run');
    await life.clock.pass(1_000);
    expect(traceOf(life, '1', 'p', id)).toMatchObject({ outcome: 'delivered' });
    answers.a = RETRY;
    life.router.redeliver({ pipeline: 'p' });
    await life.clock.pass(1_000);
    expect(traceOf(life, '0')).toMatchObject({ outcome: 'redelivering', attempts: 1, reason: 'HTTP 503' });
    answers.a = DELIVERED;
    await life.clock.pass(HOUR);
    expect(traceOf(life, '0')).toMatchObject({ outcome: 'delivered' });
  });

  test('repeats an earlier one', async () => {
    const log = new MemoryLog();
    for (let times = 0; times < 2; times += 1) log.accept('s', 'a', 'm', { now: 0 });
    const life = live({ log });
    await life.clock.pass(1_000);
    const traces = life.router.trace('s', 'm');
    expect(traces.map(({ isRepeat, pipelines }) => [isRepeat, pipelines[0]?.outcome])).toEqual([
      [false, 'delivered'],
      [true, 'repeat'],
    ]);
    expect(life.router.trace('s', 'unheard of')).toEqual([]);
  });

  test('was lost with the log', async () => {
    const log = logOf(['a', 'b', 'c']);
    const { answers, script } = receiver({ a: RETRY });
    const life = live({ log, script });
    await life.clock.pass(1_000);
    const record = log.find('s', '0');
    log.damage(0);
    answers.a = DELIVERED;
    await life.clock.pass(HOUR);
    log.find = () => record;
    expect(traceOf(life, '0')).toMatchObject({ outcome: 'dead', reason: 'damaged' });
  });
});

test('what was sent is told by the settings of the time, after they were changed and after a restart', async () => {
  const log = logOf(['a']);
  const life = live({ log });
  await life.clock.pass(1_000);
  const changed = { ...PIPELINE, connection: { urls: ['https://new.example.com/'] } };
  const change = life.router.apply([changed]);
  await life.clock.pass(10);
  await change;
  log.accept('s', 'a', '1', { now: 0 });
  await life.clock.pass(1_000);
  const requests = (of: Life) => ['0', '1'].map((id) => traceOf(of, id).requests[0]?.url);
  expect(requests(life)).toEqual([HOOK, 'https://new.example.com/']);
  // A replay goes by today's settings, and takes no part in what was in force when.
  const id = life.router.replay({ pipeline: 'p', from: 0, until: 1 })?.id ?? fail('it does not run');
  await life.clock.pass(10_000);
  expect(traceOf(life, '0', 'p', id).requests[0]?.url).toBe('https://new.example.com/');
  await life.router.stop();
  expect(requests(live({ log, pipelines: [changed] }))).toEqual([HOOK, 'https://new.example.com/']);
});

test('what is still to be sent is told by the settings of today', async () => {
  const { script } = receiver({ a: RETRY });
  const life = live({ log: logOf(['a']), script });
  await life.clock.pass(1_000);
  const change = life.router.apply([{ ...PIPELINE, connection: { urls: ['https://new.example.com/'] } }]);
  await life.clock.pass(10);
  await change;
  expect(traceOf(life, '0')).toMatchObject({
    outcome: 'waiting',
    requests: [{ url: 'https://new.example.com/' }],
  });
});

test('no secret is shown, wherever a receiver or a vendor repeats it', async () => {
  const secrets = ['sesame-sesame', 'sesame-sesame-"and-more'];
  const [short = '', long = ''] = secrets;
  const repeating = `you sent ${long} and ${short}`;
  const destinations = webhooksBut({
    batch: (connection, config) => {
      const batch = webhooksBut({}).get('webhooks')?.batch(connection, config);
      if (batch === undefined) return undefined;
      return {
        ...batch,
        outcomesOf: (_, requests) => requests.map(() => ({ kind: 'rejected', reason: repeating })),
      };
    },
  });
  const pipelines = [
    { ...PIPELINE, connection: { urls: [HOOK], headers: { A: short, B: long } }, config: { batchSize: 5 } },
  ];
  const script: Script = () => ({
    outcome: { kind: 'delivered', status: 200, answer: repeating },
    afterMs: 1,
  });
  const life = live({ log: logOf(['a']), pipelines, destinations, script });
  await life.clock.pass(1_000);
  expect(life.ledger()).toMatchObject({ dead: 1 });
  const shown = JSON.stringify([
    life.router.trace('s', '0'),
    life.router.deadLetters({ pipeline: 'p' }, { first: 9 }),
    life.router.reasons('p'),
    life.reports,
  ]);
  expect(shown).toContain('you sent [secret] and [secret]');
  expect(shown).not.toContain('sesame');
  expect(shown).not.toContain('and-more');
});
