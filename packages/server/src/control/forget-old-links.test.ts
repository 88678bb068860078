import { expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { addMailToken, takeMailToken } from '../store/mail-tokens.ts';
import { eachDatabase, OPERATOR } from '../store/store.fixture.ts';
import { createUser, findUser } from '../store/users.ts';
import { forgetOldLinks } from './forget-old-links.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

eachDatabase('old links', (open) => {
  test('an account whose link has expired is gone within a day, one whose link still works stays', async () => {
    const store = await open();
    const clock = new VirtualClock();
    const now = clock.now();
    const users = await store.change(OPERATOR, async ({ db }) => {
      const made = [];
      for (const [email, lastsMs] of [
        ['late@example.com', DAY_MS / 2],
        ['early@example.com', 2 * DAY_MS],
      ] as const) {
        const user = await createUser(db, { email, password: null, confirmedAt: null, now });
        if (user === 'conflict') throw new Error('there is such an account');
        const link = { purpose: 'confirm', userId: user.id, organizationId: undefined, email } as const;
        await addMailToken(db, { ...link, hash: email, expiresAt: now + lastsMs, now });
        made.push(user.id);
      }
      return made;
    });
    const failures: unknown[] = [];
    let looks = 0;
    store.onChange(() => {
      looks += 1;
    });
    const stop = forgetOldLinks({ clock, store, onFailure: (error) => failures.push(error) });
    await clock.pass(MINUTE_MS);
    await expect.poll(() => looks).toBe(1);
    await clock.pass(DAY_MS);
    await expect.poll(() => looks).toBe(2);
    stop();
    expect(await Promise.all(users.map((id) => findUser(store.db, id)))).toEqual([
      undefined,
      expect.objectContaining({ email: 'early@example.com' }),
    ]);
    expect(await takeMailToken(store.db, 'early@example.com', 'confirm', clock.now())).toBeDefined();
    expect(failures).toEqual([]);
  });
});
