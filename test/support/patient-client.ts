import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { WRITE_KEY } from './workspace-file.ts';

/** Between two tries: short, so that a server that comes back is noticed at once. */
const AGAIN_AFTER_MS = 50;
const ANSWER_TIMEOUT_MS = 15_000;
/** Longer than any restart; a server that takes nothing for that long is a failure worth reading about. */
const PATIENCE_MS = 60_000;

/** A try that was not acknowledged. */
export interface Setback {
  /** When it showed, in milliseconds on a clock that only grows. */
  readonly at: number;
  /** What was answered. Undefined when no whole answer came. */
  readonly status: number | undefined;
  /** What the system said, such as `ECONNRESET`. Undefined when there was an answer. */
  readonly code: string | undefined;
  /** Whether an answer had begun. */
  readonly began: boolean;
}

/** A client with one connection, kept open, as SDKs have. */
export interface PatientClient {
  /** Resolves when these events are acknowledged: they are sent, unaltered, as often as it takes. */
  send(events: readonly Readonly<Record<string, unknown>>[]): Promise<void>;
  readonly setbacks: readonly Setback[];
  close(): void;
}

/** A client of the server that `url` names at that moment. */
export function startPatientClient(url: () => string): PatientClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const setbacks: Setback[] = [];
  return {
    async send(events) {
      const body = JSON.stringify({ batch: events });
      const deadline = performance.now() + PATIENCE_MS;
      for (;;) {
        const setback = await post(`${url()}/v1/batch`, agent, body);
        if (setback === undefined) return;
        setbacks.push(setback);
        if (performance.now() > deadline)
          throw new Error(`Not taken within ${PATIENCE_MS} ms: ${JSON.stringify(setback)}`);
        await pause(AGAIN_AFTER_MS);
      }
    },
    setbacks,
    close: () => agent.destroy(),
  };
}

/** Posts once. Resolves with what went wrong, or undefined. */
function post(url: string, agent: Agent, body: string): Promise<Setback | undefined> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json', authorization: `Basic ${btoa(`${WRITE_KEY}:`)}` };
    const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const call = request(url, { method: 'POST', agent, headers, signal });
    const fail = (began: boolean) => (error: Error) =>
      resolve({ at: performance.now(), status: undefined, code: codeOf(error), began });
    call.on('error', fail(false));
    call.on('response', (response) => {
      const { statusCode: status } = response;
      const refusal = { status, code: undefined, began: true };
      const whole = () => resolve(status === 200 ? undefined : { at: performance.now(), ...refusal });
      text(response).then(whole, fail(true));
    });
    call.end(body);
  });
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
