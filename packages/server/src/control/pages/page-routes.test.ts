import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openControl, type TestControl } from '../control.fixture.ts';
import { pipelineLink } from '../mails/links.ts';
import { everyMail } from '../mails/mails.fixture.ts';
import { smallSchema } from '../small-schema.fixture.ts';

const PAGES = [
  '/',
  '/confirm?token=c4n4ry',
  '/invitation?token=c4n4ry',
  '/reset?token=c4n4ry',
  '/reset',
  '/setup',
];

let control: TestControl;

beforeAll(async () => {
  control = await openControl(async () => smallSchema());
});
afterAll(() => control[Symbol.asyncDispose]());

async function get(path: string) {
  const response = await fetch(control.url + path, { redirect: 'manual' });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** What a page loads, and where its links lead. */
const addressesIn = (html: string) =>
  [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address = '']) => address);

describe.each(PAGES)('the page %s', (path) => {
  test('is kept by nobody, tells nobody where it was, and may do nothing but ask us', async () => {
    const { status, headers } = await get(path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const policy = headers.get('content-security-policy')?.split('; ') ?? [];
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(policy.join()).not.toMatch(/unsafe|http|\*/);
  });

  test('needs nothing that its policy forbids, and nothing from elsewhere', async () => {
    const { text } = await get(path);
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?! src="pages\/)/i);
    for (const address of addressesIn(text))
      expect(address).toMatch(/^(data:,|\.\/|explorer|reset|pages\/page\.[0-9a-f]{12}\.(css|js))$/);
  });

  test('is whole without the token: it is nowhere in it', async () => {
    expect((await get(path)).text).not.toContain('c4n4ry');
  });

  test('has one heading for each of its states, and a label and a place for faults for each field', async () => {
    const { text } = await get(path);
    const states = text.match(/<(form|section) /g)?.length ?? 1;
    expect(text.match(/<h1/g)).toHaveLength(states);
    for (const [, name = ''] of text.matchAll(/<input id="([^"]*)"/g)) {
      expect(text).toContain(`<label for="${name}">`);
      expect(text).toContain(`aria-describedby="${name}-fault`);
      expect(text).toContain(`<p class="fault" id="${name}-fault">`);
    }
  });
});

test('files are kept for ever, as their addresses change with them', async () => {
  const files = addressesIn((await get('/confirm')).text).filter((address) => address.startsWith('pages/'));
  expect(files).toHaveLength(2);
  for (const file of files) {
    const { status, headers } = await get(`/${file}`);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  }
});

test.each(['/pages/page.css', '/pages/..%2fpages.ts', '/pages/', '/confirm/', '/setup/x'])(
  'there is nothing at %s',
  async (path) => {
    expect((await get(path)).status).toBe(404);
  },
);

test('every mail leads to a page', async () => {
  for (const [name, { html }] of Object.entries(everyMail())) {
    for (const link of addressesIn(html)) {
      const { pathname, search } = new URL(link);
      const { status } = await get(pathname + search);
      expect([200, 302], `${name}: ${link}`).toContain(status);
    }
  }
});

test.each(['p7WxYz', 'p7&example=x', 'p7\r\nX: y', 'p7#é'])(
  'a link to the pipeline %j leads to the explorer, opened for it, below whatever path it was called',
  async (id) => {
    const { status, headers } = await get(new URL(pipelineLink('https://events.example.com', id)).pathname);
    expect(status).toBe(302);
    for (const publicUrl of ['https://events.example.com', 'https://example.com/events']) {
      const { href, hash } = new URL(headers.get('location') ?? '', pipelineLink(publicUrl, id));
      expect(href).toBe(`${publicUrl}/explorer${hash}`);
      const asked = [...new URLSearchParams(hash.slice(1))];
      expect(asked).toEqual([
        ['example', 'deadLetters'],
        ['integrationId', id],
      ]);
    }
  },
);
