import { DESTINATIONS } from '@metarouter/destinations';
import type { DoorCounts } from './activity/door-counts.ts';
import type { LiveFeed } from './activity/live-feed.ts';
import type { RejectedSamples } from './activity/rejected-samples.ts';
import { SetUpLink } from './control/accounts/set-up-link.ts';
import { Background } from './control/background.ts';
import type { Lanes } from './control/ports.ts';
import type { Services } from './control/services.ts';
import { TrialLimits } from './control/trial-limits.ts';
import type { ControlStore } from './control-store.ts';
import type { Mailer } from './delivery/mailer.ts';
import type { Clock } from './platform/clock.ts';
import { GuessLimits } from './platform/guess-limits.ts';
import type { Logger } from './platform/logger.ts';
import { MailLimits } from './platform/mail-limits.ts';
import type { Passwords } from './platform/passwords.ts';
import { SessionTokens } from './platform/session-tokens.ts';
import type { Config } from './platform/settings.ts';
import { QUESTIONS } from './router/messages.ts';
import type { RouterClient } from './router/router-client.ts';

export interface ControlParts {
  readonly config: Pick<Config, 'signUp'>;
  readonly clock: Clock;
  readonly controlStore: ControlStore;
  readonly passwords: Passwords;
  readonly mailer: Mailer;
  /** Where people reach this server; asked for once it listens. */
  readonly publicUrl: () => string;
  /** Asks the lanes; rejects while there are none. */
  readonly ask: RouterClient['ask'];
  readonly ledger: Lanes['ledger'];
  readonly live: LiveFeed;
  readonly rejected: RejectedSamples;
  readonly doorCounts: DoorCounts;
  readonly logger: Pick<Logger, 'warn'>;
  readonly onBug: (error: unknown) => void;
}

/** What the control API works with, made of what the other rooms have. */
export function controlServices({ controlStore, ask, ...parts }: ControlParts): Services {
  const { clock, mailer, live, rejected, logger, onBug } = parts;
  return {
    clock,
    store: controlStore.store,
    destinations: DESTINATIONS,
    passwords: parts.passwords,
    sessions: new SessionTokens(controlStore.secretKey, clock),
    guesses: new GuessLimits(clock),
    mailLimits: new MailLimits(clock),
    trials: new TrialLimits(clock),
    mail: (mail) => void mailer.send(mail),
    get publicUrl() {
      return parts.publicUrl();
    },
    signUp: parts.config.signUp,
    setUp: new SetUpLink(),
    background: new Background(onBug, ({ message }) =>
      logger.warn('What was to follow an answer, such as a mail, was not done.', { reason: message }),
    ),
    lanes: {
      trace: (event) => ask(QUESTIONS.trace, event),
      deadLetters: (page) => ask(QUESTIONS.deadLetters, page),
      reasons: (pipeline) => ask(QUESTIONS.reasons, pipeline),
      redeliver: (choice) => ask(QUESTIONS.redeliver, choice),
      replay: (wish) => ask(QUESTIONS.replay, wish),
      replays: (which) => ask(QUESTIONS.replays, which),
      changeReplay: (wish) => ask(QUESTIONS.changeReplay, wish),
      ledger: parts.ledger,
      preview: (wish) => ask(QUESTIONS.preview, wish),
      testConnection: (wish) => ask(QUESTIONS.testConnection, wish),
      recent: (page) => ask(QUESTIONS.recent, page),
      async counts(range) {
        // What the door has counted since it told the lanes last.
        await parts.doorCounts.handOver();
        return ask(QUESTIONS.counts, range);
      },
    },
    activity: {
      rejected: (source) => rejected.of(source),
      live: (source) => live.watch(source),
    },
    logger,
    onBug,
  };
}
