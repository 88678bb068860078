import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { houston } from './support/houston.ts';
import { mailedLink } from './support/outbox.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { track } from './support/track.ts';

const EXAMPLE = fileURLToPath(new URL('../examples/first-pipeline.ts', import.meta.url));
/** What the product promises of a change. */
const IN_FORCE_WITHIN_MS = 5_000;

test('the documented mutations, with their keys and values, lead from a new account to a pipeline that delivers', async () => {
  await using directory = await temporaryDirectory();
  await using receiver = await startRecordingReceiver();
  await using server = await startServer({ data: directory.path });
  const api = houston(server.url);

  const { createNewUser } = await api.ask(`mutation {
    createNewUser(
      email: "someone@example.com"
      password: "password_string"
      profile: { firstName: "Someone", lastName: "New", company: "My Company" }
    ) { success message token decoded { id } }
  }`);
  expect(createNewUser).toMatchObject({ success: true, token: null, decoded: null });
  const link = await mailedLink(directory.path, 'someone@example.com');
  const { confirmEmail } = await api.ask(
    'mutation ($token: String!) { confirmEmail(token: $token) { success } }',
    {
      token: link.searchParams.get('token'),
    },
  );
  expect(confirmEmail.success).toBe(true);
  const { createToken } = await api.ask(`mutation createToken {
    createToken(username: "someone@example.com", password: "password_string") {
      success message token decoded { id }
    }
  }`);
  api.headers.authorization = createToken.token;

  const { createOrganization } = await api.ask(
    `mutation ($userId: ID) {
      createOrganization(name: "Human-friendly Organization Name", userId: $userId) { success message id }
    }`,
    { userId: createToken.decoded.id },
  );
  const orgId = createOrganization.id;
  api.headers.organization = orgId;
  const { createApplication } = await api.ask(
    `mutation ($orgId: ID!) {
      createApplication(name: "Human-friendly Source Name", platform: "analytics.js", orgId: $orgId) {
        success message id
      }
    }`,
    { orgId },
  );
  const appId = createApplication.id;
  expect(appId).toHaveLength(21);

  const { clickstreamPrototypes } = await api.ask(`{
    clickstreamPrototypes { id code connectionPrototype { propertyName label type } configPrototype { propertyName type } }
  }`);
  const prototypeOf = (code: string) =>
    clickstreamPrototypes.find((prototype: { code: string }) => prototype.code === code);
  expect(prototypeOf('acquisio')).toMatchObject({
    connectionPrototype: [{ propertyName: 'apiKey', type: 'input' }],
    configPrototype: [{ propertyName: 'events', type: 'array' }],
  });

  const acquisio = await api.ask(`mutation {
    createConnection(
      integrationCode: "acquisio"
      details: { apiKey: "123" }
      name: "Friendly Connection Name"
      orgId: "${orgId}"
      connectionPrototypeId: "${prototypeOf('acquisio').id}"
    ) { success message id }
  }`);
  expect(acquisio.createConnection).toMatchObject({ success: true });
  const { createIntegration } = await api.ask(`mutation {
    createIntegration(
      appId: "${appId}"
      integrationCode: "acquisio"
      configPayload: { events: ["Order Completed"] }
      connectionId: "${acquisio.createConnection.id}"
      name: "Friendly Application Name"
    ) { success message id }
  }`);
  expect(createIntegration).toMatchObject({ success: true });

  const hooks = await api.ask(
    `mutation ($details: JSON!, $orgId: ID!, $prototype: ID!) {
      createConnection(
        integrationCode: "webhooks", details: $details, name: "hooks", orgId: $orgId, connectionPrototypeId: $prototype
      ) { success message id }
    }`,
    { details: { urls: [receiver.url] }, orgId, prototype: prototypeOf('webhooks').id },
  );
  const second = await api.ask(
    `mutation ($appId: String!, $connectionId: ID!) {
      createIntegration(
        appId: $appId, integrationCode: "webhooks", configPayload: {}, connectionId: $connectionId, name: "Everything"
      ) { success message id }
    }`,
    { appId, connectionId: hooks.createConnection.id },
  );
  expect(second.createIntegration).toMatchObject({ success: true });
  const saved = performance.now();
  let sent = 0;
  await eventually(
    'an event delivered through the new pipeline',
    async () => {
      await track(server.url, `after-saving-${sent++}`, appId);
      return receiver.deliveries.length > 0;
    },
    IN_FORCE_WITHIN_MS,
  );
  expect(performance.now() - saved).toBeLessThan(IN_FORCE_WITHIN_MS);

  const { ledger } = await api.ask(
    'query ($appId: String!) { ledger(appId: $appId) { integrationId filtered } }',
    {
      appId,
    },
  );
  expect(ledger).toHaveLength(2);
});

test('the example client leads from sign-up to a first event that arrives', async () => {
  await using directory = await temporaryDirectory();
  await using receiver = await startRecordingReceiver();
  await using server = await startServer({ data: directory.path });
  const client = spawn(process.execPath, [EXAMPLE, server.url, 'you@example.com', receiver.url], {
    env: { ...process.env, PASSWORD: 'correct horse' },
  });
  let said = '';
  for (const stream of [client.stdout, client.stderr]) stream.on('data', (text) => (said += text));
  const exit = once(client, 'exit');
  client.stdin.end(`${await mailedLink(directory.path, 'you@example.com')}\n`);
  expect([await exit, said]).toEqual([[0, null], expect.stringContaining('The first event: 200')]);
  await eventually('the first event', () => receiver.ofType('track') !== undefined, IN_FORCE_WITHIN_MS);
});
