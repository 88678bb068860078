import { gzipSync } from 'node:zlib';
import type { JsonText } from './json-text.ts';
import { exchange } from './raw-exchange.ts';
import type { Event, Reactions, Sdk, Target } from './sdk.ts';

/** Lines of a public source file. */
export interface Citation {
  /** `owner/name`, or the package that the file was published in. */
  readonly from: string;
  readonly file: string;
  /** The first and the last line. */
  readonly lines: readonly [number, number];
  /** The commit, or the published version. */
  readonly at: string;
  readonly shows: string;
}

/** The request that an SDK's source makes of its calls. */
export interface Recording {
  readonly path: string;
  /** In the order in which they are sent. `Host` and the length are added. The version in them is any release's. */
  readonly headers: Readonly<Record<string, string>>;
  readonly gzip?: boolean;
  /** Without `Content-Length`, in chunks. */
  readonly chunked?: boolean;
  readonly json: JsonText;
  /** The body around its events. */
  readonly body: (events: readonly Event[]) => Event;
  readonly events: readonly Event[];
}

/** What is known of an SDK whose real client does not run here. */
export interface RecordedSdk extends Sdk {
  readonly sources: readonly Citation[];
  readonly record: (writeKey: string) => Recording;
}

/** Makes an SDK of what its source says. */
export function recordedSdk(
  known: Omit<RecordedSdk, 'proof' | 'sendAll' | 'reactions'> & { readonly reacts: Reactions },
): RecordedSdk {
  const { reacts, ...sdk } = known;
  return {
    ...sdk,
    proof: 'recorded request',
    async sendAll(target) {
      const status = await replay(target, sdk.record(target.writeKey));
      if (status !== 200) throw new Error(`${sdk.name} was answered ${status}`);
    },
    reactions: async () => reacts,
  };
}

/** Sends a recording, byte for byte as the SDK would, and resolves with the status that came back. */
export async function replay({ url }: Target, recording: Recording): Promise<number> {
  const text = Buffer.from(recording.json(recording.body(recording.events)));
  return exchange(url, {
    path: recording.path,
    headers: recording.headers,
    body: recording.gzip === true ? gzipSync(text) : text,
    chunked: recording.chunked === true,
  });
}

/** The user name of Basic authorization with an empty password, as most SDKs send their write key. */
export function basic(writeKey: string): string {
  return `Basic ${btoa(`${writeKey}:`)}`;
}
