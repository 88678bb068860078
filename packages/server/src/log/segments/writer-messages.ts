import type { Retention } from '../../platform/quantity.ts';
import type { Damage } from './damage.ts';
import type { CommitResult } from './log-writer.ts';

/** What the writer thread is started with. */
export interface WriterSetup {
  readonly directory: string;
  readonly shared: SharedArrayBuffer;
  readonly retention: Retention;
  readonly diskReserveBytes: number;
}

/** To the writer thread: a group to commit. Its memory goes along and comes back. */
export type ToWriter =
  | { readonly kind: 'commit'; readonly buffer: ArrayBuffer; readonly used: number }
  | { readonly kind: 'close' };

/** From the writer thread. `failed` is its last word. */
export type FromWriter =
  | { readonly kind: 'opened'; readonly sequences: ReadonlyMap<string, number> }
  | {
      readonly kind: 'committed';
      readonly buffer: ArrayBuffer;
      readonly result: CommitResult;
      readonly seconds: number;
    }
  | { readonly kind: 'damage'; readonly damage: Damage }
  | { readonly kind: 'dropped'; readonly segment: string }
  | { readonly kind: 'notice'; readonly message: string }
  | { readonly kind: 'closed' }
  | { readonly kind: 'failed'; readonly message: string };
