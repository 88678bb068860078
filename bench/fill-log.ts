import { openSegmentLog } from '../packages/server/src/log/segments/open-log.ts';
import { WRITE_KEY } from '../test/support/workspace-file.ts';
import { trackEvent } from './prepared-request.ts';

/** Events in one append: enough that a sync costs little beside writing. */
const TOGETHER = 4_000;
const USERS = 1_000;

/**
 * Fills the log of an empty data directory with so many bytes of events, through the shipped writer, and closes it.
 * Resolves with the number of events.
 */
export async function fillLog(data: string, bytes: number): Promise<number> {
  const fail = (what: string) => {
    throw new Error(`The log could not be filled: ${what}`);
  };
  const { log } = await openSegmentLog({
    directory: data,
    retention: { ageMs: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY },
    diskReserveBytes: 0,
    report: { damage: ({ kind }) => fail(`${kind} bytes`), dropped: fail, notice: () => undefined },
    observeCommit: () => undefined,
    onFailure: ({ message }) => fail(message),
  });
  const payloads = Array.from({ length: USERS }, (_, user) => Buffer.from(trackEvent(user, 0)));
  const receivedAt = Date.now();
  let events = 0;
  for (let written = 0; written < bytes; ) {
    const records = Array.from({ length: TOGETHER }, () => {
      const user = events % USERS;
      const payload = payloads[user] ?? Buffer.alloc(0);
      events += 1;
      written += payload.length;
      const messageId = `filled-${events}`;
      return { source: WRITE_KEY, orderKey: `user-${user}`, messageId, receivedAt, pieces: [payload] };
    });
    const appended = await log.append(records);
    if (appended.kind === 'refused') fail(appended.why);
  }
  await log.close();
  return events;
}
