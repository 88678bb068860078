import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { ledgerOf } from './support/metrics.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { writeWorkspace } from './support/workspace-file.ts';

const PAGE = fileURLToPath(new URL('../docs/custom-events.md', import.meta.url));
const TIMEOUT_MS = 20_000;

/** The requests that a page's curl commands make: where to, with which headers, and what. */
function curlsIn(page: string) {
  return [...page.matchAll(/^curl '?http:\/\/[^/]+(\/[^' ]*)'? \\\n([^`]*)/gm)].map(
    ([, target, options = '']) => ({
      target,
      headers: [...options.matchAll(/-H '([^:]+): ([^']*)'/g)].map(
        ([, name = '', value = '']): [string, string] => [name, value],
      ),
      body: /-d '([^']*)'/.exec(options)?.[1] ?? '',
    }),
  );
}

test("the page's examples are answered and delivered as the page says", { timeout: 90_000 }, async () => {
  const page = await readFile(PAGE, 'utf8');
  const [, shown = ''] = /^```json\n(.*?)^```$/ms.exec(page) ?? [];
  const examples = curlsIn(page);
  expect(examples).toHaveLength(3);
  await using receiver = await startRecordingReceiver();
  await using directory = await temporaryDirectory();
  const workspace = await writeWorkspace(directory.path, { platform: 'analytics.js', hooks: [receiver.url] });
  await using server = await startServer({ workspace, data: `${directory.path}/data` });

  const { event, success } = JSON.parse(shown);
  const eventID = expect.stringMatching(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const wholeSeconds = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  for (const { target, headers, body } of examples) {
    const answer = await fetch(server.url + target, { method: 'POST', headers, body });
    expect(answer.status).toBe(201);
    const _metarouter = { ...event._metarouter, eventID, timestamp: wholeSeconds };
    expect(await answer.json()).toEqual({ event: { ...event, _metarouter }, success });
  }

  await eventually('counted', async () => (await ledgerOf(server.url)).pending === 0, TIMEOUT_MS);
  expect(await ledgerOf(server.url)).toMatchObject({ accepted: 3, delivered: 3 });
  const metadata = { ...event._metarouter, eventID, timestamp: expect.any(String), ip: '127.0.0.1' };
  expect(receiver.deliveries.map((delivery) => delivery.event)).toEqual(
    examples.map(() => ({ ...event, _metarouter: metadata, _mrSchema: metadata })),
  );
});
