import { z } from 'zod';
import type { TestCaller } from './callers.fixture.ts';
import type { World } from './world.fixture.ts';

const account = z.object({
  id: z.string(),
  email: z.string(),
  profile: z.unknown(),
  confirmed: z.unknown(),
  createdAt: z.unknown(),
});

const organizations = z.array(z.object({ members: z.array(z.object({ user: account })) }));

/** The people of A, as a caller is shown them. */
export async function accountsIn(
  world: World,
  caller: TestCaller,
): Promise<readonly z.infer<typeof account>[]> {
  const orgId = world.sides.A.organization;
  const { data } = await world.call('Query.organizations', caller, 'A', { orgId });
  return organizations.parse(data).flatMap(({ members }) => members.map(({ user }) => user));
}
