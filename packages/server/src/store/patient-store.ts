import type { Logger } from '../platform/logger.ts';
import { createSealer, type Sealer } from '../platform/sealing.ts';
import { DatabaseUnavailable } from './database-unavailable.ts';
import { type Actor, type Change, type Db, openStore, type Store, type StoreOptions } from './store.ts';

/** How often the database is tried while it cannot be reached. */
const TRY_EVERY_MS = 1_000;

export interface PatientOptions extends StoreOptions {
  readonly logger: Pick<Logger, 'warn' | 'error'>;
}

/**
 * A store that may be there before its database can be reached: until then all that is asked of it fails with
 * DatabaseUnavailable, and it tries each second.
 */
export class PatientStore implements Store {
  readonly sealer: Sealer;
  /** Resolves when the database was reached; never, when it is closed before. */
  readonly opened: Promise<void>;
  readonly #options: PatientOptions;
  readonly #listeners = new Set<() => void>();
  #store: Store | undefined;
  #trying: Promise<void> = Promise.resolve();
  #cancel = () => {};
  #lastReason = '';
  #isClosed = false;
  #resolveOpened = () => {};

  constructor(options: PatientOptions) {
    this.#options = options;
    this.sealer = createSealer(options.secretKey);
    this.opened = new Promise((resolve) => {
      this.#resolveOpened = resolve;
    });
  }

  get isOpen(): boolean {
    return this.#store !== undefined;
  }

  /** Opens the store. Rejects when that cannot be done now; `keepTrying` may be called then. */
  async open(): Promise<void> {
    const store = await openStore(this.#options);
    if (this.#isClosed) return store.close();
    this.#store = store;
    store.onChange(() => {
      for (const listener of this.#listeners) listener();
    });
    this.#resolveOpened();
  }

  /** Tries to open it each second, until that succeeds or it is closed. */
  keepTrying(): void {
    this.#cancel = this.#options.clock.after(TRY_EVERY_MS, () => {
      this.#trying = this.open().catch((error: unknown) => {
        this.#report(error);
        if (!this.#isClosed) this.keepTrying();
      });
    });
  }

  get db(): Db {
    return this.#opened().db;
  }

  async change<T>(actor: Actor, work: (change: Change) => Promise<T>): Promise<T> {
    return await this.#opened().change(actor, work);
  }

  async version(): Promise<number> {
    return await this.#opened().version();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#trying;
    await this.#store?.close();
  }

  #opened(): Store {
    if (this.#store !== undefined) return this.#store;
    throw new DatabaseUnavailable('The control store was not reached yet');
  }

  /** That it is away was said when it began; any other reason is for somebody to mend. */
  #report(error: unknown): void {
    if (error instanceof DatabaseUnavailable) return;
    const reason = error instanceof Error ? error.message : String(error);
    if (reason === this.#lastReason) return;
    this.#lastReason = reason;
    this.#options.logger.error('The control store cannot be opened.', {}, error);
  }
}
