import { Crash } from '../../log/segments/faulty-storage.ts';
import type { Pipeline } from '../../store/workspace.ts';
import type { DeadLetterChoice } from '../state/exceptions.ts';
import { changePipeline, drawPipeline } from './simulated-pipelines.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A part of the calls kills the process while it writes. */
const KILLED_WRITES_PART = 0.1;

/** Whatever clients, operators and machines do to a world, one thing at a time. */
export class EventsOfLife {
  readonly #world: World;
  /** What was acknowledged: source and message id. */
  readonly acknowledged: string[] = [];
  /** The replays that were cancelled, by id. */
  readonly cancelled = new Set<string>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Does something, as the dice fall. */
  async happen(): Promise<void> {
    const { dice, life } = this.#world;
    const draw = dice.random();
    if (draw < 0.5) return this.#send();
    if (draw < 0.6) return this.#change();
    if (draw < 0.7) return this.#ask(() => this.#redeliver());
    if (draw < 0.74) return this.#ask(() => this.#replay());
    if (draw < 0.77) return this.#replayAndDie();
    if (draw < 0.82) return this.#changeReplay();
    if (draw < 0.86) return life.kill();
    if (draw < 0.89) return this.#world.restart();
    if (draw < 0.93) {
      life.faults.kill = { after: dice.whole(0, 4), when: dice.pick(['before', 'after'] as const) };
      return;
    }
    if (draw < 0.96) return this.#world.fillDisk(dice.magnitude(50, 20_000));
    this.#world.setForward(dice.pick([-HOUR_MS, HOUR_MS]));
  }

  /** Some events at once, in a few calls; the process may be killed while they are written. */
  async #send(): Promise<void> {
    const { dice, life, client, sources, storage, accepted, day } = this.#world;
    if (dice.chance(KILLED_WRITES_PART)) storage.failAt({ at: dice.whole(1, 4), kind: 'crash' });
    const calls = Array.from({ length: dice.whole(1, 6) }, () => {
      const source = dice.pick(sources);
      return Array.from({ length: dice.whole(1, 8) }, () => client.event(source, day));
    });
    const results = await Promise.allSettled(calls.map((call) => life.log.log.append(call)));
    for (const [place, result] of results.entries()) {
      if (result.status === 'fulfilled')
        for (const { source, messageId } of calls[place] ?? [])
          this.acknowledged.push(`${source} ${messageId}`);
      else if (result.reason instanceof Crash) life.kill();
      else throw result.reason;
    }
    if (life.isAlive) accepted.catchUp(life.log.reader);
  }

  async #change(): Promise<void> {
    const { dice, pipelines } = this.#world;
    const changed = dice.pick(pipelines);
    const draw = dice.random();
    // What repeats is decided for sources that have a pipeline, so each keeps one.
    const isNeeded = pipelines.filter(({ source }) => source === changed.source).length === 1;
    if (draw < 0.15 && !isNeeded)
      return this.#world.apply(pipelines.filter((pipeline) => pipeline !== changed));
    if (draw < 0.4) return this.#world.apply([...pipelines, this.#another()]);
    const next = changePipeline(dice, changed);
    return this.#world.apply(pipelines.map((pipeline) => (pipeline === changed ? next : pipeline)));
  }

  /** One that was removed, or a new one. */
  #another(): Pipeline {
    const { dice, versions, pipelines, sources } = this.#world;
    for (const [id, known] of versions) {
      const last = known.at(-1);
      if (last !== undefined && !pipelines.some((pipeline) => pipeline.id === id)) return last;
    }
    return drawPipeline(dice, versions.size, dice.pick(sources));
  }

  #redeliver(): void {
    const { dice, life, pipelines } = this.#world;
    const { router } = life;
    const pipeline = dice.pick(pipelines).id;
    const choices: DeadLetterChoice[] = [{ pipeline }, { pipeline }];
    const reasons = router.reasons(pipeline);
    if (reasons.length > 0) choices.push({ pipeline, reason: dice.pick(reasons).reason });
    const letters = router.deadLetters({ pipeline }, { first: 5 });
    if (letters.length > 0) choices.push({ pipeline, ids: letters.map(({ id }) => id) });
    const choice = dice.pick(choices);
    router.redeliver(choice);
    if (dice.chance(0.5)) router.redeliver(choice);
  }

  #replay(): void {
    const { dice, life, pipelines, day } = this.#world;
    const from = day - Math.round(dice.magnitude(1_000, 2 * DAY_MS));
    // Half of them end with what was received last.
    const until = dice.chance(0.5) ? day + 1 : dice.whole(from, day);
    life.router.replay({ pipeline: dice.pick(pipelines).id, from, until });
  }

  /** What was sent just now is part of a replay, and the process is killed before anything of it is noted. */
  async #replayAndDie(): Promise<void> {
    await this.#send();
    const { life } = this.#world;
    if (!life.isAlive) return;
    this.#ask(() => this.#replay());
    life.kill();
  }

  async #changeReplay(): Promise<void> {
    const { dice, life } = this.#world;
    const replays = life.router.replays(undefined);
    if (replays.length === 0) return;
    const { id } = dice.pick(replays);
    const to = dice.pick(['pause', 'resume', 'resume', 'cancel'] as const);
    if (to === 'cancel') this.cancelled.add(id);
    await this.#world.until(life.router.changeReplay(id, to));
  }

  /** What an operator asks for may be refused while the disk is full, or while the process dies. */
  #ask(task: () => void): void {
    const { life } = this.#world;
    try {
      task();
    } catch (error) {
      if (life.isAlive && !life.faults.isFull) throw error;
    }
  }
}
