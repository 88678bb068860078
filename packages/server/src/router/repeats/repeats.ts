import { randomBytes } from 'node:crypto';
import type { LogStorage } from '../../log/segments/log-storage.ts';
import type { Report } from '../messages.ts';
import { fileName, type KeyFile, writeKeyFile } from './key-file.ts';
import { KeyFiles } from './key-files.ts';
import { type Key, KeyHash, SEED_BYTES } from './key-hash.ts';
import type { KeptKeys, KeyChunk, KeyStep } from './key-step.ts';
import { KeyTable, RUN_KEYS_MAX } from './key-table.ts';

/** A run takes keys for this part of the window, so that what is forgotten goes in small pieces. */
const RUNS_PER_WINDOW = 4;

/**
 * The runs that are kept: 130 million keys, in 2 GB of files and 270 MB of memory. With more the oldest is forgotten,
 * and its events may be routed a second time.
 */
const RUNS_MAX = 256;

/** The runs that may wait in memory for room on the disk: 8 million keys in 200 MB. */
const UNFILED_MAX = 16;

/** After a file could not be written, the next attempt is so many steps away: ten seconds, as steps come. */
const STEPS_BETWEEN_ATTEMPTS = 100;

/** What the log says. Each time it costs repeats that are routed, never an event. */
const DAMAGED = 'Remembered message ids are lost, so that repeats may be delivered: their file is damaged';
const TOO_MANY = 'Remembered message ids are lost, so that repeats may be delivered: there were too many';
const NO_ROOM = 'Remembered message ids stay in memory for now: their file could not be written';
const LEFT_BEHIND = 'A file of message ids that nobody needs could not be removed';

export interface RepeatsOptions {
  /** A directory that is used for nothing else: files that nobody named are removed. */
  readonly storage: LogStorage;
  /** How far an event and its repeat lie apart at most, in milliseconds, exclusive. */
  readonly windowMs: number;
  readonly kept: KeptKeys;
  readonly report: Report;
  /** How many keys a run has at most; for tests. */
  readonly runKeysMax?: number;
}

/** When its keys came. */
type Run = Pick<KeyTable | KeyFile, 'from' | 'to'>;

/**
 * Tells events from repeats of them: same source, same message id, received within a window of the last one that was
 * routed. A repeat does not extend the window.
 *
 * Message ids are kept as keys in runs: the youngest is a table in memory, the others are files, of which memory
 * holds a filter. What is told depends on nothing but the events themselves, in their order, and on what was last
 * committed; so after a crash the same events get the same answers. The exception is a run that is lost, by damage or
 * for want of room, which makes repeats into events, never events into repeats.
 */
export class Repeats {
  readonly #storage: LogStorage;
  readonly #windowMs: number;
  readonly #report: Report;
  readonly #runKeysMax: number;
  readonly #seed: Uint8Array;
  readonly #hash: KeyHash;
  /** Oldest first; and all of them older than the unfiled ones. */
  readonly #filed: KeyFiles;
  /** Oldest first. They take no more keys, and wait for their files. */
  readonly #unfiled: KeyTable[];
  /** Takes the new keys; undefined until there was one. */
  #open: KeyTable | undefined;
  /** Files that the last committed step may still name. */
  readonly #obsolete: string[] = [];
  #nextRun: number;
  #seedIsKept: boolean;
  /** Whether the last committed step says which runs there are. */
  #runsAreKept = true;
  #stepsUntilAttempt = 0;

  /**
   * Goes on from what was committed; a file that is damaged is reported, and goes without. Files that no committed
   * step names are removed.
   */
  constructor({ storage, windowMs, kept, report, runKeysMax = RUN_KEYS_MAX }: RepeatsOptions) {
    this.#storage = storage;
    this.#windowMs = windowMs;
    this.#report = report;
    this.#runKeysMax = runKeysMax;
    this.#seed = kept.seed ?? randomBytes(SEED_BYTES);
    this.#seedIsKept = kept.seed !== undefined;
    this.#hash = new KeyHash(this.#seed);
    this.#removeUnnamed(new Set(kept.filed.map(fileName)));
    this.#filed = new KeyFiles(storage, ({ run }, error) => this.#lose(run, error));
    for (const run of kept.filed) this.#reopen(run);
    this.#unfiled = tablesOf(kept);
    this.#nextRun = 1 + Math.max(0, ...kept.filed, ...this.#unfiled.map(({ run }) => run));
    this.#open = this.#unfiled.pop();
  }

  /**
   * Whether an event repeats an earlier one. Asked once for each event, in the order of the log: an event that is none
   * is remembered.
   */
  isRepeat(source: string, messageId: string, receivedAt: number): boolean {
    const key = this.#hash.keyOf(source, messageId);
    // Not a number when there was none, and then not less than anything.
    const last = this.#lastRouted(key);
    if (Math.abs(receivedAt - last) < this.#windowMs) return true;
    this.#remember(key, receivedAt, last);
    return false;
  }

  /**
   * What has to become durable before anything that rests on the answers since the last committed step; undefined
   * when nothing has changed. Files that it names are durable already. A step that was not committed is followed by
   * one that holds all of it. Valid until the next `isRepeat`.
   */
  step(): KeyStep | undefined {
    this.#writeOldest();
    const tables = this.#tables();
    const chunks = tables.flatMap((table) => table.chunk() ?? []);
    if (chunks.length === 0 && this.#runsAreKept) return undefined;
    const filed = this.#filed.all.map(({ run }) => run);
    return {
      chunks,
      ...(this.#seedIsKept ? {} : { seed: this.#seed }),
      ...(this.#runsAreKept ? {} : { runs: { filed, unfiled: tables.map(({ run }) => run) } }),
    };
  }

  /** The last step is durable. No event may have been asked about since. */
  committed(): void {
    // A step without keys holds no seed either.
    this.#seedIsKept ||= this.#open !== undefined;
    this.#runsAreKept = true;
    for (const table of this.#tables()) table.committed();
    for (const name of this.#obsolete.splice(0)) this.#remove(name);
  }

  /** Lets go of all files. */
  close(): void {
    for (const { run } of this.#filed.all) this.#storage.release(fileName(run));
    for (const name of this.#obsolete) this.#storage.release(name);
  }

  /**
   * When the last event with this key was routed; not a number when there was none, or when it lies so far back that
   * it is forgotten. The youngest run that has the key decides.
   */
  #lastRouted(key: Key): number {
    const open = this.#open?.timeOf(key) ?? Number.NaN;
    if (!Number.isNaN(open)) return open;
    for (let at = this.#unfiled.length - 1; at >= 0; at -= 1) {
      const time = this.#unfiled[at]?.timeOf(key) ?? Number.NaN;
      if (!Number.isNaN(time)) return time;
    }
    return this.#filed.timeOf(key);
  }

  #remember(key: Key, receivedAt: number, last: number): void {
    let open = this.#open;
    if (open === undefined || !this.#takes(open, key, receivedAt, last)) {
      if (open !== undefined) this.#seal(open, receivedAt);
      open = new KeyTable(this.#nextRun, receivedAt);
      this.#nextRun += 1;
      this.#open = open;
    }
    open.add(key, receivedAt);
  }

  #takes(open: KeyTable, key: Key, receivedAt: number, last: number): boolean {
    if (open.count >= this.#runKeysMax) return false;
    if (Math.abs(receivedAt - open.base) >= this.#windowMs / RUNS_PER_WINDOW) return false;
    // A run holds a key once. It is in there already, and yet no repeat, only when the window was made shorter.
    return Number.isNaN(last) || Number.isNaN(open.timeOf(key));
  }

  /** Ends a run, and forgets those that matter no more. */
  #seal(open: KeyTable, receivedAt: number): void {
    this.#unfiled.push(open);
    // Seen from the ended run as well: when the clock jumps far away and back again, nothing is forgotten.
    const matters = (run: Run) => this.#reaches(run, receivedAt) || this.#reaches(run, open.base);
    for (const file of this.#filed.all) if (!matters(file)) this.#forgetFile(file);
    for (const table of [...this.#unfiled]) if (!matters(table)) this.#forgetTable(table);
    const [oldest] = this.#filed.all;
    if (oldest !== undefined && this.#filed.all.length + this.#unfiled.length > RUNS_MAX) {
      this.#forgetFile(oldest);
      this.#report('warn', TOO_MANY, { lost: oldest.count });
    }
    const [waiting] = this.#unfiled;
    if (waiting !== undefined && this.#unfiled.length > UNFILED_MAX) {
      this.#forgetTable(waiting);
      this.#report('warn', TOO_MANY, { lost: waiting.count });
    }
  }

  /** Whether an event of this time can repeat one of that run. */
  #reaches({ from, to }: Run, receivedAt: number): boolean {
    return receivedAt - to < this.#windowMs && from - receivedAt < this.#windowMs;
  }

  #forgetFile(file: KeyFile): void {
    this.#filed.remove(file);
    this.#abandon(file.run);
  }

  #forgetTable(table: KeyTable): void {
    this.#unfiled.splice(this.#unfiled.indexOf(table), 1);
    this.#runsAreKept = false;
    table.end();
  }

  #lose(run: number, error: unknown): void {
    this.#abandon(run);
    this.#report('error', DAMAGED, { file: fileName(run), reason: reasonOf(error) });
  }

  /** The file stays until a step without it is committed: a crash before that goes back to it. */
  #abandon(run: number): void {
    this.#obsolete.push(fileName(run));
    this.#runsAreKept = false;
  }

  /** One file in a step, so that a step never takes long. */
  #writeOldest(): void {
    const [table] = this.#unfiled;
    if (table === undefined) return;
    this.#stepsUntilAttempt -= 1;
    if (this.#stepsUntilAttempt > 0) return;
    try {
      writeKeyFile(this.#storage, table);
      this.#filed.open(table.run);
      this.#unfiled.shift();
      table.end();
      this.#runsAreKept = false;
      this.#stepsUntilAttempt = 0;
    } catch (error) {
      this.#stepsUntilAttempt = STEPS_BETWEEN_ATTEMPTS;
      this.#remove(fileName(table.run));
      this.#report('warn', NO_ROOM, { file: fileName(table.run), reason: reasonOf(error) });
    }
  }

  #reopen(run: number): void {
    try {
      this.#filed.open(run);
    } catch (error) {
      this.#lose(run, error);
    }
  }

  #removeUnnamed(named: ReadonlySet<string>): void {
    for (const name of this.#storage.list()) if (!named.has(name)) this.#remove(name);
  }

  #remove(name: string): void {
    try {
      this.#storage.remove(name);
    } catch (error) {
      this.#report('warn', LEFT_BEHIND, { file: name, reason: reasonOf(error) });
    }
  }

  /** Those whose keys lie in chunks. */
  #tables(): readonly KeyTable[] {
    return this.#open === undefined ? this.#unfiled : [...this.#unfiled, this.#open];
  }
}

/** The runs that have no file, oldest first. */
function tablesOf({ chunks }: KeptKeys): KeyTable[] {
  const runs = new Map<number, KeyChunk[]>();
  for (const chunk of chunks) {
    const group = runs.get(chunk.run);
    if (group === undefined) runs.set(chunk.run, [chunk]);
    else group.push(chunk);
  }
  return [...runs.values()].map((group) => KeyTable.of(group));
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
