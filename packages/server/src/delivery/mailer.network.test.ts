import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime from 'postal-mime';
import { expect, test } from 'vitest';
import { VirtualClock } from '../platform/virtual-clock.ts';
import { listenRaw } from './delivery.fixture.ts';
import type { Mail } from './mail.ts';
import { STOP_MS } from './mail-queue.ts';
import { listenForMails, openMailer, refusal } from './mailer.fixture.ts';
import { ATTEMPT_MS } from './smtp-carrier.ts';

const MAIL: Mail = {
  to: 'arthur@example.com',
  subject: 'Grüße, 山田 — confirm',
  text: 'Open https://events.example.com/confirm?token=a=b\n\nGrüße\n',
  html: '<!doctype html><p>Grüße</p>',
};

test('a mail arrives as it was sent: both forms, its subject, from us, to one person', async () => {
  const server = await listenForMails();
  const { mailer, lines, written } = openMailer(`smtp://${server.host}`);
  await mailer.send(MAIL);
  await mailer.stop();
  const [taken] = server.mails;
  expect(taken).toMatchObject({ from: 'metarouter@events.example.com', to: ['arthur@example.com'] });
  const mail = await PostalMime.parse(taken?.raw ?? '');
  expect(mail).toMatchObject({
    from: { name: 'MetaRouter', address: 'metarouter@events.example.com' },
    to: [{ name: '', address: 'arthur@example.com' }],
    subject: MAIL.subject,
    text: `${MAIL.text}\n`,
    html: `${MAIL.html}\n`,
  });
  expect(mail.headers.find(({ key }) => key === 'auto-submitted')?.value).toBe('auto-generated');
  expect(mail.messageId).toMatch(/^<.+@events\.example\.com>$/);
  expect([lines, written()]).toEqual([[], []]);
});

test('nothing that a mail holds adds a header or a recipient', async () => {
  const server = await listenForMails();
  const { mailer, written } = openMailer(`smtp://${server.host}`);
  const breaks = ['\r\n', '\n', '\r', '\u2028', '\r\n\r\n'];
  for (const end of breaks)
    await mailer.send({ ...MAIL, subject: `Hello${end}Bcc: evil@example.com${end}X: y` });
  for (const to of ['a@example.com, evil@example.com', 'a@example.com>\r\nRCPT TO:<evil@example.com'])
    await mailer.send({ ...MAIL, to });
  await mailer.stop();
  const mails = await Promise.all(server.mails.map(({ raw }) => PostalMime.parse(raw)));
  expect(mails.map(({ subject }) => subject)).toEqual(breaks.map(() => 'Hello Bcc: evil@example.com X: y'));
  const names = new Set(mails.flatMap(({ headers }) => headers.map(({ key }) => key)));
  expect([...names].toSorted()).toEqual([
    'auto-submitted',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
  ]);
  expect(server.mails.map(({ to }) => to)).toEqual(breaks.map(() => ['arthur@example.com']));
  expect(written()).toHaveLength(2);
});

test('the password is sent over TLS only, once the server has turned to it', async () => {
  const server = await listenForMails({
    authOptional: false,
    disabledCommands: [],
    onAuth: ({ username, password }, session, done) =>
      password === 'to/wel%' && session.secure ? done(null, { user: username }) : done(refusal(535, 'no')),
  });
  const { mailer } = openMailer(`smtp://ford:to%2Fwel%25@${server.host}?tls.rejectUnauthorized=false`);
  await mailer.send(MAIL);
  await mailer.stop();
  expect(server.mails).toMatchObject([{ isEncrypted: true, user: 'ford' }]);
});

test('a server that does not turn to TLS gets neither the password nor the mail', async () => {
  let signIns = 0;
  const server = await listenForMails({
    onAuth: (_, __, done) => {
      signIns += 1;
      done(null, { user: 'ford' });
    },
  });
  const { mailer, lines, written } = openMailer(`smtp://ford:c4n4ry@${server.host}`);
  await mailer.send(MAIL);
  await mailer.stop();
  expect([signIns, server.mails, written()]).toMatchObject([0, [], [expect.stringMatching(/\.eml$/)]]);
  expect(lines.join()).not.toContain('c4n4ry');
});

test('a certificate that nobody knows is refused, and the mail is not lost', async () => {
  const server = await listenForMails({ secure: true });
  const { mailer, lines, written } = openMailer(`smtps://${server.host}`);
  await mailer.send(MAIL);
  await mailer.stop();
  expect(server.mails).toEqual([]);
  expect(written()).toHaveLength(1);
  expect(lines.join()).toMatch(/certificate/);
});

test('smtps is TLS from the first byte', async () => {
  const server = await listenForMails({ secure: true });
  const { mailer } = openMailer(`smtps://${server.host}?tls.rejectUnauthorized=false`);
  await mailer.send(MAIL);
  await mailer.stop();
  expect(server.mails).toMatchObject([{ isEncrypted: true }]);
});

test('wrong credentials are told without them, and the mail ends in the outbox', async () => {
  const server = await listenForMails({
    authOptional: false,
    disabledCommands: [],
    onAuth: (_, __, done) => done(refusal(535, 'Authentication failed')),
  });
  const { mailer, lines, written } = openMailer(
    `smtp://ford:c4n4ry@${server.host}?tls.rejectUnauthorized=false`,
  );
  await mailer.send(MAIL);
  await mailer.stop();
  expect(written()).toHaveLength(1);
  expect(lines.join()).toContain('535');
  expect(lines.join()).not.toMatch(/c4n4ry|arthur@/);
});

test('a server that says "not now" after it saw the mail is asked again later, with the very same bytes', async () => {
  const seen: string[] = [];
  const { promise: hasSeenSecond, resolve: tellSecond } = Promise.withResolvers<void>();
  const server = await listenForMails({
    onData(stream, _, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        seen.push(Buffer.concat(chunks).toString());
        done(seen.length === 1 ? refusal(451, 'Greylisted, come back later') : null);
        if (seen.length === 2) tellSecond();
      });
    },
  });
  const { mailer, lines } = openMailer(`smtp://${server.host}`);
  await mailer.send(MAIL);
  await mailer.send({ ...MAIL, to: 'ford@example.com' });
  // The second mail is tried when the first one was put off; stopping tries that once more.
  await hasSeenSecond;
  await mailer.stop();
  expect(seen).toHaveLength(3);
  expect(seen[2]).toBe(seen[0]);
  expect(seen[1]).toContain('ford@example.com');
  expect(lines).toEqual([]);
});

test('an address that the server does not know is told masked, and only this mail is given up', async () => {
  const server = await listenForMails({
    onRcptTo: ({ address }, _, done) =>
      done(address === MAIL.to ? refusal(550, `5.1.1 <${address.toUpperCase()}>: no such user`) : null),
  });
  const { mailer, lines, written } = openMailer(`smtp://${server.host}`);
  await mailer.send(MAIL);
  await mailer.send({ ...MAIL, to: 'ford@example.com' });
  await mailer.stop();
  expect(server.mails.map(({ to }) => to[0])).toEqual(['ford@example.com']);
  expect(written()).toHaveLength(1);
  expect(lines.join()).toContain('550 5.1.1 <A…@EXAMPLE.COM>: no such user');
  expect(lines.join()).not.toMatch(/arthur@/i);
});

test('mails that come together share one connection', async () => {
  const server = await listenForMails();
  const { mailer } = openMailer(`smtp://${server.host}`);
  for (let n = 0; n < 20; n++) await mailer.send({ ...MAIL, to: `n${n}@example.com` });
  await mailer.stop();
  expect(server.mails.map(({ to }) => to[0])).toEqual(
    Array.from({ length: 20 }, (_, n) => `n${n}@example.com`),
  );
  expect(server.connections()).toBe(1);
});

test('with no server anywhere the mail is in the outbox when the mailer has stopped', async () => {
  const server = await listenForMails();
  await server.close();
  const { mailer, lines, outbox, written } = openMailer(`smtp://${server.host}`);
  await mailer.send(MAIL);
  await mailer.stop();
  const [file = ''] = written();
  const mail = await PostalMime.parse(readFileSync(join(outbox, file)));
  expect(mail).toMatchObject({ subject: MAIL.subject, to: [{ address: MAIL.to }] });
  expect(lines.join()).toContain(file);
});

test('a server that never says a word does not keep the mailer from stopping, and the connection is closed', async () => {
  const server = await listenRaw(() => undefined);
  const clock = new VirtualClock();
  const { mailer, lines, written } = openMailer(server.url.replace('http:', 'smtp:'), { clock });
  await mailer.send(MAIL);
  while (server.open.size === 0) await new Promise((resolve) => setImmediate(resolve));
  const stopped = mailer.stop();
  await clock.pass(STOP_MS);
  await stopped;
  expect([written().length, lines]).toEqual([1, [expect.stringContaining('MetaRouter is stopping')]]);
  while (server.open.size > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('a server that never says a word is given up after a while, and the mail waits', async () => {
  const server = await listenRaw(() => undefined);
  const clock = new VirtualClock();
  const { mailer, lines } = openMailer(server.url.replace('http:', 'smtp:'), { clock });
  await mailer.send(MAIL);
  while (server.open.size === 0) await new Promise((resolve) => setImmediate(resolve));
  await clock.pass(ATTEMPT_MS);
  while (lines.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(lines).toEqual([
    expect.stringContaining('they wait, and are tried again. {"reason":"the mail was not taken within 90 s'),
  ]);
  const stopped = mailer.stop();
  await clock.pass(STOP_MS);
  await stopped;
});

test('without a server mails are written to the outbox: whole, private, and sorted by time', async () => {
  const clock = new VirtualClock(1_795_271_400_000);
  const { mailer, lines, outbox, written } = openMailer(undefined, { clock });
  for (let n = 0; n < 3; n++) await mailer.send({ ...MAIL, subject: `Mail ${n}` });
  await mailer.stop();
  const files = written();
  expect(files.map((file) => file.slice(0, 24))).toEqual([
    '2026-11-21T14-30-00.000Z',
    '2026-11-21T14-30-00.001Z',
    '2026-11-21T14-30-00.002Z',
  ]);
  const mails = await Promise.all(files.map((file) => PostalMime.parse(readFileSync(join(outbox, file)))));
  expect(mails.map(({ subject }) => subject)).toEqual(['Mail 0', 'Mail 1', 'Mail 2']);
  expect(mails[0]?.date).toBe('2026-11-21T14:30:00.000Z');
  for (const file of files) {
    expect(file).toMatch(/Z-[0-9a-f]{8}\.eml$/);
    expect(statSync(join(outbox, file)).mode & 0o777).toBe(0o600);
  }
  expect(statSync(outbox).mode & 0o777).toBe(0o700);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(/written to a file, as no mail server is set.*"to":"a…@example\.com"/);
});
