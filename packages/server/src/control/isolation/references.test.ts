import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../../store/store.fixture.ts';
import { isRequired } from './cell.fixture.ts';
import { HOUSTON } from './houston.fixture.ts';
import { idsOfNothing, MARKS, rowsOf } from './side.fixture.ts';
import { openWorld, type World } from './world.fixture.ts';

const NOTHING = idsOfNothing();

const REFERENCES = Object.entries(HOUSTON).flatMap(([field, operation]) =>
  Object.entries(operation.names ?? {}).map(([path, [kind, outcome, beside]]) => {
    return { field, path, kind, outcome, beside, operation };
  }),
);

eachDatabase('what an argument names beside the object that an operation is about', (open) => {
  let world: World;
  let calls = 0;
  beforeAll(async () => {
    world = await openWorld(await open());
  });
  afterAll(() => world.close());

  /** Calls as an Owner of A about what is A's own, with this value at the path. */
  async function called({ field, path, operation, beside }: (typeof REFERENCES)[number], value: string) {
    const { ids } = world.sides.A;
    const caller = world.callers.find(({ name }) => name === 'an Owner of A');
    if (caller === undefined) throw new Error('there is no such caller');
    calls += 1;
    const needed = Object.entries(operation.names ?? {})
      .filter(([name]) => isRequired(field, name))
      .map(([name, [kind]]) => [name, ids[kind]]);
    const [argument = '', member] = path.split('.');
    // One value stands for a list of it.
    const given = member === undefined ? value : { ...beside, [member]: value };
    return await world.call(field, caller, 'A', {
      ...operation.gives?.(calls, MARKS.A),
      ...(operation.about && { [operation.about[0]]: ids[operation.about[1]] }),
      ...Object.fromEntries(needed),
      [argument]: given,
    });
  }

  test.each(REFERENCES)(
    "$field does not tell another organization's $kind at $path from one that does not exist",
    async (reference) => {
      const { kind, outcome } = reference;
      const { A, B } = world.sides;
      const before = await rowsOf(world.store.db, B.organization);
      const foreign = await called(reference, B.ids[kind]);
      const nothing = await called(reference, NOTHING[kind]);
      const isRefused = outcome !== 'nothing' && outcome !== 'own';
      expect(foreign.verdict).toBe(isRefused ? outcome : 'done');
      // A cursor is a number for a place in all lists: what comes after it is the caller's own, and so it may differ.
      if (outcome !== 'own') {
        expect(foreign.text).toBe(nothing.text);
        expect(foreign.statements).toEqual(nothing.statements);
      }
      for (const { text, hasChanged, asked } of [foreign, nothing]) {
        expect(text).not.toContain(MARKS.B);
        for (const id of [B.organization, B.source, B.other, B.pipeline, B.ids.connection, B.ids.user])
          expect(text).not.toContain(id);
        expect([A.source, A.pipeline]).toEqual(expect.arrayContaining([...new Set(asked)]));
        if (isRefused) expect(hasChanged).toBe(false);
      }
      expect(await rowsOf(world.store.db, B.organization)).toBe(before);
      expect(world.bugs).toEqual([]);
    },
  );

  test.each(
    REFERENCES.filter(({ kind }) => ['connection', 'replay', 'deadLetter', 'message'].includes(kind)),
  )("$field takes the organization's own $kind at $path", async (reference) => {
    const own = await called(reference, world.sides.A.ids[reference.kind]);
    expect(own.verdict).toBe('done');
    expect(own.text).not.toBe((await called(reference, NOTHING[reference.kind])).text);
  });
});
