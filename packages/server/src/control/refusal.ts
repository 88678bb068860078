/** Every reason for which the control API refuses an operation, in one closed list: what `code` may be. */
const REFUSAL_CODES = [
  'BAD_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'CONFLICT',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

/** What is wrong with one argument. */
export interface FieldFault {
  /** The argument, with dots and brackets into it: `details.urls[1]`. */
  readonly field: string;
  /** What would be right: completes "details.urls[1] …". */
  readonly message: string;
}

/**
 * An operation that is not done, for a reason that its caller is told: thrown by resolvers. It becomes `success: false`
 * where a StatusMessage or a Token is the answer, and an error with `extensions.code` elsewhere. Any other error is a bug:
 * it is logged, and the caller reads only that it was ours.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;
  readonly faults: readonly FieldFault[];

  /** `message` is for people: what is wrong, and what to do about it. */
  constructor(code: RefusalCode, message: string, faults: readonly FieldFault[] = []) {
    super(message);
    this.code = code;
    this.faults = faults;
  }
}

/** What the caller gave cannot be used: each fault is named. */
export function badInput(faults: readonly FieldFault[]): Refusal {
  const message = faults.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new Refusal('BAD_INPUT', message === '' ? 'The input cannot be used.' : `${message}.`, faults);
}

/** One word for what does not exist and for what is not the caller's: nobody learns which ids there are. */
export function notFound(what: string): Refusal {
  return new Refusal('NOT_FOUND', `There is no ${what} with this id, or it is not yours.`);
}

/** The database is away: nobody's mistake, and no bug. */
export function withoutDatabase(): Refusal {
  return new Refusal(
    'UNAVAILABLE',
    'The database cannot be reached just now. Events are taken and delivered meanwhile: try again in some seconds.',
  );
}
