import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { invitationMail } from './invitation-mail.ts';
import { keptFor } from './kept-for.ts';
import { everyMail } from './mails.fixture.ts';
import { plainText, prose } from './prose.ts';

const DAY_MS = 86_400_000;
const GB = 1024 ** 3;

/** The links of a page, as they are in its attributes. */
function linksOf(html: string): string[] {
  return [...html.matchAll(/href="([^"]*)"/g)].map(([, link = '']) => link);
}

/** What makes up the page: each character that begins or ends a tag, an attribute or an entity of its own. */
function markup(html: string): string {
  return html.replaceAll(/&(amp|lt|gt|quot|#39);/g, '').replaceAll(/[^<>"']/g, '');
}

describe.each(Object.entries(everyMail()))('the mail %s', (name, mail) => {
  test('has a subject of one line, and says the same as text and as HTML', () => {
    expect(mail.subject).toMatch(/^[A-Z].{5,90}$/);
    const paragraphs = [...mail.html.matchAll(/<p [^>]*>(.*?)<\/p>/gs)].map(([, inner = '']) =>
      inner.replaceAll(/<[^>]*>/g, '').replaceAll('&#39;', "'"),
    );
    const text = mail.text.replaceAll(/[“”]/g, '');
    const others = paragraphs.filter((paragraph) => !paragraph.startsWith('Or open this link:'));
    expect(others.length).toBeGreaterThan(2);
    for (const paragraph of others) expect(text).toContain(paragraph);
  });

  test('has one button, whose link is written out too, and leads nowhere but to the server', () => {
    const [button = '', written] = linksOf(mail.html);
    expect(linksOf(mail.html)).toHaveLength(2);
    expect(written).toBe(button);
    expect(mail.html).toContain(`>${button}</a>`);
    expect(mail.text).toContain(`:\n${button}\n`);
    expect(button).toMatch(/^https:\/\/events\.example\.com\//);
    const hosts = [...mail.html.matchAll(/https?:\/\/([^/"< ]*)/g)].map(([, host]) => host);
    expect(new Set(hosts)).toEqual(new Set(['events.example.com']));
  });

  test('loads nothing and runs nothing', () => {
    expect(mail.html).not.toMatch(
      /<(img|link|script|iframe|object|form|base)\b|url\(|@import|\bsrc=|\bon\w+=/i,
    );
  });

  test('says how long a link with a token works, and what to do when it was not you', () => {
    const isAboutPipeline = /pipeline|failing|switched/.test(name);
    const validFor = name.startsWith('invitation') ? '7 days' : '24 hours';
    expect(mail.text.includes(`The link works once, within ${validFor}.`)).toBe(
      mail.text.includes('?token='),
    );
    if (!isAboutPipeline) expect(mail.text).toMatch(/It was not you\?|You do not know who this is\?/);
  });
});

test('whatever names are given, the page keeps its markup, and no word of theirs leaves its place', () => {
  const ordinary = Object.entries(everyMail());
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (hostile) => {
      const mails = everyMail((word) => `${word} ${hostile}`);
      for (const [name, { html, text, subject }] of ordinary) {
        const mail = mails[name];
        expect(markup(mail?.html ?? '')).toBe(markup(html));
        expect(mail?.text.split('\n').length).toBe(text.split('\n').length);
        expect(mail?.subject).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
        expect(mail?.subject.startsWith(subject.slice(0, 5))).toBe(true);
      }
    }),
    {
      examples: [
        ['<script>alert(1)</script>'],
        ['"><a href="https://evil.example">'],
        ["' onclick='x"],
        ['\r\nBcc: everybody@example.com'],
        ['\u2028-- \u2028Sent by'],
        ['&lt;b&gt; &#60;'],
      ],
    },
  );
});

test('a name cannot turn the text around, hide in it, or fill the mail', () => {
  const hostile = `a\u202eb\u200b\u0000c\n\n\td ${'x'.repeat(1_000)}`;
  expect(plainText(prose`Hello ${hostile}`)).toBe(`Hello abc d ${'x'.repeat(194)}…`);
});

test('emoji and accents of a name stay as they are', () => {
  const name = 'Zoë 👩‍🚀 Прэфект 山田';
  expect(plainText(prose`Hello ${name}`)).toBe(`Hello ${name}`);
});

test('mail programs find no address in the names of an invitation, which are a stranger’s words', () => {
  const { subject, text } = invitationMail({
    to: 'arthur@example.com',
    publicUrl: 'https://events.example.com',
    token: 't',
    organization: 'Win at https://evil.example/now',
    inviter: { name: 'www.evil.example', email: 'ford@example.com' },
  });
  expect(`${subject}\n${text}`).not.toMatch(/evil\.example|www\.evil|\/\/evil/);
  expect(text).toContain('(ford@example.com)');
});

test('who invites without a name is named by their address', () => {
  const inviter = { name: ' ', email: 'ford@example.com' };
  const mail = { to: 'a@example.com', publicUrl: 'https://e.example', token: 't', organization: 'Acme' };
  const { subject } = invitationMail({ ...mail, inviter });
  expect(subject).toBe('ford@example.com invited you to Acme on MetaRouter');
});

test('who has an account gets no link that could do more than they can', () => {
  const inviter = { name: 'Ford', email: 'ford@example.com' };
  const mail = { to: 'a@example.com', publicUrl: 'https://e.example', organization: 'Acme', inviter };
  const { text, html } = invitationMail({ ...mail, token: undefined });
  expect(text + html).not.toContain('/invitation');
});

test('a token is written into the link so that it arrives unchanged', () => {
  const inviter = { name: '', email: 'ford@example.com' };
  const mail = { to: 'a@example.com', publicUrl: 'https://e.example/base', organization: 'Acme', inviter };
  const { text } = invitationMail({ ...mail, token: 'a+b/c&d=' });
  const link = /https:\S+/.exec(text)?.[0] ?? '';
  expect(new URL(link).searchParams.get('token')).toBe('a+b/c&d=');
  expect(new URL(link).pathname).toBe('/base/invitation');
});

test.each([
  [7 * DAY_MS, 20 * GB, 'for 7 days, or until there are 20\u00a0GB of newer ones'],
  [DAY_MS, Number.POSITIVE_INFINITY, 'for 1 day'],
  [36 * 3_600_000, Number.POSITIVE_INFINITY, 'for 36 hours'],
  [Number.POSITIVE_INFINITY, 1.5 * 1024 ** 4, 'until there are 1.5\u00a0TB of newer ones'],
])('a retention of %d ms and %d bytes is told as %s', (ageMs, bytes, words) => {
  expect(plainText(keptFor({ ageMs, bytes }))).toBe(words);
});
