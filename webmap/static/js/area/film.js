// The time bar: reports of the last hour, of today or of any day, minute by minute. The figures beside the map stay those
// of now. With reduced motion nothing plays: the button goes on by five minutes each time.
import { $, $$, calm } from '../dom.js';
import { number, time } from '../format.js';
import { t } from '../i18n.js';
import { ask } from './ask.js';
import { svg } from './day.js';
import { colourOf } from './map.js';

const NEW_MIN = 2;
const RECENT_MIN = 20;
const BARS = 60;
const EMPTY = { type: 'FeatureCollection', features: [] };

export class Film {
  constructor({ area, map, mode }) {
    Object.assign(this, { area, mapOf: map, changed: mode });
    this.mode = 'open';
    this.speed = 60;
    this.data = null;
    this.head = $('#head');
    this.today = $('#film-day').value;
    for (const button of $$('[data-span]')) button.addEventListener('click', () => this.show(button.dataset.span));
    for (const button of $$('[data-speed]')) {
      button.addEventListener('click', () => {
        this.speed = Number(button.dataset.speed);
        press('[data-speed]', (each) => each === button);
        if (this.timer) this.play(true);
      });
    }
    $('#film-day').addEventListener('change', () => $('#film-day').value && this.show('day'));
    $('#play').addEventListener('click', () => this.toggle());
    $('#to-live').addEventListener('click', () => this.toLive());
    this.head.addEventListener('input', () => this.go(Number(this.head.value)));
    $('#film').addEventListener('keydown', (event) => {
      if (event.key !== ' ' || event.target.closest('button, input[type=date]')) return;
      event.preventDefault();
      this.toggle();
    });
    if (calm()) $('#play').setAttribute('aria-label', t('Tiến 5 phút'));
    this.clock();
    setInterval(() => this.clock(), 1000);
  }

  get map() {
    return this.mapOf()?.map;
  }

  // `open`: what is open now; `hour`: the last hour; `day`: the day of the date field.
  async show(mode) {
    this.play(false);
    this.mode = mode;
    press('[data-span]', (each) => each.dataset.span === mode);
    $('#tline').hidden = mode === 'open';
    this.changed(mode);
    if (mode === 'open') {
      this.data = null;
      this.draw();
      return;
    }
    await (this.loading = this.load());
    if (mode !== this.mode || !this.data) return; // somebody chose something else meanwhile
    this.head.max = this.data.minutes;
    this.go(this.end);
  }

  async load() {
    const mode = this.mode;
    const query = mode === 'day' ? `?day=${$('#film-day').value}` : '';
    try {
      const data = await ask(`${this.area}/minutes.json${query}`);
      if (mode !== this.mode) return;
      this.data = data;
      this.trees = data.points.filter(([, , , hero]) => hero === 'tree').length;
    } catch {
      this.data ??= { since: new Date(Date.now() - 3600e3).toISOString(), minutes: 60, points: [] };
    }
    this.bars();
    this.fill();
  }

  // What came in meanwhile, unless somebody looks at another moment.
  async refresh() {
    if (this.mode === 'open' || this.timer || !this.atEnd || (this.mode === 'day' && $('#film-day').value !== this.today)) return;
    const { minute } = this;
    await this.load();
    if (this.data && this.minute === minute) this.go(this.end);
  }

  // The last minute there is: of a day that is over its last one, else now.
  get end() {
    return Math.max(0, Math.min(this.data.minutes, Math.ceil((Date.parse(this.data.until ?? Date.now()) - Date.parse(this.data.since)) / 60e3)));
  }

  get atEnd() {
    return !this.data || this.minute >= this.end;
  }

  get at() {
    return Date.parse(this.data.since) + this.minute * 60e3;
  }

  go(minute) {
    if (!this.data) return;
    this.minute = Math.max(0, Math.min(this.end, minute));
    this.head.value = this.minute;
    this.head.setAttribute('aria-valuetext', t('{time}, {n} phản ánh tới lúc này', { time: time(this.at), n: number(this.data.points.filter(([m]) => m < this.minute).length) }));
    this.draw();
  }

  toggle() {
    if (this.mode === 'open') return this.show('hour').then(() => this.toggle());
    if (!this.data) return this.loading.then(() => this.data && this.toggle());
    if (this.atEnd) this.go(0);
    if (calm()) return this.go(this.minute + 5);
    return this.play(!this.timer);
  }

  // ×60: a minute of the picture a second.
  play(on) {
    clearInterval(this.timer);
    this.timer = null;
    $('#play').setAttribute('aria-pressed', String(on));
    $('#play').setAttribute('aria-label', on ? t('Dừng') : calm() ? t('Tiến 5 phút') : t('Phát'));
    if (!on) return;
    this.timer = setInterval(() => {
      this.go(this.minute + 1);
      if (this.atEnd) this.play(false);
    }, 60e3 / this.speed);
  }

  toLive() {
    this.play(false);
    if (this.mode === 'day') $('#film-day').value = this.today;
    if (this.mode === 'day' && this.today) this.show('hour');
    else this.load().then(() => this.go(this.end));
  }

  clock() {
    if (this.mode === 'open' || !this.data) $('#film-now').textContent = time(Date.now());
  }

  draw() {
    const away = this.mode !== 'open' && this.data && (!this.atEnd || (this.mode === 'day' && $('#film-day').value !== this.today));
    $('#past').hidden = !away;
    $('#to-live').hidden = !away;
    $('#film-now').textContent = time(this.data ? this.at : Date.now());
    if (away) {
      const ago = Math.round((Date.now() - this.at) / 60e3);
      $('#past-words').textContent = ago < 600 ? t('Đang xem {time}, trước {n} phút', { time: time(this.at), n: ago }) : t('Đang xem {time} ngày {day}', { time: time(this.at), day: $('#film-day').value.split('-').reverse().join('/') });
    }
    if (this.map) this.filters(this.map);
    const later = this.data ? this.minute / this.data.minutes : 1;
    for (const bar of $$('#tbars rect')) bar.classList.toggle('later', Number(bar.dataset.from) >= later);
  }

  bars() {
    const { minutes, points } = this.data;
    const bins = Array.from({ length: BARS }, () => [0, 0]);
    for (const [minute, , , hero] of points) bins[Math.min(BARS - 1, Math.floor((minute / minutes) * BARS))][hero === 'tree' ? 0 : 1] += 1;
    const most = Math.max(4, ...bins.map(([tree, rest]) => tree + rest));
    const chart = svg('svg', { viewBox: '0 0 600 56', class: 'tbars', preserveAspectRatio: 'none', 'aria-hidden': 'true' });
    bins.forEach(([tree, rest], i) => {
      const up = (n) => (n / most) * 50;
      if (tree) chart.append(svg('rect', { x: i * 10 + 1, y: 55 - up(tree), width: 8, height: up(tree), class: 'tree', 'data-from': i / BARS }));
      if (rest) chart.append(svg('rect', { x: i * 10 + 1, y: 55 - up(tree + rest), width: 8, height: up(rest), class: 'rest', 'data-from': i / BARS }));
    });
    chart.append(svg('path', { d: 'M0 55.5h600', class: 'floor' }));
    const marks = document.createElement('div');
    marks.className = 'thours';
    for (const part of [0, 0.25, 0.5, 0.75, 1]) marks.append(Object.assign(document.createElement('span'), { textContent: time(Date.parse(this.data.since) + part * minutes * 60e3) }));
    $('#tbars').replaceChildren(chart, marks);
    if (!this.data.whole && this.data.whole !== undefined) marks.title = t('Chỉ vẽ {n} phản ánh mới nhất', { n: number(points.length) });
  }

  // --- on the map
  ready() {
    this.changed(this.mode);
    this.fill();
  }

  fill() {
    const source = this.map?.getSource('film');
    source?.setData(this.data
      ? { type: 'FeatureCollection', features: this.data.points.map(([m, lon, lat, hero, kind]) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: [lon, lat] }, properties: { m, hero, kind } })) }
      : EMPTY);
  }

  dress(map) {
    if (map.getSource('film')) return;
    map.addSource('film', { type: 'geojson', data: EMPTY, buffer: 32 });
    const dot = ['concat', 'd-', ['get', 'hero']];
    const always = { 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-padding': 0 };
    map.addLayer({ id: 'film-old', type: 'symbol', source: 'film', layout: { ...always, 'icon-image': dot, 'icon-size': 0.6 }, paint: { 'icon-opacity': 0.5 } });
    map.addLayer({ id: 'film-recent', type: 'symbol', source: 'film', layout: { ...always, 'icon-image': dot, 'icon-size': 0.9 } });
    map.addLayer({ id: 'film-ring', type: 'circle', source: 'film', paint: { 'circle-radius': 18, 'circle-color': 'rgba(0,0,0,0)', 'circle-stroke-width': 2, 'circle-stroke-color': colourOf('--act'), 'circle-stroke-opacity': 0.6 } });
    map.addLayer({ id: 'film-new', type: 'symbol', source: 'film', layout: { ...always, 'icon-image': ['concat', 'm-', ['get', 'kind'], '-new'], 'icon-size': 0.8 } });
    this.changed(this.mode);
    this.fill();
    this.filters(map);
  }

  filters(map) {
    if (!map.getLayer('film-old')) return;
    const now = this.data ? this.minute : -1;
    const between = (from, to) => ['all', ['<', ['get', 'm'], to], ['>=', ['get', 'm'], from]];
    const oldest = this.mode === 'day' ? now - 120 : -1; // of a whole day only the last two hours, or it would be a carpet
    map.setFilter('film-old', between(oldest, now - RECENT_MIN));
    map.setFilter('film-recent', between(now - RECENT_MIN, now - NEW_MIN));
    map.setFilter('film-new', between(now - NEW_MIN, now));
    map.setFilter('film-ring', between(now - 1, now));
  }
}

function press(selector, is) {
  for (const each of $$(selector)) each.setAttribute('aria-pressed', String(is(each)));
}
