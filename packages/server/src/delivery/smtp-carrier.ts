import {
  createTransport,
  type SMTPPoolOptions,
  type SMTPPoolSentMessageInfo,
  type Transporter,
} from 'nodemailer';
import type { Clock } from '../platform/clock.ts';
import { isMailAddress, maskedAddress } from '../platform/mail-address.ts';
import type { SmtpServer } from '../platform/smtp-server.ts';
import type { Carried, MailCarrier, MailMessage } from './mail.ts';

/** A server that does not answer within this is tried again later. */
const CONNECT_MS = 10_000;
/** Servers that look hard at who connects take their time to greet. */
const GREETING_MS = 20_000;
/** Servers may look at a mail's content before they take it; RFC 5321 would have us wait for 10 minutes. */
const SILENCE_MS = 30_000;
/** An attempt as a whole: a server that says a byte now and then holds up the mails behind it no longer than this. */
export const ATTEMPT_MS = 90_000;
/** A connection without a mail is kept for the next one for so long. */
const IDLE_MS = 15_000;
/** Mails that go over one connection: some servers count, and refuse the rest. */
const MAILS_PER_CONNECTION = 50;
/** As much of a server's answer as the log shows, in characters. */
const REASON_CHARACTERS_MAX = 300;

/** What looks like an address in a server's answer. */
const ADDRESSES = /[^\s<>"']+@[^\s<>"']+/g;
const TOO_LATE: Carried = {
  kind: 'unreachable',
  reason: `the mail was not taken within ${ATTEMPT_MS / 1_000} s`,
};

/** The way to a mail server: one connection, which is kept while there are mails. */
export class SmtpCarrier implements MailCarrier {
  readonly #transport: Transporter<SMTPPoolSentMessageInfo, SMTPPoolOptions>;
  readonly #clock: Clock;

  constructor(server: SmtpServer, clock: Clock) {
    this.#transport = createTransport(poolOptions(server));
    // Failures of a connection that carries nothing; the next mail meets them too, and tells.
    this.#transport.on('error', () => undefined);
    this.#clock = clock;
  }

  async carry({ from, to, bytes }: MailMessage, stop: AbortSignal): Promise<Carried> {
    if (!isMailAddress(to)) return { kind: 'refused', reason: 'this is not one plain address' };
    const late = new AbortController();
    const cancel = this.#clock.after(ATTEMPT_MS, () => late.abort());
    try {
      const signal = AbortSignal.any([stop, late.signal]);
      await this.#transport.sendMail({ envelope: { from, to: [to] }, raw: bytes, signal });
      return { kind: 'taken' };
    } catch (error) {
      return late.signal.aborted ? TOO_LATE : notTaken(error);
    } finally {
      cancel();
    }
  }

  close(): void {
    this.#transport.close();
  }
}

function poolOptions(server: SmtpServer): SMTPPoolOptions & { pool: true } {
  const { host, port, tls, credentials } = server;
  return {
    pool: true,
    host,
    port,
    secure: tls === 'whole',
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'never',
    tls: { rejectUnauthorized: server.isCertificateChecked },
    auth: credentials && { user: credentials.user, pass: credentials.password },
    maxConnections: 1,
    maxMessages: MAILS_PER_CONNECTION,
    // An idle connection that the server has closed is replaced once; every other failure is the queue's to repeat.
    maxRequeues: 1,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SILENCE_MS,
    dnsTimeout: CONNECT_MS,
    idleTimeout: IDLE_MS,
  };
}

/** What a failure is about: this mail, or the server and so every mail. */
function notTaken(error: unknown): Carried {
  const reason = reasonOf(error);
  const { code, responseCode } = isObject(error) ? error : {};
  // With these nodemailer names what the server, or it itself, says of one mail; with all others, of the connection.
  const isAboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  // 421: the server closes. 503: it lost the thread of the conversation, which says nothing of the mail.
  if (!isAboutMail || responseCode === 421 || responseCode === 503) return { kind: 'unreachable', reason };
  const isForNow = typeof responseCode === 'number' && responseCode < 500;
  return { kind: isForNow ? 'postponed' : 'refused', reason };
}

/** In one line, without addresses: servers repeat them. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.replace(ADDRESSES, maskedAddress).replace(/\p{C}+/gu, ' ');
  return line.length <= REASON_CHARACTERS_MAX ? line : `${line.slice(0, REASON_CHARACTERS_MAX)}…`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
