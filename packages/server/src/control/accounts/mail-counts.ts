import { maskedAddress } from '../../platform/mail-address.ts';
import type { StoredUser } from '../../store/users.ts';
import { personOf } from '../caller.ts';
import type { Context } from '../context.ts';
import { refuseBeyond } from '../refuse-beyond.ts';
import { countGuess } from './guessing.ts';
import type { Visit } from './visit.ts';

/** Counts that a stranger asks for a mail to this address; a Refusal when there were too many, known address or not. */
export function countMailRequest(visit: Visit, surface: 'sign up' | 'ask for reset', email: string): void {
  countGuess(visit, surface, email);
  refuseBeyond(
    visit.services.mailLimits.takeRequest(visit.address),
    'Too many mails were asked for from here today.',
  );
}

/**
 * Counts a mail that a stranger asked for. With false there is none, nor the link for it, as the address had too many today;
 * whoever asks is not told, as that would tell whether the address has an account.
 */
export function mayMail({ services }: Visit, kind: 'sign up' | 'reset' | 'new address', to: string): boolean {
  const { ok } = services.mailLimits.takeMail(kind, to);
  const message = 'Too many mails about accounts were asked for to one address: this one is not sent.';
  if (!ok) services.logger.warn(message, { kind, to: maskedAddress(to) });
  return ok;
}

/** Counts that the holder of an account wants another address; a Refusal when that was too often, whatever address it was. */
export function countAddressChange({ services }: Visit, holder: Pick<StoredUser, 'email'>): void {
  // Each is told to the old address, too.
  refuseBeyond(
    services.mailLimits.takeMail('address change', holder.email),
    'Your address was to be changed too often today.',
  );
}

/** Counts an invitation; a Refusal when there were too many: to this address, by this person, or of this organization. */
export function countInvitation({ caller, services, grant }: Context, to: string): void {
  const { organization } = grant;
  const inviter = personOf(caller);
  refuseBeyond(
    services.mailLimits.takeInvitation({ to, inviter, organization }),
    'Too many people were invited today.',
  );
}
