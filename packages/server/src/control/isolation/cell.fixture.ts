import { schema } from '../schema.ts';
import type { TestCaller } from './callers.fixture.ts';
import { rootField } from './document.fixture.ts';
import { type Header, isShown, type Operation, type Side, verdictOf } from './houston.fixture.ts';
import { idsOfNothing, MARKS } from './side.fixture.ts';
import type { Called, World } from './world.fixture.ts';

/** What an id names: an object of A, of B, or nothing. */
export type Target = Side | undefined;

/** One cell of the matrix: who asks for what, about what, and what the header says. */
export interface Cell {
  /** As `Query.me`. */
  readonly name: string;
  readonly operation: Operation;
  readonly caller: TestCaller;
  readonly header: Header;
  readonly target: Target;
}

const NOTHING = idsOfNothing();
const SIDES = ['A', 'B'] as const;

/** Arguments for the call; `count` is another one for each. */
export function variablesFor(
  { sides }: World,
  { name, operation, caller, target }: Cell,
  count: number,
): Readonly<Record<string, unknown>> {
  const { about, names = {}, gives } = operation;
  // What else it needs is of an organization where the caller has a place.
  const own = target !== undefined && caller.places[target] !== undefined ? target : 'A';
  const needed = Object.entries(names).filter(([path]) => isRequired(name, path));
  const ids = target === undefined ? NOTHING : sides[target].ids;
  return {
    ...gives?.(count, MARKS[own]),
    ...Object.fromEntries(needed.map(([path, [kind]]) => [path, sides[own].ids[kind]])),
    ...(about && { [about[0]]: ids[about[1]] }),
  };
}

/** Whether a field has to be given this argument. */
export function isRequired(name: string, argument: string): boolean {
  return rootField(schema, name).args.some((arg) => arg.name === argument && `${arg.type}`.endsWith('!'));
}

/** Everything that is wrong with what came of a call. */
export function faultsOf({ sides }: World, cell: Cell, called: Called): readonly string[] {
  const { operation, caller, header, target } = cell;
  const { text, asked, verdict, hasChanged } = called;
  const expected = verdictOf(operation, caller, target, header);
  const faults: string[] = [];
  // What everybody may call refuses for reasons of its own: it is the same for all, which is looked at elsewhere.
  if (operation.by !== 'anybody' && verdict !== expected) faults.push(`${verdict} instead of ${expected}`);
  if (expected !== 'done' && hasChanged) faults.push('is refused, and changes the store all the same');
  if (expected !== 'done' && asked.length > 0) faults.push(`is refused, and asks for ${asked}`);
  for (const side of SIDES) {
    const { organization, source, other, pipeline, replay, ids } = sides[side];
    const theirs = [MARKS[side], organization, source, other, pipeline, ids.connection, ids.apiKey, ids.user];
    const isThere = theirs.some((word) => text.includes(word));
    const mayBe = mayBeShown(cell, side);
    if (isThere && !mayBe) faults.push(`shows ${side}`);
    // Else it would prove nothing that it is hidden from others.
    if (!isThere && mayBe && isReading(cell)) faults.push(`does not show ${side}`);
    const isAsked = [source, pipeline, replay, MARKS[side]].some((word) => asked.join().includes(word));
    if (isAsked && !mayBe) faults.push(`asks lanes or door about ${side}`);
  }
  const place = `${caller.name}, header ${header}, about ${target ?? 'nothing'}`;
  return faults.map((fault) => `${place}: ${fault}: ${text}`);
}

function mayBeShown({ operation, caller, header, target }: Cell, side: Side): boolean {
  if (operation.by === 'anybody') return false;
  if (operation.about === undefined) return caller.places[side] !== undefined;
  return target === side && isShown(operation, caller, target, header);
}

function isReading({ name, operation }: Cell): boolean {
  return operation.about !== undefined && !name.startsWith('Mutation.');
}
