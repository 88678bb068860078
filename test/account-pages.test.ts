import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Houston, houston } from './support/houston.ts';
import { CONTRAST_MIN, LOWEST_CONTRAST } from './support/lowest-contrast.ts';
import { mailedLink } from './support/outbox.ts';
import { describeWith, installedProgram } from './support/real-part.ts';
import { type ServerProcess, startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const PASSWORD = 'correct horse';
const PHONE_WIDTH = 320;
const PAGES = ['/', '/confirm?token=x', '/reset', '/reset?token=x', '/invitation?token=x', '/setup?token=x'];
/** In the page: all that is hidden, as if everything had happened at once. */
const SHOW_ALL = `for (const element of document.querySelectorAll('[hidden]')) element.hidden = false;
  for (const place of document.querySelectorAll('.fault, .notice')) place.textContent = 'Is empty: fill it in.'`;

const program = installedProgram('chromium', 'chromium-browser', 'google-chrome');

describeWith('The pages that mailed links open', 'chromium', program, (executablePath) => {
  const opened = new AsyncDisposableStack();
  let data: string;
  let server: ServerProcess;
  let api: Houston;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let requests: string[];

  beforeAll(async () => {
    data = opened.use(await temporaryDirectory()).path;
    server = opened.use(await startServer({ data }));
    const args = ['--no-sandbox', '--disable-gpu'];
    browser = opened.adopt(await chromium.launch({ executablePath, args }), (it) => it.close());
  });
  afterAll(() => opened.disposeAsync());
  beforeEach(async () => {
    api = houston(server.url);
    page = await browser.newPage();
    complaints = [];
    requests = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(`${request.method()} ${request.url()}`));
  });
  afterEach(() => page.close());

  const heading = (text: string) => page.getByRole('heading', { name: text });
  const sent = () => requests.filter((request) => request.startsWith('POST'));
  const tokenOf = (link: string | URL) => new URL(link).searchParams.get('token') ?? '';

  async function signsIn(email: string, password: string): Promise<boolean> {
    const { createToken } = await api.ask(
      'mutation ($email: String!, $password: String!) { createToken(username: $email, password: $password) { success } }',
      { email, password },
    );
    return createToken.success;
  }

  /** The link in the mail to somebody who signs up. */
  async function signUp(email: string): Promise<string> {
    await api.ask(
      'mutation ($email: String!, $password: String!) { createNewUser(email: $email, password: $password) { success } }',
      { email, password: PASSWORD },
    );
    return (await mailedLink(data, email)).href;
  }

  /** Somebody with an account, who is signed in. */
  async function join(email: string): Promise<void> {
    const { confirmEmail } = await api.ask(
      'mutation ($token: String!) { confirmEmail(token: $token) { token } }',
      {
        token: tokenOf(await signUp(email)),
      },
    );
    api.headers.authorization = confirmEmail.token;
  }

  /** Whom the page has signed in. */
  async function signedIn() {
    api.headers.authorization = String(await page.evaluate('sessionStorage.getItem("explorer:token")'));
    return api.ask('{ me { email } organizations { name } }');
  }

  test('the first owner sets the server up, and reads beside each field what is wrong with it', async () => {
    const link = /http\S+\/setup\?token=\S+/.exec(server.output())?.[0] ?? '';
    await page.goto(link);
    expect(page.url()).toBe(`${server.url}/setup`);
    await page.getByRole('button', { name: 'Make my account' }).click();
    expect(await page.getByText('Is empty: fill it in.').count()).toBe(3);
    const email = page.getByLabel('Your e-mail address');
    expect(await email.evaluate('document.activeElement.id')).toBe('email');
    expect(sent()).toEqual([]);

    await email.fill('nobody');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('First name').fill('Ford');
    await page.getByLabel('Organization').fill('Megadodo Publications');
    await email.press('Enter');
    await page.getByText('Is no e-mail address: give one such as ada@example.com.').waitFor();
    expect(await email.getAttribute('aria-invalid')).toBe('true');
    expect(await email.evaluate('document.activeElement.id')).toBe('email');
    await email.fill('ford@example.com');
    await email.press('Enter');
    await heading('MetaRouter is set up').waitFor();

    expect(await signedIn()).toEqual({
      me: { email: 'ford@example.com' },
      organizations: [{ name: 'Megadodo Publications' }],
    });
    await page.goto(link);
    await page.getByLabel('Your e-mail address').fill('zaphod@example.com');
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Organization').fill('The Galaxy');
    await page.keyboard.press('Enter');
    await heading('This link does not work any more').waitFor();
    expect(complaints).toEqual([]);
  });

  test('somebody signs up, opens the mailed link, presses the button, and is signed in', async () => {
    const link = await signUp('ada@example.com');
    await page.goto(link);
    await page.getByRole('button', { name: 'Confirm my address' }).waitFor();
    expect(page.url()).toBe(`${server.url}/confirm`);
    expect(sent()).toEqual([]);
    expect(await signsIn('ada@example.com', PASSWORD)).toBe(false);
    await page.getByRole('button').press('Enter');

    await heading('Your address is confirmed').waitFor();
    await page.getByText('ada@example.com is confirmed').waitFor();
    expect(await page.title()).toBe('Your address is confirmed · MetaRouter');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Your address is confirmed');
    expect(await signsIn('ada@example.com', PASSWORD)).toBe(true);
    expect(await signedIn()).toMatchObject({ me: { email: 'ada@example.com' } });
    await page.getByRole('link', { name: 'Open the explorer' }).click();
    await page.waitForSelector('.graphiql-container');
    expect(await page.locator('#token').inputValue()).toBe(api.headers.authorization);

    await page.goto(link);
    await page.getByRole('button').click();
    await heading('This link does not work any more').waitFor();
    expect(complaints).toEqual([]);
    expect(server.output()).not.toContain(tokenOf(link));
    expect(requests.filter((request) => !request.includes(` ${server.url}/`))).toEqual([]);
  });

  test('somebody who forgot their password asks for a link, and chooses another', async () => {
    await join('arthur@example.com');
    await page.goto(`${server.url}/reset`);
    await page.getByLabel('E-mail address').fill('arthur@example.com');
    await page.getByLabel('E-mail address').press('Enter');
    await heading('Look into your mail').waitFor();

    await page.goto((await mailedLink(data, 'arthur@example.com', /password/)).href);
    expect(page.url()).toBe(`${server.url}/reset`);
    const before = sent().length;
    const password = page.getByLabel('New password');
    await password.fill('1234567');
    await password.press('Enter');
    await page.getByText('Must have at least 8 characters.').waitFor();
    expect(sent()).toHaveLength(before);
    await password.fill('another horse');
    await password.press('Enter');
    await heading('You have a new password').waitFor();

    expect(await signsIn('arthur@example.com', 'another horse')).toBe(true);
    expect(await signsIn('arthur@example.com', PASSWORD)).toBe(false);
    expect(complaints).toEqual([]);
  });

  test('somebody who is invited chooses a password, and belongs to the organization', async () => {
    await join('tricia@example.com');
    const made = await api.ask('mutation { createOrganization(name: "Heart of Gold") { id } }');
    api.headers.organization = made.createOrganization.id;
    await api.ask(
      'mutation ($id: ID!) { updateOrganization(orgId: $id, addUser: { email: "marvin@example.com" }) { success } }',
      { id: made.createOrganization.id },
    );
    await page.goto((await mailedLink(data, 'marvin@example.com')).href);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Accept the invitation' }).click();
    await heading('Welcome to MetaRouter').waitFor();

    delete api.headers.organization;
    expect(await signedIn()).toEqual({
      me: { email: 'marvin@example.com' },
      organizations: [{ name: 'Heart of Gold' }],
    });
  });

  test('while the server works a second press does nothing, and what goes wrong can be tried again', async () => {
    await page.goto(`${server.url}/invitation?token=x`);
    const tooMany = { errors: [{ message: 'Too many tries.', extensions: { code: 'RATE_LIMITED' } }] };
    const answers = [
      { status: 429, json: tooMany },
      { status: 502, body: '<h1>Bad Gateway</h1>' },
    ];
    const held = Promise.withResolvers<void>();
    await page.route('**/graphql', async (route) => {
      await held.promise;
      const answer = answers.shift();
      await (answer ? route.fulfill(answer) : route.continue());
    });
    const password = page.getByLabel('Password', { exact: true });
    await password.fill(PASSWORD);
    await password.press('Enter');
    await page.getByRole('button', { name: 'Accepting…' }).click({ force: true });
    expect(await page.getByRole('status').textContent()).toBe('Accepting…');
    held.resolve();
    await page.getByRole('alert').getByText('Too many tries.').waitFor();
    expect(sent()).toHaveLength(1);
    await password.press('Enter');
    await page.getByRole('alert').getByText('The server does not answer.').waitFor();
    await password.press('Enter');
    await heading('This invitation does not work any more').waitFor();
  });

  test('a page that is loaded again has forgotten its link, and says what to do', async () => {
    await page.goto(`${server.url}/confirm?token=x`);
    await page.reload();
    await heading('Open the link once more').waitFor();
    expect(await page.getByRole('button').count()).toBe(0);
  });

  test('a password can be looked at', async () => {
    await page.goto(`${server.url}/reset?token=x`);
    const password = page.getByLabel('New password');
    await page.getByRole('button', { name: 'Show the password' }).click();
    expect(await password.getAttribute('type')).toBe('text');
    await page.getByRole('button', { name: 'Hide the password' }).click();
    expect(await password.getAttribute('type')).toBe('password');
  });

  test.each(['light', 'dark'] as const)(
    'each page can be read in %s colours, on a narrow telephone too',
    async (colorScheme) => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: PHONE_WIDTH, height: 640 });
      for (const path of PAGES) {
        await page.goto(server.url + path);
        await page.evaluate(SHOW_ALL);
        expect(await page.evaluate(LOWEST_CONTRAST), path).toBeGreaterThanOrEqual(CONTRAST_MIN);
        expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(PHONE_WIDTH);
      }
    },
  );

  test('without JavaScript a page says that it needs it, and has nothing that could be sent', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const bare = await context.newPage();
    await bare.goto(`${server.url}/reset?token=x`);
    expect(await bare.locator('noscript p').isVisible()).toBe(true);
    expect(await bare.getByRole('button').count()).toBe(0);
    await context.close();
  });
});
