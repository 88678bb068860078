/** Who a mail is from: an address, and the name that people see. */
export interface MailSender {
  readonly name: string;
  readonly address: string;
}

/** The longest address that mail servers take (RFC 5321, 4.5.3.1.3), in characters. */
const ADDRESS_CHARACTERS_MAX = 254;
/** The longest part before the `@` (RFC 5321, 4.5.3.1.1), in characters. */
const LOCAL_CHARACTERS_MAX = 64;

/** Letters of any script, so that international names work; nothing that means something in a header. */
const LOCAL_PART = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN = /^[\p{L}\p{N}]([\p{L}\p{M}\p{N}-]{0,62})(\.[\p{L}\p{N}][\p{L}\p{M}\p{N}-]{0,62})*$/u;

/** What would end a header's line or a quoted name, and all other characters that cannot be seen. */
const NOT_IN_NAMES = /[\p{C}"<>]/u;

/** Whether this is one plain address such as `ford@example.com`: no name, no list, no quotes, no line breaks. */
export function isMailAddress(text: string): boolean {
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0));
  const isSized = text.length <= ADDRESS_CHARACTERS_MAX && local.length <= LOCAL_CHARACTERS_MAX;
  return isSized && LOCAL_PART.test(local) && DOMAIN.test(text.slice(at + 1));
}

/** A sender written as `ford@example.com` or `Ford Prefect <ford@example.com>`; undefined when it is neither. */
export function readMailSender(text: string): MailSender | undefined {
  const [, named = '', bracketed] = /^(.*)<([^<>]*)>$/.exec(text.trim()) ?? [];
  const address = (bracketed ?? text).trim();
  const name = named.trim().replace(/^"(.*)"$/, '$1');
  return isMailAddress(address) && !NOT_IN_NAMES.test(name) ? { name, address } : undefined;
}

/** An address for a log: enough to recognize one's own, too little to write to: `f…@example.com`. */
export function maskedAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const first = String.fromCodePoint(address.codePointAt(0) ?? 0x3f);
  return at > 0 ? `${first}…${address.slice(at).replace(/\p{C}/gu, '')}` : '…';
}

/** Who mails are from when nobody said: the server's user where that is an address, else the public address' host. */
export function standardMailSender(smtpUser: string | undefined, publicUrl: string | undefined): MailSender {
  const fromUser = smtpUser !== undefined && isMailAddress(smtpUser) ? smtpUser : undefined;
  const host = publicUrl === undefined ? undefined : URL.parse(publicUrl)?.hostname;
  const fromHost = host !== undefined && isDomainName(host) ? `metarouter@${host}` : undefined;
  return { name: 'MetaRouter', address: fromUser ?? fromHost ?? 'metarouter@localhost' };
}

/** No mail is from a bare IP address. */
function isDomainName(host: string): boolean {
  return isMailAddress(`metarouter@${host}`) && !/^[\d.]+$/.test(host);
}
