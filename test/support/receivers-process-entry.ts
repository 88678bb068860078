import { type Answered, type FragileReceiver, startFragileReceiver } from './fragile-receiver.ts';
import type { ReceiversOrder } from './receivers-process.ts';

/** The entry of a receivers' process: starts the receivers that it is told to, and answers what its parent asks. */

const receivers: FragileReceiver[] = [];
process.on('message', (order: ReceiversOrder) => {
  obey(order).then((answer) => process.send?.(answer));
});
// Whoever started it is gone, however that ended.
process.on('disconnect', () => process.exit());

async function obey(order: ReceiversOrder): Promise<unknown> {
  switch (order.kind) {
    case 'start':
      for (const options of order.receivers) receivers.push(await startFragileReceiver(options));
      return receivers.map(({ url }) => url);
    case 'become':
      await receivers[order.receiver]?.become(order.condition);
      return order.condition;
    case 'count':
      return receivers.map(({ taken }) => taken.length);
    case 'tell':
      return answeredBy(receivers[order.receiver]);
  }
}

function answeredBy(receiver: FragileReceiver | undefined): Answered | undefined {
  if (receiver === undefined) return undefined;
  const { taken, takenAt, refused } = receiver;
  return { taken, takenAt, refused };
}
