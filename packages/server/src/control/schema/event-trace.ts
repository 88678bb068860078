import type { EventTrace, PipelineTrace } from '../../activity/delivery-views.ts';
import { reads } from '../access.ts';
import { requestsFor, type ShownRequest } from '../shown-requests.ts';
import { builder } from './builder.ts';

type TracedRequest = ShownRequest<PipelineTrace['requests'][number]>;

interface TracedExchange extends Omit<PipelineTrace['exchanges'][number], 'request'> {
  readonly request: TracedRequest;
}

interface TracedPipeline extends Omit<PipelineTrace, 'requests' | 'exchanges'> {
  readonly requests: readonly TracedRequest[];
  readonly exchanges: readonly TracedExchange[];
}

const TracedRequestType = builder.objectRef<TracedRequest>('TracedRequest').implement({
  description: 'A request that is or was sent, with secrets masked.',
  fields: (t) => ({
    method: t.exposeString('method'),
    url: t.string({
      nullable: true,
      description: 'Null for whoever may not see into connections.',
      resolve: ({ url }) => url,
    }),
    body: t.string({ nullable: true, description: 'As JSON.', resolve: ({ body }) => body }),
  }),
});

const TracedExchangeType = builder.objectRef<TracedExchange>('TracedExchange').implement({
  description: 'What was really sent and answered. Only the last ones are remembered.',
  fields: (t) => ({
    request: t.expose('request', { type: TracedRequestType, nullable: false }),
    attempt: t.exposeInt('attempt', { description: 'Counted from 1.' }),
    events: t.exposeInt('events', { description: 'How many events went with it.' }),
    at: t.expose('at', { type: 'Date' }),
    tookMs: t.float({ nullable: true, resolve: ({ tookMs }) => tookMs }),
    status: t.int({ nullable: true, resolve: ({ status }) => status }),
    reason: t.string({ nullable: true, resolve: ({ reason }) => reason }),
    answer: t.string({ nullable: true, resolve: ({ answer }) => answer }),
  }),
});

const PipelineTraceType = builder.objectRef<TracedPipeline>('PipelineTrace').implement({
  description: 'What one pipeline did with an event.',
  fields: (t) => ({
    integrationId: t.exposeID('pipeline', { nullable: false }),
    replayId: t.id({
      nullable: true,
      description: 'Set when it is about a replay.',
      resolve: ({ replay }) => replay || null,
    }),
    name: t.exposeString('name'),
    integrationCode: t.exposeString('destination'),
    outcome: t.exposeString('outcome', {
      nullable: false,
      description: 'One of before, unread, waiting, delivered, filtered, dead, redelivering, repeat.',
    }),
    rule: t.string({ nullable: true, description: 'Which rule filtered it.', resolve: ({ rule }) => rule }),
    reason: t.string({ nullable: true, resolve: ({ reason }) => reason }),
    status: t.int({ nullable: true, resolve: ({ status }) => status }),
    answer: t.string({ nullable: true, resolve: ({ answer }) => answer }),
    attempts: t.int({ nullable: true, resolve: ({ attempts }) => attempts }),
    waitsFor: t.string({
      nullable: true,
      description: 'One of underWay, retry, behind, turn, failing, refused, broken, off.',
      resolve: ({ waits }) => waits?.state,
    }),
    dueInMs: t.float({
      nullable: true,
      description: 'When it is tried again.',
      resolve: ({ waits }) => waits?.dueInMs,
    }),
    requests: t.field({
      type: [TracedRequestType],
      description: 'What is sent for it, worked out from the settings that are or were in force.',
      resolve: ({ requests }) => [...requests],
    }),
    notes: t.stringList({
      description: 'What of the event is not sent, and why.',
      resolve: ({ notes }) => [...notes],
    }),
    exchanges: t.field({ type: [TracedExchangeType], resolve: ({ exchanges }) => [...exchanges] }),
  }),
});

/** The record that counts, and when its repeats came. */
interface TracedEvent extends Omit<EventTrace, 'pipelines'> {
  readonly pipelines: readonly TracedPipeline[];
  readonly repeats: readonly number[];
}

const EventTraceType = builder.objectRef<TracedEvent>('EventTrace').implement({
  description: 'An accepted event, and every step of it for every pipeline.',
  fields: (t) => ({
    appId: t.exposeID('source', { nullable: false }),
    messageId: t.exposeString('messageId', { nullable: false }),
    receivedAt: t.expose('receivedAt', { type: 'Date' }),
    repeats: t.field({
      type: ['Date'],
      description: 'When it was received again: repeats are not delivered.',
      resolve: ({ repeats }) => [...repeats],
    }),
    event: t.exposeString('event', { description: 'Its JSON.' }),
    pipelines: t.field({ type: [PipelineTraceType], resolve: ({ pipelines }) => [...pipelines] }),
  }),
});

builder.queryField('event', (t) =>
  t.field({
    type: EventTraceType,
    nullable: true,
    extensions: reads('source', 'appId', 'source.read'),
    description:
      'What became of an event: filtered by which rule, sent what, answered what, waiting for what.',
    args: { appId: t.arg.string({ required: true }), messageId: t.arg.string({ required: true }) },
    async resolve(_, { messageId }, { services, grant }) {
      const traces = await services.lanes.trace({ source: grant.source.id, messageId });
      const found = traces.find(({ isRepeat }) => !isRepeat) ?? traces[0];
      const repeats = traces.filter((trace) => trace !== found).map(({ receivedAt }) => receivedAt);
      const shown = requestsFor(grant.membership);
      return (
        found && {
          ...found,
          repeats,
          pipelines: found.pipelines.map((trace) => tracedPipeline(trace, shown)),
        }
      );
    },
  }),
);

function tracedPipeline(trace: PipelineTrace, shown: ReturnType<typeof requestsFor>): TracedPipeline {
  const exchanges = trace.exchanges.map((exchange) => ({ ...exchange, request: shown(exchange.request) }));
  return { ...trace, requests: trace.requests.map(shown), exchanges };
}
