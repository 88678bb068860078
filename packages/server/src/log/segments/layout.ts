import { join } from 'node:path';

/** Where the one partition of the embedded log lies in the data directory. */
export function logDirectory(data: string): string {
  return join(data, 'log', '0');
}

/** Where damaged bytes are copied. */
export function quarantineDirectory(data: string): string {
  return join(data, 'log', 'quarantine');
}
