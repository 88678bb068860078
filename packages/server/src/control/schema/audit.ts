import { type AuditEntry, listAuditEntries } from '../../store/audit.ts';
import { reads } from '../access.ts';
import { pageSizeFrom } from '../input.ts';
import { builder } from './builder.ts';
import { cursorFrom, type Page, pageType } from './page.ts';

const AuditEntryType = builder.objectRef<AuditEntry>('AuditEntry').implement({
  description: 'One change.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    at: t.expose('at', { type: 'Date', nullable: false }),
    actor: t.exposeString('actor', {
      description: 'The e-mail address or the name of the API key, as it was then.',
    }),
    actorId: t.id({ nullable: true, resolve: ({ actorId }) => actorId }),
    address: t.exposeString('address', { description: 'From where.' }),
    action: t.exposeString('action', { description: 'Such as connection.updated.' }),
    target: t.exposeID('target', { description: 'The id of what was changed.' }),
    targetName: t.exposeString('targetName', { description: 'Its name, as it was then.' }),
    details: t.expose('details', { type: 'JSON', description: 'What changed; never a secret.' }),
  }),
});

const AuditConnection = pageType('AuditConnection', AuditEntryType, 'Changes, newest first.');

builder.queryField('auditLog', (t) =>
  t.field({
    type: AuditConnection,
    extensions: reads('organization', 'orgId', 'administration'),
    description: 'Every change of an organization and what it owns: who, when, what, from where.',
    args: { orgId: t.arg.id({ required: true }), first: t.arg.int(), after: t.arg.string() },
    async resolve(_, { first, after }, { services, grant }): Promise<Page<AuditEntry>> {
      const { entries, hasMore } = await listAuditEntries(services.store.db, grant.organization, {
        first: pageSizeFrom(first),
        before: cursorFrom(after),
      });
      return { nodes: entries, next: hasMore ? entries.at(-1)?.id : undefined };
    },
  }),
);
