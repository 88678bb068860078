import type { DeadLetterView } from '../../activity/delivery-views.ts';
import { edits, reads } from '../access.ts';
import { actorOf } from '../caller.ts';
import { pageSizeFrom } from '../input.ts';
import type { DeadLetterChoice } from '../ports.ts';
import { badInput } from '../refusal.ts';
import { builder } from './builder.ts';
import { cursorFrom, type Page, pageType } from './page.ts';
import { done, StatusMessage } from './status-message.ts';

/** As many as one request may name; all of a reason need no list. */
const IDS_MAX = 1_000;

const DeadLetter = builder.objectRef<DeadLetterView>('DeadLetter').implement({
  description: 'An event, or a range of them, that a pipeline gave up on.',
  fields: (t) => ({
    id: t.id({ nullable: false, resolve: ({ id }) => `${id}` }),
    state: t.exposeString('state', {
      description: 'dead; lost when nothing is kept of it; queued when it is being delivered once more.',
    }),
    messageId: t.string({ nullable: true, resolve: ({ messageId }) => messageId }),
    count: t.exposeInt('count', { description: 'How many events it stands for.' }),
    reason: t.exposeString('reason'),
    status: t.int({ nullable: true, description: 'The last answer’s.', resolve: ({ status }) => status }),
    attempts: t.exposeInt('attempts'),
    at: t.expose('at', { type: 'Date', description: 'When it was given up.' }),
    answer: t.string({
      nullable: true,
      description: 'The beginning of the last answer, with secrets masked.',
      resolve: ({ answer }) => answer,
    }),
    event: t.string({ nullable: true, description: 'Its JSON.', resolve: ({ event }) => event }),
  }),
});

const DeadLetterConnection = pageType('DeadLetterConnection', DeadLetter, 'Dead letters, newest first.');

const DeadLetterReason = builder
  .objectRef<{ readonly reason: string; readonly count: number }>('DeadLetterReason')
  .implement({
    description: 'How many dead letters a pipeline has for one reason.',
    fields: (t) => ({
      reason: t.exposeString('reason', { nullable: false }),
      count: t.exposeFloat('count', { nullable: false }),
    }),
  });

builder.queryFields((t) => ({
  deadLetters: t.field({
    type: DeadLetterConnection,
    extensions: reads('pipeline', 'integrationId', 'source.read'),
    description: 'What a pipeline gave up on, newest first. Dead letters are kept for 30 days.',
    args: {
      integrationId: t.arg.id({ required: true }),
      reason: t.arg.string(),
      first: t.arg.int(),
      after: t.arg.string(),
    },
    async resolve(_, args, { services, grant }): Promise<Page<DeadLetterView>> {
      const first = pageSizeFrom(args.first);
      const before = cursorFrom(args.after);
      const found = await services.lanes.deadLetters({
        choice: choiceOf(grant.pipeline.id, { reason: args.reason }),
        first: first + 1,
        ...(before !== undefined && { before }),
      });
      const nodes = found.slice(0, first);
      return { nodes, next: found.length > first ? nodes.at(-1)?.id : undefined };
    },
  }),
  deadLetterReasons: t.field({
    type: [DeadLetterReason],
    extensions: reads('pipeline', 'integrationId', 'source.read'),
    description: 'Why a pipeline gave up on events, and how often.',
    args: { integrationId: t.arg.id({ required: true }) },
    resolve: async (_, __, { services, grant }) => [...(await services.lanes.reasons(grant.pipeline.id))],
  }),
}));

builder.mutationField('redeliver', (t) =>
  t.field({
    type: StatusMessage,
    extensions: edits('pipeline', 'integrationId', 'source.write'),
    description: 'Delivers dead letters once more: these, all of a reason, or all. Doing it twice is safe.',
    args: {
      integrationId: t.arg.id({ required: true }),
      deadLetterIds: t.arg.idList(),
      reason: t.arg.string(),
    },
    async resolve(_, { deadLetterIds, reason }, { caller, address, services, grant }) {
      const { id, name, organizationId } = grant.pipeline;
      const count = await services.lanes.redeliver(choiceOf(id, { reason, ids: deadLetterIds }));
      await services.store.change(actorOf(caller, address), async ({ note }) =>
        note({
          organization: organizationId,
          action: 'pipeline.redelivered',
          target: id,
          targetName: name,
          details: { count, reason: reason ?? null, named: deadLetterIds?.length ?? null },
        }),
      );
      return done(`${count} dead ${count === 1 ? 'letter is' : 'letters are'} delivered once more.`, id);
    },
  }),
);

function choiceOf(
  pipeline: string,
  {
    reason,
    ids,
  }: { readonly reason?: string | null | undefined; readonly ids?: readonly string[] | null | undefined },
): DeadLetterChoice {
  return {
    pipeline,
    ...(typeof reason === 'string' && { reason }),
    ...(Array.isArray(ids) && { ids: ids.map((id, place) => idFrom(id, place)) }),
  };
}

function idFrom(text: string, place: number): number {
  if (place >= IDS_MAX)
    throw badInput([
      { field: 'deadLetterIds', message: `has more than ${IDS_MAX} ids: give a reason instead` },
    ]);
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badInput([{ field: `deadLetterIds[${place}]`, message: 'is no id of a dead letter' }]);
}
