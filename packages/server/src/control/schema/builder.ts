import SchemaBuilder from '@pothos/core';
import type { Context } from '../context.ts';

/** The schema's one builder. Types and fields are in the files beside it; `schema.ts` puts them together. */
export const builder = new SchemaBuilder<{
  Defaults: 'v4';
  Context: Context;
  Scalars: {
    ID: { Input: string; Output: string | number };
    /** Milliseconds since 1970 inside, ISO 8601 outside. */
    Date: { Input: number; Output: number };
    /** Any JSON value. */
    JSON: { Input: unknown; Output: unknown };
  };
}>({ defaults: 'v4' });

builder.queryType({});
builder.mutationType({});
builder.subscriptionType({});
