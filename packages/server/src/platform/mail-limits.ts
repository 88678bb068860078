import type { Clock } from './clock.ts';
import { networkOf } from './network-of.ts';
import { keyOf, type LimitAnswer, RecentUses, takeTogether } from './recent-uses.ts';

const DAY_MS = 86_400_000;

/**
 * Mails of one kind to one mailbox in 24 hours. Who waits for a mail asks for it some times more; a mailbox that somebody
 * else has flooded shall be usable still.
 */
export const MAILS_TO_A_MAILBOX_A_DAY = 10;
/** An office behind one address signs up on the first day of a project; one address cannot write to a whole list. */
export const MAILS_FROM_A_NETWORK_A_DAY = 500;
/** Somebody brings a large team in on one day. More than that is a list of addresses. */
export const INVITATIONS_BY_A_PERSON_A_DAY = 50;
/** A company of several teams, each brought in by its own Owner or by a program. */
export const INVITATIONS_OF_AN_ORGANIZATION_A_DAY = 200;

/**
 * How many mailboxes, networks, people and organizations are counted, each: at most some 10 MB where each key has its few
 * mails, and beyond, the one that was quiet for longest is forgotten.
 */
export const MAIL_KEYS_MAX = 20_000;

/** An invitation that is to be mailed. */
interface InvitationCount {
  readonly to: string;
  /** The id of whoever invites. */
  readonly inviter: string;
  /** The id of what they invite to. */
  readonly organization: string;
}

/**
 * Keeps this server from being used to flood mailboxes: in any 24 hours so many mails about accounts and no more, counted in
 * this process. Notices of what was done to an account are not counted: a flood must not hide them.
 */
export class MailLimits {
  readonly #clock: Clock;
  readonly #mailboxes = dayOf(MAILS_TO_A_MAILBOX_A_DAY);
  readonly #networks = dayOf(MAILS_FROM_A_NETWORK_A_DAY);
  readonly #inviters = dayOf(INVITATIONS_BY_A_PERSON_A_DAY);
  readonly #organizations = dayOf(INVITATIONS_OF_AN_ORGANIZATION_A_DAY);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Counts a mail that is to be sent, if there were not too many. Each kind is counted by itself: whoever floods a
   * mailbox with sign-ups does not keep its holder from a link to choose a new password.
   */
  takeMail(kind: string, to: string): LimitAnswer {
    return takeTogether([this.#mail(kind, to)], this.#clock.monotonic());
  }

  /** Counts that somebody at this client's address asks for a mail, whether there will be one or not. */
  takeRequest(address: string): LimitAnswer {
    return takeTogether([{ of: this.#networks, key: keyOf(networkOf(address)) }], this.#clock.monotonic());
  }

  /** Counts an invitation: of whom it is to, of whoever invites, and of the organization. */
  takeInvitation({ to, inviter, organization }: InvitationCount): LimitAnswer {
    const uses = [
      this.#mail('invitation', to),
      { of: this.#inviters, key: keyOf(inviter) },
      { of: this.#organizations, key: keyOf(organization) },
    ];
    return takeTogether(uses, this.#clock.monotonic());
  }

  #mail(kind: string, to: string) {
    return { of: this.#mailboxes, key: keyOf(kind, mailboxOf(to)) };
  }
}

function dayOf(max: number): RecentUses {
  return new RecentUses({ periodMs: DAY_MS, max, keysMax: MAIL_KEYS_MAX });
}

/**
 * Where a mail ends up, as far as can be told from the address: `ada+1@` and `ada+2@` are mostly Ada's, and domains in
 * wide letters are the plain ones. Only for counting: for accounts they are different addresses.
 */
function mailboxOf(address: string): string {
  const plain = address.trim().normalize('NFKC').toLowerCase();
  return plain.replace(/^([^+@]+)\+[^@]*@/, '$1@');
}
