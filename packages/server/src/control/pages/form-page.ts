import { PASSWORD_CHARACTERS_MIN } from '../../platform/passwords.ts';
import { framed } from './page-frame.ts';

/** A page with one button, which sends one mutation. All words are HTML. */
export interface FormPage {
  /** As `page.js` knows it. */
  readonly operation: 'confirmEmail' | 'requestPasswordReset' | 'resetPassword' | 'setUp';
  readonly asks: Words;
  readonly fields: readonly Field[];
  readonly button: string;
  /** What the button says while the server is at work. */
  readonly busy: string;
  /** When it went well. The server's own words come first. */
  readonly done: Words;
  /** When the token of the link does not work. */
  readonly isVoid?: Words;
  /** When there is no token, as the link was cut off or the page loaded again. */
  readonly isLost?: Words;
}

/** Part of a page. */
export interface Words {
  readonly heading: string;
  readonly paragraphs: readonly string[];
  readonly link?: { readonly label: string; readonly to: string };
  /** Small print. */
  readonly notes?: readonly string[];
}

/** Something to fill in. */
export interface Field {
  /** The name of the mutation's argument. */
  readonly name: string;
  readonly label: string;
  readonly kind: 'text' | 'email' | 'password';
  /** For the programs that fill in forms (HTML, section 4.10.18.7). */
  readonly autocomplete: string;
  readonly isOptional?: true;
}

/** The page as HTML: the form, and hidden beside it what may come of it. */
export function formPage({ operation, asks, fields, button, busy, ...outcomes }: FormPage): string {
  const { done, isVoid, isLost } = outcomes;
  const content = [
    '<noscript><p>This page needs JavaScript. Switch it on, then open the link once more.</p></noscript>',
    // Were it ever sent without the script, passwords would not be in the address.
    `<form data-operation="${operation}" method="post" novalidate>`,
    said(asks),
    ...fields.map(fieldHtml),
    `<button type="submit" data-busy="${busy}">${button}</button>`,
    '<p class="notice" role="alert"></p>',
    '<p class="heard" role="status"></p>',
    '</form>',
    outcome('done', done, '<p data-message></p>'),
    ...(isVoid ? [outcome('void', isVoid)] : []),
    ...(isLost ? [outcome('lost', isLost)] : []),
  ];
  return framed({ title: asks.heading, content: content.join('\n') });
}

function outcome(state: string, words: Words, first = ''): string {
  return `<section data-state="${state}" hidden>\n${said(words, first)}\n</section>`;
}

function said({ heading, paragraphs, link, notes = [] }: Words, first = ''): string {
  return [
    `<h1 tabindex="-1">${heading}</h1>`,
    first,
    ...paragraphs.map((text) => `<p>${text}</p>`),
    ...(link ? [`<a class="button" href="${link.to}">${link.label}</a>`] : []),
    ...(notes.length > 0
      ? [`<div class="notes">${notes.map((text) => `<p>${text}</p>`).join('')}</div>`]
      : []),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function fieldHtml(field: Field): string {
  const { name, label, kind, autocomplete, isOptional } = field;
  const about = [`${name}-fault`, ...(kind === 'password' ? [`${name}-hint`] : [])].join(' ');
  const common = `id="${name}" name="${name}" autocomplete="${autocomplete}" aria-describedby="${about}"`;
  return [
    '<div class="field">',
    `<label for="${name}">${label}${isOptional ? ' <span>optional</span>' : ''}</label>`,
    `<input ${common} ${ATTRIBUTES[kind]}${isOptional ? '' : ' required'}>`,
    ...(kind === 'password' ? [passwordExtras(name)] : []),
    `<p class="fault" id="${name}-fault"></p>`,
    '</div>',
  ].join('\n');
}

/**
 * Browsers write the domain of what is in a field of the type email in ASCII: to us that would be another address than
 * the one that somebody signed up with.
 */
const ATTRIBUTES: Readonly<Record<Field['kind'], string>> = {
  text: 'type="text"',
  email: 'type="text" inputmode="email" autocapitalize="none" spellcheck="false"',
  password: `type="password" minlength="${PASSWORD_CHARACTERS_MIN}" spellcheck="false"`,
};

function passwordExtras(name: string): string {
  return `<button type="button" class="reveal" aria-controls="${name}" aria-label="Show the password">Show</button>
<p class="hint" id="${name}-hint">At least ${PASSWORD_CHARACTERS_MIN} characters.</p>`;
}
