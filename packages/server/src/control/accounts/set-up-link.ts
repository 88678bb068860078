import { timingSafeEqual } from 'node:crypto';
import { hashOf, newToken } from '../../platform/one-time-tokens.ts';

/** The link for the first account: its token is in the start-up text alone, and dies with the process. */
export class SetUpLink {
  /** For the one who started the server. */
  readonly token: string;
  readonly #hash: Buffer;

  constructor() {
    const { token, hash } = newToken();
    this.token = token;
    this.#hash = Buffer.from(hash);
  }

  isToken(given: string): boolean {
    return timingSafeEqual(this.#hash, Buffer.from(hashOf(given)));
  }
}
