import { own, type Prose } from './prose.ts';

/** A day and a minute of UTC, since nobody knows where a mail is read. */
const FORMAT = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'UTC',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** A moment as people write it: `21 November 2026 at 14:30 UTC`. `at` is in milliseconds since 1970. */
export function moment(at: number): Prose {
  return own(`${FORMAT.format(at)} UTC`);
}
