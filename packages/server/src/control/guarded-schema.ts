import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
} from 'graphql';
import { DatabaseUnavailable } from '../store/database-unavailable.ts';
import { type AccessRule, accessOf } from './access.ts';
import { checkTexts } from './checked-texts.ts';
import type { Context } from './context.ts';
import { grantOf } from './guard.ts';
import { Refusal, withoutDatabase } from './refusal.ts';

type Field = GraphQLField<unknown, Context>;
type Resolver = GraphQLFieldResolver<unknown, Context>;

/** The types that say themselves whether it went well, so that a refusal is no error of the request. */
const ANSWERS = new Set(['StatusMessage', 'Token']);

/**
 * Puts each root field behind its access rule. Throws when one has none, so that no field is ever served that nobody
 * thought about.
 */
export function guardedSchema(schema: GraphQLSchema): GraphQLSchema {
  for (const [name, field] of rootFields(schema)) {
    const rule = accessOf(field.extensions);
    if (rule === undefined)
      throw new Error(`${name} has no access rule: say in its extensions who may call it`);
    if (field.subscribe !== undefined) field.subscribe = guarded(field, rule, field.subscribe);
    else field.resolve = answering(field, guarded(field, rule, field.resolve ?? defaultFieldResolver));
  }
  return schema;
}

/** Each field of Query, Mutation and Subscription, with its name as `Query.me`. */
export function rootFields(schema: GraphQLSchema): readonly (readonly [name: string, field: Field])[] {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return roots.flatMap((root) =>
    Object.values(root?.getFields() ?? {}).map((field) => [`${root?.name}.${field.name}`, field] as const),
  );
}

function guarded({ args: declared }: Field, rule: AccessRule, resolve: Resolver): Resolver {
  return async (parent, args, context, info) => {
    checkTexts(declared, args);
    const grant = await grantOf(rule, args, context);
    context.onGranted?.((caller) => grantOf(rule, args, { ...context, caller }));
    return resolve(parent, args, { ...context, grant }, info);
  };
}

function answering(field: Field, resolve: Resolver): Resolver {
  if (!ANSWERS.has(getNamedType(field.type).name)) return resolve;
  return async (parent, args, context, info) => {
    try {
      return await resolve(parent, args, context, info);
    } catch (error) {
      const refusal = error instanceof DatabaseUnavailable ? withoutDatabase() : error;
      if (!(refusal instanceof Refusal)) throw error;
      const { message, code, faults } = refusal;
      return { success: false, message, code, faults };
    }
  };
}
