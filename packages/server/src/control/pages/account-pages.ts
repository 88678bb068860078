import { LINKS } from '../mails/links.ts';
import type { Field, FormPage, Words } from './form-page.ts';

const EMAIL: Field = { name: 'email', label: 'E-mail address', kind: 'email', autocomplete: 'username' };
const NEW_PASSWORD: Field = {
  name: 'password',
  label: 'New password',
  kind: 'password',
  autocomplete: 'new-password',
};

/** What somebody reads who is signed in now. */
const signedIn = (heading: string): Words => ({
  heading,
  paragraphs: ['There is no dashboard yet. The explorer, where you try the API, knows you for 24 hours.'],
  link: { label: 'Open the explorer', to: 'explorer' },
  notes: [
    'After that, sign in with <code>createToken</code>: in the explorer, or from a program that posts to <code data-address="graphql">/graphql</code>.',
  ],
});

const isLost: Words = {
  heading: 'Open the link once more',
  paragraphs: [
    'Part of it is missing here. Open the link in the mail again, or copy the whole of it.',
    'Did you load this page again? It keeps no link, so that nobody finds one here later.',
  ],
};

/** The pages that mailed links and the set-up link open. */
export const ACCOUNT_PAGES: Readonly<
  Record<'confirm' | 'forgotten' | 'reset' | 'invitation' | 'setUp', FormPage>
> = {
  confirm: {
    operation: 'confirmEmail',
    asks: {
      heading: 'Confirm your e-mail address',
      paragraphs: ['You opened the link that we mailed to you. Confirm that the address is yours.'],
    },
    fields: [],
    button: 'Confirm my address',
    busy: 'Confirming…',
    done: signedIn('Your address is confirmed'),
    isVoid: {
      heading: 'This link does not work any more',
      paragraphs: [
        `It works once, within ${LINKS.confirm.validFor}. If you confirmed your address already, there is nothing to do: <a href="./">sign in</a>.`,
        'If not, sign up once more: then we mail you a new link.',
      ],
    },
    isLost,
  },
  forgotten: {
    operation: 'requestPasswordReset',
    asks: {
      heading: 'You forgot your password?',
      paragraphs: ['Give the address of your account. We mail you a link to choose a new password with.'],
    },
    fields: [EMAIL],
    button: 'Mail me a link',
    busy: 'Asking…',
    done: {
      heading: 'Look into your mail',
      paragraphs: [
        `The link works once, within ${LINKS.reset.validFor}. When nothing has come after some minutes, look among the unwanted mails, or <a href="reset">ask again</a>.`,
      ],
    },
  },
  reset: {
    operation: 'resetPassword',
    asks: {
      heading: 'Choose a new password',
      paragraphs: ['It signs you out everywhere else.'],
    },
    fields: [NEW_PASSWORD],
    button: 'Set the new password',
    busy: 'Setting it…',
    done: signedIn('You have a new password'),
    isVoid: {
      heading: 'This link does not work any more',
      paragraphs: [
        `It works once, within ${LINKS.reset.validFor}, and only the last one that you asked for.`,
      ],
      link: { label: 'Ask for a new link', to: 'reset' },
    },
    isLost,
  },
  invitation: {
    operation: 'resetPassword',
    asks: {
      heading: 'Join your team on MetaRouter',
      paragraphs: ['Choose a password, and your account is ready.'],
    },
    fields: [{ ...NEW_PASSWORD, label: 'Password' }],
    button: 'Accept the invitation',
    busy: 'Accepting…',
    done: signedIn('Welcome to MetaRouter'),
    isVoid: {
      heading: 'This invitation does not work any more',
      paragraphs: [
        `It works once, within ${LINKS.invitation.validFor}. If you accepted it already, there is nothing to do: <a href="./">sign in</a>.`,
        'If not, ask for a link to choose your password with: the invitation holds.',
      ],
      link: { label: 'Ask for a link', to: 'reset' },
    },
    isLost,
  },
  setUp: {
    operation: 'setUp',
    asks: {
      heading: 'Set up MetaRouter',
      paragraphs: ['Make the first account of this server. It owns the organization that you name.'],
    },
    fields: [
      { ...EMAIL, label: 'Your e-mail address' },
      { ...NEW_PASSWORD, label: 'Password' },
      { name: 'firstName', label: 'First name', kind: 'text', autocomplete: 'given-name', isOptional: true },
      { name: 'lastName', label: 'Last name', kind: 'text', autocomplete: 'family-name', isOptional: true },
      { name: 'organization', label: 'Organization', kind: 'text', autocomplete: 'organization' },
    ],
    button: 'Make my account',
    busy: 'Making it…',
    done: signedIn('MetaRouter is set up'),
    isVoid: {
      heading: 'This link does not work any more',
      paragraphs: [
        'It works as long as nobody has an account here. If you made yours already, <a href="./">sign in</a>.',
        'If not, take the link from what the server printed when it last started: each start makes a new one.',
      ],
    },
    isLost: {
      heading: 'Open the link once more',
      paragraphs: [
        'Part of it is missing here. Open the link that the server printed when it started, the whole of it.',
        'Did you load this page again? It keeps no link, so that nobody finds one here later.',
      ],
    },
  },
};
