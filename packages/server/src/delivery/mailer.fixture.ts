import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { onTestFinished } from 'vitest';
import type { Clock } from '../platform/clock.ts';
import { systemClock } from '../platform/clock.ts';
import { readSmtpServer } from '../platform/smtp-server.ts';
import { portOf } from './delivery.fixture.ts';
import { createMailer, type MailerOptions } from './mailer.ts';

/** A mail as a server took it. */
interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly isEncrypted: boolean;
  readonly user: string | undefined;
  readonly raw: string;
}

/** An answer of a server that does not take something. */
export function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

/** A real mail server on loopback. Unless the options say otherwise it wants no sign-in, and takes everything. */
export async function listenForMails(options: SMTPServerOptions = {}) {
  const mails: TakenMail[] = [];
  let connections = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    // Its certificate is one that everybody knows, which is what these tests want.
    logger: false,
    onConnect(_, done) {
      connections += 1;
      done();
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : (mailFrom?.address ?? ''),
          to: rcptTo.map(({ address }) => address),
          isEncrypted: session.secure === true,
          user: session.user === undefined ? undefined : String(session.user),
          raw: Buffer.concat(chunks).toString(),
        });
        done();
      });
    },
    ...options,
  });
  // A client that hangs up is what some tests want.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => server.close(resolve));
  onTestFinished(close);
  const port = portOf(server.server.address());
  return { host: `127.0.0.1:${port}`, port, mails, connections: () => connections, close };
}

/** A mailer with a data directory of its own, sending to `url`, or to the outbox without one; and what it logged. */
export function openMailer(url?: string, options: Partial<MailerOptions> & { clock?: Clock } = {}) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'mailer-'));
  const lines: string[] = [];
  const log = (message: string, fields = {}) => lines.push(`${message} ${JSON.stringify(fields)}`);
  const server = url === undefined ? undefined : readSmtpServer(url);
  if (url !== undefined && server === undefined) throw new Error(`${url} is no address of a mail server`);
  const mailer = createMailer({
    clock: systemClock,
    logger: { info: log, warn: log, error: log },
    dataDirectory,
    from: { name: 'MetaRouter', address: 'metarouter@events.example.com' },
    server,
    ...options,
  });
  onTestFinished(async () => {
    await mailer.stop();
    rmSync(dataDirectory, { recursive: true });
  });
  const outbox = join(dataDirectory, 'outbox');
  const written = () => {
    const isThere = readdirSync(dataDirectory).includes('outbox');
    return isThere ? readdirSync(outbox).toSorted() : [];
  };
  return { mailer, lines, outbox, written };
}
