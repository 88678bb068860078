import type { PreviewView } from '../../activity/trial-views.ts';
import { reads } from '../access.ts';
import { notFound } from '../refusal.ts';
import { requestsFor, type ShownRequest } from '../shown-requests.ts';
import { builder } from './builder.ts';

type PreviewedRequest = ShownRequest<PreviewView['requests'][number]>;

/** A request that would be sent; or, without one, why nothing would be. */
interface Previewed extends Pick<PreviewView, 'outcome' | 'rule' | 'reason' | 'notes'> {
  readonly request: PreviewedRequest | undefined;
}

const OutgoingRequest = builder.objectRef<Previewed>('OutgoingRequest').implement({
  description: 'A request that would be sent, with secrets masked; or, without one, why nothing would be.',
  fields: (t) => ({
    outcome: t.exposeString('outcome', {
      nullable: false,
      description: 'One of send, filtered, dead, broken, refused (by the door).',
    }),
    rule: t.string({ nullable: true, description: 'What filters it.', resolve: ({ rule }) => rule }),
    reason: t.string({ nullable: true, description: 'Why it is not sent.', resolve: ({ reason }) => reason }),
    method: t.string({ nullable: true, resolve: ({ request }) => request?.method }),
    url: t.string({
      nullable: true,
      description: 'Null for whoever may not see into connections.',
      resolve: ({ request }) => request?.url,
    }),
    body: t.string({ nullable: true, description: 'As JSON.', resolve: ({ request }) => request?.body }),
    notes: t.stringList({
      description: 'What of the event would not be sent, and why.',
      resolve: ({ notes }) => [...notes],
    }),
  }),
});

builder.queryField('preview', (t) =>
  t.field({
    type: [OutgoingRequest],
    extensions: reads('pipeline', 'integrationId', 'source.read'),
    description:
      'What would be sent for an event. Nothing is sent. One entry without a request says why there is none.',
    args: { integrationId: t.arg.id({ required: true }), event: t.arg({ type: 'JSON', required: true }) },
    async resolve(_, { event }, { caller, services, grant }) {
      services.trials.take('preview', caller);
      const wish = { pipeline: grant.pipeline.id, event: JSON.stringify(event ?? null) };
      const seen = await services.lanes.preview(wish);
      if (seen === undefined) throw notFound('running pipeline');
      const shown = seen.requests.map(requestsFor(grant.membership));
      const requests = shown.length === 0 ? [undefined] : shown;
      return requests.map((request) => ({ ...seen, request }));
    },
  }),
);
