/** Bytes in each unit that a size may be written in: powers of 1,024, as everywhere in this project. */
const BYTES_IN = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 } as const;

/** Milliseconds in each unit that a duration may be written in. */
const MILLISECONDS_IN = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** How long and how much of the log is kept; Infinity is no limit. Whichever is reached first counts. */
export interface Retention {
  readonly ageMs: number;
  readonly bytes: number;
}

/** A size such as `32KB`, `1.5GB` or `15360`, in bytes; undefined when it is none. */
export function readBytes(text: string): number | undefined {
  return inUnits(/^\d+$/.test(text) ? `${text}B` : text, BYTES_IN);
}

/** A duration such as `30s`, `15m`, `24h` or `7d`, in milliseconds; undefined when it is none. */
export function readDuration(text: string): number | undefined {
  return inUnits(text, MILLISECONDS_IN);
}

/** A duration, a size, or one of each (`7d,20GB`), above 0; undefined when it is neither. */
export function readRetention(text: string): Retention | undefined {
  const parts = listOf(text);
  const ages = parts.flatMap((part) => readDuration(part) || []);
  const sizes = parts.flatMap((part) => readBytes(part) || []);
  const understood = ages.length + sizes.length === parts.length;
  if (!understood || parts.length === 0 || ages.length > 1 || sizes.length > 1) return undefined;
  return { ageMs: ages[0] ?? Number.POSITIVE_INFINITY, bytes: sizes[0] ?? Number.POSITIVE_INFINITY };
}

/** A whole number between two bounds, both included; undefined when it is none. */
export function readWhole(text: string, min: number, max: number): number | undefined {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

/** The parts of a comma list, without spaces around them; empty ones are left out. */
export function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** An amount directly followed by its unit, or with one space between; upper and lower case are the same. */
function inUnits(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, amount, written] = /^(\d+(?:\.\d+)?) ?([A-Z]{1,2})$/i.exec(text) ?? [];
  const unit = Object.entries(units).find(([name]) => name.toLowerCase() === written?.toLowerCase());
  return unit && Math.round(Number(amount) * unit[1]);
}
