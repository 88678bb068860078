import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeWith, installedProgram } from '../support/real-part.ts';
import { conformancePage, type Served } from './conformance-page.ts';
import { type RecordedSdk, replay } from './recorded-sdk.ts';
import { ANSWERS, type Answer, CALLS, type Event, type Reactions, type Sdk } from './sdk.ts';
import { type SdkSystem, startSdkSystem } from './sdk-system.ts';
import { browserClients, NODE_CLIENTS, RECORDED } from './sdks.ts';

const ARRIVAL_TIMEOUT_MS = 20_000;
const DOCS = new URL('../../docs/', import.meta.url);
const chromium = installedProgram('chromium', 'chromium-browser', 'google-chrome');
const BROWSER_CLIENTS = chromium === undefined ? [] : browserClients(chromium);
const SDKS = [...BROWSER_CLIENTS, ...NODE_CLIENTS, ...RECORDED];

/** Every event that reaches a destination has these, whatever sent it. */
const STAMPS = {
  messageId: expect.any(String),
  receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  originalTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
};
/** Nobody did this, so it is refused, and only a part of a batch that has others. */
const NOBODYS: Event = { type: 'track', messageId: 'nobodys', event: 'Order Completed' };
/** Over the size of an event, though not of a request. */
const OVERSIZE = { blob: 'x'.repeat(40_000) };
/** With these settings, a source that sent this many events is over its rate for longer than the suite takes. */
const SLOW = { METAROUTER_SOURCE_EVENTS_PER_SECOND: '1' };
const TOO_MANY = 500;
/** All here have the same clock. A time that is read at a wrong offset from UTC is off by a quarter of an hour at least. */
const CLOCK_TOLERANCE_MS = 5 * 60 * 1_000;

let system: SdkSystem;
beforeAll(async () => {
  system = await startSdkSystem(SDKS);
  return () => system[Symbol.asyncDispose]();
});

const observed = new Map<Sdk, Promise<Reactions>>();
/** What an SDK does after each answer, found out once. */
function reactionsOf(sdk: Sdk): Promise<Reactions> {
  const reactions = observed.get(sdk) ?? sdk.reactions();
  observed.set(sdk, reactions);
  return reactions;
}

/** What the door answers to a recorded request when its events are these. */
async function answerTo(
  sdk: RecordedSdk,
  events: (own: readonly Event[]) => readonly Event[],
  at: SdkSystem = system,
): Promise<Answer> {
  const target = at.target(sdk);
  const recording = sdk.record(target.writeKey);
  const status = await replay(target, { ...recording, events: events(recording.events) });
  const answer = ANSWERS.find((known) => known === status);
  if (answer === undefined) throw new Error(`${sdk.name} was answered ${status}`);
  return answer;
}

/** What the door answers to an SDK in place of 207, 413 and 429, where that differs. */
async function servedOf(sdk: Sdk, slow: SdkSystem): Promise<Served> {
  const recorded = RECORDED.find((known) => known === sdk);
  if (recorded === undefined) return {};
  return {
    207: await answerToPartlyRefused(recorded),
    413: await answerToTooLarge(recorded),
    429: await answerToOverRate(recorded, slow),
  };
}

const answerToPartlyRefused = (sdk: RecordedSdk) => answerTo(sdk, ([first]) => [first ?? {}, NOBODYS]);
const answerToTooLarge = (sdk: RecordedSdk) => answerTo(sdk, ([first]) => [{ ...first, ...OVERSIZE }]);
async function answerToOverRate(sdk: RecordedSdk, slow: SdkSystem): Promise<Answer> {
  await answerTo(sdk, ([first = {}]) => Array.from({ length: TOO_MANY }, () => first), slow);
  return answerTo(sdk, (own) => own, slow);
}

function conforms(sdk: Sdk): void {
  const calls = CALLS.filter((call) => sdk.calls[call] !== undefined);

  test('each of its calls reaches the destination as it was meant, and at its time', async () => {
    const receiver = system.receiver(sdk);

    await sdk.sendAll(system.target(sdk));

    const missing = () => calls.filter((call) => receiver.ofType(call) === undefined);
    await eventually(
      () => `delivered: ${missing().join(', ')}`,
      () => missing().length === 0,
      ARRIVAL_TIMEOUT_MS,
    );
    for (const call of calls) {
      const event = receiver.ofType(call);
      expect(event).toMatchObject({ ...STAMPS, type: call, ...sdk.calls[call] });
      expect(event).toMatchObject(sdk.common);
      const age = Date.parse(String(event?.receivedAt)) - Date.parse(String(event?.timestamp));
      expect(Math.abs(age)).toBeLessThan(CLOCK_TOLERANCE_MS);
    }
    expect(receiver.deliveries).toHaveLength(calls.length);
    expect(JSON.stringify(receiver.deliveries)).not.toContain(system.target(sdk).writeKey);
  });

  test('it has a page that says how to point it here', () => {
    expect(existsSync(new URL(`sdks/${sdk.page}.md`, DOCS))).toBe(true);
  });
}

function isARealClient(sdk: Sdk): void {
  conforms(sdk);

  test('it sends again what was not stored, when it is told to', async () => {
    const reactions = await reactionsOf(sdk);

    expect(reactions[200]).toBe('done');
    for (const answer of [429, 503, 'cut'] as const) {
      expect([answer, reactions[answer]]).toEqual([
        answer,
        sdk.losses?.[answer] === undefined ? 'again' : 'drops',
      ]);
    }
  });

  test('it never sends again what was stored, and not for ever what never will be', async () => {
    const reactions = await reactionsOf(sdk);
    expect(reactions[207]).toBe('done');
    expect([reactions[400], reactions[413]]).not.toContain('for ever');
  });
}

function isRecorded(sdk: RecordedSdk): void {
  conforms(sdk);

  test('it is answered so that it never sends again what was stored, nor for ever what never will be', async () => {
    const reactions = await reactionsOf(sdk);
    expect(reactions[await answerToPartlyRefused(sdk)]).toBe('done');
    expect(reactions[await answerTo(sdk, () => [NOBODYS])]).not.toBe('for ever');
    expect(reactions[await answerToTooLarge(sdk)]).not.toBe('for ever');
  });
}

for (const sdk of NODE_CLIENTS) describe(sdk.name, () => isARealClient(sdk));
for (const sdk of RECORDED) describe(sdk.name, () => isRecorded(sdk));
describeWith('SDKs in a browser', 'Chromium', chromium, () => {
  for (const sdk of BROWSER_CLIENTS) describe(sdk.name, () => isARealClient(sdk));

  // Here, because without a browser some rows would be missing.
  test('docs/sdks.md is fresh; `npm test -- test/sdks --update` writes it', async () => {
    await using slow = await startSdkSystem(RECORDED, SLOW);
    const rows = await Promise.all(
      SDKS.map(async (sdk) => ({
        sdk,
        reactions: await reactionsOf(sdk),
        served: await servedOf(sdk, slow),
      })),
    );
    await expect(conformancePage(rows)).toMatchFileSnapshot(new URL('sdks.md', DOCS).pathname);
  });
});
