import { expect, test } from 'vitest';
import type { EventTrace, PipelineTrace } from '../packages/server/src/activity/delivery-views.ts';
import { QUESTIONS } from '../packages/server/src/router/messages.ts';
import { type AppProcess, startAppProcess } from './support/app-process.ts';
import { startPatientClient } from './support/patient-client.ts';
import { writePipelines } from './support/pipelines-file.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { WRITE_KEY } from './support/workspace-file.ts';

const TOKEN = 'Bearer towel-42-magrathea';
/** The first retry comes after five seconds, give or take a fifth. */
const FIRST_RETRY_MS_MAX = 6_000;
const FIRST = { type: 'track', messageId: 'first', userId: 'arthur', event: 'Coffee Made' };
const SECOND = { ...FIRST, messageId: 'second', event: 'Tea Made' };

/** What is the same after a crash: what went well leaves no row, and its answer is not remembered. */
const LASTING = {
  first: {
    well: { outcome: 'delivered' },
    picky: { outcome: 'filtered', rule: 'filter: no coffee' },
    refusing: {
      outcome: 'dead',
      reason: 'HTTP 400',
      status: 400,
      attempts: 1,
      answer: 'no tea for [secret]',
    },
    failing: { outcome: 'waiting', reason: 'HTTP 500' },
  },
  second: {
    well: { outcome: 'delivered' },
    picky: { outcome: 'delivered' },
    refusing: { outcome: 'dead' },
    failing: { outcome: 'waiting', waits: { state: 'behind' } },
  },
};

test('the trace of an event tells what each pipeline did with it, before and after a crash, without secrets', {
  timeout: 60_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using opened = new AsyncDisposableStack();
  const well = opened.use(await startRecordingReceiver());
  const refusing = opened.use(
    await startRecordingReceiver(() => ({ status: 400, text: `no tea for ${TOKEN}` })),
  );
  const failing = opened.use(await startRecordingReceiver(() => 500));
  const to = (name: string, { url }: { readonly url: string }) => {
    return { name, details: { urls: [url], headers: { Authorization: TOKEN } } };
  };
  const pipelines = [
    to('well', well),
    { ...to('picky', well), filter: [{ name: 'no coffee', drop: 'event = "Coffee Made"' }] },
    to('refusing', refusing),
    to('failing', failing),
  ];
  const workspace = await writePipelines(directory.path, { pipelines });
  const options = { workspace, data: `${directory.path}/data` };
  let app = await startAppProcess(options);
  opened.defer(() => app[Symbol.asyncDispose]());

  const client = startPatientClient(() => app.url);
  opened.defer(() => client.close());
  await client.send([FIRST, SECOND]);
  await expect.poll(() => byPipeline(app, 'first'), { timeout: 5_000 }).toMatchObject(LASTING.first);
  await expect.poll(() => byPipeline(app, 'second'), { timeout: 5_000 }).toMatchObject(LASTING.second);

  const fresh = await byPipeline(app, 'first');
  for (const [name, status] of [
    ['well', 200],
    ['refusing', 400],
    ['failing', 500],
  ] as const)
    expect(fresh[name]?.exchanges, name).toMatchObject([{ attempt: 1, events: 1, status }]);
  expect(fresh.failing).toMatchObject({ attempts: 1, waits: { state: 'retry' } });
  expect(fresh.failing?.waits?.dueInMs).toBeGreaterThan(0);
  expect(fresh.failing?.waits?.dueInMs).toBeLessThan(FIRST_RETRY_MS_MAX);
  expect(fresh.well?.requests).toMatchObject([{ method: 'POST', url: well.url }]);
  expect(JSON.parse(fresh.well?.requests[0]?.body ?? '')).toMatchObject(FIRST);

  await client.send([{ ...FIRST, event: 'Repeated' }]);
  await expect
    .poll(async () => (await tracesOf(app, 'first')).map(({ isRepeat }) => isRepeat))
    .toEqual([false, true]);
  const [, repeat] = await tracesOf(app, 'first');
  expect(repeat?.pipelines.map(({ outcome }) => outcome)).toEqual(pipelines.map(() => 'repeat'));

  await app.kill();
  app = await startAppProcess(options);
  expect(await byPipeline(app, 'first')).toMatchObject(LASTING.first);
  expect(await byPipeline(app, 'second')).toMatchObject(LASTING.second);
  expect(JSON.stringify(await tracesOf(app, 'first'))).not.toContain(TOKEN);
  expect(await tracesOf(app, 'never sent')).toEqual([]);
});

function tracesOf(app: AppProcess, messageId: string): Promise<readonly EventTrace[]> {
  return app.ask(QUESTIONS.trace, { source: WRITE_KEY, messageId });
}

/** What the pipelines did with an event, by their names. */
async function byPipeline(
  app: AppProcess,
  messageId: string,
): Promise<Readonly<Record<string, PipelineTrace | undefined>>> {
  const [trace] = await tracesOf(app, messageId);
  return Object.fromEntries((trace?.pipelines ?? []).map((own) => [own.name, own]));
}
