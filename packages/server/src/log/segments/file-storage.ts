import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { type LogStorage, StorageFull } from './log-storage.ts';

/** Log storage in a directory of real files. Each thread has an instance, and thus file descriptors, of its own. */
export class FileStorage implements LogStorage {
  readonly #directory: string;
  readonly #open = new Map<string, number>();
  readonly #writable: boolean;

  constructor(directory: string, access: 'read' | 'write') {
    this.#directory = directory;
    this.#writable = access === 'write';
    if (this.#writable) mkdirSync(directory, { recursive: true });
  }

  list(): readonly string[] {
    return readdirSync(this.#directory);
  }

  size(name: string): number {
    const file = this.#existing(name);
    return file === undefined ? 0 : fstatSync(file).size;
  }

  append(name: string, bytes: Uint8Array): void {
    const file = this.#existing(name) ?? this.#create(name);
    let written = 0;
    while (written < bytes.length) written += this.#write(file, bytes, written);
  }

  sync(name: string): void {
    const file = this.#existing(name);
    if (file !== undefined) fdatasyncSync(file);
  }

  syncNames(): void {
    const directory = openSync(this.#directory, constants.O_RDONLY);
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  }

  read(name: string, offset: number, into: Uint8Array): number {
    const file = this.#existing(name);
    if (file === undefined) return 0;
    let got = 0;
    while (got < into.length) {
      const more = readSync(file, into, got, into.length - got, offset + got);
      if (more === 0) break;
      got += more;
    }
    return got;
  }

  truncate(name: string, size: number): void {
    const file = this.#existing(name);
    if (file !== undefined) ftruncateSync(file, size);
  }

  remove(name: string): void {
    this.release(name);
    rmSync(join(this.#directory, name), { force: true });
  }

  release(name: string): void {
    const file = this.#open.get(name);
    if (file === undefined) return;
    this.#open.delete(name);
    closeSync(file);
  }

  free(): number {
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize;
  }

  #write(file: number, bytes: Uint8Array, from: number): number {
    try {
      return writeSync(file, bytes, from, bytes.length - from);
    } catch (error) {
      throw storageError(error);
    }
  }

  #existing(name: string): number | undefined {
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    try {
      // O_APPEND, so that a write can only ever land behind what is there.
      const flags = this.#writable ? constants.O_RDWR | constants.O_APPEND : constants.O_RDONLY;
      const file = openSync(join(this.#directory, name), flags);
      this.#open.set(name, file);
      return file;
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  }

  #create(name: string): number {
    try {
      const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
      const file = openSync(join(this.#directory, name), flags, 0o600);
      this.#open.set(name, file);
      return file;
    } catch (error) {
      throw storageError(error);
    }
  }
}

function storageError(error: unknown): unknown {
  const full = isErrno(error, 'ENOSPC') || isErrno(error, 'EDQUOT');
  return full ? new StorageFull('The disk is full.', { cause: error }) : error;
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
