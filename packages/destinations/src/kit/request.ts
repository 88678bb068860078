/** A request as data: what is to be sent, without sending it. */
export interface OutgoingRequest {
  /**
   * Names the request among those of one delivery, the same at every attempt: only unanswered ones are sent again. Where
   * events go together, those of the same name do.
   */
  readonly key: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Absolute; from a handler of a destination with an `api`, the path below the API's address. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value. A body that is the very event object is serialized once for all pipelines. Undefined for none. */
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

/** What delivers an event: at least one request. */
export interface Sending {
  readonly requests: readonly OutgoingRequest[];
  /** For people: what of the event is not sent, and why. */
  readonly notes: readonly string[];
}

/** The event is none of this destination's business, and why. */
export interface Skip {
  readonly skip: string;
}

/** The event is meant for this destination, which cannot take it, now or ever; and why. It becomes a dead letter. */
export interface Refusal {
  readonly refuse: string;
}

/** What becomes of an event at a destination. */
export type Answer = Sending | Skip | Refusal;

/** Leaves the event out; the reason is counted and shown. */
export function skip(reason: string): Skip {
  return { skip: reason };
}

/** Gives the event up; it is kept with the reason. */
export function refuse(reason: string): Refusal {
  return { refuse: reason };
}

interface RequestOptions {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly sign?: Signature | undefined;
}

/** Posts a JSON value. */
export function post(url: string, body: unknown, options: RequestOptions = {}): OutgoingRequest {
  return withJson('POST', url, body, options);
}

/** Puts a JSON value. */
export function put(url: string, body: unknown, options: RequestOptions = {}): OutgoingRequest {
  return withJson('PUT', url, body, options);
}

/** Deletes what the URL names. */
export function remove(url: string, options: RequestOptions = {}): OutgoingRequest {
  return withoutBody('DELETE', url, options);
}

/** Asks for what the URL names, which changes nothing. */
export function get(url: string, options: RequestOptions = {}): OutgoingRequest {
  return withoutBody('GET', url, options);
}

function withoutBody(
  method: 'GET' | 'DELETE',
  url: string,
  { key = url, headers = {} }: RequestOptions,
): OutgoingRequest {
  return { key, method, url, headers, body: undefined };
}

function withJson(
  method: 'POST' | 'PUT',
  url: string,
  body: unknown,
  { key = url, headers = {}, sign }: RequestOptions,
): OutgoingRequest {
  const request = { key, method, url, headers: { 'content-type': 'application/json', ...headers }, body };
  return sign === undefined ? request : { ...request, sign };
}

/** Tells a skip from the other answers. */
export function isSkip(answer: object): answer is Skip {
  return 'skip' in answer;
}

/** Tells a refusal from the other answers. */
export function isRefusal(answer: object): answer is Refusal {
  return 'refuse' in answer;
}
