import { openSegmentLog } from '../../packages/server/src/log/segments/open-log.ts';

/**
 * The messageId of every record in the log of a data directory, in log order, read as the next start would read
 * it. Rejects when anything in it is damaged. No server may be running on the directory.
 */
export async function messageIdsInLog(data: string): Promise<readonly string[]> {
  const complaints: string[] = [];
  const { log } = await openSegmentLog({
    directory: data,
    retention: { ageMs: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY },
    diskReserveBytes: 0,
    report: {
      damage: ({ kind, segment, offset }) => complaints.push(`${kind} bytes in ${segment} at ${offset}`),
      dropped: (segment) => complaints.push(`${segment} was dropped`),
      notice: () => undefined,
    },
    observeCommit: () => undefined,
    onFailure: (error) => complaints.push(error.message),
  });
  const messageIds: string[] = [];
  for await (const { records } of log.read({ partition: 0, from: log.first(), untilHead: true })) {
    for (const { messageId } of records) messageIds.push(messageId);
  }
  await log.close();
  if (complaints.length > 0) throw new Error(`The log is not whole: ${complaints.join(', ')}`);
  return messageIds;
}
