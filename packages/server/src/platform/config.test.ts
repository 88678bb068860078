import { describe, expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { SECRET_KEY_REMEDY } from './secret-key-text.ts';

/** The configuration of a command line and an environment that are expected to be good. */
function configOf(argv: readonly string[], environment: Record<string, string> = {}) {
  const reading = readConfig(argv, environment);
  if (reading.kind !== 'config') throw new Error(`expected a configuration, got ${JSON.stringify(reading)}`);
  return reading.config;
}

function complaintsOf(argv: readonly string[], environment: Record<string, string> = {}) {
  const reading = readConfig(argv, environment);
  return reading.kind === 'complaints' ? reading.complaints : [];
}

describe('readConfig', () => {
  test('with nothing given, the documented defaults are in force', () => {
    expect(configOf([])).toEqual({
      host: '127.0.0.1',
      port: 8080,
      data: './data',
      allowPrivate: [],
      trustedProxies: [],
      eventBytesMax: 15_360,
      sourceEventsPerSecond: 10_000,
      retention: { ageMs: 7 * 86_400_000, bytes: 20 * 1024 ** 3 },
      dedupWindowMs: 86_400_000,
      diskReserve: 1024 ** 3,
      signUp: 'open',
      logLevel: 'info',
    });
  });

  test('an option beats its variable, in both ways of writing it', () => {
    const environment = { METAROUTER_PORT: '1', METAROUTER_DATA: '/var/lib/metarouter' };
    const config = configOf(['--port', '9000', '--workspace=a=b.yaml'], environment);
    expect(config).toMatchObject({ port: 9000, data: '/var/lib/metarouter', workspace: 'a=b.yaml' });
  });

  test('--allow-private adds up, over options and commas, and is brought to one form', () => {
    const config = configOf(['--allow-private', '127.0.0.0/8, 10.1.2.3', '--allow-private=FD00:0::/8']);
    expect(config.allowPrivate).toEqual(['127.0.0.0/8', '10.1.2.3/32', 'fd00::/8']);
  });

  test('an empty variable counts as not set', () => {
    expect(configOf([], { METAROUTER_PORT: '' }).port).toBe(8080);
  });

  test.each([
    ['7d', { ageMs: 604_800_000, bytes: Number.POSITIVE_INFINITY }],
    ['500MB', { ageMs: Number.POSITIVE_INFINITY, bytes: 500 * 1024 ** 2 }],
    ['1TB, 12h', { ageMs: 43_200_000, bytes: 1024 ** 4 }],
  ])('retention %s', (text, retention) => {
    expect(configOf([], { METAROUTER_RETENTION: text }).retention).toEqual(retention);
  });

  test.each([
    ['1m', 60_000],
    ['90m', 5_400_000],
    ['28d', 28 * 86_400_000],
  ])('the window of repeats may be %s', (text, dedupWindowMs) => {
    expect(configOf([], { METAROUTER_DEDUP_WINDOW: text })).toMatchObject({ dedupWindowMs });
  });

  test.each(['59s', '29d', '0', 'forever'])('a window of repeats of %s is refused', (text) => {
    expect(complaintsOf([], { METAROUTER_DEDUP_WINDOW: text })).toEqual([
      `METAROUTER_DEDUP_WINDOW is '${text}': give a duration from 1m to 28d.`,
    ]);
  });

  test('the public address loses its last slash', () => {
    const config = configOf([], { METAROUTER_PUBLIC_URL: 'https://events.example.com/' });
    expect(config.publicUrl).toBe('https://events.example.com');
  });

  test('every complaint is told at once, each with its name, the bad value and the remedy', () => {
    const environment = {
      METAROUTER_PROT: '8080',
      METAROUTER_EVENT_BYTES_MAX: '1MB',
      METAROUTER_RETENTION: '7 days',
      METAROUTER_TRUSTED_PROXIES: '10.0.0.0/40',
      METAROUTER_LOG_LEVEL: 'loud',
      METAROUTER_PUBLIC_URL: 'events.example.com',
      OTHER: 'not ours',
    };
    expect(
      complaintsOf(
        ['--prot', '--port', '80a', '--data', '--workspace', 'a', '--workspace', 'b'],
        environment,
      ),
    ).toEqual([
      "METAROUTER_PROT is no setting: did you mean 'METAROUTER_PORT'?",
      "--prot is no option: did you mean '--port'?",
      '--data has no value: write --data FOLDER.',
      '--workspace is given twice: leave one out.',
      "--port is '80a': give a whole number from 0 to 65535.",
      "METAROUTER_PUBLIC_URL is 'events.example.com': give an address such as https://events.example.com.",
      "METAROUTER_TRUSTED_PROXIES is '10.0.0.0/40': give networks such as 127.0.0.0/8,fd00::/8.",
      "METAROUTER_EVENT_BYTES_MAX is '1MB': give a size from 1KB to 500KB.",
      "METAROUTER_RETENTION is '7 days': give an age, a size, or both, such as 7d,20GB.",
      "METAROUTER_LOG_LEVEL is 'loud': give one of trace, debug, info, warn, error, fatal, silent.",
    ]);
  });

  test('a secret is never shown, not even when something is wrong with it', () => {
    const environment = {
      METAROUTER_SECRET_KEY: 'c4n4ry',
      METAROUTER_SMTP_URL: 'smtp://ford:c4n4ry@',
      METAROUTER_OWNER_EMAIL: 'ford@example.com',
      METAROUTER_OWNER_PASSWORD: 'c4n4ry',
    };
    const complaints = complaintsOf([], environment);
    expect(complaints).toEqual([
      `METAROUTER_SECRET_KEY cannot be read (it is secret, so not shown): ${SECRET_KEY_REMEDY}.`,
      'METAROUTER_SMTP_URL cannot be read (it is secret, so not shown): give an address such as ' +
        'smtps://user:password@mail.example.com.',
      'METAROUTER_OWNER_PASSWORD cannot be read (it is secret, so not shown): give 8 characters to 1,024 bytes.',
    ]);
    expect(complaints.join()).not.toContain('c4n4ry');
  });

  test.each([
    ['METAROUTER_OWNER_EMAIL', 'ford@example.com', 'METAROUTER_OWNER_PASSWORD'],
    ['METAROUTER_OWNER_PASSWORD', 'so long and thanks', 'METAROUTER_OWNER_EMAIL'],
  ])('%s alone is a complaint', (variable, text, other) => {
    expect(complaintsOf([], { [variable]: text })).toEqual([
      `${variable} is given without ${other}: give both or neither.`,
    ]);
  });

  test('the database is a PostgreSQL address, taken as it is, or a complaint that does not show its password', () => {
    for (const databaseUrl of [
      'postgres://ford:t%40wel@db:5432/houston',
      'postgresql:///houston?host=/run/pg',
    ]) {
      expect(configOf([], { METAROUTER_DATABASE_URL: databaseUrl })).toMatchObject({ databaseUrl });
    }
    for (const url of [
      'mysql://ford:c4n4ry@db/houston',
      'postgres://ford:c4n#4ry@db/houston',
      'postgres://ford:42#c4n4ry@db/houston',
      'postgres://ford:42/c4n4ry@db/houston',
      'postgres:/ford:c4n4ry@db/houston',
      'db/houston',
    ]) {
      expect(complaintsOf([], { METAROUTER_DATABASE_URL: url })).toEqual([
        'METAROUTER_DATABASE_URL cannot be read (it is secret, so not shown): give an address such as ' +
          'postgres://user:password@host/database.',
      ]);
    }
  });

  test('the settings of mails and of the first Owner are read', () => {
    const config = configOf([], {
      METAROUTER_SMTP_URL: 'smtps://ford:towel@mail.example.com',
      METAROUTER_MAIL_FROM: 'Events <events@example.com>',
      METAROUTER_SIGN_UP: 'invited',
      METAROUTER_OWNER_EMAIL: 'Ford@Example.com',
      METAROUTER_OWNER_PASSWORD: 'so long and thanks',
    });
    expect(config).toMatchObject({
      smtpServer: {
        host: 'mail.example.com',
        tls: 'whole',
        credentials: { user: 'ford', password: 'towel' },
      },
      mailFrom: { name: 'Events', address: 'events@example.com' },
      signUp: 'invited',
      ownerEmail: 'ford@example.com',
      ownerPassword: 'so long and thanks',
    });
  });

  test.each(['5e'.repeat(32), 'a walk in the woods, with the dog'])(
    'the secret key may be %s',
    (secretKey) => {
      expect(configOf([], { METAROUTER_SECRET_KEY: secretKey })).toMatchObject({ secretKey });
    },
  );

  test('a stray word is a complaint too', () => {
    expect(complaintsOf(['workspace.yaml'])).toEqual([
      'workspace.yaml is no option: known are --workspace, --port, --data, --allow-private, --help',
    ]);
  });

  test('--help wins over everything and names every option', () => {
    const reading = readConfig(['--prot', '--help'], {});
    expect(reading).toMatchObject({ kind: 'help' });
    expect(reading.kind === 'help' && reading.help).toMatch(
      /--workspace FILE.*--port PORT.*--data FOLDER.*--allow-private CIDR/s,
    );
  });
});
