import { chromium, type Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { openControl } from '../packages/server/src/control/control.fixture.ts';
import { smallSchema } from '../packages/server/src/control/small-schema.fixture.ts';
import { Ticker } from '../packages/server/src/control/ticker.fixture.ts';
import { eventually } from './support/eventually.ts';
import { describeWith, installedProgram } from './support/real-part.ts';

const browserPath = installedProgram('chromium', 'chromium-browser', 'google-chrome');

describeWith('The explorer in a browser', 'chromium', browserPath, (executablePath) => {
  test('sends operations and subscriptions with the token, asks nobody else, and keeps nothing', async () => {
    const ticker = new Ticker();
    await using control = await openControl(async () => smallSchema(ticker));
    await using opened = new AsyncDisposableStack();
    const browser = opened.adopt(await chromium.launch({ executablePath, args: ['--no-sandbox'] }), (it) =>
      it.close(),
    );
    const page = await browser.newPage();
    const complaints: string[] = [];
    const origins = new Set<string>();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => {
      if (!request.url().startsWith('data:')) origins.add(new URL(request.url()).origin);
    });
    await page.goto(`${control.url}/explorer`);
    await page.fill('#token', await control.token());
    await page.press('#token', 'Enter');

    await run(page, 'who', 'query who { me }');
    await page.locator('.result-window').getByText('owner@acme.example').waitFor();
    await run(page, 'live', `subscription live { ticks(appId: "${control.source}") }`);
    await eventually('listening', () => ticker.listeners > 0, 5_000);
    ticker.send(4711);
    await page.locator('.result-window').getByText('4711').waitFor();

    expect(complaints).toEqual([]);
    expect([...origins]).toEqual([control.url]);
    expect(await page.evaluate('localStorage.length')).toBe(0);
    expect(await page.evaluate('document.cookie')).toBe('');
  });
});

/** Writes an operation into the editor, and runs it when GraphiQL has read its name. */
async function run(page: Page, name: string, query: string): Promise<void> {
  await page.waitForSelector('.graphiql-query-editor .CodeMirror');
  const editor = 'document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror';
  await page.evaluate(`${editor}.setValue(${JSON.stringify(query)})`);
  await page.locator('.graphiql-tab-active').getByText(name, { exact: true }).waitFor();
  await page.click('.graphiql-execute-button');
}
