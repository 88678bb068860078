import type { Mail } from '../../delivery/mailer.ts';
import {
  addressChangeNotice,
  addressKnownMail,
  confirmAddressMail,
  confirmNewAddressMail,
  passwordChangedMail,
  resetPasswordMail,
} from './account-mails.ts';
import { invitationMail } from './invitation-mail.ts';
import {
  destinationFailingNotice,
  pipelinePausedNotice,
  pipelineSwitchedOffNotice,
} from './pipeline-notices.ts';

/** 14:30 UTC on 21 November 2026, in milliseconds since 1970. */
const HALF_PAST_TWO = 1_795_271_400_000;

/** Every mail that there is, by name. `given` stands wherever somebody's own words do. */
export function everyMail(given: (word: string) => string = (word) => word): Readonly<Record<string, Mail>> {
  const addressed = { to: 'arthur@example.com', publicUrl: 'https://events.example.com' };
  const token = 'Zb3kq9TnW1cVYhXo7eRr5uJd0sLmPiAgFyQv2E8tKxM';
  const deed = { at: HALF_PAST_TWO, from: given('203.0.113.9') };
  const inviter = { name: given('Ford Prefect'), email: 'ford@example.com' };
  const invitation = { ...addressed, token, organization: given('Megadodo Publications'), inviter };
  const notice = {
    ...addressed,
    organization: given('Megadodo Publications'),
    source: given('Website'),
    pipeline: { id: 'p7WxYz', name: given('Readers to Customer.io') },
    destination: 'Customer.io',
    since: HALF_PAST_TWO - 3_600_000,
    reason: given('answered 503'),
    waiting: 1_204,
    retention: { ageMs: 7 * 86_400_000, bytes: 20 * 1024 ** 3 },
  };
  const refused = {
    ...notice,
    connection: given('Customer.io EU'),
    reason: given('answered 401 Unauthorized'),
  };
  return {
    'confirm-address': confirmAddressMail({ ...addressed, token, ...deed }),
    'address-known': addressKnownMail(addressed),
    'reset-password': resetPasswordMail({ ...addressed, token, ...deed }),
    'password-changed': passwordChangedMail({ ...addressed, ...deed }),
    'confirm-new-address': confirmNewAddressMail({
      ...addressed,
      token,
      oldAddress: given('dent@example.org'),
    }),
    'address-change': addressChangeNotice({ ...addressed, newAddress: given('dent@example.org'), ...deed }),
    'invitation-without-account': invitationMail(invitation),
    'invitation-with-account': invitationMail({ ...invitation, token: undefined }),
    'pipeline-paused': pipelinePausedNotice(refused),
    'failing-for-an-hour': destinationFailingNotice({ ...notice, hours: 1 }),
    'failing-for-a-day': destinationFailingNotice({ ...notice, hours: 24 }),
    'switched-off': pipelineSwitchedOffNotice(notice),
  };
}
