// Numbers and times as people here write them: 14.707, 24/11/2026, 14:32, "còn 11 giờ", "quá 2 ngày".
import { lang, t } from './i18n.js';

const ZONE = 'Asia/Ho_Chi_Minh';
const locale = lang === 'en' ? 'en-GB' : 'vi-VN';
const numbers = new Intl.NumberFormat(locale);
const clock = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit' });
const clockSeconds = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, hour: '2-digit', minute: '2-digit', second: '2-digit' });
const days = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, day: '2-digit', month: '2-digit', year: 'numeric' });

export const number = (value) => numbers.format(value);
export const time = (at) => clock.format(new Date(at));
export const timeWithSeconds = (at) => clockSeconds.format(new Date(at));
export const date = (at) => days.format(new Date(at));
export const dateTime = (at) => `${time(at)} ${date(at)}`;

const MINUTE = 60e3;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// A span in its largest whole unit: "9 phút", "5 giờ", "2 ngày".
export function span(ms) {
  const length = Math.abs(ms);
  if (length < MINUTE) return t('dưới 1 phút');
  if (length < HOUR) return t('{n} phút', { n: Math.floor(length / MINUTE) });
  if (length < DAY) return t('{n} giờ', { n: Math.floor(length / HOUR) });
  return t('{n} ngày', { n: Math.floor(length / DAY) });
}

// The same with its second unit, for a card: "2 ngày 4 giờ".
export function spanFull(ms) {
  const length = Math.abs(ms);
  const hours = Math.floor((length % DAY) / HOUR);
  if (length < DAY || !hours) return span(length);
  return `${span(length - hours * HOUR)} ${span(hours * HOUR)}`;
}

export const metres = (m) => (m < 1000 ? t('{n} m', { n: Math.round(m) }) : t('{n} km', { n: numbers.format(Math.round(m / 100) / 10) }));

// A code is said and read in two halves: 7TR-4KM. Addresses carry it without the hyphen.
export const codeForEyes = (code) => (code.length > 4 ? `${code.slice(0, 3)}-${code.slice(3)}` : code);
