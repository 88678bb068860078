import type { Platform } from '@metarouter/destinations';
import type { FilterRule } from '@metarouter/events';

export { PLATFORMS, type Platform } from '@metarouter/destinations';

/** One site, app or server that sends events. */
export interface Source {
  /** The Source ID, which is its write key. */
  readonly id: string;
  readonly name: string;
  readonly organization: string;
  readonly platform: Platform;
  readonly enabled: boolean;
}

/** A source's way to one destination, with the stored credentials and settings that it uses. */
export interface Pipeline {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  /** The destination's code in the catalogue. */
  readonly destination: string;
  readonly connection: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
  /** Which events it gets: all when there is no rule. Known to compile. */
  readonly filter: readonly FilterRule[];
  readonly enabled: boolean;
}

/** The whole configuration that the door and the lanes work from. */
export interface Workspace {
  /** By Source ID. */
  readonly sources: ReadonlyMap<string, Source>;
  readonly pipelines: readonly Pipeline[];
}
