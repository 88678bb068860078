import type { ObjectRef } from '@pothos/core';
import { badInput } from '../refusal.ts';
import { builder } from './builder.ts';

/** Some entries of a list, newest first. */
export interface Page<Node> {
  readonly nodes: readonly Node[];
  /** The place of the last one, when there are more after it. */
  readonly next: number | undefined;
}

interface PageInfo {
  readonly hasNextPage: boolean;
  readonly endCursor: string | undefined;
}

const PageInfoType = builder.objectRef<PageInfo>('PageInfo').implement({
  description: 'How to go on in a list.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { nullable: false }),
    endCursor: t.string({
      nullable: true,
      description: 'Give it as `after` to get what comes next.',
      resolve: ({ endCursor }) => endCursor,
    }),
  }),
});

/** What the builder makes of a type. */
type NodeRef<Node> = ObjectRef<typeof builder.$inferSchemaTypes, Node>;

/** A type for pages of a list of these. */
export function pageType<Node>(name: string, node: NodeRef<Node>, description: string) {
  return builder.objectRef<Page<Node>>(name).implement({
    description,
    fields: (t) => ({
      nodes: t.field({ type: [node], resolve: ({ nodes }) => [...nodes] }),
      pageInfo: t.field({
        type: PageInfoType,
        nullable: false,
        resolve: ({ next }) => ({ hasNextPage: next !== undefined, endCursor: next?.toString() }),
      }),
    }),
  });
}

/** The place in front of which the page begins; undefined for the first page. */
export function cursorFrom(after: string | null | undefined): number | undefined {
  if (after === null || after === undefined) return undefined;
  const place = /^-?\d{1,15}$/.test(after) ? Number(after) : Number.NaN;
  if (Number.isSafeInteger(place)) return place;
  throw badInput([
    { field: 'after', message: 'is no cursor: give an endCursor that you were answered, or leave it out' },
  ]);
}
