import { newId } from '../platform/ids.ts';
import { DatabaseUnavailable } from '../store/database-unavailable.ts';
import { Refusal, withoutDatabase } from './refusal.ts';

/**
 * What a caller reads of an error that is ours: a reference, under which `onBug` is told of the error itself. That the
 * database is away is nobody's bug, and is said as it is.
 */
export function hiddenError(cause: unknown, onBug: (error: unknown) => void): Refusal {
  if (cause instanceof DatabaseUnavailable) return withoutDatabase();
  const reference = newId();
  onBug(new Error(`The control API met an error of ours, with the reference ${reference}.`, { cause }));
  return new Refusal(
    'INTERNAL',
    `An error of ours. It is in the server's log, under the reference ${reference}: please report it.`,
  );
}
