import type { Retention } from '../../platform/quantity.ts';
import { own, type Prose } from './prose.ts';

const TIMES = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

const SIZES = [
  ['TB', 1024 ** 4],
  ['GB', 1024 ** 3],
  ['MB', 1024 ** 2],
  ['KB', 1024],
] as const;

/** How long events are kept, in words: `for 7 days, or until there are 20 GB of newer ones`. One of both may be no limit. */
export function keptFor({ ageMs, bytes }: Retention): Prose {
  const parts = [
    Number.isFinite(ageMs) ? `for ${ageText(ageMs)}` : [],
    Number.isFinite(bytes) ? `until there are ${sizeText(bytes)} of newer ones` : [],
  ];
  return own(parts.flat().join(', or '));
}

/** In the largest unit of which it is a whole number. */
function ageText(ms: number): string {
  const [unit, length] = TIMES.find(([, each]) => ms % each === 0) ?? ['second', 1_000];
  const count = Math.round(ms / length);
  return `${count.toLocaleString('en-GB')} ${unit}${count === 1 ? '' : 's'}`;
}

/** In the largest unit that is not larger, with one digit behind the point where it needs one. */
function sizeText(bytes: number): string {
  const [unit, size] = SIZES.find(([, each]) => bytes >= each) ?? ['KB', 1024];
  // A space at which no line breaks.
  return `${Math.round((bytes / size) * 10) / 10}\u00a0${unit}`;
}
