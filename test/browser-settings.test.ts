import { expect, test } from 'vitest';
import { openBrowserPage } from './support/browser-page.ts';
import { eventually } from './support/eventually.ts';
import { describeWith, installedProgram } from './support/real-part.ts';
import { startRecordingReceiver } from './support/recording-receiver.ts';
import { startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { WRITE_KEY, writeWorkspace } from './support/workspace-file.ts';

const ARRIVAL_TIMEOUT_MS = 20_000;
const chromium = installedProgram('chromium', 'chromium-browser', 'google-chrome');

describeWith('A page that only knows a write key and this host', 'chromium', chromium, (executablePath) => {
  test('is told by the settings where to send, sends there, and talks to nobody else', async () => {
    await using directory = await temporaryDirectory();
    await using receiver = await startRecordingReceiver();
    const workspace = await writeWorkspace(directory.path, {
      platform: 'analytics.js',
      hooks: [receiver.url],
    });
    await using server = await startServer({ workspace, data: `${directory.path}/data` });
    await using browser = await openBrowserPage(executablePath);

    const settings = JSON.stringify({ writeKey: WRITE_KEY, cdnURL: server.url });
    await browser.page.evaluate(
      `AnalyticsNext.AnalyticsBrowser.load(${settings}).then(([analytics]) => void analytics.track('Seen'))`,
    );
    const arrived = () => receiver.ofType('track') !== undefined;
    await eventually('delivered: track', arrived, ARRIVAL_TIMEOUT_MS);
    expect(receiver.ofType('track')).toMatchObject({ event: 'Seen' });
    expect(browser.requests).toContain(`${server.url}/v1/projects/${WRITE_KEY}/settings`);
    const elsewhere = browser.requests.filter(
      (url) => ![server.url, browser.origin].includes(new URL(url).origin),
    );
    expect(elsewhere).toEqual([]);
  });
});
