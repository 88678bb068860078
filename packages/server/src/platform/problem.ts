/** Every mistake a caller can make, in one closed table: its status, and the words that the seed prescribes for it. */
export const PROBLEMS = {
  invalid_write_key: { status: 400, error: 'Bad Request', message: 'Invalid or missing writekey' },
  invalid_body: { status: 400, error: 'Bad Request', message: 'Error reading request body' },
  invalid_event: { status: 400, error: 'Bad Request', message: 'Invalid event' },
  invalid_batch: { status: 400, error: 'Bad Request', message: 'Invalid batch' },
  request_too_large: { status: 413, error: 'Request Entity Too Large', message: 'HTTP request too large' },
  event_too_large: { status: 413, error: 'Request Entity Too Large', message: 'HTTP request too large' },
  unsupported_encoding: {
    status: 415,
    error: 'Unsupported Media Type',
    message: 'Unsupported content encoding',
  },
  too_many_hosts: { status: 400, error: 'Bad Request', message: 'More than one Host header' },
  malformed_http: { status: 400, error: 'Bad Request', message: 'Malformed HTTP' },
  request_timeout: { status: 408, error: 'Request Timeout', message: 'Request took too long' },
  headers_too_large: { status: 431, error: 'Request Header Fields Too Large', message: 'Headers too large' },
  expectation_failed: { status: 417, error: 'Expectation Failed', message: 'Expectation failed' },
  not_found: { status: 404, error: 'Not Found', message: 'No such route' },
  unknown_source: { status: 404, error: 'Not Found', message: 'No source has this write key' },
  invalid_host: { status: 400, error: 'Bad Request', message: 'Invalid or missing Host header' },
  method_not_allowed: { status: 405, error: 'Method Not Allowed', message: 'Method not allowed' },
  over_rate: { status: 429, error: 'Too Many Requests', message: 'Too many events' },
  internal: { status: 500, error: 'Internal Server Error', message: 'An error of ours' },
  unavailable: { status: 503, error: 'Service Unavailable', message: 'Cannot take events just now' },
} as const satisfies Record<string, ProblemKind>;

interface ProblemKind {
  readonly status: number;
  readonly error: string;
  readonly message: string;
}

export type ProblemCode = keyof typeof PROBLEMS;

/** A caller's mistake, as a value: what is wrong (`details` names the field and the remedy) and which answer it gets. */
export interface Problem {
  readonly code: ProblemCode;
  readonly details: string;
  /** When the same request may succeed, in whole seconds from now. SDKs obey it up to `RETRY_AFTER_SECONDS_MAX`. */
  readonly retryAfterSeconds?: number;
}

/** The longest wait that SDKs obey: a longer one is cut to it, or taken for none at all. */
export const RETRY_AFTER_SECONDS_MAX = 300;

export function problem(code: ProblemCode, details = ''): Problem {
  return { code, details };
}

/** The body that answers a problem: the documented keys, and beside them those that the SDKs read. */
export function problemBody({ code, details }: Problem) {
  const { error, message } = PROBLEMS[code];
  return { Error: error, Message: message, Details: details, ...sdkKeys(code) };
}

/** Without `code` and `message` Python's SDK sends a refused request again; Ruby's reads `error`, Java's `success`. */
export function sdkKeys(code: ProblemCode) {
  const { error, message } = PROBLEMS[code];
  return { success: false, code, message, error };
}
