/** Some of the keys of one run, as they are kept beside the position up to which the log was read. */
export interface KeyChunk {
  readonly run: number;
  /** When the run's first key came, in milliseconds since 1970: the keys' times are distances from it. */
  readonly base: number;
  /** The number of the chunk's first key within its run. A later chunk with the same one replaces it. */
  readonly first: number;
  /** 16 bytes a key. */
  readonly keys: Uint8Array;
}

/** Which runs there are. Their numbers grow with their age: the last one is the youngest. */
interface RunList {
  /** Those that have a file. */
  readonly filed: readonly number[];
  /** Those that have not, and live in their chunks. Chunks of all other runs are obsolete. */
  readonly unfiled: readonly number[];
}

/** What has to become durable together with the position up to which the log was read. Plain data. */
export interface KeyStep {
  /** Given until it is kept, once for all. */
  readonly seed?: Uint8Array;
  readonly chunks: readonly KeyChunk[];
  /** Given when it has changed. */
  readonly runs?: RunList;
}

/** Everything that was made durable. */
export interface KeptKeys {
  /** Undefined where nothing was ever kept. */
  readonly seed: Uint8Array | undefined;
  /** By run, and within it by first key. */
  readonly chunks: readonly KeyChunk[];
  /** The runs that have a file, oldest first. */
  readonly filed: readonly number[];
}
