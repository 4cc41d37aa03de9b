// Today by the hour: bars, a mark for what is usual, and the same in words for who does not see it; the day's diary.
import { $, el, symbol } from '../dom.js';
import { codeForEyes, dateTime, number, time } from '../format.js';
import { t } from '../i18n.js';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 528;
const FLOOR = 56;
const STEP = WIDTH / 24;

export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export const weekdays = () => [t('thứ Hai'), t('thứ Ba'), t('thứ Tư'), t('thứ Năm'), t('thứ Sáu'), t('thứ Bảy'), t('Chủ nhật')];

export function drawDay(day) {
  const weekday = weekdays()[day.weekday];
  const usual = day.usual ?? null;
  const most = Math.max(3, ...day.today, ...(usual ?? day.before));
  const up = (n) => (n / most) * (FLOOR - 8);
  const chart = svg('svg', { viewBox: `0 0 ${WIDTH} 74`, class: 'chart', role: 'img', 'aria-label': words(day, weekday) });
  day.today.forEach((n, hour) => {
    if (hour <= day.hour) chart.append(svg('rect', { x: hour * STEP + 3, y: FLOOR - Math.max(1, up(n)), width: STEP - 6, height: Math.max(1, up(n)), rx: 1.5, class: hour === day.hour ? 'now' : 'past' }, svg('title', {}, `${hour}:00 · ${n}`)));
  });
  (usual ?? day.before).forEach((n, hour) => chart.append(svg('path', { d: `M${hour * STEP + 2} ${FLOOR - up(n)}h${STEP - 4}`, class: 'usual' })));
  chart.append(svg('path', { d: `M0 ${FLOOR + 0.5}h${WIDTH}`, class: 'floor' }));
  for (const hour of [0, 6, 12, 18]) chart.append(svg('text', { x: hour * STEP + 3, y: 71, class: 'tick' }, `${hour}:00`));
  $('#chart').replaceChildren(chart);
  const compared = t('hôm nay {n} · {weekday} trước tới giờ này {m}', { n: number(day.so_far), m: number(day.before_so_far), weekday });
  $('#day-words').textContent = usual
    ? `${compared} · ${t('vạch: mức thường của {weekday}', { weekday })}`
    : `${compared} · ${t('vạch: {weekday} trước; chưa đủ dữ liệu cho mức thường', { weekday })}`;
}

function words(day, weekday) {
  const now = t('giờ này {n} phản ánh', { n: day.today[day.hour] });
  const before = t('{weekday} trước cùng giờ {n}', { weekday, n: day.before[day.hour] });
  return `${t('Phản ánh theo giờ')}: ${now}, ${before}`;
}

export function drawDiary(events) {
  $('#diary').replaceChildren(events.length
    ? el('ol', { class: 'diary' }, ...events.map((event) =>
        el('li', {},
          el('time', { datetime: event.at, title: dateTime(event.at) }, time(event.at)),
          symbol(event.symbol === 'other' ? 'd-other' : `m-${event.symbol}-new`, 'mk s'),
          el('div', {}, el('div', { class: 't' }, event.what), el('div', { class: 'p' }, `${event.of} · ${event.where || '–'}`)),
          el('a', { class: 'small', href: `/r/${event.code}` }, codeForEyes(event.code)))))
    : el('p', { class: 'pad soft' }, t('Hôm nay chưa có gì xảy ra.')));
}
