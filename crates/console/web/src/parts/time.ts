// Times and numbers in the language of the page.
import { locale, t } from '../texts/index.js';

const full = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' });
const short = new Intl.DateTimeFormat(locale, { dateStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'long' });
const count = new Intl.NumberFormat(locale);

/** Each unit, and from how many seconds on it is used. */
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export function number(value: number): string {
  return count.format(value);
}

/** How large something is, of bytes. */
export function size(bytes: number): string {
  const step = bytes < 1000 ? 0 : Math.min(3, Math.floor(Math.log10(bytes) / 3));
  const unit = ['byte', 'kilobyte', 'megabyte', 'gigabyte'][step] ?? 'byte';
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: step === 0 ? 'long' : 'short', maximumFractionDigits: 1 }).format(bytes / 1000 ** step);
}

/** A day, of seconds since 1970. */
export function day(seconds: number): string {
  return short.format(seconds * 1000);
}

/** Day and time, of milliseconds since 1970. */
export function moment(milliseconds: number): string {
  return full.format(milliseconds);
}

/** How long ago, in words; of seconds since 1970. */
export function ago(seconds: number, now = Date.now() / 1000): string {
  const span = seconds - now;
  const unit = UNITS.find(([, size]) => Math.abs(span) >= size);
  if (!unit) return t('time.now');
  // What lies ahead is rounded: 30 days stay 30 days for a moment more.
  return relative.format(span > 0 ? Math.round(span / unit[1]) : Math.trunc(span / unit[1]), unit[0]);
}

/** A `<time>` that says how long ago, and exactly when it is looked at; of seconds since 1970, `null` is never. */
export function when(seconds: number | null | undefined): HTMLElement {
  const time = document.createElement('time');
  if (!seconds || seconds <= 0) {
    time.textContent = t('time.never');
    return time;
  }
  const milliseconds = seconds * 1000;
  const date = new Date(milliseconds);
  if (!Number.isNaN(date.getTime())) {
    time.dateTime = date.toISOString();
    time.title = moment(milliseconds);
    time.textContent = ago(seconds);
  }
  return time;
}

/** The parts of the day before a moment, as the API of the trail wants it: milliseconds. */
export function startOfDay(text: string, add = 0): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return undefined;
  return new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + add).getTime();
}
