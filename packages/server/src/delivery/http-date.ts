import { formatIsoTime, parseIsoTime } from '@metarouter/events';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The form that servers write, and the two obsolete ones that RFC 9110 §5.6.7 wants to be read as well. */
const FORMS = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];

/** A year of two digits is one of the past when it would lie further ahead than this. */
const YEARS_AHEAD_MAX = 50;
/** Years beyond these count as these: far off either way. Both are leap years, so that the 29 February stays a day. */
const YEAR_MIN = 1972;
const YEAR_MAX = 2096;

/** Milliseconds since 1970 of a date as HTTP headers have it; undefined for anything else. `now` likewise. */
export function parseHttpDate(text: string, now: number): number | undefined {
  const found = FORMS.map((form) => form.exec(text)).find((match) => match !== null);
  const { day = '', month = '', year = '', time = '' } = found?.groups ?? {};
  const monthNumber = `${MONTHS.indexOf(month) + 1}`.padStart(2, '0');
  const kept = Math.min(Math.max(fullYear(year, now), YEAR_MIN), YEAR_MAX);
  return parseIsoTime(`${kept}-${monthNumber}-${day.replace(' ', '0')}T${time}Z`);
}

function fullYear(year: string, now: number): number {
  if (year.length !== 2) return Number(year);
  const thisYear = Number(formatIsoTime(now).slice(0, 4));
  const inThisCentury = thisYear - (thisYear % 100) + Number(year);
  return inThisCentury > thisYear + YEARS_AHEAD_MAX ? inThisCentury - 100 : inThisCentury;
}
