import type { ExceptionRow } from '../state/rows.ts';

/** Dead letters of a lane that are in memory at the same time, without their content; and how many come in at once. */
const LETTERS_MAX = 2_000;
const PAGE = 500;

/** The next rows that wait to be delivered once more, those with these ids left out. */
export type QueuedRows = (except: readonly number[], first: number) => readonly ExceptionRow[];

/** Knows which of a lane's dead letters, that are to be delivered once more, are in memory. The others are rows. */
export class Letters {
  readonly #queued: QueuedRows;
  readonly #loaded = new Set<number>();
  /** Settled since the last commit: their rows say that they wait still. */
  readonly #settled = new Set<number>();
  #areMore = true;

  constructor(queued: QueuedRows) {
    this.#queued = queued;
  }

  /** Brings in the next ones, if there is room for a page of them. */
  next(): readonly ExceptionRow[] {
    if (!this.#areMore || this.#loaded.size > LETTERS_MAX - PAGE) return [];
    const rows = this.#queued([...this.#loaded, ...this.#settled], PAGE);
    this.#areMore = rows.length === PAGE;
    for (const { id } of rows) this.#loaded.add(id);
    return rows;
  }

  /** More of them wait, durably. */
  added(): void {
    this.#areMore = true;
  }

  settled(id: number): void {
    this.#loaded.delete(id);
    this.#settled.add(id);
  }

  /** All that was settled is durable. */
  committed(): void {
    this.#settled.clear();
  }
}
