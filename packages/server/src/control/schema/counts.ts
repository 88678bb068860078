import { beginningOf, byPeriod, type Period, stepOf } from '../../activity/count-periods.ts';
import type { HourCount } from '../../activity/event-views.ts';
import { reads } from '../access.ts';
import type { LedgerRow } from '../ports.ts';
import { badInput } from '../refusal.ts';
import { builder } from './builder.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A month of hours is more rows than a chart has pixels. */
const HOURS_RANGE_MAX_MS = 32 * DAY_MS;
/** Counts are kept for 13 months. */
const RANGE_MAX_MS = 400 * DAY_MS;
/** How far back one looks who does not say. */
const STANDARD_RANGE_MS: Readonly<Record<Period, number>> = {
  hour: DAY_MS,
  day: 31 * DAY_MS,
  week: 13 * 7 * DAY_MS,
  month: 365 * DAY_MS,
};

const TimePeriods = builder.enumType('TimePeriods', {
  description: 'What counts are added up over, in UTC.',
  values: {
    HOUR: { value: 'hour' },
    DAY: { value: 'day' },
    WEEK: { value: 'week', description: 'From Monday.' },
    MONTH: { value: 'month' },
  } as const,
});

const EventCount = builder.objectRef<HourCount>('EventCount').implement({
  description: 'How many events of one type had one outcome in one period.',
  fields: (t) => ({
    at: t.expose('at', { type: 'Date', nullable: false, description: 'When the period begins.' }),
    integrationId: t.id({
      nullable: true,
      description: 'Of which pipeline; null for what is the source’s: accepted, duplicate and rejected.',
      resolve: ({ pipeline }) => pipeline,
    }),
    type: t.string({ nullable: true, description: 'Null for rejected ones.', resolve: ({ type }) => type }),
    outcome: t.exposeString('outcome', {
      nullable: false,
      description: 'One of accepted, duplicate, rejected, delivered, filtered, dead.',
    }),
    reason: t.string({ nullable: true, description: 'Why rejected.', resolve: ({ reason }) => reason }),
    count: t.exposeFloat('count', { nullable: false }),
  }),
});

const LedgerRowType = builder.objectRef<LedgerRow>('LedgerRow').implement({
  description: 'accepted = delivered + filtered + dead + pending, exactly, at every moment.',
  fields: (t) => ({
    integrationId: t.exposeID('pipeline', { nullable: false }),
    accepted: t.exposeFloat('accepted', { description: 'Since the pipeline was first seen.' }),
    delivered: t.exposeFloat('delivered'),
    filtered: t.exposeFloat('filtered'),
    dead: t.exposeFloat('dead'),
    pending: t.exposeFloat('pending'),
  }),
});

builder.queryFields((t) => ({
  eventCounts: t.field({
    type: [EventCount],
    extensions: reads('source', 'appId', 'source.read'),
    description: 'How many events there were, by type and outcome, in order of time.',
    args: {
      appId: t.arg.string({ required: true }),
      period: t.arg({ type: TimePeriods, required: true }),
      from: t.arg({ type: 'Date', description: 'The period that it lies in is the first one.' }),
      to: t.arg({
        type: 'Date',
        description: 'Now when left out. The period that it lies in is the last one.',
      }),
    },
    async resolve(_, { period, from: given, to }, { services, grant }) {
      const until = to ?? services.clock.now();
      const since = given ?? Math.max(0, until - STANDARD_RANGE_MS[period]);
      if (since > until) throw badInput([{ field: 'from', message: 'must not be after to' }]);
      const most = period === 'hour' ? HOURS_RANGE_MAX_MS : RANGE_MAX_MS;
      if (until - since > most)
        throw badInput([{ field: 'from', message: `must be at most ${most / DAY_MS} days before to` }]);
      const [from, step] = [beginningOf(period, since), stepOf(period)];
      const counts = await services.lanes.counts({ source: grant.source.id, from, until: until + 1, step });
      return [...byPeriod(counts, period)];
    },
  }),
  ledger: t.field({
    type: [LedgerRowType],
    extensions: reads('source', 'appId', 'source.read'),
    description: 'What became of all events of a source, for each pipeline.',
    args: { appId: t.arg.string({ required: true }) },
    resolve: async (_, __, { services, grant }) =>
      (await services.lanes.ledger()).filter(({ source }) => source === grant.source.id),
  }),
}));
