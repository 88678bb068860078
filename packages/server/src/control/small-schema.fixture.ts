import SchemaBuilder from '@pothos/core';
import type { GraphQLSchema } from 'graphql';
import { access, edits, open, person, reads, signedIn } from './access.ts';
import type { Context } from './context.ts';
import { guardedSchema } from './guarded-schema.ts';
import { Refusal } from './refusal.ts';
import { Ticker } from './ticker.fixture.ts';

/** What a bug of ours could throw, with what nobody may read. */
const BUG = new Error('SELECT password FROM users: no such column, secret=hunter2');

/** A schema with a field for each thing that can happen, built in the way that the real one is. */
export function smallSchema(ticker = new Ticker()): GraphQLSchema {
  const builder = new SchemaBuilder<{ Context: Context }>({});
  const Answer = builder.objectRef<{ success: boolean; message: string; code?: string }>('StatusMessage');
  Answer.implement({
    fields: (t) => ({
      success: t.exposeBoolean('success'),
      message: t.exposeString('message'),
      code: t.exposeString('code', { nullable: true }),
    }),
  });
  const Thing = builder.objectRef<{ name: string }>('Thing');
  Thing.implement({
    description: 'A thing with things in it.',
    fields: (t) => ({
      name: t.exposeString('name', { description: 'What it is called.' }),
      inner: t.field({ type: Thing, resolve: (thing) => thing }),
      many: t.field({ type: [Thing], args: { first: t.arg.int() }, resolve: (thing) => [thing] }),
    }),
  });
  const Colour = builder.enumType('Colour', { values: ['RED', 'GREEN'] as const });
  builder.queryType({
    fields: (t) => ({
      thing: t.field({
        type: Thing,
        extensions: open,
        args: { colour: t.arg({ type: Colour }), size: t.arg.int() },
        resolve: () => ({ name: 'box' }),
      }),
      me: t.string({
        extensions: person,
        description: 'Who asks.',
        resolve: (_, __, { grant }) => grant.user.email,
      }),
      caller: t.string({ extensions: signedIn, resolve: (_, __, { caller }) => caller.kind }),
      bug: t.string({
        extensions: open,
        nullable: true,
        resolve() {
          throw BUG;
        },
      }),
      tooLarge: t.int({ extensions: open, nullable: true, resolve: () => 2 ** 40 }),
      conflict: t.string({
        extensions: open,
        nullable: true,
        resolve() {
          throw new Refusal('CONFLICT', 'There is one already.', [{ field: 'name', message: 'is taken' }]);
        },
      }),
      endless: t.string({ extensions: open, nullable: true, resolve: () => new Promise<string>(() => {}) }),
      source: t.string({
        extensions: reads('source', 'appId', 'source.read'),
        args: { appId: t.arg.string({ required: true }) },
        resolve: (_, __, { grant }) => grant.source.name,
      }),
    }),
  });
  const word = { resolve: () => ({ success: true, message: 'Done.' }) };
  builder.mutationType({
    fields: (t) => ({
      createToken: t.field({ type: Answer, extensions: open, args: { username: t.arg.string() }, ...word }),
      updateApplication: t.field({
        type: Answer,
        description: 'Changes a source.',
        extensions: edits('source', 'appId', 'source.write'),
        args: { appId: t.arg.string({ required: true, description: 'The Source ID.' }) },
        ...word,
      }),
      updateOrganization: t.field({
        type: Answer,
        extensions: open,
        args: { addUser: t.arg.string(), name: t.arg.string() },
        ...word,
      }),
    }),
  });
  builder.subscriptionType({
    fields: (t) => ({
      ticks: t.field({
        type: 'Int',
        extensions: reads('source', 'appId', 'source.read'),
        args: { appId: t.arg.string({ required: true }) },
        subscribe: () => ticker.ticks(),
        resolve(tick: number) {
          if (tick === 13) throw BUG;
          return tick;
        },
      }),
      everybodysTicks: t.field({
        type: 'Int',
        extensions: access({ kind: 'open' }),
        subscribe: () => ticker.ticks(),
        resolve: (tick: number) => tick,
      }),
    }),
  });
  return guardedSchema(builder.toSchema());
}
