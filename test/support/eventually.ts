import { setTimeout as pause } from 'node:timers/promises';

/** How often a condition is looked at, in milliseconds: short against what is waited for, idle in between. */
const LOOK_EVERY_MS = 10;

/**
 * Resolves as soon as `holds` answers true. Rejects after `timeoutMs`, saying `what` did not come about:
 * for what happens in another process, where no event can be waited for.
 */
export async function eventually(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) {
      throw new Error(`After ${timeoutMs} ms still not: ${typeof what === 'string' ? what : what()}`);
    }
    await pause(LOOK_EVERY_MS);
  }
}
