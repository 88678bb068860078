import { rmSync } from 'node:fs';
import { arrivalFaults } from './arrival-checks.ts';
import { Dice } from './dice.ts';
import { EventsOfLife } from './events-of-life.ts';
import { laneAccountFaults } from './lane-account.ts';
import type { Arrival } from './simulated-receivers.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What happens in one simulation, at least and at most. */
const HAPPENINGS = { least: 10, most: 28 };
/** How long nothing happens then: mostly moments or hours, now and then so long that events are given up. */
const PAUSE_MS = { least: 5, short: 1_000, long: 2 * HOUR_MS };
const GIVING_UP_HOURS = { least: 25, most: 30 };

/** What one seed came to. */
export interface Simulated {
  /** What was not as it has to be; empty when all is well. */
  readonly faults: readonly string[];
  /** The same for the same seed: all that receivers got and all that was committed. */
  readonly trace: string;
  readonly events: number;
  readonly arrivals: number;
  readonly kills: number;
  readonly virtualMs: number;
  /** How often live delivery brought a receiver what it had taken already. */
  readonly duplicates: number;
}

/**
 * Lives through what one seed decides: the shipped log, router and state, between clients, receivers, operators, disks
 * and clocks that do their worst. In the end everything heals, and each event has to be accounted for.
 */
export async function simulate(seed: number, stateFile: string): Promise<Simulated> {
  for (const end of ['', '-wal', '-shm']) rmSync(`${stateFile}${end}`, { force: true });
  const world = new World(new Dice(seed), stateFile);
  const { dice, faults, accepted, receivers } = world;
  const events = new EventsOfLife(world);
  await world.begin();
  const happenings = dice.whole(HAPPENINGS.least, HAPPENINGS.most);
  for (let count = 0; count < happenings && faults.length === 0; count += 1) {
    await events.happen();
    await world.revive();
    if (faults.length === 0) await world.pass(pauseMs(dice));
  }
  if (faults.length === 0) await heal(world);
  if (faults.length === 0) faults.push(...endFaults(world, events));
  const virtualMs = world.life.now;
  await world.until(world.life.router.stop());
  return {
    faults,
    trace: world.trace(),
    events: accepted.events.length,
    arrivals: receivers.arrivals.length,
    kills: world.kills,
    virtualMs,
    duplicates: duplicatesIn(receivers.arrivals),
  };
}

function pauseMs(dice: Dice): number {
  const draw = dice.random();
  if (draw < 0.02) return dice.whole(GIVING_UP_HOURS.least, GIVING_UP_HOURS.most) * HOUR_MS;
  return dice.magnitude(PAUSE_MS.least, draw < 0.5 ? PAUSE_MS.short : PAUSE_MS.long);
}

/** Everybody works again; what waits is given the time that it needs, and dead letters another try. */
async function heal(world: World): Promise<void> {
  world.receivers.heal();
  world.fillDisk(0);
  world.life.faults.kill = undefined;
  await world.apply(
    world.pipelines.map((pipeline) => (pipeline.enabled ? pipeline : { ...pipeline, enabled: true })),
  );
  for (const { id, state } of world.life.router.replays(undefined))
    if (state === 'paused') await world.until(world.life.router.changeReplay(id, 'resume'));
  await world.pass(2 * MINUTE_MS);
  await world.pass(6 * HOUR_MS);
  for (const { id } of world.pipelines) world.life.router.redeliver({ pipeline: id });
  await world.pass(2 * MINUTE_MS);
  await world.pass(GIVING_UP_HOURS.most * HOUR_MS);
}

function endFaults(world: World, { acknowledged, cancelled }: EventsOfLife): readonly string[] {
  const { life, accepted, receivers, versions, watch } = world;
  const faults: string[] = [];
  const known = new Set(accepted.events.map(({ source, messageId }) => `${source} ${messageId}`));
  for (const id of acknowledged) if (!known.has(id)) faults.push(`the log lost ${id}`);
  const running = new Set(world.pipelines.map(({ id }) => id));
  for (const replay of life.router.replays(undefined)) {
    if (running.has(replay.pipeline) && !cancelled.has(replay.id) && replay.state !== 'done')
      faults.push(`a replay does not end: ${JSON.stringify(replay)}`);
  }
  for (const lane of life.router.snapshot().lanes)
    if (!cancelled.has(lane.replay)) faults.push(...laneAccountFaults(world, lane));
  const { arrivals, closedCleanly } = receivers;
  faults.push(...arrivalFaults({ arrivals, accepted, versions, turns: watch.turns, closedCleanly }));
  return faults;
}

function duplicatesIn(arrivals: readonly Arrival[]): number {
  const taken = new Set<string>();
  let duplicates = 0;
  for (const { isTaken, isReplay, pipeline, url, numbers } of arrivals) {
    if (!isTaken || isReplay) continue;
    for (const number of numbers) {
      const key = `${pipeline} ${url} ${number}`;
      if (taken.has(key)) duplicates += 1;
      taken.add(key);
    }
  }
  return duplicates;
}
