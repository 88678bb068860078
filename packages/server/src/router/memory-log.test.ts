import { logReaderContract } from '../log/log-reader.contract.ts';
import { MemoryLog } from './memory-log.ts';

logReaderContract("the log of the lanes' tests", async (records) => {
  const reader = new MemoryLog();
  for (const { source, orderKey, messageId, receivedAt, pieces } of records)
    reader.accept(source, orderKey, messageId, { now: receivedAt, bytes: pieces.join('') });
  return { reader, async remove() {} };
});
