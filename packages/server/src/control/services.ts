import type { Destination } from '@metarouter/destinations';
import type { Mail } from '../delivery/mailer.ts';
import type { Clock } from '../platform/clock.ts';
import type { GuessLimits } from '../platform/guess-limits.ts';
import type { Logger } from '../platform/logger.ts';
import type { MailLimits } from '../platform/mail-limits.ts';
import type { Passwords } from '../platform/passwords.ts';
import type { SessionTokens } from '../platform/session-tokens.ts';
import type { Store } from '../store/store.ts';
import type { SetUpLink } from './accounts/set-up-link.ts';
import type { Background } from './background.ts';
import type { Activity, Lanes } from './ports.ts';
import type { TrialLimits } from './trial-limits.ts';

/** What the control API works with: handed in once, when the server starts. */
export interface Services {
  readonly clock: Clock;
  readonly store: Store;
  readonly destinations: ReadonlyMap<string, Destination>;
  readonly passwords: Passwords;
  readonly sessions: SessionTokens;
  readonly guesses: GuessLimits;
  readonly mailLimits: MailLimits;
  readonly trials: TrialLimits;
  /** Takes a mail to be sent. Never waits for it, and never fails. */
  readonly mail: (mail: Mail) => void;
  /** Where people reach this server, without a slash at its end. */
  readonly publicUrl: string;
  /** Who may make an account: anybody, or only who was invited. */
  readonly signUp: 'open' | 'invited';
  /** The first account's link; it works while there is no account. */
  readonly setUp: SetUpLink;
  readonly background: Background;
  readonly lanes: Lanes;
  readonly activity: Activity;
  /** For what an operator should look at. */
  readonly logger: Pick<Logger, 'warn'>;
  readonly onBug: (error: unknown) => void;
}
