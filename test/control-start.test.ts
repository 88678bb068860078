import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type Houston, houston } from './support/houston.ts';
import { outboxOf } from './support/outbox.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { launchServer, startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { track } from './support/track.ts';

/** What the product promises of a change. */
const IN_FORCE_WITHIN_MS = 5_000;
const MAILED_WITHIN_MS = 10_000;
const ENDS_WITHIN_MS = 20_000;

const OWNER = { METAROUTER_OWNER_EMAIL: 'ada@example.com', METAROUTER_OWNER_PASSWORD: 'analytical engine' };

const SET_UP = `mutation ($token: String!) {
  setUp(token: $token, email: "ada@example.com", password: "analytical engine", organization: "Engines") {
    success code token
  }
}`;

/** The tokens of all set-up links that a server has printed. */
function setUpTokens(output: string): readonly string[] {
  return [...output.matchAll(/http:\S+\/setup\?token=(\S+)/g)].map(([, token = '']) => token);
}

/** Signs in, about the one organization that there is. */
async function signIn(api: Houston): Promise<void> {
  const { createToken } = await api.ask(`mutation {
    createToken(username: "ada@example.com", password: "analytical engine") { success message token }
  }`);
  expect(createToken).toMatchObject({ success: true });
  api.headers.authorization = createToken.token;
  const { organizations } = await api.ask('{ organizations { id name } }');
  expect(organizations).toHaveLength(1);
  api.headers.organization = organizations[0].id;
}

test('the set-up link is printed once, makes the owner once, and is dead afterwards, also after a restart', async () => {
  await using directory = await temporaryDirectory();
  const options = { data: directory.path };
  const server = await startServer(options);
  const [token = '', ...others] = setUpTokens(server.output());
  expect(token).not.toBe('');
  expect(others).toEqual([]);
  const api = houston(server.url);
  expect((await api.ask(SET_UP, { token: `${token}x` })).setUp).toMatchObject({ success: false });
  expect((await api.ask(SET_UP, { token })).setUp).toMatchObject({ success: true });
  expect((await api.ask(SET_UP, { token })).setUp).toMatchObject({ success: false, code: 'NOT_FOUND' });
  expect((await server.stop()).code, server.output()).toBe(0);

  await using again = await startServer(options);
  expect(setUpTokens(again.output())).toEqual([]);
  const later = houston(again.url);
  expect((await later.ask(SET_UP, { token })).setUp).toMatchObject({ success: false, code: 'NOT_FOUND' });
  await signIn(later);
});

test('somebody whom the workspace file names is invited by mail, and only once', async () => {
  await using directory = await temporaryDirectory();
  const users = [{ email: 'ford@example.com', role: 'owner' }];
  const workspace = join(directory.path, 'workspace.yaml');
  await writeFile(workspace, JSON.stringify({ version: 1, organizations: [{ name: 'Acme', users }] }));
  const options = { workspace, data: join(directory.path, 'data') };
  const mails = () => outboxOf(options.data);
  const server = await startServer(options);
  await eventually('mailed', async () => (await mails()).length > 0, MAILED_WITHIN_MS);
  const link = `${server.url}/invitation?token=`;
  expect(await mails()).toMatchObject([
    { to: 'ford@example.com', subject: expect.stringContaining('Acme'), text: expect.stringContaining(link) },
  ]);
  // Nobody has opened it yet, so whoever runs the server may still make the first account.
  expect(setUpTokens(server.output())).toHaveLength(1);
  expect((await server.stop()).code, server.output()).toBe(0);

  const again = await startServer(options);
  expect((await again.stop()).code, again.output()).toBe(0);
  expect(await mails()).toHaveLength(1);
});

test('a source that is made through the API takes an event, and a pipeline delivers it within 5 s of being saved', async () => {
  await using directory = await temporaryDirectory();
  await using receiver = await startRecordingReceiver();
  await using server = await startServer({ data: directory.path, environment: OWNER });
  expect(setUpTokens(server.output())).toEqual([]);
  const api = houston(server.url);
  await signIn(api);
  const orgId = api.headers.organization;

  const { createApplication } = await api.ask(
    `mutation ($orgId: ID!) {
      createApplication(name: "Website", platform: "server", orgId: $orgId) { success id }
    }`,
    { orgId },
  );
  const appId = createApplication.id;
  await eventually(
    'accepted',
    async () => (await track(server.url, 'first', appId)).status === 200,
    IN_FORCE_WITHIN_MS,
  );

  const { clickstreamPrototypes } = await api.ask('{ clickstreamPrototypes(code: "webhooks") { id } }');
  const { createConnection } = await api.ask(
    `mutation ($orgId: ID!, $prototype: ID!, $details: JSON!) {
      createConnection(
        integrationCode: "webhooks", name: "hooks", orgId: $orgId, connectionPrototypeId: $prototype, details: $details
      ) { success message id }
    }`,
    { orgId, prototype: clickstreamPrototypes[0].id, details: { urls: [receiver.url] } },
  );
  const { createIntegration } = await api.ask(
    `mutation ($appId: String!, $connectionId: ID!) {
      createIntegration(integrationCode: "webhooks", name: "Hooks", appId: $appId, connectionId: $connectionId) {
        success message id
      }
    }`,
    { appId, connectionId: createConnection.id },
  );
  expect(createIntegration).toMatchObject({ success: true });
  const savedAt = performance.now();
  let sent = 0;
  const arrives = async () => {
    sent += 1;
    await track(server.url, `event ${sent}`, appId);
    return receiver.delivered.size > 0;
  };
  await eventually('delivered', arrives, IN_FORCE_WITHIN_MS);
  const tookMs = performance.now() - savedAt;
  process.stdout.write(`a pipeline of the API delivered ${Math.round(tookMs)} ms after it was saved\n`);

  const { updateApplication } = await api.ask(
    `mutation ($appId: String!) { updateApplication(appId: $appId, enabled: false) { success } }`,
    { appId },
  );
  expect(updateApplication.success).toBe(true);
  await eventually(
    'refused',
    async () => (await track(server.url, 'late', appId)).status === 400,
    IN_FORCE_WITHIN_MS,
  );
  expect((await server.stop()).code, server.output()).toBe(0);
});

test('a workspace file that contradicts what is stored stops the start with the remedy, and changes nothing', async () => {
  await using directory = await temporaryDirectory();
  const workspace = join(directory.path, 'workspace.yaml');
  const write = (name: string) => {
    const sources = [{ name: 'Website', platform: 'server', writeKey: 'website' }];
    return writeFile(workspace, JSON.stringify({ version: 1, organizations: [{ name, sources }] }));
  };
  const options = { workspace, data: join(directory.path, 'data') };
  await write('Acme');
  const server = await startServer(options);
  await server.stop();
  await write('Renamed');
  await using refused = await launchServer(options);
  await eventually('ended', () => refused.output().includes('did not start'), ENDS_WITHIN_MS);
  expect((await refused.exit).code).toBe(1);
  expect(refused.output()).toContain(
    "The write key of the source 'Website' belongs to another organization.",
  );
  await write('Acme');
  await using again = await startServer(options);
  expect((await track(again.url, 'one', 'website')).status).toBe(200);
});

test('what answers GraphQL is loaded with the first request, and not by a server that only takes events', async () => {
  await using directory = await temporaryDirectory();
  const nodeFlags = ['--import', new URL('./support/graphql-watch.ts', import.meta.url).href];
  await using server = await startServer({ data: directory.path, nodeFlags });
  await track(server.url, 'one');
  expect(server.output()).not.toContain('GraphQL is loaded');
  await houston(server.url).ask('{ __typename }');
  expect(server.output()).toContain('GraphQL is loaded');
});
