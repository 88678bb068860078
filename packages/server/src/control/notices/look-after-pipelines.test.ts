import { DESTINATIONS } from '@metarouter/destinations';
import { expect, test } from 'vitest';
import type { Outage } from '../../activity/delivery-views.ts';
import type { Mail } from '../../delivery/mailer.ts';
import { VirtualClock } from '../../platform/virtual-clock.ts';
import { listAuditEntries } from '../../store/audit.ts';
import { fillOrganization, openElsewhere } from '../../store/filled-organization.fixture.ts';
import { changeMember } from '../../store/members.ts';
import { findPipeline, updatePipeline } from '../../store/pipelines.ts';
import { eachDatabase, OPERATOR } from '../../store/store.fixture.ts';
import type { Store } from '../../store/store.ts';
import { updateUser } from '../../store/users.ts';
import { type CareServices, lookAfterPipelines } from './look-after-pipelines.ts';
import { watchPipelines } from './watch-pipelines.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What looks after an organization's pipeline, with lanes of which a test says how they stand. */
async function careFor(store: Store) {
  const filled = await fillOrganization(store);
  const clock = new VirtualClock();
  const mails: Mail[] = [];
  const warnings: string[] = [];
  const lanes: { outages: Outage[] | undefined } = { outages: [] };
  const services: CareServices = {
    clock,
    store,
    destinations: DESTINATIONS,
    mail: (mail) => mails.push(mail),
    publicUrl: 'https://events.example.com',
    retention: { ageMs: 7 * DAY, bytes: Number.POSITIVE_INFINITY },
    lanes: {
      outages: async () => lanes.outages ?? Promise.reject(new Error('the lane thread has ended')),
      ledger: async () => [{ pipeline: filled.pipeline.id, pending: 1_204 }],
    },
    logger: { warn: (message) => warnings.push(message) },
  };
  const { id } = filled.pipeline;
  /** From now on it fails: the first time so long ago, and the last time now. */
  const fail = (lastedMs: number, more: Partial<Outage> = {}) => {
    const lastAt = clock.now();
    lanes.outages = [{ pipeline: id, since: lastAt - lastedMs, lastAt, reason: 'HTTP 503', ...more }];
  };
  const recover = () => {
    lanes.outages = [];
  };
  const look = () => lookAfterPipelines(services);
  const subjects = () => mails.splice(0).map(({ subject }) => subject);
  return { ...filled, services, clock, mails, warnings, lanes, fail, recover, look, subjects };
}

eachDatabase('looking after pipelines', (open) => {
  test('a pause is told at once, with all that an Owner needs to end it', async () => {
    const care = await careFor(await open());
    const { clock, owner, look, mails } = care;
    care.fail(DAY - 1, { refusedSince: clock.now(), reason: 'HTTP 401' });
    await look();
    await look();
    expect(mails).toMatchObject([
      { to: owner.email, subject: 'Everything is paused: Webhooks refuses its credentials' },
    ]);
    for (const said of [
      'the connection hooks since 1 March 2026 at 09:00 UTC',
      'HTTP 401',
      '1,204',
      '7 days',
    ])
      expect(mails[0]?.text).toContain(said);
  });

  test('every Owner is told by a mail of their own, and nobody else', async () => {
    const store = await open();
    const { organization, user, owner, mails, look, fail } = await careFor(store);
    const told = () => new Set(mails.splice(0).map(({ to }) => to));
    await fillOrganization(store);
    await store.change(OPERATOR, ({ db }) => updateUser(db, user.id, { confirmedAt: 1 }));
    fail(HOUR);
    await look();
    expect(told()).toEqual(new Set([owner.email]));
    await store.change(OPERATOR, ({ db }) => changeMember(db, organization.id, user.id, { role: 'OWNER' }));
    fail(DAY);
    await look();
    expect(told()).toEqual(new Set([owner.email, user.email]));
  });

  test('where no Owner has confirmed an address yet, the first who does is told', async () => {
    const store = await open();
    const { owner, subjects, look, fail } = await careFor(store);
    const { db } = store;
    await db.updateTable('users').set({ confirmed_at: null }).where('id', '=', owner.id).execute();
    fail(HOUR);
    await look();
    expect(subjects()).toEqual([]);
    await store.change(OPERATOR, (change) => updateUser(change.db, owner.id, { confirmedAt: 1 }));
    await look();
    expect(subjects()).toHaveLength(1);
  });

  test('of twenty who look at once, from two processes, one sends each notice, and one switches off', async () => {
    const store = await open();
    const { services, pipeline, organization, subjects, fail, warnings } = await careFor(store);
    const elsewhere = { ...services, store: await openElsewhere(open, store) };
    await elsewhere.store.version();
    const lookAll = () =>
      Promise.all(
        Array.from({ length: 10 }, () => [services, elsewhere])
          .flat()
          .map(lookAfterPipelines),
      );
    fail(HOUR);
    await lookAll();
    expect(subjects()).toEqual(['Webhooks has taken no events from Everything for an hour']);
    fail(DAY);
    await lookAll();
    expect(subjects()).toEqual(['Webhooks has taken no events from Everything for a day']);
    fail(5 * DAY);
    await lookAll();
    expect(subjects()).toEqual(['Everything was switched off: Webhooks has been failing for 5 days']);
    expect((await findPipeline(store.db, pipeline.id))?.enabled).toBe(false);
    const { entries } = await listAuditEntries(store.db, organization.id, { first: 9 });
    expect(entries.filter(({ actor }) => actor === 'MetaRouter')).toMatchObject([
      {
        action: 'pipeline.switched-off',
        target: pipeline.id,
        actorId: undefined,
        details: { enabled: false },
      },
    ]);
    expect(warnings).toHaveLength(1);
  });

  test('a pipeline that is switched off or deleted by now is nobody told of', async () => {
    const store = await open();
    const { pipeline, subjects, look, fail } = await careFor(store);
    await store.change(OPERATOR, ({ db }) => updatePipeline(db, pipeline.id, { enabled: false }));
    fail(HOUR);
    await look();
    fail(5 * DAY);
    await look();
    fail(HOUR, { pipeline: 'gone' });
    await look();
    expect(subjects()).toEqual([]);
  });

  test('who was well in between is told anew, of one that comes and goes once an hour', async () => {
    const { clock, subjects, look, fail, recover } = await careFor(await open());
    const told: number[] = [];
    for (let minute = 0; minute < 180; minute += 1) {
      if (minute % 2 === 0) fail(0, { refusedSince: clock.now() });
      else recover();
      await look();
      if (subjects().length > 0) told.push(minute);
      await clock.pass(MINUTE);
    }
    expect(told).toEqual([0, 62, 124]);
  });

  test('another process, whose own lanes are well or began to fail a little later, changes nothing', async () => {
    const store = await open();
    const { services, clock, subjects, fail, recover } = await careFor(store);
    const elsewhere = { ...services, store: await openElsewhere(open, store) };
    for (let minute = 0; minute < 180; minute += 1) {
      fail(HOUR + minute * MINUTE);
      await lookAfterPipelines(services);
      if (minute < 90) recover();
      else fail(HOUR + (minute - 30) * MINUTE);
      await lookAfterPipelines(elsewhere);
      await clock.pass(MINUTE);
    }
    expect(subjects()).toHaveLength(1);
  });

  test('what cannot be told now is told a minute later, and that it cannot is said once', async () => {
    const { services, clock, lanes, fail, warnings } = await careFor(await open());
    const mailed = Promise.withResolvers<Mail>();
    const ledger = { isThere: false };
    const watch = watchPipelines({
      ...services,
      mail: (mail) => mailed.resolve(mail),
      lanes: {
        ...services.lanes,
        async ledger() {
          if (!ledger.isThere) throw new Error('the lane thread has ended');
          return [];
        },
      },
    });
    lanes.outages = undefined;
    await clock.pass(10 * MINUTE);
    expect(warnings).toHaveLength(1);
    fail(HOUR);
    ledger.isThere = true;
    await clock.pass(MINUTE);
    expect((await mailed.promise).subject).toContain('for an hour');
    await watch.stop();
    expect([clock.waiting, warnings.length]).toEqual([0, 1]);
  });

  test('what was begun is finished when it is stopped', async () => {
    const { services, clock, subjects, fail } = await careFor(await open());
    const watch = watchPipelines(services);
    fail(HOUR);
    await clock.pass(MINUTE);
    await watch.stop();
    expect(subjects()).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });

  test('while the store cannot be reached nothing is claimed, so that it is told later', async () => {
    const store = await open();
    const { services, fail, subjects } = await careFor(store);
    const gone = await open(store.options);
    await gone.close();
    fail(HOUR);
    await expect(lookAfterPipelines({ ...services, store: gone })).rejects.toThrow();
    expect(subjects()).toEqual([]);
    await lookAfterPipelines(services);
    expect(subjects()).toHaveLength(1);
  });
});
