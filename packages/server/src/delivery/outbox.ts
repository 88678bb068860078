import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, dateOf } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import { maskedAddress } from '../platform/mail-address.ts';
import type { MailCarrier, MailMessage } from './mail.ts';

/** Mails hold links that sign people in: nobody but the operator reads them. */
const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** A folder of mails, each a file `<time>-<id>.eml`: sorted by name they are sorted by time. */
export class Outbox {
  readonly #directory: string;
  readonly #clock: Clock;
  #lastAt = 0;

  constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#clock = clock;
  }

  /**
   * Writes a mail, whole and synced: under its name there is never half of one. Resolves with the file's path. Rejects when
   * the disk does not take it.
   */
  async write({ bytes }: MailMessage): Promise<string> {
    const file = join(this.#directory, this.#nextName());
    const unfinished = `${file}.part`;
    await mkdir(this.#directory, { recursive: true, mode: DIRECTORY_MODE });
    try {
      await writeSynced(unfinished, bytes);
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    return file;
  }

  /** Two mails of one millisecond keep their order: the second is dated one later. */
  #nextName(): string {
    this.#lastAt = Math.max(this.#clock.now(), this.#lastAt + 1);
    // Colons are not allowed in the names of every file system.
    const time = dateOf(this.#lastAt).toISOString().replaceAll(':', '-');
    return `${time}-${randomBytes(4).toString('hex')}.eml`;
  }
}

/** The outbox as the way that all mails go, where there is no server: the log says where each one is. */
export function outboxCarrier(outbox: Pick<Outbox, 'write'>, logger: Pick<Logger, 'info'>): MailCarrier {
  return {
    async carry(message) {
      try {
        const file = await outbox.write(message);
        const to = maskedAddress(message.to);
        logger.info('A mail was written to a file, as no mail server is set.', { to, file });
        return { kind: 'taken' };
      } catch (error) {
        return { kind: 'unreachable', reason: error instanceof Error ? error.message : String(error) };
      }
    },
    close: () => undefined,
  };
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', FILE_MODE);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
