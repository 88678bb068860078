import { NoAnswer } from './no-answer.ts';

/** What of an answer's status line and headers matters. Headers are absent, or as they came; repeated ones joined by `, `. */
export interface AnswerHead {
  readonly status: number;
  /** The second number of the HTTP version. */
  readonly minorVersion: number;
  contentLength?: string;
  transferEncoding?: string;
  connection?: string;
  keepAlive?: string;
  retryAfter?: string;
}

const STATUS_LINE = /^HTTP\/1\.\d [1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const MINOR_VERSION_AT = 'HTTP/1.'.length;
const STATUS_AT = 'HTTP/1.1 '.length;
const STATUS_DIGITS = 3;

/** A name, directly before its colon. White space between them is an error (RFC 9112 §5.1). */
const HEADER = /^[!#$%&'*+\-.^_`|~\w]+:[\t\x20-\x7e\x80-\xff]*$/;
/** A line break and white space: the header goes on in the next line, and means the same with a space (RFC 9112 §5.2). */
const FOLD = /\r\n[\t ]+/g;

/** Reads the lines of an answer up to the empty one. Throws NoAnswer where they are none. */
export function answerHeadOf(text: string): AnswerHead {
  const [statusLine = '', ...lines] = text.replace(FOLD, ' ').split('\r\n');
  if (!STATUS_LINE.test(statusLine)) throw new NoAnswer('no answer (it is malformed)');
  const head: AnswerHead = {
    status: Number(statusLine.slice(STATUS_AT, STATUS_AT + STATUS_DIGITS)),
    minorVersion: Number(statusLine[MINOR_VERSION_AT]),
  };
  for (const line of lines) take(line, head);
  return head;
}

function take(line: string, head: AnswerHead): void {
  if (!HEADER.test(line)) throw new NoAnswer('no answer (it is malformed)');
  const colon = line.indexOf(':');
  const value = line.slice(colon + 1).trim();
  switch (line.slice(0, colon).toLowerCase()) {
    case 'content-length':
      head.contentLength = joined(head.contentLength, value);
      break;
    case 'transfer-encoding':
      head.transferEncoding = joined(head.transferEncoding, value);
      break;
    case 'connection':
      head.connection = joined(head.connection, value);
      break;
    case 'keep-alive':
      head.keepAlive = joined(head.keepAlive, value);
      break;
    case 'retry-after':
      head.retryAfter = joined(head.retryAfter, value);
  }
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}
