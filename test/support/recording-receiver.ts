import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

/** An event as it arrived: an object whose fields a test looks at by name. */
type ReceivedEvent = Readonly<Record<string, unknown>>;

/** One request that reached the receiver, whatever was answered. */
export interface Delivery {
  readonly messageId: string;
  readonly idempotencyKey: string | undefined;
  /** Whether it is marked as sent once more: a dead letter delivered again, or a replay. */
  readonly isReplay: boolean;
  /** 1 for the first request with this messageId, 2 for the next… */
  readonly attempt: number;
  /** When it arrived, in milliseconds on a clock that only grows. */
  readonly at: number;
  /** The status that was answered; 0 for no answer. */
  readonly status: number;
  readonly event: ReceivedEvent;
}

/** What is answered: a status, with a text if need be; or nothing, which leaves the sender waiting. */
type Answer = number | { readonly status: number; readonly text: string } | 'none';

/** Chooses the answer to a delivery. */
export type Script = (delivery: Omit<Delivery, 'status'>) => Answer;

/** A destination under the test's control. It keeps all that reaches it, in the order of arrival. */
export interface RecordingReceiver extends AsyncDisposable {
  /** Where to post events to. */
  readonly url: string;
  readonly deliveries: readonly Delivery[];
  /** The messageIds that were answered with a 2xx: what has been delivered. */
  readonly delivered: ReadonlySet<string>;
  /** The first delivered event of that type. Undefined until it has arrived. */
  ofType(type: string): ReceivedEvent | undefined;
}

/** Starts a receiver on a free port. Without a script it answers 200 to everything. */
export async function startRecordingReceiver(script: Script = () => 200): Promise<RecordingReceiver> {
  const deliveries: Delivery[] = [];
  const delivered = new Set<string>();
  const attempts = new Map<string, number>();

  const server = createServer(async (request, response) => {
    const content = await jsonOf(request);
    let answer: Exclude<Answer, number> = { status: 200, text: '' };
    for (const event of Array.isArray(content) ? content : [content]) {
      if (!isEvent(event)) continue;
      const messageId = String(event.messageId);
      const attempt = (attempts.get(messageId) ?? 0) + 1;
      attempts.set(messageId, attempt);
      const idempotencyKey = request.headers['idempotency-key']?.toString();
      const isReplay = request.headers['x-replay'] === 'true';
      const delivery = { messageId, idempotencyKey, isReplay, attempt, at: performance.now(), event };
      const chosen = script(delivery);
      answer = typeof chosen === 'number' ? { status: chosen, text: '' } : chosen;
      const status = answer === 'none' ? 0 : answer.status;
      deliveries.push({ ...delivery, status });
      if (status >= 200 && status < 300) delivered.add(messageId);
    }
    if (answer !== 'none') response.writeHead(answer.status).end(answer.text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port');

  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    deliveries,
    delivered,
    ofType: (type) => deliveries.find(({ event }) => event.type === type)?.event,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function jsonOf(request: IncomingMessage): Promise<unknown> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk;
  return JSON.parse(body);
}

/** Tells an event, or any other JSON object, from the rest. */
function isEvent(value: unknown): value is ReceivedEvent {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
