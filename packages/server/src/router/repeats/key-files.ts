import type { LogStorage } from '../../log/segments/log-storage.ts';
import { giveBack } from './give-back.ts';
import { KeyFile } from './key-file.ts';
import { FilterBank } from './key-filter.ts';
import type { Key } from './key-hash.ts';

/** All runs that have files, asked together: a key that is in none of them costs one look into memory for 32 runs. */
export class KeyFiles {
  readonly #storage: LogStorage;
  readonly #onUnreadable: (file: KeyFile, error: unknown) => void;
  #files: readonly KeyFile[] = [];
  #banks: readonly FilterBank<KeyFile>[] = [];

  /** @param onUnreadable Told of a file that failed a look-up; it is not asked again. */
  constructor(storage: LogStorage, onUnreadable: (file: KeyFile, error: unknown) => void) {
    this.#storage = storage;
    this.#onUnreadable = onUnreadable;
  }

  /** The one that was opened first stands first. */
  get all(): readonly KeyFile[] {
    return this.#files;
  }

  /** Throws what `KeyFile.open` throws. */
  open(run: number): void {
    const { file, filter } = KeyFile.open(this.#storage, run);
    this.#files = [...this.#files, file];
    if (!this.#banks.some((bank) => bank.add(file, filter))) {
      const bank = new FilterBank<KeyFile>(filter.length);
      bank.add(file, filter);
      this.#banks = [...this.#banks, bank];
    }
    giveBack(filter);
  }

  /** Asks a file no more. It stays on disk. */
  remove(file: KeyFile): void {
    this.#files = this.#files.filter((other) => other !== file);
    for (const bank of this.#banks) bank.remove(file);
    this.#banks = this.#banks.filter((bank) => !bank.isEmpty);
  }

  /** When this key came by the youngest run that has it, in milliseconds since 1970; not a number when none has. */
  timeOf(key: Key): number {
    let youngest = Number.NEGATIVE_INFINITY;
    let found = Number.NaN;
    for (const bank of this.#banks) {
      for (let may = bank.ask(key); may !== 0; may &= may - 1) {
        const file = bank.ownerOf(may);
        if (file === undefined || file.run < youngest) continue;
        const time = this.#timeIn(file, key);
        if (Number.isNaN(time)) continue;
        youngest = file.run;
        found = time;
      }
    }
    return found;
  }

  #timeIn(file: KeyFile, key: Key): number {
    try {
      return file.timeOf(key);
    } catch (error) {
      this.remove(file);
      this.#onUnreadable(file, error);
      return Number.NaN;
    }
  }
}
