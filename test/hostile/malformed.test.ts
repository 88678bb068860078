import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { residentBytes } from '../support/resident-memory.ts';
import { type ServerProcess, startServer } from '../support/server-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { WRITE_KEY, writeWorkspace } from '../support/workspace-file.ts';
import { type MalformedRequest, malformedRequest } from './malformed-requests.ts';
import { type RawAnswer, rawExchange } from './raw-exchange.ts';

const REQUESTS = Number(process.env.METAROUTER_PROVE_MALFORMED ?? 2_000);
const SEED = 20_261_121;
const SIDE_BY_SIDE = 16;
/** What memory is compared with: the heaps of this process have reached their working size by then, and stay there. */
const WARM_UP_REQUESTS = 10_000;
const CONTROL_EVERY = 50;
/** How much more memory may be resident after the requests than before. */
const MEMORY_GROWTH_MAX = 1.1;
/** Collecting garbage takes V8 that long when nothing presses it. */
const MEMORY_TIMEOUT_MS = 30_000;
/** What the door and the parser in front of it plan to answer. */
const PLANNED = [200, 201, 204, 207, 400, 404, 405, 408, 413, 415, 417, 429, 431];

test('whatever bytes come, each connection gets a planned answer with its reason, and memory comes back', {
  timeout: 600_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using server = await startServer({
    workspace: await writeWorkspace(directory.path, { platform: 'analytics.js' }),
    data: `${directory.path}/data`,
  });
  const requests = fc.sample(malformedRequest, { seed: SEED, numRuns: WARM_UP_REQUESTS + REQUESTS });
  const statuses = new Map<number, number>();
  const wrong: string[] = [];

  const send = async (request: MalformedRequest, index: number) => {
    if (index % CONTROL_EVERY === 0) await expectControl(server, index);
    const answer = await rawExchange(server.port, request.bytes);
    const { status, body } = answer;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const fault = faultIn(request, answer);
    if (fault !== undefined)
      wrong.push(`${fault}: ${request.bytes.toString('latin1', 0, 300)} → ${status} ${body}`);
  };
  await sideBySide(requests.slice(0, WARM_UP_REQUESTS), send);
  const before = await residentBytes(server.pid);
  await sideBySide(requests.slice(WARM_UP_REQUESTS), send);

  expect(wrong.slice(0, 5), `${wrong.length} wrong answers`).toEqual([]);
  await eventually(
    () => `memory back to within 10 % of ${before} bytes`,
    async () => (await residentBytes(server.pid)) <= before * MEMORY_GROWTH_MAX,
    MEMORY_TIMEOUT_MS,
  );
  await expectControl(server, 0);
  expect(server.output()).not.toMatch(/"level":"(error|fatal)"/);
  // The generator must reach the whole of the door: without these it would prove less than it says.
  expect([200, 201, 207, 400, 404, 405, 413, 415, 431].filter((status) => !statuses.has(status))).toEqual([]);
  console.log(
    `${requests.length} malformed requests: ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`,
  );
});

/** What is not as it should be in an answer. */
function faultIn({ method }: MalformedRequest, { status, body, gaveUp }: RawAnswer): string | undefined {
  if (status === 0) return gaveUp ? undefined : 'no answer';
  if (!PLANNED.includes(status)) return 'not a planned answer';
  if (status < 400 || method === 'HEAD') return undefined;
  return reasonIn(body) ? undefined : 'no reason';
}

/** The reason in an error body, which has the documented keys and those that SDKs read. */
function reasonIn(body: string): string | undefined {
  const parsed: unknown = JSON.parse(body);
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  if (!('Error' in parsed || 'Errors' in parsed)) return undefined;
  return 'message' in parsed && typeof parsed.message === 'string' ? parsed.message : undefined;
}

/** A good request in the middle of all this, which must be taken in. */
async function expectControl({ url }: ServerProcess, index: number): Promise<void> {
  const answer = await fetch(`${url}/v1/track`, {
    method: 'POST',
    body: JSON.stringify({
      writeKey: WRITE_KEY,
      userId: 'u',
      event: 'Control',
      messageId: `control-${index}`,
    }),
  });
  expect([answer.status, await answer.text()]).toEqual([200, '{"success":true}']);
}

async function sideBySide(
  requests: readonly MalformedRequest[],
  send: (request: MalformedRequest, index: number) => Promise<void>,
): Promise<void> {
  const left = requests.entries();
  const work = async () => {
    for (const [index, request] of left) await send(request, index);
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
}
