import { Refusal, type RefusalCode } from './refusal.ts';

/** The status of a request that is refused as a whole. What a field refuses is answered with 200, as GraphQL has it. */
const STATUS: Readonly<Record<RefusalCode, number>> = {
  BAD_INPUT: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  INTERNAL: 500,
};

/** A request that is refused before its operation is looked at, with a status of its own. */
export class HttpRefusal extends Refusal {
  readonly status: number;

  constructor(status: number, message: string) {
    super('BAD_INPUT', message);
    this.status = status;
  }
}

/** The status that answers a request which is refused for this. */
export function statusOf(refusal: Refusal): number {
  return refusal instanceof HttpRefusal ? refusal.status : STATUS[refusal.code];
}
