import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { eventually } from './support/eventually.ts';
import { type Houston, houston } from './support/houston.ts';
import { CONTRAST_MIN, LOWEST_CONTRAST } from './support/lowest-contrast.ts';
import { describeWith, installedProgram } from './support/real-part.ts';
import { type RecordingReceiver, startRecordingReceiver } from './support/recording-receiver.ts';
import { type ServerProcess, startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const EMAIL = 'you@example.com';
const PASSWORD = 'correct horse';
const PHONE_WIDTH = 360;

const browserPath = installedProgram('chromium', 'chromium-browser', 'google-chrome');

describeWith('The explorer in a browser', 'chromium', browserPath, (executablePath) => {
  const opened = new AsyncDisposableStack();
  let server: ServerProcess;
  let receiver: RecordingReceiver;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let origins: Set<string>;

  beforeAll(async () => {
    const { path: data } = opened.use(await temporaryDirectory());
    const environment = { METAROUTER_OWNER_EMAIL: EMAIL, METAROUTER_OWNER_PASSWORD: PASSWORD };
    server = opened.use(await startServer({ data, environment }));
    receiver = opened.use(await startRecordingReceiver());
    const args = ['--no-sandbox', '--disable-gpu'];
    browser = opened.adopt(await chromium.launch({ executablePath, args }), (it) => it.close());
  });
  afterAll(() => opened.disposeAsync());
  beforeEach(async () => {
    page = await browser.newPage();
    complaints = [];
    origins = new Set();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin);
    });
  });
  afterEach(() => page.close());

  const answer = (text: string) => page.locator('.result-window').getByText(text);
  const editor = 'document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror';

  async function open(path = '/explorer'): Promise<void> {
    await page.goto(`${server.url}${path}`);
    await page.waitForSelector('.graphiql-query-editor .CodeMirror');
  }

  async function signIn(): Promise<void> {
    await page.fill('[name=username]', EMAIL);
    await page.fill('[name=password]', PASSWORD);
    await page.click('#sign-in button');
    await page.waitForSelector('#ids:not([hidden])');
  }

  /** Opens the example with this name, and changes its text. */
  async function openExample(name: string, edit = (query: string) => query): Promise<void> {
    await page.locator('.graphiql-tab').getByText(name, { exact: true }).click();
    await page.locator('.graphiql-tab-active').getByText(name, { exact: true }).waitFor();
    const query = String(await page.evaluate(`${editor}.getValue()`));
    if (edit(query) !== query) await page.evaluate(`${editor}.setValue(${JSON.stringify(edit(query))})`);
    // It reads the name of the operation a moment after its text has changed.
    const isRead = () => page.evaluate(`${editor}.operationName === '${name}'`);
    await eventually('the name is read', async () => (await isRead()) === true, 5_000);
  }

  /** The same, and runs it, until this text is in the answer. */
  async function run(name: string, expected: string, edit?: (query: string) => string): Promise<void> {
    await openExample(name, edit);
    await page.click('.graphiql-execute-button');
    await answer(expected).first().waitFor();
  }

  /** An API of the owner's, as programs use it. */
  async function api(): Promise<Houston> {
    const asked = houston(server.url);
    const { createToken } = await asked.ask(
      'mutation ($username: String!, $password: String!) { createToken(username: $username, password: $password) { token } }',
      { username: EMAIL, password: PASSWORD },
    );
    asked.headers.authorization = createToken.token;
    return asked;
  }

  test('the examples lead from signing in to what became of an event, and no id has to be copied', async () => {
    await open();
    await signIn();
    await run('createOrganization', 'and you own it');
    await run('createApplication', 'Its Source ID is');
    await run('clickstreamPrototypes', 'connectionPrototype');
    const toReceiver = (query: string) => query.replace('https://example.com/hook', receiver.url);
    await run('createConnection', 'is stored', toReceiver);
    await run('createIntegration', 'is active');
    await run('testConnection', 'true');
    await run('preview', receiver.url);
    await openExample('live');
    const streaming = page.waitForResponse('**/graphql/stream');
    await page.click('.graphiql-execute-button');
    await streaming;
    await page.click('#ids button');
    await answer('Test Event').waitFor();
    await page.click('.graphiql-execute-button');
    await page.locator('#notice').getByText('was accepted').waitFor();
    await run('events', 'explorer-');
    await run('trace', 'pipelines');
    await run('ledger', 'accepted');
    await run('deadLetters', 'deadLetterReasons');
    await run('redeliver', '0 dead letters');
    await run('updateConnection', 'is changed', toReceiver);
    await run('updateIntegration', 'is changed');
    expect(receiver.ofType('track')).toBeDefined();
    const first = await page.inputValue('#appId');
    await run('createApplication', 'Its Source ID is');
    await page.locator('#integrationId').getByText('no pipeline yet').waitFor({ state: 'attached' });
    expect(await page.inputValue('#appId')).not.toBe(first);
    expect(complaints).toEqual([]);
    expect([...origins]).toEqual([server.url]);
    expect(await page.evaluate('localStorage.length')).toBe(0);
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test("a notice's link to a pipeline opens what it gave up on, once its Owner has signed in", async () => {
    const { ask, headers } = await api();
    const made = async (mutation: string, variables: Record<string, unknown>) => {
      const { made } = await ask(mutation, variables);
      return made.id;
    };
    const orgId = await made('mutation { made: createOrganization(name: "Linked") { id } }', {});
    headers.organization = orgId;
    const { clickstreamPrototypes } = await ask('{ clickstreamPrototypes(code: "webhooks") { id } }');
    const connectionId = await made(
      `mutation ($orgId: ID!, $prototype: ID!, $details: JSON!) { made: createConnection(integrationCode: "webhooks",
        details: $details, name: "Linked", orgId: $orgId, connectionPrototypeId: $prototype) { id } }`,
      { orgId, prototype: clickstreamPrototypes[0].id, details: { urls: [receiver.url] } },
    );
    let pipeline = '';
    for (const name of ['One', 'Two']) {
      const appId = await made(
        'mutation ($orgId: ID!, $name: String!) { made: createApplication(name: $name, platform: "server", orgId: $orgId) { id } }',
        { orgId, name: `Source ${name}` },
      );
      pipeline = await made(
        `mutation ($appId: String!, $connectionId: ID!, $name: String!) { made: createIntegration(appId: $appId,
          integrationCode: "webhooks", connectionId: $connectionId, name: $name) { id } }`,
        { appId, connectionId, name: `Pipeline ${name}` },
      );
    }
    await open(`/pipelines/${pipeline}`);
    await page.locator('#notice').getByText('Sign in to look at the pipeline').waitFor();
    await signIn();
    expect(await page.inputValue('#organization')).toBe(orgId);
    expect(await page.inputValue('#integrationId')).toBe(pipeline);
    expect(await page.locator('#appId option:checked').textContent()).toBe('Source Two');
    expect(await page.inputValue('#connectionId')).toBe(connectionId);
    await run('deadLetters', pipeline);
    expect(complaints).toEqual([]);

    await open('/pipelines/gone');
    await page.locator('#notice').getByText('not there any more').waitFor();
  });

  test.each(['light', 'dark'] as const)('can be read on a phone that is %s', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: PHONE_WIDTH, height: 740 });
    await open();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE_WIDTH);
    await signIn();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(PHONE_WIDTH);
    // The colours inside of GraphiQL are its own.
    const ours = LOWEST_CONTRAST.replace('document.body', 'document.querySelector("header")');
    expect(await page.evaluate(ours)).toBeGreaterThanOrEqual(CONTRAST_MIN);
  });
});
