import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { networkInterfaces } from 'node:os';
import { expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/free-port.ts';
import { ledgersOn, metricsPage } from './support/metrics.ts';
import { launchServer, type ServerProcess, startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { track } from './support/track.ts';
import { writeWorkspace } from './support/workspace-file.ts';

const TIMEOUT_MS = 20_000;
const EVENTS = 3;

/** A program of the operator's own, on all addresses of this machine. It counts who comes. */
async function startInternal(answer: RequestListener = (_, response) => response.end()) {
  const server = createServer(answer);
  let connections = 0;
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '::');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The listener has no port');
  return {
    port: address.port,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** What a line of the log says of a pipeline; other lines are left out. */
function linesAbout(server: ServerProcess, pipeline: string): readonly Readonly<Record<string, unknown>>[] {
  return server
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line))
    .filter(({ name }) => name === pipeline);
}

/** URLs that lead to this machine, to its neighbours, or to a platform's own doors. */
const insideUrls = (port: number): readonly string[] => [
  `http://127.0.0.1:${port}/`,
  `https://127.0.0.1:${port}/`,
  `HTTP://127.1:${port}`,
  `http://2130706433:${port}/`,
  `http://0x7f000001:${port}/`,
  `http://0x7F.0x0.0x1:${port}/`,
  `http://017700000001:${port}/`,
  `http://0177.0.0x0.1:${port}/`,
  `http://127.0.0.1.:${port}/`,
  `http://①②⑦.⓪.⓪.①:${port}/`,
  `http://127。0。0。1:${port}/`,
  `http://%31%32%37.0.0.1:${port}/`,
  `http://\\127.0.0.1:${port}/`,
  `http://0:${port}/`,
  `http://0.0.0.0:${port}/`,
  `http://[::]:${port}/`,
  `http://[::1]:${port}/`,
  `http://[0:0:0:0:0:0:0:1]:${port}/`,
  `http://[::ffff:127.0.0.1]:${port}/`,
  `http://[::ffff:7f00:1]:${port}/`,
  `http://[::127.0.0.1]:${port}/`,
  `http://[::ffff:0:127.0.0.1]:${port}/`,
  `http://[64:ff9b::127.0.0.1]:${port}/`,
  `http://[2002:7f00:1::]:${port}/`,
  `http://[2001:0:7f00:1::]:${port}/`,
  `http://[::1%25lo]:${port}/`,
  `http://[fe80::1%25lo]:${port}/`,
  `http://localhost:${port}/`,
  `https://LOCALHOST:${port}/`,
  ...ownAddresses().map((address) => `http://${address}:${port}/`),
  'http://169.254.169.254/latest/meta-data/',
  'http://[::ffff:a9fe:a9fe]/latest/meta-data/',
  'http://[fd00:ec2::254]/latest/meta-data/',
  'http://168.63.129.16/metadata/instance',
  'http://100.100.100.200/latest/meta-data/',
  'http://127.0.0.1:22/',
  'http://127.0.0.1:25/',
  'http://127.0.0.1:0/',
  'http://127.0.0.1:65536/',
];

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces())
    .flatMap((infos) => infos ?? [])
    .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address));
}

test('no URL of a webhook reaches inside: its pipeline waits with its events, and the log says why', async () => {
  await using directory = await temporaryDirectory();
  await using internal = await startInternal();
  const hooks = insideUrls(internal.port);
  const workspace = await writeWorkspace(directory.path, { hooks });
  await using server = await startServer({ workspace, data: `${directory.path}/data`, allowPrivate: [] });
  for (let index = 0; index < EVENTS; index += 1) {
    expect(await track(server.url, `m-${index}`)).toMatchObject({ status: 200 });
  }

  for (const [index, hook] of hooks.entries()) {
    const said = () => linesAbout(server, `hook ${index + 1}`);
    await eventually(`a word about ${hook}`, () => said().length > 0, TIMEOUT_MS);
    expect(said(), hook).toMatchObject([
      {
        level: 'warn',
        msg: expect.stringContaining('it is paused. Its events are kept'),
        reason: expect.stringMatching(
          /^not sent: (it leads to an address that is neither public nor opened with --allow-private|port \d+ is not for destinations|not an http or https URL)/,
        ),
      },
    ]);
  }
  const ledgers = [...ledgersOn(await metricsPage(server.url)).values()];
  const waiting = { accepted: EVENTS, delivered: 0, filtered: 0, dead: 0, pending: EVENTS };
  expect(ledgers).toEqual(hooks.map(() => waiting));
  expect(internal.connections()).toBe(0);
});

test('what is no web address, or hides where it leads, stops the start with file, place and reason', async () => {
  const hooks = [
    'file:///etc/passwd',
    'gopher://127.0.0.1/_x',
    'ftp://127.0.0.1/',
    'data:text/plain,x',
    'unix:/run/x.sock',
    'http+unix://%2Frun%2Fx.sock/',
    'javascript:alert(1)',
    '//127.0.0.1/',
    '127.0.0.1',
    'http://',
    'http:127.0.0.1',
    'http:///127.0.0.1/',
    'http://example.com@127.0.0.1/',
    'http://user:word@127.0.0.1/',
    'http://example.com\\@127.0.0.1/',
    'http://127.0.0.1 /',
    'http://127.0.0.1\r\nhost: example.com/',
    ' http://127.0.0.1/',
  ];
  await using directory = await temporaryDirectory();
  const workspace = await writeWorkspace(directory.path, { hooks });
  await using server = await launchServer({ workspace, data: `${directory.path}/data` });
  expect(await server.exit).toMatchObject({ code: 1 });
  const lines = server.output().split('\n');
  for (const [index, hook] of hooks.entries()) {
    const place = ` organizations[0].connections[${index}].details.urls[0]: `;
    const complaint = lines.find((line) => line.includes(place));
    expect(complaint, hook).toContain(workspace);
    expect(complaint, hook).toContain('must be an http or https URL without user name and password');
  }
});

test('a redirect is not followed, and its pipeline tries again; the own port is not reached', async () => {
  await using directory = await temporaryDirectory();
  await using internal = await startInternal();
  const port = await freePort();
  const targets = [
    `http://[::1]:${internal.port}/`,
    `http://127.0.0.1:${internal.port}/`,
    `//127.0.0.1:${internal.port}/`,
    'file:///etc/passwd',
  ];
  const redirects = [301, 302, 303, 307, 308].flatMap((status) =>
    targets.map((location) => ({ status, location })),
  );
  const asked = new Set<string>();
  await using outside = await startInternal(({ url = '' }, response) => {
    asked.add(url);
    const { status, location } = redirects[Number(url.slice(1))] ?? { status: 404, location: '' };
    response.writeHead(status, { location }).end();
  });
  const hooks = [
    ...redirects.map((_, index) => `http://127.0.0.1:${outside.port}/${index}`),
    `http://127.0.0.1:${port}/v1/track`,
    `http://localhost:${port}/v1/track`,
  ];
  const workspace = await writeWorkspace(directory.path, { hooks });
  await using server = await startServer({ workspace, data: `${directory.path}/data`, port });
  expect(await track(server.url, 'm-1')).toMatchObject({ status: 200 });

  await eventually('every redirect was met', () => asked.size === redirects.length, TIMEOUT_MS);
  for (const name of [`hook ${hooks.length - 1}`, `hook ${hooks.length}`]) {
    await eventually(`${name} paused`, () => linesAbout(server, name).length > 0, TIMEOUT_MS);
  }
  const ledgers = [...ledgersOn(await metricsPage(server.url)).values()];
  const waiting = { accepted: 1, delivered: 0, filtered: 0, dead: 0, pending: 1 };
  expect(ledgers).toEqual(hooks.map(() => waiting));
  expect(internal.connections()).toBe(0);
});
