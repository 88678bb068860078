/** 1970 begins here; earlier dates are the zero of a forgotten clock, not the time of an event. */
const EARLIEST = 0;
/** The first millisecond of 2101: later dates are broken clocks, and year 10,000 is no four-digit year. */
const LATEST = 4_133_980_800_000;

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d\d):?(\d\d))?)?$/;

/**
 * Milliseconds since 1970 of an ISO 8601 date or date and time; undefined for anything else, for days that no calendar
 * has, and for times outside 1970–2100. A time without a zone is UTC. Digits beyond the millisecond are cut off.
 */
export function parseIsoTime(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const parts = ISO.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '', sign, zoneHour, zoneMinute] = parts;
  const y = Number(year);
  const m = Number(month);
  const d = Number(day);
  if (m < 1 || m > 12 || d < 1 || d > daysOfMonth(y, m)) return undefined;
  // A leap second is written as :60; it counts as the first second of the next minute.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return undefined;
  const zone = sign === undefined ? 0 : Number(zoneHour) * 60 + Number(zoneMinute);
  const minutes = Number(hour) * 60 + Number(minute) - (sign === '-' ? -zone : zone);
  const milliseconds = Number(second) * 1000 + Number(fraction.slice(0, 3).padEnd(3, '0'));
  const time = daysSince1970(y, m, d) * MS_PER_DAY + minutes * MS_PER_MINUTE + milliseconds;
  return time >= EARLIEST && time < LATEST ? time : undefined;
}

/** The time in UTC with milliseconds, for example `2015-11-10T00:45:23.412Z`. The time must lie in 1970–2100. */
export function formatIsoTime(time: number): string {
  const day = Math.floor(time / MS_PER_DAY);
  const inDay = time - day * MS_PER_DAY;
  const clock = `${two(inDay / 3_600_000)}:${two((inDay / 60_000) % 60)}:${two((inDay / 1000) % 60)}`;
  return `${dateOf(day)}T${clock}.${String(Math.floor(inDay % 1000)).padStart(3, '0')}Z`;
}

function two(value: number): string {
  return value < 10 ? `0${Math.floor(value)}` : `${Math.floor(value)}`;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days from 1970-01-01 in the Gregorian calendar. Counting years from March puts the leap day at a year's end. */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  return y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468;
}

/** The inverse of `daysSince1970`, as `YYYY-MM-DD`. */
function dateOf(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return `${year}-${two(month)}-${two(day)}`;
}
