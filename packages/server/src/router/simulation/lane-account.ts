import type { Pipeline } from '../../store/workspace.ts';
import type { LaneSnapshot } from '../messages.ts';
import type { DeliveryState } from '../state/delivery-state.ts';
import { type LaneKey, laneText } from '../state/rows.ts';
import type { Accepted, AcceptedEvent } from './accepted.ts';
import { Evidence } from './evidence.ts';
import type { Life } from './life.ts';
import { ruleOf, urlCount } from './simulated-pipelines.ts';
import type { SimulatedReceivers } from './simulated-receivers.ts';

/** What accounts are drawn from. */
interface Accounted {
  readonly life: Life;
  readonly receivers: SimulatedReceivers;
  readonly versions: ReadonlyMap<string, readonly Pipeline[]>;
  readonly accepted: Accepted;
}

/** A row, as far as accounts need it. */
interface AccountRow {
  readonly state: string;
  readonly sequence: number;
  readonly count: number;
}

/** What became of an event in one lane, by what receivers and rows say; `nothing` when nobody says so. */
type Standing = 'repeat' | 'dead' | 'lost' | 'held' | 'delivered' | 'nothing' | { readonly rule: string };

/** The lanes that stand behind an event of which nothing is known: neither a row, nor a receiver that has it. */
export function lanePlaceFaults({ life, receivers, versions, accepted }: Accounted): readonly string[] {
  const evidence = new Evidence(receivers.arrivals);
  return life.state.lanes().flatMap(({ lane, progress }) => {
    if (lane.replay !== '') return [];
    const known = versions.get(lane.pipeline) ?? [];
    const standing = standingIn(rowsOf(life.state, lane), known, evidence);
    return accepted
      .between(known[0]?.source, progress.startSequence, progress.sequence)
      .filter((event) => standing(event) === 'nothing')
      .map((event) => `${laneText(lane)} stands behind ${JSON.stringify(event)}`);
  });
}

/** Where a lane that has come to rest counts otherwise than what receivers and rows say of each event. */
export function laneAccountFaults(world: Accounted, lane: LaneSnapshot): readonly string[] {
  const { life, receivers, versions, accepted } = world;
  const isReplay = lane.replay !== '';
  const evidence = new Evidence(receivers.arrivals, (arrival) => !isReplay || arrival.isReplay);
  const known = versions.get(lane.pipeline) ?? [];
  const standing = standingIn(rowsOf(life.state, lane), known, evidence);
  const faults: string[] = [];
  const last = lane.endSequence ?? accepted.count(lane.source);
  const events = accepted.between(lane.source, lane.startSequence, last);
  // What a crash left holes for was never acknowledged, and yet has a sequence.
  const found = new Map([['dead', last - lane.startSequence - events.length]]);
  for (const event of events) {
    const stands = standing(event);
    const isWrong =
      stands === 'nothing' ||
      stands === 'held' ||
      (stands === 'dead' && event.number !== undefined) ||
      (stands === 'lost' && event.position >= life.log.log.first());
    if (isWrong) faults.push(`${laneText(lane)}: in the end ${stands}: ${JSON.stringify(event)}`);
    const name = typeof stands === 'object' ? stands.rule : stands === 'lost' ? 'dead' : stands;
    found.set(name, (found.get(name) ?? 0) + 1);
  }
  const { filtered, delivered, dead, repeats, window, held } = lane;
  const told = new Map([...filtered, ['delivered', delivered], ['dead', dead], ['repeat', repeats]]);
  if (!isSame(told, found, known.length > 1))
    faults.push(`${laneText(lane)} tells ${JSON.stringify([...told])}, found ${JSON.stringify([...found])}`);
  if (window + held > 0) faults.push(`${laneText(lane)} does not come to rest: ${JSON.stringify(lane)}`);
  return faults;
}

/** Where a filter was changed, what it left out before a crash may be delivered after it: only their sum is known. */
function isSame(
  told: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
  hasChanged: boolean,
): boolean {
  const sum = (counts: ReadonlyMap<string, number>) =>
    [...counts].reduce((all, [name, count]) => all + (name === 'dead' || name === 'repeat' ? 0 : count), 0);
  const names = hasChanged ? ['dead', 'repeat'] : [...told.keys(), ...found.keys()];
  return names.every((name) => (told.get(name) ?? 0) === (found.get(name) ?? 0)) && sum(told) === sum(found);
}

function rowsOf(state: DeliveryState, { pipeline, replay, partition }: LaneKey): readonly AccountRow[] {
  const rows = state.db
    .prepare(
      'SELECT state, sequence, count FROM exceptions WHERE pipeline = ? AND replay = ? AND partition = ?',
    )
    .all(pipeline, replay, partition);
  return rows.map(({ state: kind, sequence, count }) => ({
    state: String(kind),
    sequence: Number(sequence),
    count: Number(count),
  }));
}

/** Says of each event what became of it. */
function standingIn(
  rows: readonly AccountRow[],
  versions: readonly Pipeline[],
  evidence: Evidence,
): (event: AcceptedEvent) => Standing {
  const states = new Map<number, string>();
  for (const { state, sequence, count } of rows)
    for (let back = 0; back < count; back += 1) states.set(sequence - back, state);
  const [first] = versions;
  const needed = versions.length === 1 && first !== undefined ? urlCount(first) : 1;
  return (event) => {
    const state = states.get(event.sequence);
    if (state !== undefined) return state === 'dead' || state === 'lost' ? state : 'held';
    if (event.isRepeat) return 'repeat';
    if (evidence.delivered(first?.id, event.number) >= needed) return 'delivered';
    const rule = versions.map((version) => ruleOf(version, event.flavour)).find((one) => one !== undefined);
    return rule === undefined ? 'nothing' : { rule };
  };
}
