import { mergeDetails } from '../../store/connection-details.ts';
import {
  createConnection,
  deleteConnection,
  listConnections,
  openConnection,
  type StoredConnection,
  updateConnection,
} from '../../store/connections.ts';
import { edits, reads } from '../access.ts';
import { actorOf } from '../caller.ts';
import { destinationOf, prototypeFor } from '../catalogue.ts';
import { membershipOf } from '../guard.ts';
import { nameFrom, objectFrom } from '../input.ts';
import { detailsFaults, prototypeId } from '../prototypes.ts';
import { badInput, notFound, Refusal } from '../refusal.ts';
import { may } from '../roles.ts';
import { builder } from './builder.ts';
import { done, StatusMessage } from './status-message.ts';

const NAME_TAKEN = 'A connection of this organization has this name already: give another one.';

const Connection = builder.objectRef<StoredConnection>('Connection').implement({
  description: 'Stored credentials for one destination, for any number of pipelines.',
  fields: (t) => ({
    id: t.exposeID('id', { nullable: false }),
    orgId: t.exposeID('organizationId', { nullable: false }),
    name: t.exposeString('name', { nullable: false, description: 'Unique in its organization.' }),
    integrationCode: t.exposeString('destination', { nullable: false }),
    connectionPrototypeId: t.id({ resolve: ({ destination }) => prototypeId(destination) }),
    details: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What is not secret of its values. Null for whoever is not an owner.',
      resolve: async (connection, _, { caller, services }) => {
        const membership = await membershipOf(services.store.db, caller, connection.organizationId);
        const isAllowed = membership !== undefined && may(membership, 'connection.read');
        return isAllowed ? connection.details : null;
      },
    }),
    secretsSet: t.stringList({
      nullable: true,
      description:
        'The secret fields that have a value, which nobody is shown. Null for whoever is not an owner.',
      resolve: async (connection, _, { caller, services }) => {
        const membership = await membershipOf(services.store.db, caller, connection.organizationId);
        const isAllowed = membership !== undefined && may(membership, 'connection.read');
        return isAllowed ? [...connection.secretsSet] : null;
      },
    }),
    createdAt: t.expose('createdAt', { type: 'Date' }),
  }),
});

builder.queryFields((t) => ({
  orgConnections: t.field({
    type: [Connection],
    extensions: reads('organization', 'orgId', 'connection.list'),
    description: 'The connections of an organization, by name: all, or those for one destination.',
    args: { orgId: t.arg.id({ required: true }), connectionPrototype: t.arg.id() },
    async resolve(_, { connectionPrototype }, { services, grant }) {
      const all = await listConnections(services.store.db, grant.organization);
      return all.filter(
        ({ destination }) => (connectionPrototype ?? prototypeId(destination)) === prototypeId(destination),
      );
    },
  }),
  connection: t.field({
    type: Connection,
    extensions: reads('connection', 'connectionId', 'connection.list'),
    args: { connectionId: t.arg.id({ required: true }) },
    resolve: (_, __, { grant }) => grant.connection,
  }),
}));

builder.mutationFields((t) => ({
  createConnection: t.field({
    type: StatusMessage,
    extensions: edits('organization', 'orgId', 'connection.write'),
    description: 'Stores credentials for a destination. Secret values are never shown again.',
    args: {
      integrationCode: t.arg.string({ required: true }),
      details: t.arg({
        type: 'JSON',
        required: true,
        description: "The values of the destination's connectionPrototype, by propertyName.",
      }),
      name: t.arg.string({ required: true }),
      orgId: t.arg.id({ required: true }),
      connectionPrototypeId: t.arg.id({
        required: true,
        description: "The id of the destination's ClickstreamPrototype.",
      }),
    },
    async resolve(_, args, { caller, address, services, grant }) {
      const { store, clock } = services;
      const destination = prototypeFor(services, args.integrationCode, args.connectionPrototypeId);
      const name = nameFrom('name', args.name);
      const details = objectFrom('details', args.details);
      const faults = detailsFaults(destination, details);
      if (faults.length > 0) throw badInput(faults);
      const organizationId = grant.organization;
      const made = await store.change(actorOf(caller, address), async ({ db, note }) => {
        const wish = { organizationId, name, details, now: clock.now() };
        const connection = await createConnection(db, store.sealer, destination, wish);
        if (connection === undefined) throw notFound('organization');
        if (connection === 'conflict') throw new Refusal('CONFLICT', NAME_TAKEN);
        const about = { organization: organizationId, target: connection.id, targetName: name };
        note({ ...about, action: 'connection.created', details: { destination: destination.code } });
        return connection;
      });
      return done(`The connection ${name} is stored.`, made.id);
    },
  }),
  updateConnection: t.field({
    type: StatusMessage,
    extensions: edits('connection', 'connectionId', 'connection.write'),
    description: 'Changes or deletes a connection.',
    args: {
      connectionId: t.arg.id({ required: true }),
      name: t.arg.string(),
      details: t.arg({
        type: 'JSON',
        description:
          'The values that change: one that is left out stays, secret or not; null takes one away.',
      }),
      delete: t.arg.boolean({ description: 'Only when no pipeline uses it.' }),
    },
    async resolve(_, args, { caller, address, services, grant }) {
      const { store } = services;
      const { id, organizationId, ...stored } = grant.connection;
      const name = typeof args.name === 'string' ? nameFrom('name', args.name) : undefined;
      const details = args.details == null ? undefined : objectFrom('details', args.details);
      if (name === undefined && details === undefined && args.delete !== true)
        throw badInput([{ field: 'name', message: 'is missing, and so are details and delete' }]);
      const destination = destinationOf(services, stored.destination);
      const about = { organization: organizationId, target: id, targetName: name ?? stored.name };
      await store.change(actorOf(caller, address), async ({ db, note }) => {
        if (args.delete === true) {
          const deleted = await deleteConnection(db, id);
          if (deleted === undefined) throw notFound('connection');
          if (deleted === 'in use')
            throw new Refusal(
              'CONFLICT',
              'A pipeline uses this connection: give it another one, or delete it first.',
            );
          return note({ ...about, action: 'connection.deleted' });
        }
        if (details !== undefined) {
          const opened = await openConnection(db, store.sealer, id);
          const faults = detailsFaults(destination, mergeDetails(opened?.details ?? {}, details));
          if (faults.length > 0) throw badInput(faults);
        }
        const changed = await updateConnection(db, store.sealer, destination, id, { name, details });
        if (changed === undefined) throw notFound('connection');
        if (changed === 'conflict') throw new Refusal('CONFLICT', NAME_TAKEN);
        // Which fields, and not what they are now: some are secret.
        note({
          ...about,
          action: 'connection.updated',
          details: { name, fields: Object.keys(details ?? {}) },
        });
      });
      return done(
        `The connection ${about.targetName} is ${args.delete === true ? 'deleted' : 'changed'}.`,
        id,
      );
    },
  }),
  testConnection: t.field({
    type: StatusMessage,
    extensions: reads('connection', 'connectionId', 'connection.write'),
    description: 'Asks the destination whether the stored credentials are right. No event is sent.',
    args: { connectionId: t.arg.id({ required: true }) },
    async resolve(_, __, { caller, services, grant }) {
      const { id, destination } = grant.connection;
      services.trials.take('connection test', caller);
      const opened = await openConnection(services.store.db, services.store.sealer, id);
      const { details = {}, unreadable = [] } = opened ?? {};
      if (unreadable.length > 0)
        throw new Refusal(
          'CONFLICT',
          `Enter these again, for they cannot be opened any more: ${unreadable.join(', ')}.`,
        );
      const { verdict, sentence } = await services.lanes.testConnection({ destination, details });
      if (verdict === 'fails') throw new Refusal('BAD_INPUT', sentence);
      return done(sentence, id);
    },
  }),
}));
