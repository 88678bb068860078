import { Analytics } from '@segment/analytics-node';
import { describe, expect, test } from 'vitest';
import { openBrowserPage } from './support/browser-page.ts';
import { eventually } from './support/eventually.ts';
import { describeWith, installedProgram } from './support/real-part.ts';
import { type RecordingReceiver, startRecordingReceiver } from './support/recording-receiver.ts';
import { type ServerProcess, startServer } from './support/server-process.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { WRITE_KEY, writeWorkspace } from './support/workspace-file.ts';

const ARRIVAL_TIMEOUT_MS = 20_000;
const TEST_TIMEOUT_MS = 90_000;
const chromium = installedProgram('chromium', 'chromium-browser', 'google-chrome');

/** Every event that reaches a destination has these, whatever sent it. */
const STAMPS = {
  messageId: expect.any(String),
  receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  originalTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
  timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
};

/** A server with one source, whose events go to a receiver; all in a directory of their own. */
async function setUp(platform: 'server' | 'analytics.js') {
  await using opened = new AsyncDisposableStack();
  const directory = opened.use(await temporaryDirectory());
  const receiver: RecordingReceiver = opened.use(await startRecordingReceiver());
  const workspace = await writeWorkspace(directory.path, { platform, hooks: [receiver.url] });
  const server: ServerProcess = opened.use(await startServer({ workspace, data: `${directory.path}/data` }));
  const all = opened.move();
  return { receiver, server, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function arrived(receiver: RecordingReceiver, ...types: readonly string[]) {
  const missing = () => types.filter((type) => receiver.ofType(type) === undefined);
  await eventually(
    () => `delivered: ${missing().join(', ')}`,
    () => missing().length === 0,
    ARRIVAL_TIMEOUT_MS,
  );
}

describe('@segment/analytics-node', () => {
  test('each of its six calls reaches the destination with its fields', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    await using system = await setUp('server');
    const { receiver, server } = system;
    const analytics = new Analytics({ writeKey: WRITE_KEY, host: server.url });
    const errors: unknown[] = [];
    analytics.on('error', (error) => errors.push(error));

    const user = { userId: 'ada' };
    const timestamp = new Date('2026-01-02T03:04:05.678Z');
    analytics.identify({
      ...user,
      traits: { email: 'ada@acme.example', logins: 3, address: { city: 'Zürich' } },
    });
    analytics.track({
      ...user,
      event: 'Order Completed',
      properties: { total: 12.5, products: [{ sku: 'G-32' }] },
    });
    analytics.page({ ...user, category: 'Docs', name: 'Start', properties: { path: '/start' } });
    analytics.screen({ anonymousId: 'phone-1', name: 'Basket', properties: { items: 2 } });
    analytics.group({ ...user, groupId: 'acme', traits: { plan: 'team' }, timestamp });
    analytics.alias({ ...user, previousId: 'phone-1', context: { locale: 'de-CH' } });
    await analytics.closeAndFlush();

    await arrived(receiver, 'identify', 'track', 'page', 'screen', 'group', 'alias');
    expect(errors).toEqual([]);
    expect(receiver.ofType('identify')).toMatchObject({
      ...STAMPS,
      ...user,
      traits: { email: 'ada@acme.example', logins: 3, address: { city: 'Zürich' } },
      context: { library: { name: '@segment/analytics-node' } },
    });
    expect(receiver.ofType('track')).toMatchObject({
      ...STAMPS,
      ...user,
      event: 'Order Completed',
      properties: { total: 12.5, products: [{ sku: 'G-32' }] },
    });
    expect(receiver.ofType('page')).toMatchObject({
      ...STAMPS,
      ...user,
      category: 'Docs',
      name: 'Start',
      properties: { path: '/start' },
    });
    expect(receiver.ofType('screen')).toMatchObject({
      ...STAMPS,
      anonymousId: 'phone-1',
      name: 'Basket',
      properties: { items: 2 },
    });
    expect(receiver.ofType('group')).toMatchObject({
      ...STAMPS,
      ...user,
      groupId: 'acme',
      traits: { plan: 'team' },
      originalTimestamp: timestamp.toISOString(),
    });
    expect(receiver.ofType('alias')).toMatchObject({
      ...STAMPS,
      ...user,
      previousId: 'phone-1',
      context: { locale: 'de-CH' },
    });
    expect(JSON.stringify(receiver.deliveries)).not.toContain(WRITE_KEY);
  });
});

describeWith('@segment/analytics-next in a browser', 'Chromium', chromium, (executablePath) => {
  test('each of its six calls reaches the destination with its fields, and nothing leaves the machine', {
    timeout: TEST_TIMEOUT_MS,
  }, async () => {
    await using system = await setUp('analytics.js');
    const { receiver, server } = system;
    await using browser = await openBrowserPage(executablePath);
    const { page, origin, requests } = browser;

    // In text, because it runs in the page: a function would be type-checked as if it ran here. The alias comes
    // before the identify, because this SDK puts the user it knows in place of the one that alias is told.
    await page.evaluate(`(async () => {
        const settings = {
          integrations: {
            'Segment.io': { apiKey: '${WRITE_KEY}', apiHost: '${new URL(server.url).host}/v1', protocol: 'http' },
          },
          metrics: { sampleRate: 0 },
        };
        const [analytics] = await AnalyticsNext.AnalyticsBrowser.load({
          writeKey: '${WRITE_KEY}', cdnURL: '${origin}', cdnSettings: settings,
        });
        await analytics.page('Docs', 'Start', { reader: true });
        await analytics.alias('ada', 'visitor-7');
        await analytics.identify('ada', { email: 'ada@acme.example', logins: 3 });
        await analytics.track('Order Completed', { total: 12.5, products: [{ sku: 'G-32' }] });
        await analytics.screen('Shop', 'Basket', { items: 2 });
        await analytics.group('acme', { plan: 'team' });
      })()`);

    await arrived(receiver, 'page', 'identify', 'track', 'screen', 'group', 'alias');
    const library = { name: 'analytics.js' };
    const campaign = { source: 'letter', name: 'spring' };
    expect(receiver.ofType('page')).toMatchObject({
      ...STAMPS,
      anonymousId: expect.any(String),
      category: 'Docs',
      name: 'Start',
      properties: { reader: true, path: '/shop', title: 'The shop' },
      context: { library, campaign, ip: '127.0.0.1', userAgent: expect.stringContaining('Chrome') },
    });
    expect(receiver.ofType('identify')).toMatchObject({
      ...STAMPS,
      userId: 'ada',
      traits: { email: 'ada@acme.example', logins: 3 },
    });
    expect(receiver.ofType('track')).toMatchObject({
      ...STAMPS,
      userId: 'ada',
      event: 'Order Completed',
      properties: { total: 12.5, products: [{ sku: 'G-32' }] },
    });
    expect(receiver.ofType('screen')).toMatchObject({
      ...STAMPS,
      userId: 'ada',
      category: 'Shop',
      name: 'Basket',
      properties: { items: 2 },
    });
    expect(receiver.ofType('group')).toMatchObject({
      ...STAMPS,
      userId: 'ada',
      groupId: 'acme',
      traits: { plan: 'team' },
    });
    expect(receiver.ofType('alias')).toMatchObject({ ...STAMPS, userId: 'ada', previousId: 'visitor-7' });
    expect(JSON.stringify(receiver.deliveries)).not.toContain(WRITE_KEY);
    expect(requests.filter((url) => new URL(url).hostname !== '127.0.0.1')).toEqual([]);
  });
});
