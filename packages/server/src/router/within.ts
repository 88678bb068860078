import type { Clock } from '../platform/clock.ts';

/** Resolves when all the work is done, or after so many milliseconds. */
export async function within(clock: Clock, ms: number, work: readonly Promise<unknown>[]): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(ms, resolve);
  await Promise.race([late, Promise.all(work)]);
  cancel();
}
