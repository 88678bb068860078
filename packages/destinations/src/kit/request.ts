/** A request as data: what is to be sent, without sending it. */
export interface OutgoingRequest {
  /** Names the request among those of one delivery, the same at every attempt: only unanswered ones are sent again. */
  readonly key: string;
  readonly method: 'POST' | 'PUT';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value. A body that is the very event object is serialized once for all pipelines. */
  readonly body: unknown;
  readonly sign?: Signature;
}

/** How a request is to be signed at each attempt: declared here, done by whoever sends it. */
export interface Signature {
  /** `standard-webhooks`: HMAC-SHA256 over id, time and body. */
  readonly scheme: 'standard-webhooks';
  /** Base64, with or without its `whsec_` prefix. */
  readonly secret: string;
}

/** The event is none of this destination's business, and why. */
export interface Skip {
  readonly skip: string;
}

/** What a handler answers. */
export type Answer = readonly OutgoingRequest[] | Skip;

/** Leaves the event out; the reason is counted and shown. */
export function skip(reason: string): Skip {
  return { skip: reason };
}

interface PostOptions {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly sign?: Signature | undefined;
}

/** Posts a JSON value. */
export function post(
  url: string,
  body: unknown,
  { key = url, headers = {}, sign }: PostOptions = {},
): OutgoingRequest {
  const request = {
    key,
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', ...headers },
    body,
  } as const;
  return sign === undefined ? request : { ...request, sign };
}

/** Tells a skip from requests. */
export function isSkip(answer: Answer): answer is Skip {
  return 'skip' in answer;
}
