import { expect, test } from 'vitest';
import type { DeadLetterView } from '../packages/server/src/activity/delivery-views.ts';
import { QUESTIONS } from '../packages/server/src/router/messages.ts';
import { type AppProcess, startAppProcess } from './support/app-process.ts';
import { eventually } from './support/eventually.ts';
import { watchLedgers } from './support/ledger-watch.ts';
import { ledgerOf } from './support/metrics.ts';
import { startPatientClient } from './support/patient-client.ts';
import { idOf, writePipelines } from './support/pipelines-file.ts';
import { type RecordingReceiver, startRecordingReceiver } from './support/recording-receiver.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

/** `npm run prove` has 10,000. */
const LETTERS = Number(process.env.METAROUTER_PROVE_DEAD_LETTERS ?? 1_000);
/** The server is killed when the receiver has this part of them, and once more at the next one. */
const KILLS_AT = [0.3, 0.6];
const USERS = 100;
const BATCH_SIZE = 100;
const PAGE_SIZE = 500;
/** What a crash makes go out twice: what is delivered between two commits at most, and what is under way. */
const REPEATS_PER_KILL_MAX = 1_000 + 64;
const PIPELINE = idOf('hook');
const TOKEN = 'Bearer towel-42-magrathea';
const REASON = 'HTTP 400';
/** Any one of them. */
const ONE = { pipeline: PIPELINE, messageId: messageIdOf(7) };
const SETTLE_TIMEOUT_MS = 60_000;

test(`${LETTERS} dead letters delivered once more, with a kill in the middle, twice: none missing`, {
  timeout: 240_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using opened = new AsyncDisposableStack();
  /** How many the receiver takes before it falls silent, as one does in whose middle a server is killed. */
  let takes = 0;
  const receiver: RecordingReceiver = opened.use(
    await startRecordingReceiver(() => {
      if (takes === 0) return { status: 400, text: `{"error": "no tea for ${TOKEN}"}` };
      return receiver.delivered.size < takes ? 200 : 'none';
    }),
  );
  const details = { urls: [receiver.url], headers: { Authorization: TOKEN } };
  const options = {
    workspace: await writePipelines(directory.path, { pipelines: [{ name: 'hook', details }] }),
    data: `${directory.path}/data`,
  };
  let app = await startAppProcess(options);
  opened.defer(() => app[Symbol.asyncDispose]());
  const ledgers = opened.use(watchLedgers(() => app.url));
  const ledgerIs = (wanted: { readonly delivered: number; readonly dead: number }) =>
    eventually(
      () => `${JSON.stringify(wanted)}\n${app.output()}`,
      async () => {
        const { delivered, dead, pending } = await ledgerOf(app.url);
        return delivered === wanted.delivered && dead === wanted.dead && pending === 0;
      },
      SETTLE_TIMEOUT_MS,
    );

  await sendAll(() => app.url);
  await ledgerIs({ delivered: 0, dead: LETTERS });
  expect(await app.ask(QUESTIONS.reasons, PIPELINE)).toEqual([{ reason: REASON, count: LETTERS }]);
  expect(await lettersOf(app)).toHaveLength(LETTERS);
  await expectOneLetter(app);

  // Delivered once more before the receiver is mended, it is dead again, and still one.
  expect(await app.ask(QUESTIONS.redeliver, ONE)).toBe(1);
  await eventually('refused twice', () => receiver.deliveries.length === LETTERS + 1, SETTLE_TIMEOUT_MS);
  await ledgerIs({ delivered: 0, dead: LETTERS });
  await expectOneLetter(app);

  const began = performance.now();
  const all = { pipeline: PIPELINE, reason: REASON };
  const redelivered: number[] = [];
  takes = LETTERS * (KILLS_AT[0] ?? 1);
  for (const next of [...KILLS_AT.slice(1), Number.POSITIVE_INFINITY]) {
    redelivered.push(await app.ask(QUESTIONS.redeliver, all));
    await eventually(
      () => `${takes} delivered, but ${receiver.delivered.size}\n${app.output()}`,
      () => receiver.delivered.size === takes,
      SETTLE_TIMEOUT_MS,
    );
    await app.kill();
    takes = LETTERS * next;
    app = await startAppProcess(options);
  }
  redelivered.push(await app.ask(QUESTIONS.redeliver, all));
  await ledgerIs({ delivered: LETTERS, dead: 0 });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  redelivered.push(await app.ask(QUESTIONS.redeliver, all));
  expect(await lettersOf(app)).toEqual([]);
  expect(await app.ask(QUESTIONS.reasons, PIPELINE)).toEqual([]);
  expect(await ledgerOf(app.url)).toMatchObject({ accepted: LETTERS, filtered: 0, pending: 0 });
  await ledgers.stop();
  expect((await app.stop()).code, app.output()).toBe(0);

  const taken = receiver.deliveries.filter(({ status }) => status === 200);
  const distinctKeys = new Set(taken.map(({ idempotencyKey }) => idempotencyKey)).size;
  const repeats = taken.length - distinctKeys;
  process.stdout.write(
    `redelivery of ${LETTERS} dead letters, ${KILLS_AT.length} kills: ${receiver.delivered.size} at the receiver, ` +
      `${LETTERS - receiver.delivered.size} missing, ${repeats} delivered twice, ${distinctKeys} after dedup by key; ` +
      `${seconds} s; ${ledgers.wrong.length} of ${ledgers.seen()} ledgers wrong\n`,
  );
  // The first time all of them; later on they are on their way already, or delivered.
  expect(redelivered).toEqual([LETTERS, 0, 0, 0]);
  expect(receiver.delivered.size).toBe(LETTERS);
  expect(distinctKeys).toBe(LETTERS);
  expect(repeats).toBeLessThan(KILLS_AT.length * REPEATS_PER_KILL_MAX);
  expect(notAsTheFirst(receiver)).toEqual([]);
  expect(ledgers.seen()).toBeGreaterThan(0);
  expect(ledgers.wrong.slice(0, 3)).toEqual([]);
});

function messageIdOf(number: number): string {
  return `letter-${number}`;
}

async function sendAll(url: () => string): Promise<void> {
  const client = startPatientClient(url);
  for (let first = 0; first < LETTERS; first += BATCH_SIZE) {
    const numbers = Array.from({ length: BATCH_SIZE }, (_, index) => first + index);
    await client.send(
      numbers.map((number) => ({
        type: 'track',
        messageId: messageIdOf(number),
        userId: `user-${number % USERS}`,
        event: 'Tea Made',
      })),
    );
  }
  client.close();
}

/** All dead letters of the reason, page by page. */
async function lettersOf(app: AppProcess): Promise<readonly DeadLetterView[]> {
  const choice = { pipeline: PIPELINE, reason: REASON };
  const letters = new Map<number, DeadLetterView>();
  for (let before: number | undefined; ; ) {
    const page = await app.ask(QUESTIONS.deadLetters, { choice, first: PAGE_SIZE, before });
    for (const letter of page) letters.set(letter.id, letter);
    before = page.at(-1)?.id;
    if (before === undefined) return [...letters.values()];
  }
}

/** What an operator sees of a dead letter: everything that is needed, and no secret. */
async function expectOneLetter(app: AppProcess): Promise<void> {
  const shown = {
    state: 'dead',
    messageId: ONE.messageId,
    reason: REASON,
    status: 400,
    attempts: 1,
    answer: '{"error": "no tea for [secret]"}',
    event: expect.stringContaining(`"messageId":"${ONE.messageId}"`),
  };
  const found = await app.ask(QUESTIONS.deadLetters, { choice: ONE, first: 2 });
  expect(found).toEqual([expect.objectContaining(shown)]);
}

/** What came without the mark of a second delivery, or with another key than the first time. */
function notAsTheFirst({ deliveries }: RecordingReceiver): readonly string[] {
  const keys = new Map<string, string | undefined>();
  return deliveries.flatMap(({ messageId, idempotencyKey, attempt, isReplay }) => {
    if (attempt === 1) keys.set(messageId, idempotencyKey);
    const isRight = isReplay === attempt > 1 && idempotencyKey === keys.get(messageId);
    return isRight && idempotencyKey !== undefined ? [] : [messageId];
  });
}
