import type { BrowserPage } from '../../support/browser-page.ts';

/**
 * The arguments of a call, in text: what runs in the page is handed over as text, since a function would be
 * type-checked as if it ran here.
 */
export function args(...values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(', ');
}

/** Throws when the page has called anyone beyond this machine. */
export function nothingLeft({ requests }: BrowserPage): void {
  const foreign = requests.filter((request) => new URL(request).hostname !== '127.0.0.1');
  if (foreign.length > 0) throw new Error(`The page called ${foreign.join(', ')}`);
}
