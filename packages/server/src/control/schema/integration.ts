import { compileFilter, type FilterRule } from '@metarouter/events';
import { findConnection } from '../../store/connections.ts';
import { createPipeline, deletePipeline, listPipelines, updatePipeline } from '../../store/pipelines.ts';
import { edits, reads } from '../access.ts';
import { actorOf } from '../caller.ts';
import { destinationFrom, destinationOf } from '../catalogue.ts';
import { nameFrom, objectFrom } from '../input.ts';
import { configFaults } from '../prototypes.ts';
import { badInput, notFound } from '../refusal.ts';
import { builder } from './builder.ts';
import { ClickstreamConfig } from './clickstream-config.ts';
import { done, StatusMessage } from './status-message.ts';

/** The same for one that is not there, one of somebody else, and one for another destination. */
const NO_CONNECTION = [
  { field: 'connectionId', message: 'is no connection of this organization for this destination' },
];

const FilterRuleInput = builder.inputType('FilterRuleInput', {
  description: 'A rule for which events a pipeline gets; give one of only and drop.',
  fields: (t) => ({
    name: t.string({ required: true }),
    only: t.string({ description: 'The condition of events that pass: type = "track".' }),
    drop: t.string({ description: 'The condition of events that do not.' }),
  }),
});

builder.queryField('clickstreamConfigs', (t) =>
  t.field({
    type: [ClickstreamConfig],
    extensions: reads('source', 'appId', 'source.read'),
    description: 'The pipelines of a source, oldest first.',
    args: { appId: t.arg.string({ required: true }) },
    resolve: async (_, __, { services, grant }) => [
      ...(await listPipelines(services.store.db, grant.source.id)),
    ],
  }),
);

builder.mutationFields((t) => ({
  createIntegration: t.field({
    type: StatusMessage,
    extensions: edits('source', 'appId', 'source.write'),
    description: 'Makes a pipeline. It is active as soon as it is saved.',
    args: {
      appId: t.arg.string({ required: true }),
      integrationCode: t.arg.string({ required: true }),
      configPayload: t.arg({
        type: 'JSON',
        description: "The values of the destination's configPrototype, by propertyName.",
      }),
      connectionId: t.arg.id({ required: true }),
      name: t.arg.string({ required: true }),
      filter: t.arg({ type: [FilterRuleInput] }),
    },
    async resolve(_, args, { caller, address, services, grant }) {
      const { store, clock } = services;
      const { source } = grant;
      const destination = destinationFrom(services, args.integrationCode);
      const name = nameFrom('name', args.name);
      const config = objectFrom('configPayload', args.configPayload);
      const faults = configFaults(destination, config);
      if (faults.length > 0) throw badInput(faults);
      const filter = filterFrom(args.filter) ?? [];
      const wish = { sourceId: source.id, connectionId: args.connectionId, name, config, filter };
      const made = await store.change(actorOf(caller, address), async ({ db, note }) => {
        const connection = await findConnection(db, args.connectionId);
        const isOwn = connection?.organizationId === grant.organization;
        // What is not theirs is looked into no further than what is not there: else the time would tell.
        if (!isOwn || connection.destination !== destination.code) throw badInput(NO_CONNECTION);
        const pipeline = await createPipeline(db, { ...wish, now: clock.now() });
        if (pipeline === undefined) throw notFound('source');
        if (pipeline === 'no connection') throw badInput(NO_CONNECTION);
        note({
          organization: grant.organization,
          action: 'pipeline.created',
          target: pipeline.id,
          targetName: name,
          details: { source: source.id, destination: destination.code, config, filter },
        });
        return pipeline;
      });
      return done(`The pipeline ${name} is active.`, made.id);
    },
  }),
  updateIntegration: t.field({
    type: StatusMessage,
    extensions: edits('pipeline', 'integrationId', 'source.write'),
    description: 'Changes, switches or deletes a pipeline.',
    args: {
      integrationId: t.arg.id({ required: true }),
      name: t.arg.string(),
      configPayload: t.arg({ type: 'JSON', description: 'All of it: what is left out is not kept.' }),
      connectionId: t.arg.id(),
      filter: t.arg({ type: [FilterRuleInput], description: 'All rules: what is left out is not kept.' }),
      enabled: t.arg.boolean(),
      delete: t.arg.boolean({ description: 'Events that wait for it are not sent any more.' }),
    },
    async resolve(_, args, { caller, address, services, grant }) {
      const { pipeline } = grant;
      const connectionId = args.connectionId ?? undefined;
      const enabled = args.enabled ?? undefined;
      const name = typeof args.name === 'string' ? nameFrom('name', args.name) : undefined;
      const config = args.configPayload == null ? undefined : objectFrom('configPayload', args.configPayload);
      const filter = filterFrom(args.filter);
      const change = { connectionId, name, config, filter, enabled };
      if (Object.values(change).every((value) => value === undefined) && args.delete !== true)
        throw badInput([
          { field: 'name', message: 'is missing, and so is everything else that could be changed' },
        ]);
      if (config !== undefined) {
        const faults = configFaults(destinationOf(services, pipeline.destination), config);
        if (faults.length > 0) throw badInput(faults);
      }
      const about = {
        organization: grant.organization,
        target: pipeline.id,
        targetName: name ?? pipeline.name,
      };
      await services.store.change(actorOf(caller, address), async ({ db, note }) => {
        if (args.delete === true) {
          if ((await deletePipeline(db, pipeline.id)) === undefined) throw notFound('pipeline');
          return note({ ...about, action: 'pipeline.deleted' });
        }
        const changed = await updatePipeline(db, pipeline.id, change);
        if (changed === undefined) throw notFound('pipeline');
        if (changed === 'no connection') throw badInput(NO_CONNECTION);
        note({ ...about, action: 'pipeline.updated', details: change });
      });
      const verb = args.delete === true ? 'deleted' : 'changed';
      return done(`The pipeline ${about.targetName} is ${verb}.`, pipeline.id);
    },
  }),
}));

interface GivenRule {
  readonly name: string;
  readonly only?: string | null | undefined;
  readonly drop?: string | null | undefined;
}

/** Rules that compile; undefined when none were said. */
function filterFrom(given: readonly GivenRule[] | null | undefined): readonly FilterRule[] | undefined {
  if (given === null || given === undefined) return undefined;
  const rules = given.map(({ name, only, drop }) => ({
    name,
    ...(typeof only === 'string' && { only }),
    ...(typeof drop === 'string' && { drop }),
  }));
  const reading = compileFilter(rules);
  if (reading.ok) return rules;
  throw badInput(reading.faults.map(({ path, message }) => ({ field: path, message })));
}
