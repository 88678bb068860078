import { createHash } from 'node:crypto';
import { FaultyStorage } from '../../log/segments/faulty-storage.ts';
import type { Pipeline } from '../../store/workspace.ts';
import { Accepted } from './accepted.ts';
import { CountChecks } from './count-checks.ts';
import type { Dice } from './dice.ts';
import { lanePlaceFaults } from './lane-account.ts';
import { ledgerFaults } from './ledger-checks.ts';
import { LetterChecks } from './letter-checks.ts';
import { Life } from './life.ts';
import { ProbeWatch } from './probe-watch.ts';
import { SimulatedClient } from './simulated-client.ts';
import { drawPipeline } from './simulated-pipelines.ts';
import { SimulatedReceivers } from './simulated-receivers.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** When simulations begin, in milliseconds since 1970. */
const BEGINNING = 1_767_225_600_000;
/** Small, so that segments are closed and dropped within a few hundred events. */
const SEGMENT_BYTES = 8 * 1_024;
/** A part of the lives ends at one of their first transactions. */
const EARLY_KILLS_PART = 0.1;
/** Nothing that an operator asks for takes longer, in steps of that many milliseconds. */
const STEPS_MAX = 200;
const STEP_MS = 100;

/** Everything around the lives of the process, and what outlives them: disks, clients, receivers, what was asked for. */
export class World {
  readonly dice: Dice;
  readonly client: SimulatedClient;
  readonly receivers: SimulatedReceivers;
  readonly accepted: Accepted;
  readonly watch: ProbeWatch;
  readonly sources: readonly string[];
  /** Every version of each pipeline that there was. */
  readonly versions = new Map<string, Pipeline[]>();
  /** What was not as it has to be. */
  readonly faults: string[] = [];
  readonly storage: FaultyStorage;
  readonly #repeatsStorage: FaultyStorage;
  readonly #random: Dice;
  readonly #stateFile: string;
  readonly #dedupWindowMs: number;
  readonly #logBytes: number;
  readonly #counts = new CountChecks();
  readonly #letters = new LetterChecks(this);
  readonly #trace = createHash('sha256');
  #pipelines: readonly Pipeline[];
  #fullUntil = 0;
  #dayShift = 0;
  #ids = 0;
  #lives = 0;
  #kills = 0;
  #life: Life;

  constructor(dice: Dice, stateFile: string) {
    this.dice = dice;
    this.#random = dice.more();
    this.#stateFile = stateFile;
    this.storage = new FaultyStorage(dice.more().random);
    this.#repeatsStorage = new FaultyStorage(dice.more().random);
    this.client = new SimulatedClient(dice.more());
    this.receivers = new SimulatedReceivers(dice.more());
    this.receivers.onArrival((arrival) => this.#trace.update(JSON.stringify(arrival)));
    this.watch = new ProbeWatch(this.receivers, (fault) => this.fault(fault));
    this.#dedupWindowMs = dice.pick([1, 6, 24]) * HOUR_MS;
    this.#logBytes = dice.chance(0.7) ? Number.POSITIVE_INFINITY : dice.whole(20, 60) * 1_024;
    this.accepted = new Accepted(this.client.made, this.#dedupWindowMs);
    this.sources = Array.from({ length: dice.whole(1, 4) }, (_, place) => `s${place}`);
    const count = Math.max(this.sources.length, dice.whole(1, 5));
    this.#pipelines = Array.from({ length: count }, (_, number) =>
      drawPipeline(dice, number, this.sources[number % this.sources.length] ?? 's0'),
    );
    for (const pipeline of this.#pipelines) this.versions.set(pipeline.id, [pipeline]);
    this.#life = this.#newLife(0);
  }

  /** The process as it runs at present. */
  get life(): Life {
    return this.#life;
  }

  get pipelines(): readonly Pipeline[] {
    return this.#pipelines;
  }

  /** The time of day, in milliseconds since 1970. */
  get day(): number {
    return this.#life.clock.now();
  }

  get kills(): number {
    return this.#kills;
  }

  /** The same for the same seed: all that receivers got and all that was committed until now. */
  trace(): string {
    return this.#trace.copy().digest('hex');
  }

  fault(what: string): void {
    this.faults.push(what);
  }

  /** Begins the first life. */
  async begin(): Promise<void> {
    this.#start();
    await this.revive();
  }

  /** Begins a new life when the last one has ended. */
  async revive(): Promise<void> {
    while (!this.#life.isAlive) {
      this.#kills += 1;
      await this.#replaceLife();
    }
  }

  /** Stops the process in good order, and starts it again. */
  async restart(): Promise<void> {
    const life = this.#life;
    await this.until(life.router.stop());
    if (life.isAlive) {
      life.kill();
      await this.#replaceLife();
    }
    await this.revive();
  }

  /** Runs these pipelines from now on. */
  async apply(pipelines: readonly Pipeline[]): Promise<void> {
    this.#pipelines = pipelines;
    for (const pipeline of pipelines) {
      const versions = this.versions.get(pipeline.id) ?? [];
      this.versions.set(pipeline.id, versions.includes(pipeline) ? versions : [...versions, pipeline]);
    }
    await this.until(this.#life.router.apply(pipelines));
  }

  /** The state's disk is full for so long. */
  fillDisk(forMs: number): void {
    this.#fullUntil = this.#life.now + forMs;
  }

  /** Sets the time of day forward, or back below zero. */
  setForward(ms: number): void {
    this.#dayShift += ms;
    this.#life.clock.setForward(ms);
  }

  /** Lets time pass until the work is done, or the process has ended. It may be refused while the disk is full. */
  async until(work: Promise<unknown>): Promise<void> {
    const life = this.#life;
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, (error: unknown) => {
      done();
      if (life.isAlive && !life.faults.isFull) this.fault(`refused: ${String(error)}`);
    });
    for (let steps = 0; !isDone && life.isAlive; steps += 1) {
      if (steps > STEPS_MAX) return this.fault('a change takes for ever');
      this.#noteFull();
      await life.clock.pass(STEP_MS);
    }
  }

  /** Lets time pass, and looks at the counts now and then. */
  async pass(ms: number): Promise<void> {
    const pieces = this.dice.whole(1, 2);
    for (let piece = 0; piece < pieces && this.faults.length === 0; piece += 1) {
      this.#noteFull();
      // Up to a whole millisecond behind its end, which sums of fractions may miss.
      const fullFor = Math.ceil(this.#fullUntil - this.#life.now) + 1;
      if (this.#life.isDiskFull && fullFor < ms / pieces) {
        await this.#life.clock.pass(fullFor);
        this.#noteFull();
      }
      await this.#life.clock.pass(ms / pieces);
      await this.revive();
      if (this.faults.length > 0) return;
      const { life } = this;
      const faults = [...ledgerFaults(life), ...this.#counts.faults(life), ...this.#letters.faults()];
      for (const fault of faults) this.fault(`at ${this.#life.now}: ${fault}`);
    }
  }

  #noteFull(): void {
    this.#life.faults.isFull = this.#life.now < this.#fullUntil;
  }

  async #replaceLife(): Promise<void> {
    const { now } = this.#life;
    await this.#life.bury();
    this.watch.forget(now);
    this.#life = this.#newLife(now + this.dice.magnitude(1, 10 * MINUTE_MS));
    this.#start();
  }

  #start(): void {
    this.accepted.catchUp(this.#life.log.reader);
    this.#life.start();
    if (!this.#life.isAlive) return;
    for (const fault of lanePlaceFaults(this)) this.fault(fault);
  }

  #newLife(startedAt: number): Life {
    const { dice } = this;
    const number = this.#lives;
    this.#lives += 1;
    return new Life({
      number,
      startedAt,
      now: BEGINNING + startedAt + this.#dayShift,
      storage: this.storage,
      repeatsStorage: this.#repeatsStorage,
      stateFile: this.#stateFile,
      segmentBytes: SEGMENT_BYTES,
      logBytes: this.#logBytes,
      dedupWindowMs: this.#dedupWindowMs,
      pipelines: this.#pipelines,
      random: this.#random.random,
      newId: () => {
        this.#ids += 1;
        return `r${this.#ids}`;
      },
      receivers: this.receivers,
      kill: dice.chance(EARLY_KILLS_PART) ? { after: dice.whole(0, 2), when: 'after' } : undefined,
      isFull: startedAt < this.#fullUntil,
      onCommit: ({ lanes }) => this.#trace.update(JSON.stringify(lanes)),
      report: (_level, message, fields) => this.watch.reported(this.#life.now, message, fields),
      onFailure: (error) =>
        this.fault(`the router failed: ${error instanceof Error ? error.stack : String(error)}`),
    });
  }
}
