import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { everyMail } from '../packages/server/src/control/mails/mails.fixture.ts';
import { CONTRAST_MIN, LOWEST_CONTRAST } from './support/lowest-contrast.ts';
import { describeWith, installedProgram } from './support/real-part.ts';

/** No name resolves: a mail that wants something from elsewhere does not get it, and is seen to want it. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--host-resolver-rules=MAP * ~NOTFOUND',
];
/** The width that a mail has where there is room. */
const WIDTH = 600;
const HOSTILE = '<img src=x onerror="window.isHacked=1"><b>"\'&amp;</b>';

const program = installedProgram('chromium', 'chromium-browser', 'google-chrome');

describeWith('Mails in a browser', 'chromium', program, (executablePath) => {
  let browser: Browser;
  let page: Page;
  const requests: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: FLAGS });
    page = await browser.newPage();
    page.on('request', (request) => requests.push(request.url()));
  });
  afterAll(() => browser.close());

  test.each([
    ['light', 'rgb(243, 245, 248)'],
    ['dark', 'rgb(16, 20, 27)'],
  ] as const)('can be read in %s colours', async (colorScheme, ground) => {
    await page.emulateMedia({ colorScheme });
    for (const [name, { html }] of Object.entries(everyMail())) {
      await page.setContent(html);
      expect(await page.evaluate(LOWEST_CONTRAST), name).toBeGreaterThanOrEqual(CONTRAST_MIN);
      expect(await page.evaluate('getComputedStyle(document.body).backgroundColor'), name).toBe(ground);
    }
  });

  test('are 600 pixels wide where there is room, and fit a narrow telephone', async () => {
    for (const [name, { html }] of Object.entries(everyMail())) {
      await page.setContent(html);
      await page.setViewportSize({ width: 1_000, height: 800 });
      expect(await page.evaluate(`document.querySelector('.card').offsetWidth`), name).toBe(WIDTH);
      await page.setViewportSize({ width: 320, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBe(320);
    }
  });

  test('show names that are HTML as they are written, and nothing in them runs', async () => {
    for (const [name, { html }] of Object.entries(everyMail((word) => `${word} ${HOSTILE}`))) {
      await page.setContent(html);
      expect(await page.evaluate(`document.querySelectorAll('img, b, script').length`), name).toBe(0);
      expect(await page.evaluate('window.isHacked'), name).toBeUndefined();
    }
    await page.setContent(everyMail(() => HOSTILE)['pipeline-paused']?.html ?? '');
    expect(await page.evaluate('document.body.innerText')).toContain(HOSTILE);
  });

  test('have asked nobody for anything', () => expect(requests).toEqual([]));
});
