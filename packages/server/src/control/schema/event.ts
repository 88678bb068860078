import type { LiveEvent } from '../../activity/live-feed.ts';
import { TooManyWatchers } from '../../activity/live-feed.ts';
import {
  cursorOf,
  isFound,
  mergeSeen,
  NO_MORE,
  placeIn,
  type SeenEvent,
  type SeenPage,
} from '../../activity/recent-events.ts';
import { reads } from '../access.ts';
import { pageSizeFrom } from '../input.ts';
import { badInput, Refusal } from '../refusal.ts';
import { builder } from './builder.ts';

/** What both lists of events show of one. */
interface ShownEvent {
  readonly outcome: 'ACCEPTED' | 'REPEATED' | 'REJECTED' | 'MISSED';
  readonly receivedAt?: number | undefined;
  readonly messageId?: string | null | undefined;
  readonly type?: string | undefined;
  readonly name?: string | undefined;
  readonly userId?: string | undefined;
  readonly anonymousId?: string | undefined;
  readonly text?: string | undefined;
  readonly isCut?: boolean | undefined;
  readonly reason?: string | undefined;
  readonly details?: string | undefined;
  readonly missed?: number | undefined;
}

const EventOutcome = builder.enumType('SeenOutcome', {
  description: 'What the door did with an event.',
  values: {
    ACCEPTED: {},
    REPEATED: { description: 'Taken for a repeat of an earlier one: no pipeline gets it.' },
    REJECTED: { description: 'Refused, for the reason given.' },
    MISSED: { description: 'In a live stream: so many events are not shown, for there were too many.' },
  } as const,
});

const SeenEventType = builder.objectRef<ShownEvent>('SeenEvent').implement({
  description: 'An event as it came in, accepted or refused.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: EventOutcome, nullable: false }),
    receivedAt: t.field({ type: 'Date', nullable: true, resolve: ({ receivedAt }) => receivedAt }),
    messageId: t.string({ nullable: true, resolve: ({ messageId }) => messageId }),
    type: t.string({ nullable: true, resolve: ({ type }) => type }),
    name: t.string({
      nullable: true,
      description: "The event's name, or the page's or screen's.",
      resolve: ({ name }) => name,
    }),
    userId: t.string({ nullable: true, resolve: ({ userId }) => userId }),
    anonymousId: t.string({ nullable: true, resolve: ({ anonymousId }) => anonymousId }),
    text: t.string({
      nullable: true,
      description: 'Its JSON, or the beginning of it.',
      resolve: ({ text }) => text,
    }),
    isCut: t.boolean({ resolve: ({ isCut }) => isCut ?? false }),
    reason: t.string({
      nullable: true,
      description: 'Why it was refused, as a code.',
      resolve: ({ reason }) => reason,
    }),
    details: t.string({
      nullable: true,
      description: 'What was wrong with it, and what to do about it.',
      resolve: ({ details }) => details,
    }),
    missed: t.int({ nullable: true, resolve: ({ missed }) => missed }),
  }),
});

interface EventPageInfo {
  readonly page: SeenPage;
}

const EventPageInfoType = builder.objectRef<EventPageInfo>('EventPageInfo').implement({
  description: 'How to go on in a list of events.',
  fields: (t) => ({
    hasNextPage: t.boolean({ nullable: false, resolve: ({ page }) => page.next !== undefined }),
    endCursor: t.string({
      nullable: true,
      description:
        'Give it as `after`. A search may stop on its way, so go on even from a page that is empty.',
      resolve: ({ page }) => page.next && cursorOf(page.next),
    }),
    searchedTo: t.field({
      type: 'Date',
      nullable: true,
      description: 'How far back this page looked; null when it looked at everything.',
      resolve: ({ page }) => page.searchedTo,
    }),
  }),
});

const EventConnection = builder.objectRef<SeenPage>('EventConnection').implement({
  description: 'Events, newest first.',
  fields: (t) => ({
    nodes: t.field({ type: [SeenEventType], resolve: ({ events }) => events.map(shown) }),
    pageInfo: t.field({ type: EventPageInfoType, nullable: false, resolve: (page) => ({ page }) }),
  }),
});

function shown(seen: SeenEvent): ShownEvent {
  if (seen.kind === 'rejected') return { ...seen.sample, outcome: 'REJECTED' };
  return { ...seen.event, outcome: seen.event.isRepeat ? 'REPEATED' : 'ACCEPTED' };
}

builder.queryField('events', (t) =>
  t.field({
    type: EventConnection,
    extensions: reads('source', 'appId', 'source.read'),
    description: 'What came in lately, newest first, accepted and refused, with the reason.',
    args: {
      appId: t.arg.string({ required: true }),
      search: t.arg.string({ description: 'Text anywhere in the event, whatever the case.' }),
      first: t.arg.int(),
      after: t.arg.string(),
    },
    async resolve(_, args, { services, grant }) {
      const source = grant.source.id;
      const first = pageSizeFrom(args.first);
      const search = args.search ?? '';
      const from = args.after == null ? {} : placeIn(args.after);
      if (from === undefined) throw badInput([{ field: 'after', message: 'is no cursor of this list' }]);
      const { before } = from;
      const accepted =
        before === null
          ? NO_MORE
          : await services.lanes.recent({ source, first, search, ...(before !== undefined && { before }) });
      const rejected = services.activity.rejected(source).filter((sample) => isFound(sample, search));
      return mergeSeen(first, from, accepted, rejected);
    },
  }),
);

builder.subscriptionField('events', (t) =>
  t.field({
    type: SeenEventType,
    extensions: reads('source', 'appId', 'source.read'),
    description: 'What comes in from now on, accepted and refused.',
    args: { appId: t.arg.string({ required: true }) },
    subscribe(_, __, { services, grant }) {
      try {
        return services.activity.live(grant.source.id);
      } catch (error) {
        if (error instanceof TooManyWatchers) throw new Refusal('RATE_LIMITED', `${error.message}.`);
        throw error;
      }
    },
    resolve: (event: LiveEvent) => live(event),
  }),
);

function live(event: LiveEvent): ShownEvent {
  switch (event.kind) {
    case 'accepted':
      return { ...event, outcome: 'ACCEPTED' };
    case 'rejected':
      return { ...event, outcome: 'REJECTED' };
    case 'missed':
      return { outcome: 'MISSED', missed: event.count };
  }
}
