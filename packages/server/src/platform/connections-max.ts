import { readFileSync } from 'node:fs';

/** More open connections than this would cost memory that the log's writing needs. */
const CONNECTIONS_MAX = 20_000;
/** Files that the process needs beside its connections: segments, the delivery state, connections to destinations. */
const OTHER_FILES = 512;
/** Whatever the system allows, a few clients must be served. */
const CONNECTIONS_MIN = 64;

/**
 * How many connections may be open at once. Each is an open file: beyond the system's limit the log could not open its
 * segments. `limits` is the text of Linux's `/proc/self/limits`; elsewhere there is none.
 */
export function connectionsMax(limits = systemLimits()): number {
  const files = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
  return Math.max(CONNECTIONS_MIN, Math.min(CONNECTIONS_MAX, files - OTHER_FILES));
}

function systemLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return '';
  }
}
