import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDatabase, OPERATOR } from '../../store/store.fixture.ts';
import { IS_ALL_ON_POSTGRES } from '../../store/test-database.fixture.ts';
import type { TestCaller } from './callers.fixture.ts';
import { type Cell, faultsOf, type Target, variablesFor } from './cell.fixture.ts';
import { type Header, HOUSTON, verdictOf } from './houston.fixture.ts';
import { keepKey, rowsOf } from './side.fixture.ts';
import { type Called, openWorld, type World } from './world.fixture.ts';

const HEADERS: readonly Header[] = ['A', 'B', 'missing', 'malformed', 'twice'];
const TARGETS: readonly Target[] = ['A', 'B', undefined];

/** `npm run prove` goes through all of it, on both databases. */
const IS_WHOLE = process.env.METAROUTER_PROVE_MATRIX === 'whole';
const HEADERS_TRIED: readonly Header[] = IS_WHOLE ? HEADERS : ['A', 'B', 'missing'];

/** Else, of PostgreSQL it is enough to see that it does not differ. */
const SAMPLE: ReadonlySet<string> = new Set([
  'nobody',
  'a User of A who may edit',
  'a User of A who owns B',
  'a key of A as OWNER',
]);
const SAMPLE_HEADERS: readonly Header[] = ['A', 'B'];

eachDatabase('isolation of organizations', (open) => {
  let world: World;
  let callers: readonly TestCaller[];
  let headers: readonly Header[];
  let calls = 0;
  beforeAll(async () => {
    const store = await open();
    world = await openWorld(store);
    const isSample = !IS_WHOLE && !IS_ALL_ON_POSTGRES && store.options.databaseUrl !== undefined;
    callers = world.callers.filter(({ name }) => !isSample || SAMPLE.has(name));
    headers = isSample ? SAMPLE_HEADERS : HEADERS_TRIED;
  });
  afterAll(() => world.close());

  async function called(cell: Cell): Promise<Called> {
    const { name, operation, caller, header, target } = cell;
    calls += 1;
    const variables = variablesFor(world, cell, calls);
    const isDone = verdictOf(operation, caller, target, header) === 'done';
    // A key can be revoked once.
    if (name === 'Mutation.revokeApiKey' && isDone)
      return await world.call(name, caller, header, { id: await spareKey(target) });
    if (name === 'Mutation.leaveOrganization' && isDone)
      return await keepingPlaces(() => world.call(name, caller, header, variables));
    return await world.call(name, caller, header, variables);
  }

  /** Who has left has their place back afterwards, for what they call next. */
  async function keepingPlaces<T>(work: () => Promise<T>): Promise<T> {
    const { db } = world.store;
    const places = await db.selectFrom('members').selectAll().execute();
    const result = await work();
    await db
      .insertInto('members')
      .values(places)
      .onConflict((place) => place.doNothing())
      .execute();
    return result;
  }

  async function spareKey(target: Target): Promise<string> {
    const { organization, ids } = world.sides[target ?? 'A'];
    const { id } = await world.store.change(OPERATOR, ({ db }) => keepKey(db, organization, ids.user, 0));
    return id;
  }

  test.each(Object.entries(HOUSTON))(
    '%s is answered as the table of roles says, and shows and changes nothing of others',
    async (name, operation) => {
      const faults: string[] = [];
      const answersToAll = new Set<string>();
      const targets: readonly Target[] = operation.about === undefined ? ['A'] : TARGETS;
      for (const caller of callers) {
        const isStranger = caller.places.B === undefined;
        const before = await rowsOf(world.store.db, world.sides.B.organization);
        for (const header of headers) {
          const answers = new Map<Target, Called>();
          for (const target of targets) {
            const cell = { name, operation, caller, header, target };
            const answer = await called(cell);
            faults.push(...faultsOf(world, cell, answer));
            answers.set(target, answer);
            answersToAll.add(answer.text);
          }
          if (operation.about === undefined || !isStranger) continue;
          const [foreign, nothing] = [answers.get('B'), answers.get(undefined)];
          expect(foreign?.text, `${caller.name}, ${header}`).toBe(nothing?.text);
          // The same statements take the same time.
          expect(foreign?.statements, `${caller.name}, ${header}`).toEqual(nothing?.statements);
        }
        const after = await rowsOf(world.store.db, world.sides.B.organization);
        if (isStranger && after !== before) faults.push(`${caller.name} has changed B`);
      }
      expect(faults).toEqual([]);
      if (operation.by === 'anybody') expect([...answersToAll]).toHaveLength(1);
      expect(world.bugs).toEqual([]);
    },
    60_000,
  );

  test('the matrix is as large as it was meant to be', () => {
    const ofAll = callers.length === SAMPLE.size ? 700 : (headers.length / HEADERS.length) * 6_000;
    expect(calls).toBeGreaterThan(ofAll);
    process.stdout.write(`isolation: ${calls} calls by ${callers.length} callers\n`);
  });
});
