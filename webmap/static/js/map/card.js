// The card at the chosen symbol or cluster: what it is, how far, and where to go from there.
import { $, el, icon, symbol, phone } from '../dom.js';
import { codeForEyes, metres, number, spanFull } from '../format.js';
import { named, t } from '../i18n.js';
import { STATE_WORDS, sinceOrLeft, symbolOf, what, where } from './row.js';

const GAP = 12;
const KINDS = [
  ['tree', () => t('Cây xanh gãy, đổ'), 'm-tree-new'],
  ['subsidence', () => t('Lún, sụt mặt đường'), 'm-subsidence-new'],
  ['construction', () => t('Xây dựng sai phép'), 'm-construction-new'],
  ['other', () => t('Lĩnh vực khác'), 'm-traffic-new'],
];
const PRECISIONS = {
  pin: () => t('Toạ độ đã nhập'),
  rooftop: () => t('Theo số nhà'),
  interpolated: () => t('Theo số nhà gần đó'),
  street: () => t('Trên đường đó'),
  intersection: () => t('Tại giao lộ'),
  place: () => t('Theo tên địa điểm'),
  ward: () => t('Chỉ biết tới phường, xã'),
  district: () => t('Chỉ biết tới quận, huyện cũ'),
};
const SVG = 'http://www.w3.org/2000/svg';

// Bars as SVG: their lengths are attributes, not styles. parts: [[share 0…1, class], …]
function meter(parts) {
  const svg = document.createElementNS(SVG, 'svg');
  for (const [name, value] of Object.entries({ class: 'meter', viewBox: '0 0 100 6', preserveAspectRatio: 'none', 'aria-hidden': 'true' })) svg.setAttribute(name, value);
  let x = 0;
  for (const [share, name] of [[1, ''], ...parts]) {
    const bar = document.createElementNS(SVG, 'rect');
    for (const [key, value] of Object.entries({ x: name ? x : 0, y: 0, width: share * 100, height: 6, class: name })) bar.setAttribute(key, value);
    svg.append(bar);
    if (name) x += share * 100;
  }
  return svg;
}

export class Card {
  // `on.close()`, `on.zoom(cluster)`, `on.list(cluster)`, `on.seen(lngLat)`: the person sees it too, `on.report(place)`
  constructor(view, on) {
    this.view = view;
    this.on = on;
    this.node = $('#card');
    this.node.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close(true);
    });
  }

  close(giveFocus = false) {
    if (this.node.hidden) return;
    this.node.hidden = true;
    this.at = null;
    this.on.close();
    if (giveFocus) this.view.canvas.focus();
  }

  hide() {
    this.node.hidden = true;
    this.at = null;
  }

  closer() {
    return el('button', { class: 'close', type: 'button', 'aria-label': t('Đóng'), onclick: () => this.close(true) }, icon('close', 'i i16'));
  }

  single({ properties, geometry }) {
    const { state, reports, code, due_at: due, opened_at: opened, unit } = properties;
    const time = sinceOrLeft(properties, true);
    const head = state === 'late' ? t('Trễ hạn {span}', { span: spanFull(Date.now() - Date.parse(due)) }) : `${STATE_WORDS[state]()} · ${time.words}`;
    const parts = [];
    if (due && state !== 'resolved') {
      const [from, to, now] = [Date.parse(opened), Date.parse(due), Date.now()];
      if (now > to) parts.push([(to - from) / (now - from), 'on'], [(now - to) / (now - from), 'late']);
      else parts.push([Math.max(0.02, (now - from) / (to - from)), 'on']);
    }
    this.open('incident', geometry.coordinates, 26,
      el('div', { class: 'h' }, symbol(symbolOf(properties)),
        el('div', {}, el('h3', { class: 'b' }, what(properties)), el('div', { class: 'small soft' }, where(properties))), this.closer()),
      el('div', { class: 'bar between small' }, el('span', { class: `m ${state}` }, head),
        el('span', { class: 'muted' }, `${t('{n} phản ánh', { n: number(reports), count: reports })} · ${codeForEyes(code)}`)),
      parts.length ? meter(parts) : null,
      unit?.name ? el('div', { class: 'small soft' }, named(unit.name)) : null,
      el('div', { class: 'bar actions' }, el('a', { class: 'btn slim', href: `/r/${code}` }, t('Chi tiết')),
        state === 'resolved' ? null : el('button', { class: 'btn slim ghost', type: 'button', onclick: () => this.on.seen(geometry.coordinates) }, t('Tôi cũng thấy'))));
  }

  cluster(cluster, counts, areas) {
    const rest = cluster.count - (cluster.tree + cluster.subsidence + cluster.construction);
    const row = ([kind, word, image]) => {
      const n = kind === 'other' ? rest : cluster[kind] || 0;
      return el('li', {}, symbol(image), el('span', {}, word()), meter([[n / cluster.count, kind === 'other' ? 'on' : kind]]), el('b', {}, number(n)));
    };
    this.open('cluster', cluster.lngLat, 32,
      el('div', { class: 'h plain' }, el('h3', { class: 'fs-16 b' }, t('{n} sự cố', { n: number(cluster.count), count: cluster.count })),
        cluster.late ? el('span', { class: 'small late m' }, t('{n} trễ hạn', { n: number(cluster.late) })) : el('span'), this.closer()),
      areas ? el('div', { class: 'small soft' }, areas) : null,
      el('ul', { class: 'kinds' }, ...KINDS.map(row)),
      el('div', { class: 'bar actions' },
        el('button', { class: 'btn slim', type: 'button', onclick: () => this.on.zoom(cluster) }, t('Phóng tới đây'), el('kbd', { 'aria-hidden': 'true' }, '↵')),
        el('button', { class: 'btn slim ghost', type: 'button', onclick: () => this.on.list(cluster) }, t('Xem danh sách'))));
  }

  /** What was searched for: what it is called, how well it is known, and the way to report something there. */
  found(place) {
    const { label, point, accuracy_m: within, precision } = place;
    const known = PRECISIONS[precision]?.() ?? t('theo địa chỉ');
    this.open('place', point, 20,
      el('div', { class: 'h plain' }, el('h3', { class: 'b' }, label), el('span'), this.closer()),
      el('div', { class: 'small soft' }, within ? t('{known}, ±{within}', { known, within: metres(within) }) : known),
      el('div', { class: 'bar actions' },
        el('button', { class: 'btn slim', type: 'button', onclick: () => this.on.report(place) }, t('Báo sự cố ở đây'))));
  }

  zone(zone, lngLat, fieldName) {
    this.open('zone', lngLat, 4,
      el('div', { class: 'h plain' }, el('h3', { class: 'b' }, zone.name), el('span', { class: 'small muted' }, fieldName), this.closer()),
      zone.unit ? el('div', { class: 'small soft' }, t('Đơn vị phụ trách: {unit}', { unit: zone.unit })) : null);
  }

  open(of, lngLat, reach, ...content) {
    this.node.dataset.of = of;
    this.at = lngLat;
    this.reach = reach;
    this.node.replaceChildren(...content.filter(Boolean));
    this.node.hidden = false;
    this.place();
    if (phone() && of === 'cluster') this.view.above(lngLat, this.node.offsetHeight + 2 * reach);
  }

  focus() {
    ($('.actions a, .actions button', this.node) || $('.close', this.node))?.focus();
  }

  // Beside the symbol, never over it: above, else below, else to its right or left; 12 px from the map's edge.
  place() {
    if (!this.at || this.node.hidden) return;
    if (phone()) {
      this.node.style.transform = ''; // there it lies at the map's lower edge
      return;
    }
    const at = this.view.map.project(this.at);
    const { clientWidth: width, clientHeight: height } = this.view.canvas;
    const { offsetWidth: w, offsetHeight: h } = this.node;
    const inside = (value, size, room) => Math.min(Math.max(GAP, value), Math.max(GAP, room - size - GAP));
    let x = inside(at.x - w / 2, w, width);
    let y = at.y - this.reach - GAP - h;
    if (y < GAP + 44) y = at.y + this.reach + GAP;
    if (y + h > height - GAP) {
      y = inside(at.y - h / 2, h, height);
      x = at.x + this.reach + GAP + w < width ? at.x + this.reach + GAP : at.x - this.reach - GAP - w;
    }
    this.node.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
  }
}
