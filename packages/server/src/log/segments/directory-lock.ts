import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process works in the data directory. */
class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse';
}

/**
 * Takes a data directory for this process alone, until `release` or the process's end, whichever way it ends.
 * Node has no file locks of its own; SQLite takes the kernel's, which die with the process, on every platform.
 *
 * @throws DirectoryInUse when another process has it.
 */
export function lockDirectory(directory: string): { release(): void } {
  mkdirSync(directory, { recursive: true });
  const database = new DatabaseSync(join(directory, 'lock'), { timeout: 0 });
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw new DirectoryInUse(
      `Another MetaRouter already works in ${directory}. Stop it first, or give this one its own --data directory.`,
      { cause: error },
    );
  }
  return { release: () => database.close() };
}
