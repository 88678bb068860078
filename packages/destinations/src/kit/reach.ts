/**
 * Who sends to a destination: `device`, the browser itself, by a tag that it loads; `cloud`, the server, from what it has
 * accepted.
 */
export type Mode = 'device' | 'cloud';

/** Where a source's events come from. Server sources never get the caller's address as `context.ip`. */
export const PLATFORMS = ['analytics.js', 'server', 'ios', 'android', 'react-native'] as const;
export type Platform = (typeof PLATFORMS)[number];
