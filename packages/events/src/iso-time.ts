/** 1970 begins here; earlier dates are the zero of a forgotten clock, not the time of an event. */
const EARLIEST = 0;
/** The first millisecond of 2101: later dates are broken clocks, and year 10,000 is no four-digit year. */
const LATEST = 4_133_980_800_000;

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;
/** Milliseconds of one in a second's fraction, by how many digits the fraction has. */
const FRACTION_MS = [Number.NaN, 100, 10, 1];

/**
 * Milliseconds since 1970 of an ISO 8601 date or date and time; undefined for anything else, for days that no calendar
 * has, and for times outside 1970–2100. A time without a zone is UTC. Digits beyond the millisecond are cut off.
 *
 * It reads character by character: twice for each event, a regular expression takes longer than all other checks.
 */
export function parseIsoTime(text: unknown): number | undefined {
  if (typeof text !== 'string' || text[4] !== '-' || text[7] !== '-') return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 2);
  const day = digits(text, 8, 2);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysOfMonth(year, month))) return undefined;
  const inDay = text.length === 10 ? 0 : timeOfDay(text);
  const time = daysSince1970(year, month, day) * MS_PER_DAY + inDay;
  return time >= EARLIEST && time < LATEST ? time : undefined;
}

/** Milliseconds from the day's start in UTC; not a number when the text has something else after its date. */
function timeOfDay(text: string): number {
  const hour = digits(text, 11, 2);
  const minute = digits(text, 14, 2);
  const mark = text[10];
  if (mark !== 'T' && mark !== 't' && mark !== ' ') return Number.NaN;
  if (text[13] !== ':' || !(hour <= 23 && minute <= 59)) return Number.NaN;
  let at = 16;
  let ms = 0;
  if (text[at] === ':') {
    const second = digits(text, 17, 2);
    // A leap second is written as :60; it counts as the first second of the next minute.
    if (!(second <= 60)) return Number.NaN;
    ms = second * 1000;
    at = 19;
    if (text[at] === '.' || text[at] === ',') {
      const start = ++at;
      while (at < start + 9 && isDigit(text.charCodeAt(at))) at++;
      const kept = Math.min(at - start, 3);
      ms += digits(text, start, kept) * (FRACTION_MS[kept] ?? Number.NaN);
    }
  }
  return (hour * 60 + minute - zoneMinutes(text, at)) * MS_PER_MINUTE + ms;
}

/** Minutes that a zone is ahead of UTC; not a number when the rest of the text is no zone. */
function zoneMinutes(text: string, at: number): number {
  if (at === text.length) return 0;
  const sign = text[at];
  if (sign === 'Z' || sign === 'z') return at + 1 === text.length ? 0 : Number.NaN;
  const minuteAt = text[at + 3] === ':' ? at + 4 : at + 3;
  if ((sign !== '+' && sign !== '-') || text.length !== minuteAt + 2) return Number.NaN;
  const minutes = digits(text, at + 1, 2) * 60 + digits(text, minuteAt, 2);
  return sign === '-' ? -minutes : minutes;
}

/** The number that so many digits make; not a number when one of them is none. */
function digits(text: string, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return Number.NaN;
    value = value * 10 + code - 0x30;
  }
  return value;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** The time in UTC with milliseconds, for example `2015-11-10T00:45:23.412Z`. The time must lie in 1970–2100. */
export function formatIsoTime(time: number): string {
  const day = Math.floor(time / MS_PER_DAY);
  if (day !== lastDay) {
    lastDate = dateOf(day);
    lastDay = day;
  }
  const inDay = Math.floor(time) - day * MS_PER_DAY;
  const seconds = Math.floor(inDay / 1000);
  const minutes = Math.floor(seconds / 60);
  const clock = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:${two(seconds % 60)}`;
  const ms = inDay % 1000;
  return `${lastDate}T${clock}.${ms < 100 ? '0' : ''}${two(ms)}Z`;
}

/** The day written last: nearly all events of an hour happened on the same one. */
let lastDay = -1;
let lastDate = '';

function two(value: number): string {
  return value < 10 ? `0${value}` : `${value}`;
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
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return `${year}-${two(month)}-${two(day)}`;
}
