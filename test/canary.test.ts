import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DESTINATIONS } from '@metarouter/destinations';
import { expect, test } from 'vitest';
import {
  canariesIn,
  canary,
  detailsWithCanaries,
} from '../packages/server/src/control/isolation/canary.fixture.ts';
import { databaseUrlFor } from '../packages/server/src/store/test-database.fixture.ts';
import { eventually } from './support/eventually.ts';
import { freePort } from './support/free-port.ts';
import { houston } from './support/houston.ts';
import { outboxOf } from './support/outbox.ts';
import { launchServer, startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { track } from './support/track.ts';

const OWNER = 'owner@example.com';
/** Longer than it takes until an event is refused by all who get it. */
const REFUSED_WITHIN_MS = 15_000;
/** Longer than it takes to read a workspace file again. */
const TOLD_WITHIN_MS = 10_000;

/** Refuses everything, and says in its answer all that it was sent, as some servers do when they are debugged. */
async function startTalkativeReceiver() {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    response.writeHead(400).end(JSON.stringify({ got: request.headers, body }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Every file under a directory, with its bytes. */
async function filesUnder(directory: string): Promise<readonly (readonly [path: string, bytes: Buffer])[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  return Promise.all(paths.map(async (path) => [path, await readFile(path)] as const));
}

test('a secret that was given to the server is in no answer, no log, no metric, no trace and no file', {
  timeout: 120_000,
}, async () => {
  await using directory = await temporaryDirectory();
  await using receiver = await startTalkativeReceiver();
  const nobody = await freePort();
  const environment = {
    METAROUTER_OWNER_EMAIL: OWNER,
    METAROUTER_OWNER_PASSWORD: canary(1),
    METAROUTER_SECRET_KEY: `${canary(2)} and some more words`,
    METAROUTER_SMTP_URL: `smtp://mailer:${canary(3)}@127.0.0.1:${nobody}`,
    METAROUTER_LOG_LEVEL: 'debug',
  };
  await using server = await startServer({ data: directory.path, environment });
  const answers: string[] = [];
  const api = houston(server.url);
  const ask: typeof api.ask = async (query, variables) => {
    const data = await api.ask(query, variables);
    answers.push(JSON.stringify(data));
    return data;
  };

  // Not through `ask`: this answer has the token in it.
  const { createToken } = await api.ask(
    'mutation ($username: String!, $password: String!) { createToken(username: $username, password: $password) { token } }',
    { username: OWNER, password: canary(1) },
  );
  api.headers.authorization = createToken.token;
  const { organizations } = await ask('{ organizations { id } }');
  const orgId = organizations[0].id;
  api.headers.organization = orgId;
  const { createApplication } = await ask(
    'mutation ($orgId: ID!) { createApplication(name: "Website", platform: "analytics.js", orgId: $orgId) { id } }',
    { orgId },
  );
  const appId = createApplication.id;
  const { clickstreamPrototypes } = await ask('{ clickstreamPrototypes { id code } }');

  const pipelines: string[] = [];
  let number = 10;
  for (const destination of DESTINATIONS.values()) {
    // The second one is to an address where nobody listens.
    for (const url of [receiver.url, `http://127.0.0.1:${nobody}`]) {
      const made = await ask(
        `mutation ($code: String!, $prototype: ID!, $details: JSON!, $name: String!, $orgId: ID!) {
          createConnection(
            integrationCode: $code, connectionPrototypeId: $prototype, details: $details, name: $name, orgId: $orgId
          ) { success message id }
        }`,
        {
          code: destination.code,
          prototype: clickstreamPrototypes.find(({ code }: { code: string }) => code === destination.code).id,
          details: detailsWithCanaries(destination, number++, url),
          name: `${destination.code} ${url}`,
          orgId,
        },
      );
      expect(made.createConnection).toMatchObject({ success: true });
      const connectionId = made.createConnection.id;
      const { createIntegration } = await ask(
        `mutation ($appId: String!, $code: String!, $connectionId: ID!) {
          createIntegration(appId: $appId, integrationCode: $code, connectionId: $connectionId, name: $code) { success message id }
        }`,
        { appId, code: destination.code, connectionId },
      );
      expect(createIntegration).toMatchObject({ success: true });
      pipelines.push(createIntegration.id);
      await ask('mutation ($id: ID!) { testConnection(connectionId: $id) { success message } }', {
        id: connectionId,
      });
      await ask('query ($id: ID!) { connection(connectionId: $id) { name details secretsSet } }', {
        id: connectionId,
      });
    }
  }

  await expect
    .poll(async () => (await track(server.url, 'first', appId)).status, { timeout: 10_000 })
    .toBe(200);
  const trace = `query ($appId: String!) {
    event(appId: $appId, messageId: "first") {
      event pipelines {
        integrationCode outcome reason answer requests { method url body } notes
        exchanges { request { method url body } status reason answer }
      }
    }
  }`;
  const refused = async () => {
    const { event } = await ask(trace, { appId });
    const outcomes = (event?.pipelines ?? []).map(({ outcome }: { outcome: string }) => outcome);
    return outcomes.filter((outcome: string) => outcome === 'dead').length;
  };
  // Webhooks and Customer.io, each once.
  await expect.poll(refused, { timeout: REFUSED_WITHIN_MS }).toBe(2);
  for (const integrationId of pipelines) {
    await ask(
      `query ($integrationId: ID!, $event: JSON!) {
        preview(integrationId: $integrationId, event: $event) { outcome reason method url body notes }
        deadLetters(integrationId: $integrationId) { nodes { reason answer event } }
        deadLetterReasons(integrationId: $integrationId) { reason }
      }`,
      { integrationId, event: { type: 'track', event: 'Tea Made', userId: 'arthur' } },
    );
    await ask('mutation ($id: ID!) { redeliver(integrationId: $id) { success message } }', {
      id: integrationId,
    });
  }
  await ask(
    `query ($orgId: ID!, $appId: String!) {
      auditLog(orgId: $orgId, first: 200) { nodes { actor action target targetName details } }
      apiKeys(orgId: $orgId) { name beginning }
      events(appId: $appId) { nodes { text details } }
      clickstreamConfigs(appId: $appId) { configPayload }
    }`,
    { orgId, appId },
  );
  // The talkative receiver's answers were kept, or it would be no wonder that nothing is in them.
  expect(answers.join()).toContain('[secret]');
  await ask('mutation ($email: String!) { requestPasswordReset(email: $email) { success } }', {
    email: OWNER,
  });
  const { createApiKey } = await api.ask(
    'mutation ($orgId: ID!) { createApiKey(orgId: $orgId, name: "Deploys", role: OWNER) { key } }',
    { orgId },
  );
  for (const path of ['/metrics', '/explorer', `/v1/projects/${appId}/settings`])
    answers.push(await (await fetch(`${server.url}${path}`)).text());
  await server.stop();

  expect(answers.flatMap(canariesIn)).toEqual([]);
  expect(canariesIn(server.output())).toEqual([]);
  const files = await filesUnder(directory.path);
  // PostgreSQL's rows are in no file of ours: the tests of `control/isolation/` look into them.
  const isOnPostgres = (await databaseUrlFor(directory.path)) !== undefined;
  expect(files.map(([path]) => path).join()).toContain(isOnPostgres ? 'configuration.sealed' : 'control.db');
  for (const [path, bytes] of files) expect(canariesIn(bytes), path).toEqual([]);

  // What nobody could send waited until the end, and is a file now; the link in it is in no other one.
  const tokens = (await outboxOf(directory.path)).flatMap(
    ({ text }) => /token=([\w-]+)/.exec(text)?.[1] ?? [],
  );
  expect(tokens).toHaveLength(1);
  for (const secret of [createToken.token, createApiKey.key, ...tokens]) {
    expect(answers.join().includes(secret)).toBe(false);
    expect(server.output().includes(secret)).toBe(false);
    for (const [path, bytes] of files)
      expect(!path.includes('outbox') && bytes.includes(secret), path).toBe(false);
  }
});

test.each([
  [
    'the database cannot be reached',
    { METAROUTER_DATABASE_URL: `postgres://router:${canary(4)}@127.0.0.1:1/router` },
  ],
  ['the database has no address', { METAROUTER_DATABASE_URL: `postgres:/router:${canary(5)}@` }],
  ['the mail server has no address', { METAROUTER_SMTP_URL: `smtp:/mailer:${canary(6)}@` }],
  ['the secret key is too short', { METAROUTER_SECRET_KEY: canary(7) }],
  ['the first owner has no address', { METAROUTER_OWNER_PASSWORD: canary(8) }],
])('when %s, the server says so without the secret in it', async (_, environment) => {
  await using directory = await temporaryDirectory();
  await using server = await launchServer({ data: directory.path, environment });
  expect((await server.exit).code).not.toBe(0);
  expect(server.output()).not.toBe('');
  expect(canariesIn(server.output())).toEqual([]);
  for (const [path, bytes] of await filesUnder(directory.path)) expect(canariesIn(bytes), path).toEqual([]);
});

/** A workspace file with a connection to each destination. */
async function writeSecrets(path: string, details: (code: string) => Readonly<Record<string, unknown>>) {
  const connections = [...DESTINATIONS.keys()].map((code) => {
    return { name: code, destination: code, details: details(code) };
  });
  const organization = { name: 'Acme', connections, sources: [] };
  await writeFile(path, JSON.stringify({ version: 1, organizations: [organization] }));
}

test('what a workspace file says of secrets stays in it, also when it cannot be used', async () => {
  await using directory = await temporaryDirectory();
  const workspace = join(directory.path, 'workspace.yaml');
  const data = join(directory.path, 'data');
  const detailsOf = (code: string) => {
    const destination = DESTINATIONS.get(code);
    return destination === undefined ? {} : detailsWithCanaries(destination, 9);
  };
  await writeSecrets(workspace, detailsOf);
  await using server = await startServer({ workspace, data });
  const broken = (value: unknown) => (code: string) =>
    Object.fromEntries(Object.keys(detailsOf(code)).map((name) => [name, value]));
  for (const value of [`${canary(30)} with a space`, { authorization: [canary(31)] }, [[canary(32)]]]) {
    const before = server.output().length;
    await writeSecrets(workspace, broken(value));
    server.child.kill('SIGHUP');
    const isTold = () => server.output().slice(before).includes('has faults');
    await eventually('a complaint', isTold, TOLD_WITHIN_MS);
    await using late = await launchServer({ workspace, data: join(directory.path, 'other') });
    expect((await late.exit).code).not.toBe(0);
    expect(canariesIn(late.output())).toEqual([]);
  }
  await server.stop();
  expect(canariesIn(server.output())).toEqual([]);
  for (const [path, bytes] of await filesUnder(data)) expect(canariesIn(bytes), path).toEqual([]);
});
