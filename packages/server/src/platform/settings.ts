import { z } from 'zod';
import { isMailAddress, readMailSender } from './mail-address.ts';
import { readCidrs } from './network.ts';
import { passwordFault } from './passwords.ts';
import { readBytes, readDuration, readRetention, readWhole } from './quantity.ts';
import { isSecretKeyText, SECRET_KEY_REMEDY } from './secret-key-text.ts';
import { readSmtpServer } from './smtp-server.ts';

/** What a person needs to know about one setting: where it is given, and what it does. */
export interface Setting {
  /** The environment variable, when it may be given there. */
  readonly variable?: string;
  /** The command line option, without its dashes, when it may be given there. */
  readonly option?: string;
  /** True when the option may be given several times: the values add up. */
  readonly repeatable?: boolean;
  /** What stands for the value in the help text. */
  readonly placeholder: string;
  /** True when the value is never shown, not even in the complaint about it. */
  readonly secret?: boolean;
  /** The variable that has to be given beside it, when one makes no sense without the other. */
  readonly beside?: string;
  /** The value in force when nothing is given, written as a person would write it. */
  readonly standard?: string;
  /** Full sentences, in Markdown. */
  readonly description: string;
}

/** What is known about each schema of `CONFIG`. */
const SETTINGS = z.registry<Setting>();

/** Levels of the log, from the most talkative. `silent` writes nothing. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** Who may make an account: everybody, or those alone whom an Owner invites. */
const SIGN_UPS = ['open', 'invited'] as const;

/** A smaller limit would refuse ordinary calls of the SDKs. */
const EVENT_BYTES_MIN = 1024;

/** A request holds at most 500 KB, so a larger event could never arrive. */
const EVENT_BYTES_LIMIT = 500 * 1024;

/** A shorter window would let the resends of a single retry through. */
const DEDUP_WINDOW_MIN_MS = 60_000;

/** What is remembered grows with the window: 16 bytes of disk and 2 bytes of memory an event. */
const DEDUP_WINDOW_MAX_MS = 28 * 86_400_000;

/** A reader of text as a schema; `remedy` says what a good value looks like. */
function as<T>(read: (text: string) => T | undefined, remedy: string) {
  return z.string().transform((text, context) => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: remedy });
    return z.NEVER;
  });
}

const networks = as(readCidrs, 'give networks such as 127.0.0.0/8,fd00::/8');

/**
 * Every setting of MetaRouter: this one table is the reading, the checking, the help and the documentation.
 */
export const CONFIG = z.object({
  workspace: z
    .string()
    .optional()
    .register(SETTINGS, {
      option: 'workspace',
      placeholder: 'FILE',
      description:
        'The workspace file: people, sources, connections and pipelines, as YAML. Each start writes it into the control ' +
        'store; what it does not name stays as it is. See `examples/workspace.yaml`.',
    }),
  host: z.string().prefault('127.0.0.1').register(SETTINGS, {
    variable: 'METAROUTER_HOST',
    placeholder: 'ADDRESS',
    standard: '127.0.0.1',
    description: 'The address to listen on. `0.0.0.0` listens on all of them, and so to the whole network.',
  }),
  port: as((text) => readWhole(text, 0, 65_535), 'give a whole number from 0 to 65535')
    .prefault('8080')
    .register(SETTINGS, {
      variable: 'METAROUTER_PORT',
      option: 'port',
      placeholder: 'PORT',
      standard: '8080',
      description: 'The port to listen on. `0` takes any free one; the start-up text says which.',
    }),
  data: z.string().prefault('./data').register(SETTINGS, {
    variable: 'METAROUTER_DATA',
    option: 'data',
    placeholder: 'FOLDER',
    standard: './data',
    description: 'The folder that holds the log and the state of the deliveries. It is made when absent.',
  }),
  publicUrl: as(readPublicUrl, 'give an address such as https://events.example.com')
    .optional()
    .register(SETTINGS, {
      variable: 'METAROUTER_PUBLIC_URL',
      placeholder: 'URL',
      description:
        'Where clients reach this server, when a proxy stands in front of it. The start-up text uses it, and so do the ' +
        'settings that SDKs fetch; without it these name the host that was called.',
    }),
  secretKey: as((text) => (isSecretKeyText(text) ? text : undefined), SECRET_KEY_REMEDY)
    .optional()
    .register(SETTINGS, {
      variable: 'METAROUTER_SECRET_KEY',
      placeholder: 'KEY',
      secret: true,
      description:
        'What the stored credentials are sealed under and the tokens of people signed in are made with: 32 random ' +
        'bytes in base64 or hexadecimal (`openssl rand -base64 32`), or a passphrase of at least 32 characters. Without ' +
        'it a key is made at the first start, in `secret.key` in the data folder. Keep a copy of either: without the ' +
        'key the stored credentials are lost.',
    }),
  allowPrivate: networks.prefault('').register(SETTINGS, {
    variable: 'METAROUTER_ALLOW_PRIVATE_DESTINATIONS',
    option: 'allow-private',
    repeatable: true,
    placeholder: 'CIDR',
    standard: '',
    description:
      'Private networks that destinations may be in. Nothing is sent to any other loopback, private, link-local ' +
      'or special address, so that a pipeline cannot reach into your own network.',
  }),
  trustedProxies: networks.prefault('').register(SETTINGS, {
    variable: 'METAROUTER_TRUSTED_PROXIES',
    placeholder: 'CIDR,…',
    standard: '',
    description:
      'Networks of your own proxies, whose `X-Forwarded-For` is believed for the address of a client.',
  }),
  eventBytesMax: as(readEventBytes, 'give a size from 1KB to 500KB').prefault('15KB').register(SETTINGS, {
    variable: 'METAROUTER_EVENT_BYTES_MAX',
    placeholder: 'SIZE',
    standard: '15KB',
    description:
      'The largest event, from `1KB` to `500KB`, the limit of a whole request. Segment allows `32KB`.',
  }),
  sourceEventsPerSecond: as((text) => readWhole(text, 0, 1_000_000), 'give a whole number from 0 to 1000000')
    .prefault('10000')
    .register(SETTINGS, {
      variable: 'METAROUTER_SOURCE_EVENTS_PER_SECOND',
      placeholder: 'EVENTS',
      standard: '10000',
      description:
        'How many events a second one source may send in the long run; it may catch up on ten seconds of them at ' +
        'once. Beyond that it is answered 429. The default is ten times what Segment takes from a whole workspace, ' +
        'and leaves room for the other sources when one runs wild. `0` is no limit.',
    }),
  retention: as(readRetention, 'give an age, a size, or both, such as 7d,20GB')
    .prefault('7d,20GB')
    .register(SETTINGS, {
      variable: 'METAROUTER_RETENTION',
      placeholder: 'AGE,SIZE',
      standard: '7d,20GB',
      description:
        'How long and how much of the log is kept, whichever is reached first. Ages in `s`, `m`, `h` or `d`. ' +
        'One of the two may be left out: then it is no limit.',
    }),
  dedupWindowMs: as(readDedupWindow, 'give a duration from 1m to 28d')
    .prefault('24h')
    .register(SETTINGS, {
      variable: 'METAROUTER_DEDUP_WINDOW',
      placeholder: 'DURATION',
      standard: '24h',
      description:
        'An event whose `messageId` its source has sent before within this time is taken for a repeat: it is answered ' +
        '200 and counted, but not delivered again. From `1m` to `28d`, in `s`, `m`, `h` or `d`.',
    }),
  diskReserve: as(readBytes, 'give a size such as 1GB').prefault('1GB').register(SETTINGS, {
    variable: 'METAROUTER_DISK_RESERVE',
    placeholder: 'SIZE',
    standard: '1GB',
    description:
      'Free space to leave on the disk: with less, events are refused (503) until there is room again.',
  }),
  databaseUrl: as(readDatabaseUrl, 'give an address such as postgres://user:password@host/database')
    .optional()
    .register(SETTINGS, {
      variable: 'METAROUTER_DATABASE_URL',
      secret: true,
      placeholder: 'URL',
      description:
        'The PostgreSQL database that holds accounts, organizations and their settings: ' +
        '`postgres://user:password@host:5432/database`, a database of its own. Special characters of the password are ' +
        'percent-encoded. `?sslmode=verify-full` insists on TLS and a valid certificate, `?sslrootcert=FILE` names who signed ' +
        'it. While it is away, events are taken and delivered as the last configuration says. Without this setting they are in `control.db`, a SQLite file in the data folder.',
    }),
  smtpServer: as(readSmtpServer, 'give an address such as smtps://user:password@mail.example.com')
    .optional()
    .register(SETTINGS, {
      variable: 'METAROUTER_SMTP_URL',
      secret: true,
      placeholder: 'URL',
      description:
        'The server that takes our mails: `smtps://user:password@host:465`, or `smtp://…:587`, which turns to TLS when the ' +
        'server can (with a user and password it has to). Special characters of the password are percent-encoded. ' +
        '`?ignoreTLS=true` keeps to plain text, `?requireTLS=true` insists on TLS, `?tls.rejectUnauthorized=false` takes any ' +
        'certificate. Without a server, mails are written to `outbox/*.eml` in the data folder.',
    }),
  mailFrom: as(readMailSender, 'give an address such as MetaRouter <metarouter@example.com>')
    .optional()
    .register(SETTINGS, {
      variable: 'METAROUTER_MAIL_FROM',
      placeholder: 'ADDRESS',
      description:
        'Who our mails are from, as `events@example.com` or `Events <events@example.com>`. Without it they are from the user of ' +
        '`METAROUTER_SMTP_URL` when that is an address, else from `metarouter@` the host of the public address.',
    }),
  signUp: as((text) => SIGN_UPS.find((signUp) => signUp === text), `give one of ${SIGN_UPS.join(', ')}`)
    .prefault('open')
    .register(SETTINGS, {
      variable: 'METAROUTER_SIGN_UP',
      placeholder: 'WHO',
      standard: 'open',
      description:
        'Who may make an account: `open` is everybody who can open a link mailed to them, `invited` is only who was ' +
        'added to an organization by one of its Owners.',
    }),
  ownerEmail: as(
    (text) => (isMailAddress(text) ? text.toLowerCase() : undefined),
    'give an address such as you@example.com',
  )
    .optional()
    .register(SETTINGS, {
      variable: 'METAROUTER_OWNER_EMAIL',
      beside: 'METAROUTER_OWNER_PASSWORD',
      placeholder: 'ADDRESS',
      description:
        'The e-mail address of the first Owner, whose account is made at the first start. It needs no confirmation. ' +
        'It is given together with `METAROUTER_OWNER_PASSWORD`; without them the start-up text has a link to set up the first account.',
    }),
  ownerPassword: as(readPassword, 'give 8 characters to 1,024 bytes')
    .optional()
    .register(SETTINGS, {
      variable: 'METAROUTER_OWNER_PASSWORD',
      beside: 'METAROUTER_OWNER_EMAIL',
      secret: true,
      placeholder: 'PASSWORD',
      description:
        'The password that the first Owner begins with, of at least 8 characters. It is not looked at any more when there is an ' +
        'account, so a password that was changed stays changed.',
    }),
  logLevel: as((text) => LOG_LEVELS.find((level) => level === text), `give one of ${LOG_LEVELS.join(', ')}`)
    .prefault('info')
    .register(SETTINGS, {
      variable: 'METAROUTER_LOG_LEVEL',
      placeholder: 'LEVEL',
      standard: 'info',
      description: `The least that is logged to standard error: ${LOG_LEVELS.map((level) => `\`${level}\``).join(', ')}.`,
    }),
});

/** The settings in force. Some are secret. Plain data: it may be posted to a worker thread. */
export type Config = Readonly<z.output<typeof CONFIG>>;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** Each setting with the name that it has in `Config`, in the order of the table. */
export function settingList(): readonly (readonly [name: string, setting: Setting])[] {
  return Object.entries(CONFIG.shape).flatMap(([name, schema]) => {
    const setting = SETTINGS.get(schema);
    return setting ? [[name, setting] as const] : [];
  });
}

function readEventBytes(text: string): number | undefined {
  const bytes = readBytes(text);
  return bytes !== undefined && bytes >= EVENT_BYTES_MIN && bytes <= EVENT_BYTES_LIMIT ? bytes : undefined;
}

function readDedupWindow(text: string): number | undefined {
  const windowMs = readDuration(text);
  const inBounds =
    windowMs !== undefined && windowMs >= DEDUP_WINDOW_MIN_MS && windowMs <= DEDUP_WINDOW_MAX_MS;
  return inBounds ? windowMs : undefined;
}

/**
 * As it is: what stands behind the scheme is for the PostgreSQL client. Where a slash is missing or a password is not
 * percent-encoded, the password would pass for a part of the place, which messages name.
 */
function readDatabaseUrl(text: string): string | undefined {
  const url = /^postgres(ql)?:\/\//i.test(text) ? URL.parse(text) : null;
  return url === null || url.hash !== '' || url.pathname.includes('@') ? undefined : text;
}

/** The same bounds that every password has. */
function readPassword(text: string): string | undefined {
  return passwordFault(text) === undefined ? text : undefined;
}

/** The address without its last slash, so that a path can be put behind it. */
function readPublicUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  const plain = url.search === '' && url.hash === '' && url.username === '' && /^https?:$/.test(url.protocol);
  return plain ? url.href.replace(/\/$/, '') : undefined;
}
