/** How many requests a receiver had got at one moment of its own clock, in milliseconds. */
export interface ReceiverCount {
  readonly count: number;
  readonly atMs: number;
}

/** Asks the receiver on that port how many requests it has had. */
export async function countAt(port: number): Promise<ReceiverCount> {
  const answer: unknown = await (await fetch(`http://127.0.0.1:${port}/count`)).json();
  if (!isReceiverCount(answer)) throw new Error(`The receiver answered ${JSON.stringify(answer)}`);
  return answer;
}

function isReceiverCount(value: unknown): value is ReceiverCount {
  return typeof value === 'object' && value !== null && 'count' in value && 'atMs' in value;
}
