import { DESTINATIONS } from '@metarouter/destinations';
import { expect, test } from 'vitest';
import { type CareServices, lookAfterPipelines } from './control/notices/look-after-pipelines.ts';
import type { Mail } from './delivery/mailer.ts';
import type { Outcome } from './delivery/outcome.ts';
import { deliverySnapshot } from './router/ledger.ts';
import { MemoryLog } from './router/memory-log.ts';
import { DELIVERED, fail, HOUR, live, MISCONFIGURED, RETRY } from './router/router.fixture.ts';
import { fillOrganization } from './store/filled-organization.fixture.ts';
import { loadWorkspace } from './store/load-workspace.ts';
import { updatePipeline } from './store/pipelines.ts';
import { eachDatabase, OPERATOR, type TestStore } from './store/store.fixture.ts';

const MINUTE = 60_000;
const DAY = 24 * HOUR;
const START = 1_772_355_600_000;

/** The real lanes over a real store, with a receiver whose answer can be changed. They live through several lives. */
async function openPlant(store: TestStore) {
  const { source, pipeline, owner } = await fillOrganization(store);
  const change = (enabled: boolean) =>
    store.change(OPERATOR, ({ db }) => updatePipeline(db, pipeline.id, { enabled, config: {}, filter: [] }));
  await change(true);
  const log = new MemoryLog();
  const receiver: { answer: Outcome } = { answer: RETRY };
  const script = () => ({ outcome: receiver.answer, afterMs: 100 });
  const begin = async (now: number) => {
    const { pipelines } = await loadWorkspace(store);
    return live({ log, script, pipelines, now });
  };
  let life = await begin(START);
  let version = await store.version();
  const mails: (Mail & { readonly at: number })[] = [];
  const services: CareServices = {
    clock: { now: () => life.clock.now(), monotonic: () => life.clock.monotonic(), after: () => () => {} },
    store,
    destinations: DESTINATIONS,
    mail: (mail) => mails.push({ ...mail, at: life.clock.now() - START }),
    publicUrl: 'https://events.example.com',
    retention: { ageMs: 7 * DAY, bytes: Number.POSITIVE_INFINITY },
    lanes: {
      outages: async () => life.router.outages.all(),
      ledger: async () => deliverySnapshot(life.router.snapshot(), log.sequences).ledger,
    },
    logger: { warn: () => {} },
  };
  /** What the store says is in force within 5 seconds. */
  const reload = async () => {
    const now = await store.version();
    if (now === version) return;
    version = now;
    const { pipelines } = await loadWorkspace(store);
    const applied = life.router.apply(pipelines);
    await life.clock.pass(5_000);
    await applied;
  };
  return {
    receiver,
    mails,
    owner,
    pipeline,
    change,
    life: () => life,
    /** Another so many users send an event each. */
    accept(count: number) {
      for (let one = 0; one < count; one += 1)
        log.accept(source.id, `u${log.head()}`, `${log.head()}`, { now: life.clock.now() });
    },
    accepted: () => log.head(),
    /** Time passes, and every ten minutes somebody looks after the pipelines. */
    async pass(ms: number) {
      const end = life.clock.now() + ms;
      while (life.clock.now() < end) {
        await life.clock.pass(Math.min(10 * MINUTE, end - life.clock.now()));
        await lookAfterPipelines(services);
        await reload();
      }
    },
    /** The process is started again: after a stop, or as when it was killed. */
    async restart(how: 'stopped' | 'killed') {
      if (how === 'stopped') await life.router.stop();
      life.clock.stop();
      life = await begin(life.clock.now());
    },
  };
}

eachDatabase('a destination that fails for six days', (open) => {
  test('is told of after an hour, a day and five days, once each, is switched off, and gets every event later', async () => {
    const plant = await openPlant(await open());
    const { mails, receiver, life, pipeline } = plant;
    plant.accept(40);
    await plant.pass(12 * HOUR);
    await plant.restart('killed');
    await plant.pass(DAY);
    plant.accept(40);
    await plant.restart('stopped');
    await plant.pass(4.5 * DAY);
    expect(mails.map(({ subject }) => subject)).toEqual([
      'Webhooks has taken no events from Everything for an hour',
      'Webhooks has taken no events from Everything for a day',
      'Everything was switched off: Webhooks has been failing for 5 days',
    ]);
    for (const [place, due] of [HOUR, DAY, 5 * DAY].entries()) {
      const { at = 0, to, text = '' } = mails[place] ?? fail('no mail');
      expect([at >= due, at <= due + 13 * MINUTE, to]).toEqual([true, true, plant.owner.email]);
      expect(text).toContain('Since 1 March 2026 at 09:00 UTC');
      expect(text).toContain(`${place === 2 ? 80 : 40} events are waiting`);
    }
    const attempts = life().sender.arrivals.length;
    expect(life().ledger()).toMatchObject({ trouble: 'off', dead: 0 });
    await plant.pass(6 * HOUR);
    expect(life().sender.arrivals).toHaveLength(attempts);

    // Its owner switches it on too early, and is told again; then has it repaired.
    await plant.change(true);
    await plant.pass(2 * HOUR);
    expect(mails.splice(3).map(({ subject }) => subject)).toEqual([
      'Webhooks has taken no events from Everything for an hour',
    ]);
    expect(life().ledger().trouble).toBe('failing');
    receiver.answer = DELIVERED;
    await plant.pass(HOUR);
    expect(life().ledger()).toMatchObject({ trouble: undefined, delivered: 80, dead: 0, held: 0, window: 0 });
    const wish = { pipeline: pipeline.id, from: 0, until: Number.MAX_SAFE_INTEGER };
    const replay = life().router.replay(wish) ?? fail('it does not run');
    await plant.pass(HOUR);
    const again = life().sender.arrivals.filter(
      (arrival) => arrival.replay && arrival.outcome === 'delivered',
    );
    expect(new Set(again.map(({ messageId }) => messageId)).size).toBe(plant.accepted());
    expect(life().router.replays(pipeline.id)).toMatchObject([
      { id: replay.id, state: 'done', delivered: 80 },
    ]);
    expect(mails).toHaveLength(3);
  });

  test('but for one moment is told of twice after an hour, and not after a day', async () => {
    const plant = await openPlant(await open());
    plant.accept(40);
    await plant.pass(20 * HOUR);
    plant.receiver.answer = DELIVERED;
    await plant.pass(10 * MINUTE);
    plant.receiver.answer = RETRY;
    plant.accept(40);
    await plant.pass(20 * HOUR);
    expect(plant.mails.map(({ subject }) => subject)).toEqual([
      'Webhooks has taken no events from Everything for an hour',
      'Webhooks has taken no events from Everything for an hour',
    ]);
  });

  test('by refusing the credentials is told of at once, and goes on by itself when they are right', async () => {
    const plant = await openPlant(await open());
    plant.receiver.answer = MISCONFIGURED;
    plant.accept(40);
    await plant.pass(2 * HOUR);
    expect(plant.mails.map(({ subject, at }) => ({ subject, at }))).toEqual([
      { subject: 'Everything is paused: Webhooks refuses its credentials', at: 10 * MINUTE },
    ]);
    plant.receiver.answer = DELIVERED;
    await plant.pass(DAY);
    expect(plant.life().ledger()).toMatchObject({ delivered: 40 });
    expect(plant.mails).toHaveLength(1);
  });
});
