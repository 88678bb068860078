import type { ReplayStatus } from '../../activity/delivery-views.ts';
import { edits, reads } from '../access.ts';
import { actorOf } from '../caller.ts';
import { badInput, notFound, Refusal } from '../refusal.ts';
import { builder } from './builder.ts';
import { done, StatusMessage } from './status-message.ts';

const Replay = builder.objectRef<ReplayStatus>('Replay').implement({
  description: "A source's past that is delivered to a pipeline once more, and its own row of the ledger.",
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    integrationId: t.exposeID('pipeline', { nullable: false }),
    from: t.expose('fromTime', { type: 'Date' }),
    to: t.expose('untilTime', { type: 'Date' }),
    createdAt: t.expose('createdAt', { type: 'Date' }),
    state: t.exposeString('state', { description: 'One of running, paused, cancelled, done.' }),
    accepted: t.exposeFloat('accepted', { description: 'How many events lie in its range.' }),
    delivered: t.exposeFloat('delivered'),
    filtered: t.exposeFloat('filtered'),
    dead: t.exposeFloat('dead'),
    pending: t.exposeFloat('pending'),
  }),
});

const ReplayAction = builder.enumType('ReplayAction', {
  values: { PAUSE: { value: 'pause' }, RESUME: { value: 'resume' }, CANCEL: { value: 'cancel' } } as const,
});

builder.queryField('replays', (t) =>
  t.field({
    type: [Replay],
    extensions: reads('pipeline', 'integrationId', 'source.read'),
    description: 'The replays of a pipeline, and how far they are.',
    args: { integrationId: t.arg.id({ required: true }) },
    resolve: async (_, __, { services, grant }) => [
      ...(await services.lanes.replays({ pipeline: grant.pipeline.id })),
    ],
  }),
);

builder.mutationFields((t) => ({
  replay: t.field({
    type: StatusMessage,
    extensions: edits('pipeline', 'integrationId', 'source.write'),
    description:
      'Delivers what the source sent in a time once more. `id` in the answer is that of the replay.',
    args: {
      integrationId: t.arg.id({ required: true }),
      from: t.arg({ type: 'Date', required: true }),
      to: t.arg({ type: 'Date', description: 'What was received before this moment; now when left out.' }),
    },
    async resolve(_, { from, to }, { caller, address, services, grant }) {
      const { id, name, organizationId } = grant.pipeline;
      const until = to ?? services.clock.now();
      if (from >= until) throw badInput([{ field: 'from', message: 'must be before to' }]);
      const replay = await services.lanes.replay({ pipeline: id, from, until });
      if (replay === undefined)
        throw new Refusal(
          'CONFLICT',
          'The pipeline does not run, so nothing can be replayed: enable it first.',
        );
      await services.store.change(actorOf(caller, address), async ({ note }) =>
        note({
          organization: organizationId,
          action: 'pipeline.replayed',
          target: id,
          targetName: name,
          details: { from, until, replay: replay.id },
        }),
      );
      const events = replay.accepted === 1 ? '1 event lies' : `${replay.accepted} events lie`;
      return done(`The replay has begun: ${events} in its range.`, replay.id);
    },
  }),
  changeReplay: t.field({
    type: StatusMessage,
    extensions: edits('pipeline', 'integrationId', 'source.write'),
    description: 'Pauses, resumes or cancels a replay.',
    args: {
      integrationId: t.arg.id({ required: true }),
      replayId: t.arg.id({ required: true }),
      action: t.arg({ type: ReplayAction, required: true }),
    },
    async resolve(_, { replayId, action }, { caller, address, services, grant }) {
      const { id, name, organizationId } = grant.pipeline;
      const own = await services.lanes.replays({ pipeline: id });
      if (!own.some((replay) => replay.id === replayId)) throw notFound('replay');
      if (!(await services.lanes.changeReplay({ id: replayId, to: action })))
        throw new Refusal('CONFLICT', `This replay is not in a state to ${action} it.`);
      await services.store.change(actorOf(caller, address), async ({ note }) =>
        note({
          organization: organizationId,
          action: `replay.${action}`,
          target: id,
          targetName: name,
          details: { replay: replayId },
        }),
      );
      return done(`The replay is ${DONE[action]}.`, replayId);
    },
  }),
}));

const DONE = { pause: 'paused', resume: 'running again', cancel: 'cancelled' } as const;
