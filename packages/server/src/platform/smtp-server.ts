/** The mail server that takes our mails, from an address such as `smtps://user:password@mail.example.com`. Secret. */
export interface SmtpServer {
  readonly host: string;
  /** Undefined is the protocol's own: 587, or 465 when all of the connection is TLS. */
  readonly port: number | undefined;
  /**
   * `whole`: TLS from the first byte. `required`: STARTTLS, or nothing is sent. `offered`: STARTTLS where the server has it.
   * `never`: plain text, also when the server has STARTTLS.
   */
  readonly tls: 'whole' | 'required' | 'offered' | 'never';
  /** Whether the server's certificate must be one that this machine trusts. */
  readonly isCertificateChecked: boolean;
  /** Undefined when the server wants none. */
  readonly credentials: SmtpCredentials | undefined;
}

interface SmtpCredentials {
  readonly user: string;
  readonly password: string;
}

/** What may stand behind the question mark, each as `true` or `false`: nodemailer's names for it. */
const OPTIONS = ['requireTLS', 'ignoreTLS', 'tls.rejectUnauthorized'] as const;

/**
 * Reads such an address; undefined when it is none, or says something of which we know no meaning. With credentials, plain
 * `smtp:` requires STARTTLS unless `ignoreTLS=true` is written out: a password is not sent in clear text by accident.
 */
export function readSmtpServer(text: string): SmtpServer | undefined {
  const url = URL.parse(text);
  if (url === null || !isPlain(url)) return undefined;
  const options = readOptions(url.searchParams);
  const credentials = readCredentials(url);
  if (options === undefined || credentials === 'malformed') return undefined;
  const isWhole = url.protocol === 'smtps:';
  const isRequired = options.requireTLS ?? (credentials !== undefined && options.ignoreTLS !== true);
  const isContradiction = options.ignoreTLS === true && (isWhole || isRequired);
  if (isContradiction) return undefined;
  return {
    // An IPv6 address stands in brackets in a URL, and nowhere else.
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? undefined : Number(url.port),
    tls: isWhole ? 'whole' : isRequired ? 'required' : options.ignoreTLS === true ? 'never' : 'offered',
    isCertificateChecked: options['tls.rejectUnauthorized'] ?? true,
    credentials,
  };
}

function isPlain(url: URL): boolean {
  const isSmtp = url.protocol === 'smtp:' || url.protocol === 'smtps:';
  return isSmtp && url.hostname !== '' && /^\/?$/.test(url.pathname) && url.hash === '';
}

/** Undefined when there is one that we do not know, or one with a value that says neither yes nor no. */
function readOptions(
  params: URLSearchParams,
): Partial<Record<(typeof OPTIONS)[number], boolean>> | undefined {
  const options: Partial<Record<(typeof OPTIONS)[number], boolean>> = {};
  for (const [name, value] of params) {
    const known = OPTIONS.find((option) => option === name);
    if (known === undefined || (value !== 'true' && value !== 'false')) return undefined;
    options[known] = value === 'true';
  }
  return options;
}

function readCredentials(url: URL): SmtpCredentials | undefined | 'malformed' {
  if (url.username === '' && url.password === '') return undefined;
  try {
    const user = decodeURIComponent(url.username);
    const password = decodeURIComponent(url.password);
    return user === '' ? 'malformed' : { user, password };
  } catch {
    // A percent sign of the password that was not written as %25.
    return 'malformed';
  }
}
