// The figures beside the city's map: three hours in bars, the kinds, the places in their order; the wards' colours.
import { $, el, symbol } from '../dom.js';
import { number, time } from '../format.js';
import { lang, t } from '../i18n.js';
import { svg, weekdays } from './day.js';
import { colourOf } from './map.js';

const STEPS = [5, 15, 40, 80];
const BIN_MS = 5 * 60e3;
const one = new Intl.NumberFormat(lang === 'en' ? 'en-GB' : 'vi-VN', { maximumFractionDigits: 1 });

export const factor = (value) => `×${value < 10 ? one.format(Math.round(value * 10) / 10) : number(Math.round(value))}`;
// One report alone is no multiple of anything, however quiet the hour usually is.
export const times = ({ n, factor: value }) => (value === null || n < 2 ? '' : factor(value));
const usual = (value) => (value < 10 ? one.format(Math.round(value * 10) / 10) : number(Math.round(value)));

export function usualWords({ all, weekday, hour, weeks }) {
  if (all.usual === null) return t('mới có {n} tuần số liệu', { n: weeks });
  return t('thường {n}, {weekday} lúc này, theo {weeks} tuần trước', { n: usual(all.usual), weekday: weekdays()[weekday], hour, weeks });
}

export function drawHours(node, { all, at }) {
  const width = 372;
  const floor = 58;
  const step = width / all.bins.length;
  const expected = all.usual === null ? null : all.usual / 12;
  const most = Math.max(4, ...all.bins, expected ?? 0);
  const up = (n) => (n / most) * (floor - 6);
  const now = Date.parse(at);
  const chart = svg('svg', { viewBox: `0 0 ${width} 74`, class: 'hours', role: 'img', 'aria-label': t('Ba giờ qua theo 5 phút; giờ qua {n} phản ánh', { n: all.n }) });
  all.bins.forEach((n, i) => chart.append(svg('rect', { x: i * step + 1, y: floor - Math.max(n ? 1.5 : 0.5, up(n)), width: step - 2, height: Math.max(n ? 1.5 : 0.5, up(n)), rx: 1, class: i >= all.bins.length - 12 ? 'now' : '' })));
  if (expected !== null) chart.append(svg('path', { d: `M0 ${floor - up(expected)}h${width}`, class: 'usual', fill: 'none' }));
  chart.append(svg('path', { d: `M0 ${floor + 0.5}h${width}`, class: 'floor' }));
  [0, 12, 24].forEach((bin) => chart.append(svg('text', { x: bin * step, y: 72 }, time(now - (all.bins.length - bin) * BIN_MS))));
  chart.append(svg('text', { x: width, y: 72, 'text-anchor': 'end' }, time(now)));
  node.replaceChildren(chart);
}

export function drawKinds(node, kinds) {
  node.replaceChildren(...kinds.map((kind) => el('div', {}, symbol(`f-${kind.field}`, 'i i16'), el('span', {}, kind.name), el('b', {}, number(kind.n)), el('em', {}, times(kind)))));
}

export function drawPlaces(node, places) {
  if (!places.length) {
    node.replaceChildren(el('p', { class: 'pad soft' }, t('Không có phản ánh nào trong giờ qua và không còn việc nào đang mở.')));
    return;
  }
  const focused = document.activeElement?.closest?.('.sg')?.getAttribute('href');
  const { scrollTop } = node;
  node.replaceChildren(el('ol', { class: 'arows' }, ...places.map((place, i) => el('li', {}, row(place, i + 1)))));
  node.scrollTop = scrollTop;
  if (focused) $(`[href="${focused}"]`, node)?.focus({ preventScroll: true });
}

function row(place, rank) {
  const parts = [];
  if (place.usual !== null) parts.push(t('thường {n}', { n: usual(place.usual) }));
  if (place.mostly) parts.push(t('chủ yếu {what}', { what: place.mostly.toLowerCase() }));
  parts.push(t('{n} đang mở', { n: number(place.open) }));
  const late = place.late ? el('span', { class: 'late' }, ` · ${t('{n} trễ hạn', { n: number(place.late) })}`) : null;
  // Where nothing came in there are no bars, and the words have their room.
  const bars = place.n ? svg('svg', { viewBox: '0 0 72 22', class: 'sbar', 'aria-hidden': 'true' }) : null;
  const most = Math.max(3, ...place.bins);
  place.bins.forEach((n, i) => {
    if (n) bars.append(svg('rect', { x: i * 6, y: 22 - (n / most) * 22, width: 4.5, height: (n / most) * 22, rx: 1, class: i === place.bins.length - 1 ? 'now' : '' }));
  });
  return el('a', { class: place.n ? 'sg' : 'sg quiet', href: `/area/${place.address}` },
    el('span', { class: 'rank' }, rank),
    el('div', {}, el('div', { class: 't' }, place.name), el('div', { class: 'p' }, parts.join(' · '), late)),
    bars, el('b', {}, number(place.n), el('span', { class: 'visually-hidden' }, ` ${t('phản ánh trong giờ qua', { count: place.n })}`)),
    place.factor === null ? el('em', { class: 'few' }, '–', el('span', { class: 'visually-hidden' }, t('Chưa đủ dữ liệu'))) : el('em', {}, times(place)));
}

// Wards by how many times the usual, below water and streets. Where nothing is called usual, or the hour is quiet, by
// what is open on a square kilometre: that is what the map shows at small scale, before there are clusters to see.
export function rateFill(map, rate) {
  if (!rate || !map.getSource('wards')) return;
  const colours = [1, 2, 3, 4].map((step) => colourOf(`--rate-${step}`));
  const steps = new Map();
  for (const place of rate.wards) {
    const value = rate.shown ? place.factor : density(place);
    const step = (rate.shown ? STEPS : DENSITY).filter((least) => value >= least).length;
    if (step && (!rate.shown || place.n >= 2)) steps.set(place.code, colours[step - 1]);
  }
  const fill = steps.size ? ['match', ['get', 'code'], ...[...steps].flat(), 'rgba(0,0,0,0)'] : 'rgba(0,0,0,0)';
  const opacity = rate.shown ? ['interpolate', ['linear'], ['zoom'], 9, 0.9, 14, 0.5] : ['interpolate', ['linear'], ['zoom'], 9, 0.95, 10.5, 0.8, 12.5, 0];
  if (!map.getLayer('rate')) {
    const below = ['waterways', 'water'].find((id) => map.getLayer(id));
    map.addLayer({ id: 'rate', type: 'fill', source: 'wards', 'source-layer': 'wards', paint: { 'fill-color': fill, 'fill-opacity': opacity } }, below);
  } else if (JSON.stringify(map.getPaintProperty('rate', 'fill-color')) !== JSON.stringify(fill)) {
    map.setPaintProperty('rate', 'fill-color', fill);
    map.setPaintProperty('rate', 'fill-opacity', opacity);
  }
  // Clusters come in while the fill goes out.
  if (map.getLayer('cluster') && !map.getPaintProperty('cluster', 'icon-opacity')) {
    const comes = ['interpolate', ['linear'], ['zoom'], 9.2, 0, 10, 1];
    for (const [layer, property] of [['cluster', 'icon-opacity'], ['cluster', 'text-opacity'], ['incident', 'icon-opacity']]) if (map.getLayer(layer)) map.setPaintProperty(layer, property, comes);
  }
  words(rate.shown);
}

const DENSITY = [1, 3, 6, 12];
const density = ({ open, km2 }) => (km2 ? open / km2 : 0);

function words(storm) {
  const labels = storm ? [t('dưới {n}', { n: STEPS[0] }), ...STEPS.slice(0, 3), t('{n} lần', { n: STEPS[3] })] : [t('dưới {n}', { n: DENSITY[0] }), ...DENSITY.slice(0, 3), `${DENSITY[3]}+`];
  $('#ramp-title').textContent = storm ? t('Phường: gấp mức thường của giờ và thứ này') : t('Phường: số việc đang mở trên 1 km²');
  [...document.querySelectorAll('.rampt span')].forEach((node, i) => { node.textContent = labels[i]; });
}
