import { type Framing, framingOf } from './answer-framing.ts';
import { type AnswerHead, answerHeadOf } from './answer-head.ts';
import { NoAnswer } from './no-answer.ts';
import type { Answered } from './outcome.ts';

/** The status line and the headers, or the trailers, or the line before a chunk take no more: as much as most servers take. */
const HEADERS_BYTES_MAX = 16 * 1_024;
/** Interim answers (1xx) do not count as part of the answer. Who sends more of them never gets to the final one. */
const INTERIM_ANSWERS_MAX = 100;
/** Heads that came with no more than this are remembered: nearly all of them, and it is not much for each connection. */
const REMEMBERED_BYTES_MAX = 1_024;

/** How every answer begins. What begins otherwise is another protocol, and may never come to an end. */
const BEGINNING = 'HTTP/1.';
/** A recipient may take it for a line's end (RFC 9112 §2.2). We do not: nobody writes it any more. */
const LONE_LINE_FEED = /(?<!\r)\n/g;
/** Digits enough for any chunk that can be counted exactly. What stands behind a semicolon is for others. */
const CHUNK_SIZE = /^([\da-f]{1,13})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/i;

/** Of a chunk: one before its content, and one behind. */
const LINE_BREAKS_BYTES = 4;

/** What comes next, as soon as the content before it has been read. */
type Part = 'head' | 'chunk size' | 'chunk end' | 'trailers' | 'nothing';

/**
 * Reads the answers of one connection, one after the other, from pieces of any size (RFC 9112). It keeps the beginning of
 * the content and counts the rest.
 */
export class AnswerReader {
  #method = '';
  #keptBytesMax = 0;
  #contentBytesMax = 0;
  #next: Part = 'nothing';
  /** The beginning of that part, where its end has not come yet. */
  #begun = '';
  /** Bytes of content before it. */
  #left = 0;
  #interimAnswers = 0;
  #head: AnswerHead = { status: 0, minorVersion: 1 };
  #framing: Framing = { content: 0, keepMs: 0 };
  /** Of the last final answer: within a second those of one receiver mostly begin with the same bytes. */
  #rememberedHead = '';
  /** What stands around chunks counts too: or chunks of one byte would be many times the work of any other answer. */
  #contentBytes = 0;
  /** What is kept of the content, each byte as one character. */
  #kept = '';
  #keepMs = 0;

  /**
   * From now on comes the answer to a request with this method. Of its content the first `keptBytesMax` bytes are kept; as
   * soon as there are more than `contentBytesMax`, with what stands around its chunks, the answer counts as complete.
   */
  begin(method: string, keptBytesMax: number, contentBytesMax: number): void {
    if (method !== this.#method) this.#rememberedHead = '';
    this.#method = method;
    this.#keptBytesMax = keptBytesMax;
    this.#contentBytesMax = contentBytesMax;
    this.#next = 'head';
    this.#begun = '';
    this.#left = 0;
    this.#interimAnswers = 0;
    this.#contentBytes = 0;
  }

  /** Reads the first `length` bytes. True when the answer is complete; throws NoAnswer when it cannot be read. */
  read(bytes: Buffer, length: number): boolean {
    let text: string | undefined;
    let at = 0;
    while (at < length && !this.#isComplete) {
      if (this.#left > 0) {
        at = this.#takeContent(bytes, at, length);
      } else {
        text ??= bytes.toString('latin1', 0, length);
        at = this.#takePart(text, at);
      }
    }
    // Nobody asked for what comes after the end. It must not be taken for the next answer.
    if (at < length) this.#keepMs = 0;
    return this.#isComplete;
  }

  /** Nothing more will come. Throws NoAnswer unless that is how the answer ends. */
  end(): void {
    if (this.#left === Number.POSITIVE_INFINITY) return this.#finish();
    const hasBegun = this.#next !== 'head' || this.#begun !== '';
    throw new NoAnswer(`no answer (the connection was closed${hasBegun ? ' in the middle of it' : ''})`);
  }

  /** The complete answer. To be asked for once. */
  answered(): Answered {
    const { status, retryAfter } = this.#head;
    const kept = this.#kept;
    this.#kept = '';
    return { status, retryAfter, answer: kept === '' ? '' : Buffer.from(kept, 'latin1').toString() };
  }

  /** For how long the connection may be kept after a complete answer, in milliseconds; 0 where it is to be closed. */
  get keepMs(): number {
    return this.#keepMs;
  }

  get #isComplete(): boolean {
    return this.#left === 0 && this.#next === 'nothing';
  }

  #finish(): void {
    this.#left = 0;
    this.#next = 'nothing';
  }

  #takeContent(bytes: Buffer, from: number, length: number): number {
    const to = Math.min(length, from + this.#left);
    const keptTo = Math.min(to, from + this.#keptBytesMax - this.#kept.length);
    if (keptTo > from) this.#kept += bytes.toString('latin1', from, keptTo);
    this.#left -= to - from;
    this.#contentBytes += to - from;
    if (this.#contentBytes > this.#contentBytesMax) {
      this.#keepMs = 0;
      this.#finish();
    }
    return to;
  }

  /** Takes the next part, which ends with a line or with an empty line, or as much of it as there is. */
  #takePart(text: string, from: number): number {
    const begun = this.#begun;
    const all = begun + text.slice(from);
    if (this.#next === 'head' && !BEGINNING.startsWith(all.slice(0, BEGINNING.length)))
      throw new NoAnswer('no answer (it is not HTTP/1.1)');
    const mark = this.#next === 'head' || this.#next === 'trailers' ? '\r\n\r\n' : '\r\n';
    const end = all.indexOf(mark, begun.length - mark.length);
    if ((end === -1 ? all.length : end) > HEADERS_BYTES_MAX)
      throw new NoAnswer('no answer (its headers are longer than 16 KiB)');
    if (end === -1) {
      // What came before has been looked at, however small the pieces are.
      LONE_LINE_FEED.lastIndex = begun.length;
      if (LONE_LINE_FEED.test(all)) throw malformed();
      this.#begun = all;
      return text.length;
    }
    this.#begun = '';
    this.#understand(all.slice(0, end), all.length <= REMEMBERED_BYTES_MAX);
    return from + end + mark.length - begun.length;
  }

  #understand(part: string, isRemembered: boolean): void {
    switch (this.#next) {
      case 'head':
        return this.#takeHead(part, isRemembered);
      case 'chunk size':
        return this.#takeChunkSize(part);
      case 'chunk end':
        if (part !== '') throw malformed();
        this.#next = 'chunk size';
        return;
      case 'trailers':
        return this.#finish();
    }
  }

  #takeHead(text: string, isRemembered: boolean): void {
    if (text !== this.#rememberedHead) {
      const head = answerHeadOf(text);
      if (head.status < 200) return this.#takeInterimAnswer(head.status);
      this.#framing = framingOf(this.#method, head);
      this.#head = head;
      this.#rememberedHead = isRemembered ? text : '';
    }
    const { content, keepMs } = this.#framing;
    this.#keepMs = keepMs;
    if (content === 'chunked') {
      this.#next = 'chunk size';
    } else {
      this.#left = content === 'until close' ? Number.POSITIVE_INFINITY : content;
      this.#next = 'nothing';
    }
  }

  #takeInterimAnswer(status: number): void {
    // We never ask for another protocol, so there is none to switch to.
    if (status === 101) throw malformed();
    this.#interimAnswers += 1;
    if (this.#interimAnswers > INTERIM_ANSWERS_MAX)
      throw new NoAnswer(`no final answer among ${INTERIM_ANSWERS_MAX} interim ones`);
  }

  #takeChunkSize(line: string): void {
    const [, size] = CHUNK_SIZE.exec(line) ?? [];
    if (size === undefined) throw malformed();
    this.#left = Number.parseInt(size, 16);
    this.#next = this.#left === 0 ? 'trailers' : 'chunk end';
    this.#contentBytes += line.length + LINE_BREAKS_BYTES;
    // The line break behind the last chunk's size may be followed by another one, and then there are no trailers.
    if (this.#left === 0) this.#begun = '\r\n';
  }
}

function malformed(): NoAnswer {
  return new NoAnswer('no answer (it is malformed)');
}
