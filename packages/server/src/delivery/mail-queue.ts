import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { maskedAddress } from '../platform/mail-address.ts';
import type { Carried, Mail, MailCarrier, MailMessage } from './mail.ts';

export interface MailQueueOptions {
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Puts a mail into its format. */
  readonly compose: (mail: Mail) => Promise<MailMessage>;
  /** Opens the way of the mails; called before the first one. */
  readonly openCarrier: () => Promise<MailCarrier>;
  /** Where a mail goes that nobody takes. Resolves with the file's path. */
  readonly outbox: { write(message: MailMessage): Promise<string> };
}

/** A mail that is under way. */
interface Letter {
  readonly mail: Mail;
  /** By the clock that only grows. */
  readonly since: number;
  /** How often it was postponed. */
  postponed: number;
  /** Made once, so that a receiver which gets it twice sees that it is the same. */
  message?: MailMessage;
}

/** Mails that wait, some 10 KB each. A server that is away while more come in is no reason to grow without end. */
export const WAITING_MAX = 1_000;
/** How long a mail that was postponed waits, each time. A server that does not know us yet often takes it after 5 or 15 minutes. */
const POSTPONED_MS = [15_000, 60_000, 300_000, 900_000, 1_800_000] as const;
const POSTPONED_LONGEST_MS = 3_600_000;
/** A server that was not reached is tried again after this, then after twice as long, and so on. */
const UNREACHABLE_MS = 2_000;
const UNREACHABLE_LONGEST_MS = 300_000;
/** After so long a mail is given up: who asked for a link has asked again by then. */
export const PATIENCE_MS = 4 * 3_600_000;
/** How long stopping may wait for the server. */
export const STOP_MS = 4_000;

const STOPPING = 'MetaRouter is stopping';

/** Sends mails one after the other, in the order in which they came, and again those that were not taken. */
export class MailQueue {
  readonly #options: MailQueueOptions;
  readonly #ready: Letter[] = [];
  /** Those that wait for their own time, each with the way to call that off. */
  readonly #postponed = new Map<Letter, () => void>();
  readonly #stop = new AbortController();
  #carrier: Promise<MailCarrier> | undefined;
  /** Calls off the next try, while the server is not reached. */
  #cancelPause: (() => void) | undefined;
  /** Tries in a row that did not reach the server. */
  #failures = 0;
  #working: Promise<void> | undefined;
  #isStopping = false;

  constructor(options: MailQueueOptions) {
    this.#options = options;
  }

  /** Resolves when the mail is in the queue, or in the outbox because the queue is full or closed. Never rejects. */
  async add(mail: Mail): Promise<void> {
    const letter: Letter = { mail, since: this.#options.clock.monotonic(), postponed: 0 };
    if (this.#isStopping) return this.#setAside(letter, STOPPING);
    const isFull = this.#ready.length + this.#postponed.size >= WAITING_MAX;
    if (isFull) return this.#setAside(letter, `${WAITING_MAX} mails are waiting before it`);
    this.#ready.push(letter);
    this.#work();
  }

  /** Tries all that waits once more, and puts the rest into the outbox. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const cancelEnd = this.#options.clock.after(STOP_MS, () => this.#stop.abort());
    this.#cancelPause?.();
    this.#cancelPause = undefined;
    for (const letter of this.#postponed.keys()) this.#makeReady(letter);
    this.#work();
    await this.#working;
    cancelEnd();
    (await this.#carrier)?.close();
  }

  #work(): void {
    if (this.#cancelPause !== undefined || this.#ready.length === 0) return;
    this.#working ??= this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    // In a later turn: whoever had the mail made is answered first.
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#cancelPause === undefined) {
      const letter = this.#ready.shift();
      if (letter === undefined) break;
      if (this.#stop.signal.aborted) await this.#setAside(letter, STOPPING);
      else await this.#attempt(letter);
    }
    this.#working = undefined;
  }

  async #attempt(letter: Letter): Promise<void> {
    const carried = await this.#carry(letter);
    if (carried.kind === 'unreachable') return this.#unreachable(letter, carried.reason);
    if (this.#failures > 0) this.#options.logger.info('Mails are sent again.');
    this.#failures = 0;
    if (carried.kind === 'taken') return;
    const isLast = carried.kind === 'refused' || this.#isStopping || this.#isGivenUp(letter);
    if (isLast) return this.#setAside(letter, carried.reason);
    const waitMs = POSTPONED_MS[letter.postponed] ?? POSTPONED_LONGEST_MS;
    letter.postponed += 1;
    const cancel = this.#options.clock.after(waitMs, () => {
      this.#makeReady(letter);
      this.#work();
    });
    this.#postponed.set(letter, cancel);
  }

  async #carry(letter: Letter): Promise<Carried> {
    try {
      const message = await this.#messageOf(letter);
      this.#carrier ??= this.#options.openCarrier();
      const carrier = await this.#carrier;
      return await carrier.carry(message, this.#stop.signal);
    } catch (error) {
      return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Everything waits, and the next try is another mail's: should this one be the cause, it does not hold up the others. */
  async #unreachable(letter: Letter, reason: string): Promise<void> {
    if (this.#isStopping) return this.#giveUpAll(letter, reason);
    this.#ready.push(letter);
    const isFirst = this.#failures === 0;
    if (isFirst)
      this.#options.logger.warn('Mails cannot be sent now: they wait, and are tried again.', { reason });
    const waitMs = Math.min(UNREACHABLE_MS * 2 ** this.#failures, UNREACHABLE_LONGEST_MS);
    this.#failures += 1;
    for (const old of this.#takeGivenUp()) await this.#setAside(old, reason);
    if (this.#isStopping) return;
    this.#cancelPause = this.#options.clock.after(waitMs, () => {
      this.#cancelPause = undefined;
      this.#work();
    });
  }

  /** While stopping nobody waits for a server that is not reached. */
  async #giveUpAll(letter: Letter, reason: string): Promise<void> {
    const isCutShort = this.#stop.signal.aborted;
    this.#stop.abort();
    await this.#setAside(letter, isCutShort ? STOPPING : reason);
  }

  async #messageOf(letter: Letter): Promise<MailMessage> {
    letter.message ??= await this.#options.compose(letter.mail);
    return letter.message;
  }

  #makeReady(letter: Letter): void {
    this.#postponed.get(letter)?.();
    this.#postponed.delete(letter);
    this.#ready.push(letter);
  }

  #takeGivenUp(): Letter[] {
    const [old, young] = [true, false].map((is) => this.#ready.filter((it) => this.#isGivenUp(it) === is));
    this.#ready.splice(0, this.#ready.length, ...(young ?? []));
    return old ?? [];
  }

  #isGivenUp(letter: Letter): boolean {
    return this.#options.clock.monotonic() - letter.since >= PATIENCE_MS;
  }

  /** Nothing is lost in silence: the mail is a file then, and the log says where and why. */
  async #setAside(letter: Letter, reason: string): Promise<void> {
    const { outbox, logger } = this.#options;
    const to = maskedAddress(letter.mail.to);
    try {
      const file = await outbox.write(await this.#messageOf(letter));
      logger.warn('A mail could not be sent and was written to a file.', { to, reason, file });
    } catch (error) {
      logger.error('A mail could neither be sent nor written to a file: it is lost.', { to, reason }, error);
    }
  }
}
