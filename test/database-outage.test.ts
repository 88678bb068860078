import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  administer,
  findPostgres,
  postgresUrl,
  startPostgres,
} from '../packages/server/src/store/postgres-server.fixture.ts';
import { eventually } from './support/eventually.ts';
import { type Houston, houston } from './support/houston.ts';
import { writePipelines } from './support/pipelines-file.ts';
import { describeWith } from './support/real-part.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { track } from './support/track.ts';

/** What the product promises: so long after the database is back, the API works again. */
const BACK_WITHIN_MS = 10_000;
const SETTLE_TIMEOUT_MS = 10_000;
const OWNER = { METAROUTER_OWNER_EMAIL: 'ada@example.com', METAROUTER_OWNER_PASSWORD: 'analytical engine' };
const SIGN_IN = `mutation {
  createToken(username: "ada@example.com", password: "analytical engine") { success code token }
}`;

const found = findPostgres();

const installed = 'missing' in found ? undefined : found.directory;

describeWith('Without a database', 'PostgreSQL', installed, () => {
  test('events are taken and delivered, also by a server that starts then, and the API comes back by itself', {
    timeout: 120_000,
  }, async () => {
    await using directory = await temporaryDirectory();
    await using opened = new AsyncDisposableStack();
    if ('missing' in found) throw new Error(found.missing);
    const postgres = await startPostgres(found);
    opened.defer(() => postgres.stop());
    const receiver = opened.use(await startRecordingReceiver());
    const options = await optionsOf(directory.path, receiver, postgres);
    const isDelivered = (url: string, messageId: string) => deliver(receiver, url, messageId);
    const first = opened.use(await startServer(options));
    const api = houston(first.url);
    const { createToken } = await api.ask(SIGN_IN);
    await isDelivered(first.url, 'with the database');

    await postgres.halt();
    await isDelivered(first.url, 'without it');
    expect(await statusOf(first.url, createToken.token)).toBe(503);
    expect((await api.ask(SIGN_IN)).createToken).toMatchObject({ success: false, code: 'UNAVAILABLE' });
    expect((await first.stop()).code, first.output()).toBe(0);

    const second = opened.use(await startServer(options));
    await isDelivered(second.url, 'after a start without it');
    expect(await statusOf(second.url, createToken.token)).toBe(503);

    await postgres.resume();
    const backAt = performance.now();
    const works = async () => (await statusOf(second.url, createToken.token)) === 200;
    await eventually(() => `the API works\n${second.output()}`, works, BACK_WITHIN_MS);
    process.stdout.write(`the API works ${Math.round(performance.now() - backAt)} ms after the database\n`);
    await changeSource(houston(second.url), createToken.token);
    await eventually(
      'refused',
      async () => (await track(second.url, 'disabled')).status === 400,
      SETTLE_TIMEOUT_MS,
    );
    expect(second.output()).not.toContain('Please report it');
    expect((await second.stop()).code, second.output()).toBe(0);
  });
});

describeWith('With a database that can only be read, as after a failover', 'PostgreSQL', installed, () => {
  test('changes are refused as unavailable, reads and events go on, also in a server that starts then, and changes come back by themselves', {
    timeout: 120_000,
  }, async () => {
    await using directory = await temporaryDirectory();
    await using opened = new AsyncDisposableStack();
    if ('missing' in found) throw new Error(found.missing);
    const postgres = await startPostgres(found);
    opened.defer(() => postgres.stop());
    const setReadOnly = async (isReadOnly: boolean) => {
      const setting = isReadOnly ? 'on' : 'off';
      await administer(postgres.directory, `alter system set default_transaction_read_only = ${setting}`);
      await administer(postgres.directory, 'select pg_reload_conf()');
    };
    const receiver = opened.use(await startRecordingReceiver());
    const options = await optionsOf(directory.path, receiver, postgres);
    const isDelivered = (url: string, messageId: string) => deliver(receiver, url, messageId);
    const first = opened.use(await startServer(options));
    const api = houston(first.url);
    const { createToken } = await api.ask(SIGN_IN);
    api.headers.authorization = createToken.token;
    const { organizations } = await api.ask('{ organizations { id } }');
    api.headers.organization = organizations[0].id;
    const rename = async (name: string) => {
      const mutation = `mutation { updateApplication(appId: "ILoveData123", name: "${name}") { success code } }`;
      return (await api.ask(mutation)).updateApplication;
    };
    expect(await rename('Before')).toMatchObject({ success: true });

    await setReadOnly(true);
    const refused = async () => (await rename('Meanwhile')).code === 'UNAVAILABLE';
    await eventually('told to the server', refused, SETTLE_TIMEOUT_MS);
    expect((await api.ask('{ applications { name } }')).applications).toEqual([{ name: 'Before' }]);
    await isDelivered(first.url, 'while it can only be read');

    expect((await first.stop()).code, first.output()).toBe(0);
    const second = opened.use(await startServer(options));
    await isDelivered(second.url, 'after a start while it can only be read');

    await setReadOnly(false);
    await eventually(
      () => `the API works\n${second.output()}`,
      async () => (await statusOf(second.url, createToken.token)) === 200,
      BACK_WITHIN_MS,
    );
    await changeSource(houston(second.url), createToken.token);
    for (const { output } of [first, second]) expect(output()).not.toContain('Please report it');
  });
});

/** What a server is started with whose configuration is in this database, and whose events go to this receiver. */
async function optionsOf(
  directory: string,
  receiver: { readonly url: string },
  postgres: { readonly directory: string },
) {
  const workspace = await writePipelines(directory, {
    pipelines: [{ name: 'hook', details: { urls: [receiver.url] } }],
  });
  const environment = { ...OWNER, METAROUTER_DATABASE_URL: postgresUrl(postgres.directory, 'postgres') };
  return { workspace, data: join(directory, 'data'), environment };
}

/** Sends an event and waits for it at the receiver. */
async function deliver(
  receiver: { readonly delivered: ReadonlySet<string> },
  url: string,
  messageId: string,
): Promise<void> {
  expect((await track(url, messageId)).status).toBe(200);
  await eventually(messageId, () => receiver.delivered.has(messageId), SETTLE_TIMEOUT_MS);
}

/** The status of a request by whoever the token is of. */
async function statusOf(url: string, token: string): Promise<number> {
  const headers = { 'content-type': 'application/json', authorization: token };
  const body = JSON.stringify({ query: '{ me { email } }' });
  return (await fetch(`${url}/graphql`, { method: 'POST', headers, body })).status;
}

/** Switches the source of the workspace file off. */
async function changeSource(api: Houston, token: string): Promise<void> {
  api.headers.authorization = token;
  const { organizations } = await api.ask('{ organizations { id } }');
  api.headers.organization = organizations[0].id;
  const { updateApplication } = await api.ask(
    'mutation { updateApplication(appId: "ILoveData123", enabled: false) { success message } }',
  );
  expect(updateApplication).toMatchObject({ success: true });
}
