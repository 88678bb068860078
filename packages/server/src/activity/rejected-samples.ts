import type { Clock } from '../platform/clock.ts';
import type { ProblemCode } from '../platform/problem.ts';

/** One refused call, or one refused request, as the live debugger shows it. */
export interface RejectedSample {
  /** Undefined when the write key told none. */
  readonly source: string | undefined;
  /** The path by which the route is known. */
  readonly route: string;
  readonly reason: ProblemCode;
  /** What was wrong and what to do about it, at most 512 characters. */
  readonly details: string;
  /** The beginning of what the client gave, 100 characters; null when it gave none, or a whole request was refused. */
  readonly messageId: string | null;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  /** The beginning of what came, with write keys masked; empty when the body could not be read. */
  readonly text: string;
}

/** A refusal as the door tells it: with the bytes that came, of which only a beginning is kept. */
export interface Rejected extends Omit<RejectedSample, 'text'> {
  readonly bytes: Uint8Array;
}

/** As much of a refused call as shows what is wrong with it. */
export const SAMPLE_BYTES_MAX = 512;

/** The most samples of one source: a loud one does not push out those of a quiet one. */
export const SAMPLES_PER_SOURCE_MAX = 1_000;

/** The most samples of all sources together: 25 MB when each text in them is as long as it may be. */
export const SAMPLES_MAX = 10_000;

/** Longer than this a messageId is what was wrong, and is not taken. */
export const SAMPLE_MESSAGE_ID_CHARACTERS_MAX = 100;

/** As much as names several faults. */
export const SAMPLE_DETAILS_CHARACTERS_MAX = 512;

/** How long a sample is shown, in milliseconds: a day. */
export const SAMPLE_AGE_MS_MAX = 86_400_000;

/** As many characters of a write key as tell two apart. */
const KEY_CHARACTERS_SHOWN = 4;

/** A shorter source ID is as likely to be a word of the text, and is masked only where it is the write key. */
const ID_CHARACTERS_MIN = 8;

/**
 * Keeps the last refused calls of each source in memory. Bounded in samples and in bytes, whatever clients send: only
 * sources that exist have a list of their own, and all others share one.
 */
export class RejectedSamples {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #onAdded: (sample: RejectedSample) => void;
  /** Oldest first; the source that was refused most recently comes last. */
  readonly #lists = new Map<string | undefined, RejectedSample[]>();
  #count = 0;

  /** `onAdded` is told of each sample. */
  constructor(clock: Pick<Clock, 'now'>, onAdded: (sample: RejectedSample) => void = () => {}) {
    this.#clock = clock;
    this.#onAdded = onAdded;
  }

  /** Keeps a sample, and forgets the oldest where a limit is reached. */
  add({ bytes, ...rejected }: Rejected): void {
    const { source, messageId, details } = rejected;
    const list = this.#lists.get(source) ?? [];
    const sample = {
      ...rejected,
      details: copied(details, SAMPLE_DETAILS_CHARACTERS_MAX),
      messageId: messageId === null ? null : copied(messageId, SAMPLE_MESSAGE_ID_CHARACTERS_MAX),
      text: maskKeys(beginning(bytes), source),
    };
    list.push(sample);
    this.#onAdded(sample);
    this.#lists.delete(source);
    this.#lists.set(source, list);
    if (list.length > SAMPLES_PER_SOURCE_MAX) list.shift();
    else if (++this.#count > SAMPLES_MAX) this.#forgetOne();
  }

  /** The samples of a source from the last day, newest first; undefined asks for those of no known source. */
  of(source: string | undefined): readonly RejectedSample[] {
    const since = this.#clock.now() - SAMPLE_AGE_MS_MAX;
    return (this.#lists.get(source) ?? []).filter(({ receivedAt }) => receivedAt >= since).reverse();
  }

  /** Of the source that was not refused for the longest time, the oldest. */
  #forgetOne(): void {
    for (const [source, list] of this.#lists) {
      list.shift();
      if (list.length === 0) this.#lists.delete(source);
      this.#count--;
      return;
    }
  }
}

/** The beginning of a text, in memory of its own: V8 keeps the whole of a text, here a request's body, for any slice of it. */
function copied(text: string, charactersMax: number): string {
  return Buffer.from(text.slice(0, charactersMax)).toString();
}

function beginning(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, SAMPLE_BYTES_MAX)).toString();
}

/** Masks the members that are write keys, and the source's own wherever else it stands. */
function maskKeys(text: string, source: string | undefined): string {
  const masked = text.replace(/("(?:writeKey|appId)"\s*:\s*")([^"]*)/gi, (_, member: string, key: string) => {
    return `${member}${shortened(key)}`;
  });
  if (source === undefined || source.length < ID_CHARACTERS_MIN) return masked;
  return masked.replaceAll(source, shortened(source));
}

function shortened(key: string): string {
  return `${key.slice(0, Math.min(KEY_CHARACTERS_SHOWN, Math.max(key.length - 1, 0)))}…`;
}
