import { Level } from './level.ts';

/**
 * What the events that lanes hold may take in memory together, as their parcels estimate it: one lane holds some 10,000
 * events of 1 KB in its half, and even the worst events that the door accepts leave most of a thread's heap free.
 */
export const ROOM_BYTES = 64 * 1024 * 1024;

/** One lane's view of the room. */
export interface Share {
  /** Whether the lane has to wait before it takes another event. Never so for one that holds nothing. */
  isFull(): boolean;
  take(bytes: number): void;
  giveBack(bytes: number): void;
  /** Gives back all that it has taken, and leaves: the others' shares grow. */
  close(): void;
}

/**
 * The memory that all lanes share. Half of it is common, for whoever comes first; the other half is theirs in equal
 * shares. So a few lanes whose receivers hang can hold much, and yet never so much that another lane starves.
 */
export class Room {
  readonly #common = new Level(() => ROOM_BYTES / 2);
  readonly #onOpen: () => void;
  #lanes = 0;

  /** `onOpen` is called when the common half was full and can be used again. */
  constructor(onOpen: () => void) {
    this.#onOpen = onOpen;
  }

  /** The share of one more lane. */
  share(): Share {
    this.#lanes += 1;
    const own = new Level(() => ROOM_BYTES / 2 / this.#lanes);
    const use = (bytes: number) => {
      own.add(bytes);
      const wasFull = this.#common.isFull;
      this.#common.add(bytes);
      if (wasFull && !this.#common.isFull) this.#onOpen();
    };
    return {
      isFull: () => own.isFull && this.#common.isFull,
      take: use,
      giveBack: (bytes) => use(-bytes),
      close: () => {
        use(-own.used);
        this.#lanes -= 1;
      },
    };
  }
}
