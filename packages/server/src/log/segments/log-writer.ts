import type { Refusal } from '../event-log.ts';

/** What became of a group: durable with the last sequence of each of its sources, or refused as a whole. */
export type CommitResult =
  | { readonly kind: 'stored'; readonly sequences: ReadonlyMap<string, number> }
  | { readonly kind: 'refused'; readonly why: Refusal };

/** A commit's result, and the group's memory back for the next one. */
export interface Committed {
  readonly result: CommitResult;
  readonly buffer: ArrayBuffer;
}

/** Commits one group at a time: a `SegmentWriter` on its own thread, or in a test, right here. */
export interface LogWriter {
  /**
   * Resolves when the group is durable or refused as a whole.
   * Rejects when the disk failed; then nothing may be committed any more.
   */
  commit(buffer: ArrayBuffer, used: number): Promise<Committed>;
  close(): Promise<void>;
}
