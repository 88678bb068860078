import type { JsonObject } from './json.ts';

/**
 * What a client tells about the circumstances of an event. These are the documented fields with their documented
 * types; the door checks only that the context is an object, and keeps whatever else it holds.
 */
export interface Context {
  /** False: update the user's traits, but not when the user was last seen. */
  readonly active?: boolean;
  readonly app?: AppContext;
  /** The campaign that led here: the UTM parameters. */
  readonly campaign?: CampaignContext;
  readonly device?: DeviceContext;
  /** The user's address. */
  readonly ip?: string;
  /** The SDK that sent the event. */
  readonly library?: LibraryContext;
  /** For example `en-US`. */
  readonly locale?: string;
  readonly location?: LocationContext;
  readonly network?: NetworkContext;
  readonly os?: OsContext;
  readonly page?: PageContext;
  readonly referrer?: ReferrerContext;
  readonly screen?: ScreenContext;
  /** A tz database name, for example `America/New_York`. */
  readonly timezone?: string;
  /** The group that a call other than `group` is made for. */
  readonly groupId?: string;
  /** The user's traits, given with a call other than `identify`. */
  readonly traits?: JsonObject;
  readonly userAgent?: string;
  readonly [key: string]: unknown;
}

export interface AppContext {
  readonly name?: string;
  readonly version?: string;
  readonly build?: string;
  readonly [key: string]: unknown;
}

export interface CampaignContext {
  readonly name?: string;
  readonly source?: string;
  readonly medium?: string;
  readonly term?: string;
  readonly content?: string;
  readonly [key: string]: unknown;
}

export interface DeviceContext {
  readonly id?: string;
  readonly manufacturer?: string;
  readonly model?: string;
  readonly name?: string;
  readonly type?: string;
  readonly version?: string;
  readonly [key: string]: unknown;
}

export interface LibraryContext {
  readonly name?: string;
  readonly version?: string;
  readonly [key: string]: unknown;
}

export interface LocationContext {
  readonly city?: string;
  readonly country?: string;
  readonly latitude?: number;
  readonly longitude?: number;
  readonly region?: string;
  readonly speed?: number;
  readonly [key: string]: unknown;
}

export interface NetworkContext {
  readonly bluetooth?: boolean;
  readonly carrier?: string;
  readonly cellular?: boolean;
  readonly wifi?: boolean;
  readonly [key: string]: unknown;
}

export interface OsContext {
  readonly name?: string;
  readonly version?: string;
  readonly [key: string]: unknown;
}

export interface PageContext {
  readonly hash?: string;
  readonly path?: string;
  readonly referrer?: string;
  readonly search?: string;
  readonly title?: string;
  readonly url?: string;
  readonly [key: string]: unknown;
}

export interface ReferrerContext {
  readonly type?: string;
  readonly name?: string;
  readonly url?: string;
  readonly link?: string;
  readonly [key: string]: unknown;
}

export interface ScreenContext {
  readonly density?: number;
  readonly height?: number;
  readonly width?: number;
  readonly [key: string]: unknown;
}
