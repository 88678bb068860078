/** A request without its body. All of it is checked, for it is made of what people and events say. */
export interface RequestHead {
  readonly method: string;
  /** The URL's path and query, percent-encoded. */
  readonly path: string;
  /** The URL's host, with brackets around an IPv6 address, and the port where it is not the scheme's. */
  readonly host: string;
  /** Name and value in turn. */
  readonly headers: readonly string[];
}

/** Why a request cannot be written, now or ever. Its message completes "not a valid request: …". */
export class UnwritableRequest extends Error {
  override readonly name = 'UnwritableRequest';
  /** Whether a header is at fault, which comes from the set-up; all the rest comes from the event. */
  readonly isAboutHeader: boolean;

  constructor(message: string, isAboutHeader: boolean) {
    super(message);
    this.isAboutHeader = isAboutHeader;
  }
}

/** What RFC 9110 §5.6.2 calls a token. */
const TOKEN = /^[!#$%&'*+\-.^_`|~\w]+$/;
const PATH = /^\/[\x21-\x7e]*$/;
const HOST = /^[\x21-\x7e]+$/;
/** Latin-1 without control characters. Above all no CR and LF, which would end the header and begin another one. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers about the connection, or about where the request ends: they are for this module alone to write. */
const OWN_HEADERS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Methods that mean nothing by their content. */
const WITHOUT_CONTENT = new Set(['DELETE', 'GET']);

/** Names of headers that were checked: the same few come with every request. */
const checkedNames = new Set<string>();
/** More than any set-up has. Names beyond these are checked each time. */
const CHECKED_NAMES_MAX = 1_000;

/**
 * The request as it goes over the wire, in one piece (RFC 9112 §3): each character stands for the byte of its number, as
 * in Latin-1. For Node that is the cheapest thing to write. Throws UnwritableRequest.
 */
export function requestText({ method, path, host, headers }: RequestHead, body: Uint8Array | string): string {
  if (!TOKEN.test(method)) throw new UnwritableRequest('its method is not a word', false);
  if (!PATH.test(path) || !HOST.test(host)) throw new UnwritableRequest('its URL has odd characters', false);
  const content = bytesAsText(body);
  let text = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (let at = 0; at < headers.length; at += 2) text += headerLine(headers[at] ?? '', headers[at + 1] ?? '');
  // Where a method means something by its content, it is also said that there is none (RFC 9110 §8.6).
  if (content !== '' || !WITHOUT_CONTENT.has(method)) text += `content-length: ${content.length}\r\n`;
  return `${text}\r\n${content}`;
}

function headerLine(name: string, value: string): string {
  if (!checkedNames.has(name)) checkName(name);
  if (!HEADER_VALUE.test(value)) throw new UnwritableRequest(`the header ${name} has odd characters`, true);
  return `${name}: ${value}\r\n`;
}

function checkName(name: string): void {
  if (!TOKEN.test(name)) throw new UnwritableRequest('the name of a header is not a word', true);
  if (OWN_HEADERS.has(name.toLowerCase()))
    throw new UnwritableRequest(`the header ${name} cannot be set`, true);
  if (checkedNames.size < CHECKED_NAMES_MAX) checkedNames.add(name);
}

/** The bytes of a body, of text in UTF-8, each as one character. */
function bytesAsText(body: Uint8Array | string): string {
  // Text with as many bytes as characters is ASCII, and stays as it is.
  if (typeof body === 'string' && Buffer.byteLength(body) === body.length) return body;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
