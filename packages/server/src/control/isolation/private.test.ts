import { afterAll, beforeAll, expect, test } from 'vitest';
import { eachDatabase } from '../../store/store.fixture.ts';
import { accountsIn } from './people.fixture.ts';
import { MARKS } from './side.fixture.ts';
import { openWorld, type World } from './world.fixture.ts';

const NOTHING_SEEN = { details: null, secretsSet: null };

eachDatabase('what not every member sees', (open) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(await open());
  });
  afterAll(() => world.close());

  test('only Owners see into connections, and nobody sees a secret', async () => {
    const { organization, ids } = world.sides.A;
    for (const caller of world.callers.filter(({ places }) => places.A !== undefined)) {
      const isOwner = caller.places.A?.role === 'OWNER';
      const one = await world.call('Query.connection', caller, 'A', { connectionId: ids.connection });
      const seen = { details: { urls: [`https://${MARKS.A}.example/`] }, secretsSet: ['headers'] };
      expect(one.data, caller.name).toMatchObject(isOwner ? seen : NOTHING_SEEN);
      const all = await world.call('Query.orgConnections', caller, 'A', { orgId: organization });
      const another = { details: { siteId: MARKS.A }, secretsSet: ['apiKey'] };
      expect(all.data, caller.name).toMatchObject(isOwner ? [seen, another] : [NOTHING_SEEN, NOTHING_SEEN]);
    }
  });

  test('of an account, its holder alone sees more than the address', async () => {
    for (const caller of world.callers.filter(({ places }) => places.A !== undefined)) {
      const accounts = await accountsIn(world, caller);
      expect(accounts.length).toBeGreaterThan(5);
      const open = accounts.filter(
        ({ profile, confirmed, createdAt }) => profile !== null || confirmed !== null || createdAt !== null,
      );
      expect(open.length, caller.name).toBe(caller.kind === 'person' ? 1 : 0);
    }
  });
});
