import type { FilterRule } from '@metarouter/events';
import type { StoredPipeline } from '../../store/pipelines.ts';
import { builder } from './builder.ts';

const FilterRuleType = builder.objectRef<FilterRule>('FilterRule').implement({
  description: 'A rule for which events a pipeline gets.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What counts and traces call it.' }),
    only: t.string({
      nullable: true,
      description: 'The condition of events that pass.',
      resolve: ({ only }) => only,
    }),
    drop: t.string({
      nullable: true,
      description: 'The condition of events that do not.',
      resolve: ({ drop }) => drop,
    }),
  }),
});

/** A pipeline. */
export const ClickstreamConfig = builder.objectRef<StoredPipeline>('ClickstreamConfig').implement({
  description: "A pipeline: a source's way to one destination.",
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    appId: t.exposeID('sourceId', { nullable: false }),
    integrationCode: t.exposeString('destination', { nullable: false }),
    connectionId: t.exposeID('connectionId', { nullable: false }),
    name: t.exposeString('name', { nullable: false }),
    configPayload: t.field({ type: 'JSON', resolve: ({ config }) => config }),
    filter: t.field({
      type: [FilterRuleType],
      description: 'Which events it gets: all when there is no rule.',
      resolve: ({ filter }) => [...filter],
    }),
    enabled: t.exposeBoolean('enabled', { nullable: false }),
    createdAt: t.expose('createdAt', { type: 'Date' }),
  }),
});
