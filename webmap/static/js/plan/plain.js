// What the map draws of a question without statistics: places as dots, areas in steps of lilac; and what a click says.
import { number } from '../format.js';
import { t } from '../i18n.js';

export const PLAIN_CLASSES = ['spot', 'few', 'rate1', 'rate2', 'rate3', 'rate4'];
const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const days = (value) => (value === undefined || value === null || value === 'null' ? t('chưa tới nửa') : t('{n} ngày', { n: number(Math.round(value * 10) / 10) }));

export const plainLayers = () => [
  { id: 'plain-area', type: 'fill', source: 'hotspots', filter: ['in', ['get', 'class'], ['literal', PLAIN_CLASSES.slice(1)]],
    paint: { 'fill-color': ['match', ['get', 'class'], 'rate1', colourOf('--rate-1'), 'rate2', colourOf('--rate-2'), 'rate3', colourOf('--rate-3'), 'rate4', colourOf('--rate-4'), colourOf('--surface')], 'fill-opacity': ['match', ['get', 'class'], 'few', 0, 0.85] } },
  { id: 'plain-edge', type: 'line', source: 'hotspots', filter: ['in', ['get', 'class'], ['literal', PLAIN_CLASSES.slice(1)]],
    paint: { 'line-color': colourOf('--line-strong'), 'line-width': 0.8 } },
  { id: 'plain-spot', type: 'circle', source: 'hotspots', filter: ['==', ['get', 'class'], 'spot'],
    paint: { 'circle-color': colourOf('--hot-95'), 'circle-opacity': 0.8, 'circle-stroke-color': colourOf('--surface'), 'circle-stroke-width': 1.5, 'circle-radius': ['interpolate', ['linear'], ['zoom'], 10, ['+', 2, ['sqrt', ['get', 'n']]], 15, ['+', 5, ['*', 2, ['sqrt', ['get', 'n']]]]] } },
];

/** What a click on a place or an area says; nothing for cells of an analysis. */
export function plainWords({ class: step, name, street, ward, n, open, before, after, km_median_days: half, p_fdr: p }) {
  if (step === 'spot') {
    const words = t('{n} sự cố', { n: number(n) });
    return `${[street, ward].filter(Boolean).join(', ')}: ${words}${open ? `, ${t('{n} còn mở', { n: number(open) })}` : ''}`;
  }
  if (PLAIN_CLASSES.includes(step)) return `${name}: ${step === 'few' ? t('quá ít để đánh giá') : t('một nửa xong sau {days}', { days: days(half) })} (${t('{n} sự cố', { n: number(n) })})`;
  if (name !== undefined && p === undefined) return `${name}: ${t('{before} rồi {n} vụ', { before: number(before), n: number(after) })}`;
  return '';
}

/** The first corner of a feature, whatever its shape. */
export function corner({ geometry }) {
  let found = geometry.coordinates;
  while (Array.isArray(found[0])) [found] = found;
  return found;
}
