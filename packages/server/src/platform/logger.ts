import { type DestinationStream, destination, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from './settings.ts';

/**
 * What a line may carry besides its message: single values only, so that no body or credential slips in
 * inside an object.
 */
type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Writes lines for the operator. Messages are sentences with a capital and a full stop; what varies goes into
 * the fields.
 */
export interface Logger {
  /** For whoever looks for a fault in MetaRouter itself. */
  debug(message: string, fields?: LogFields): void;
  /** Something ordinary happened that an operator may want to see later. */
  info(message: string, fields?: LogFields): void;
  /** Something is not as it should be; MetaRouter copes, the operator may want to look. */
  warn(message: string, fields?: LogFields): void;
  /** Something failed that should not; `error` is what was thrown, with its causes. */
  error(message: string, fields?: LogFields, error?: unknown): void;
}

/** File descriptor of standard error: standard output belongs to the start-up text. */
const STANDARD_ERROR = 2;

/** Fields with such a name are never written, whatever they hold. */
const SECRET_NAME =
  /secret|password|passphrase|token|authorization|cookie|credential|api_?key|signature|body|payload/i;

/** Fields with such a name hold a write key, of which only the beginning is written. */
const WRITE_KEY_NAME = /^(source|sourceId|writeKey|write_key)$/;

/** As much of a write key as tells two apart, and no more. */
const WRITE_KEY_CHARACTERS_SHOWN = 4;

/**
 * A logger of JSON lines on standard error, each with `level`, `time` (ISO 8601) and `msg`; `stream` takes
 * them in tests.
 */
export function createLogger(
  level: LogLevel,
  // Written at once: the last words before a crash are the ones that matter.
  stream: DestinationStream = destination({ fd: STANDARD_ERROR, sync: true }),
): Logger {
  const log = pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  return {
    debug: (message, fields = {}) => log.debug(redact(fields), message),
    info: (message, fields = {}) => log.info(redact(fields), message),
    warn: (message, fields = {}) => log.warn(redact(fields), message),
    error: (message, fields = {}, error = undefined) => {
      const err = error === undefined || error instanceof Error ? error : new Error(String(error));
      log.error({ ...redact(fields), err }, message);
    },
  };
}

function redact(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => {
      if (SECRET_NAME.test(name)) return [name, '[redacted]'];
      if (WRITE_KEY_NAME.test(name) && value !== undefined) return [name, shortened(String(value))];
      return [name, value];
    }),
  );
}

/** The beginning of a write key: enough to recognize one's own, too little to use it. */
function shortened(writeKey: string): string {
  return `${writeKey.slice(0, Math.min(WRITE_KEY_CHARACTERS_SHOWN, writeKey.length - 1))}…`;
}
