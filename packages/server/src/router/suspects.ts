import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from 'zod';

/** An event that has stopped the lanes so often is given up. */
export const SUSPECT_TIMES_MAX = 3;

const FILE = z.array(z.object({ position: z.number(), times: z.number() }));

/** By position: how often the event there has stopped the lanes. */
export type Suspicions = ReadonlyMap<number, number>;

/** The events that have stopped the lanes, kept in a small file: it is about what no transaction outlives. */
export class Suspects {
  readonly #file: string;
  readonly #times: Map<number, number>;

  constructor(file: string) {
    this.#file = file;
    this.#times = new Map(read(file).map(({ position, times }) => [position, times]));
  }

  get all(): Suspicions {
    return this.#times;
  }

  /** An event has stopped the lanes; returns how often by now. */
  add(position: number): number {
    const times = (this.#times.get(position) ?? 0) + 1;
    this.#times.set(position, times);
    this.#save();
    return times;
  }

  #save(): void {
    const entries = Array.from(this.#times, ([position, times]) => ({ position, times }));
    try {
      // Renamed into place: a crash in between leaves the old file or the new one.
      writeFileSync(`${this.#file}.new`, JSON.stringify(entries));
      renameSync(`${this.#file}.new`, this.#file);
    } catch {
      // A full disk must not end the process: it is remembered for as long as that lives, and then found out again.
    }
  }
}

/** What the file says; nothing when it is missing or damaged: then it is found out again. */
function read(file: string): z.infer<typeof FILE> {
  try {
    return FILE.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data ?? [];
  } catch {
    return [];
  }
}
