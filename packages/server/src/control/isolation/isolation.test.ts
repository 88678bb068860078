import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDatabase, OPERATOR } from '../../store/store.fixture.ts';
import { schema } from '../schema.ts';
import type { TestCaller } from './callers.fixture.ts';
import { rootField } from './document.fixture.ts';
import { type Header, HOUSTON, type Operation, type Side, verdictOf } from './houston.fixture.ts';
import { idsOfNothing, keepKey, MARKS, rowsOf } from './side.fixture.ts';
import { type Called, openWorld, type World } from './world.fixture.ts';

const HEADERS: readonly Header[] = ['A', 'B', 'missing', 'malformed', 'twice'];

/** What an id names: an object of A, of B, or nothing. */
type Target = Side | undefined;
const TARGETS: readonly Target[] = ['A', 'B', undefined];

const NOTHING = idsOfNothing();

/** SQLite goes through all of it. Of PostgreSQL it is enough to see that it does not differ. */
const SAMPLE: ReadonlySet<string> = new Set([
  'nobody',
  'a User of A who may edit',
  'a User of A who owns B',
  'a key of A as OWNER',
]);
const SAMPLE_HEADERS: readonly Header[] = ['A', 'B', 'missing'];

eachDatabase('isolation of organizations', (open) => {
  let world: World;
  let callers: readonly TestCaller[];
  let headers: readonly Header[];
  let calls = 0;
  beforeAll(async () => {
    const store = await open();
    world = await openWorld(store);
    const isWhole = store.options.databaseUrl === undefined;
    callers = world.callers.filter(({ name }) => isWhole || SAMPLE.has(name));
    headers = isWhole ? HEADERS : SAMPLE_HEADERS;
  });
  afterAll(async () => {
    process.stdout.write(`${calls} calls\n`);
    await world.close();
  });

  test.each(Object.entries(HOUSTON))(
    '%s is answered as the table of roles says, and shows and changes nothing of others',
    async (name, operation) => {
      const faults: string[] = [];
      const firstAnswer =
        operation.by === 'anybody' ? (await tried(name, 'missing', 'A', nobody())).text : '';
      for (const caller of callers) {
        const isStranger = caller.places.B === undefined;
        const before = await rowsOf(world.store.db, world.sides.B.organization);
        for (const header of headers) {
          const about = (target: Target, what: string) =>
            faults.push(`${caller.name}, header ${header}, about ${target ?? 'nothing'}: ${what}`);
          const answers = new Map<Target, Called>();
          for (const target of operation.about === undefined ? (['A'] as const) : TARGETS) {
            const called = await tried(name, header, target, caller);
            answers.set(target, called);
            if (operation.by === 'anybody') {
              if (called.text !== firstAnswer) about(target, `answered otherwise: ${called.text}`);
              continue;
            }
            const verdict = verdictOf(operation, caller, target, header);
            if (called.verdict !== verdict)
              about(target, `${called.verdict} instead of ${verdict}: ${called.text}`);
            for (const fault of faultsOf(name, called, verdict === 'done', target, caller))
              about(target, fault);
          }
          if (operation.about === undefined || !isStranger) continue;
          const [foreign, nothing] = [answers.get('B'), answers.get(undefined)];
          if (foreign?.text !== nothing?.text)
            about('B', `not as of nothing: ${foreign?.text}; ${nothing?.text}`);
          if (`${foreign?.statements}` !== `${nothing?.statements}`)
            about('B', `not the same work as of nothing: ${foreign?.statements}; ${nothing?.statements}`);
        }
        if (isStranger && (await rowsOf(world.store.db, world.sides.B.organization)) !== before)
          faults.push(`${caller.name} has changed B`);
      }
      expect(faults).toEqual([]);
      expect(world.bugs).toEqual([]);
    },
    60_000,
  );

  function nobody(): TestCaller {
    const [first] = callers;
    if (first === undefined) throw new Error('somebody has to call');
    return first;
  }

  async function tried(name: string, header: Header, target: Target, caller: TestCaller): Promise<Called> {
    const operation = HOUSTON[name] ?? { by: 'anybody' };
    calls += 1;
    return await world.call(
      name,
      caller,
      header,
      await variablesFor(name, operation, target, caller, header),
    );
  }

  async function variablesFor(
    name: string,
    operation: Operation,
    target: Target,
    caller: TestCaller,
    header: Header,
  ): Promise<Readonly<Record<string, unknown>>> {
    const { about, names = {}, gives } = operation;
    // What else the operation needs is of an organization where the caller has a place.
    const own = target !== undefined && caller.places[target] !== undefined ? target : 'A';
    const { ids, organization } = world.sides[own];
    const isRequired = (path: string) =>
      rootField(schema, name).args.some((arg) => arg.name === path && `${arg.type}`.endsWith('!'));
    const needed = Object.entries(names)
      .filter(([path]) => isRequired(path))
      .map(([path, [kind]]) => [path, ids[kind]]);
    const named: Record<string, unknown> = {};
    if (about !== undefined)
      named[about[0]] = (target === undefined ? NOTHING : world.sides[target].ids)[about[1]];
    // A key can be revoked once.
    if (name === 'Mutation.revokeApiKey' && verdictOf(operation, caller, target, header) === 'done') {
      const { id } = await world.store.change(OPERATOR, ({ db }) => keepKey(db, organization, ids.user, 0));
      named.id = id;
    }
    return { ...gives?.(calls, MARKS[own]), ...Object.fromEntries(needed), ...named };
  }

  /** What must not be, whatever the code of the answer. */
  function faultsOf(
    name: string,
    { text, asked, hasChanged }: Called,
    isDone: boolean,
    target: Target,
    { places }: TestCaller,
  ): readonly string[] {
    const faults: string[] = [];
    const isAboutOne = HOUSTON[name]?.about !== undefined;
    const isShown = (side: Side) => isDone && places[side] !== undefined && (!isAboutOne || target === side);
    const isReading = isAboutOne && !name.startsWith('Mutation.');
    for (const side of ['A', 'B'] as const) {
      const { organization, source, other, pipeline, ids } = world.sides[side];
      const own = [MARKS[side], organization, source, other, pipeline, ids.connection, ids.apiKey, ids.user];
      if (!isShown(side) && own.some((word) => text.includes(word))) faults.push(`shows ${side}: ${text}`);
      // Else it would prove nothing that the rest is hidden.
      if (isReading && isShown(side) && !own.some((word) => text.includes(word)))
        faults.push(`shows no ${side}`);
      const known = [source, pipeline, ids.replay];
      if (!isShown(side) && asked.some((id) => known.includes(id) || id.includes(MARKS[side])))
        faults.push(`asks of ${side}: ${asked}`);
    }
    if (!isDone && hasChanged) faults.push('is refused, and changes the store all the same');
    if (!isDone && asked.length > 0) faults.push(`is refused, and asks for ${asked}`);
    return faults;
  }
});
