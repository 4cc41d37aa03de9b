// The map of an answer: cells in the steps of their class with a white hairline, places with their letters.
import { calm, el, heard } from '../dom.js';
import { number } from '../format.js';
import { lang, t } from '../i18n.js';
import { flat, library, quiet } from '../map/pin_map.js';
import { hotspotLayers } from '../map/style.js';
import { corner, PLAIN_CLASSES, plainLayers, plainWords } from './plain.js';

const CITY = [[106.356, 10.37], [107.03, 11.16]];
const INNER = [[106.6, 10.7], [106.81, 10.87]];
const SHOWN = new Set(['hotspot-cell', 'hotspot-edge', 'hotspot-same']);
const EMERGING = new Set(['emerging-cell', 'emerging-edge', 'emerging-mark']);
const STEPS = ['none', 'hot90', 'hot95', 'hot99', 'cold90', 'cold95', 'cold99']; // a slice's digit
const NAMED = 5;
const LETTERS = 12;
const NONE = { type: 'FeatureCollection', features: [] };

export const classWords = () => ({
  hot99: t('nóng 99%'), hot95: t('nóng 95%'), hot90: t('nóng 90%'), cold99: t('lạnh 99%'), cold95: t('lạnh 95%'), cold90: t('lạnh 90%'),
});

/** The switches between the spans of a comparison; what is pressed before the map is there is shown once it is. */
class Parts {
  constructor(frame) {
    const switches = [...frame.querySelectorAll('[data-part]')];
    for (const button of switches) {
      heard(button, () => {
        for (const other of switches) other.setAttribute('aria-pressed', String(other === button));
        this.chosen = button.dataset.part;
        this.show?.(this.chosen);
      });
    }
  }

  shownBy(show) {
    this.show = show;
    if (this.chosen !== undefined) show(this.chosen);
  }
}

export class PlanMap {
  static async open(frame, places) {
    const parts = new Parts(frame); // before anything is waited for: who is quick has chosen already
    const gl = await library();
    const cells = frame.dataset.cells ? await fetch(frame.dataset.cells).then((answer) => (answer.ok ? answer.json() : NONE)) : NONE;
    const map = await flat(gl, {
      container: 'map',
      bounds: INNER,
      minZoom: 7,
      title: t('Bản đồ phân tích. Phím mũi tên dời bản đồ, cộng và trừ để phóng, Enter đọc ô ở giữa'),
    });
    const made = new PlanMap(gl, map, frame, cells, places);
    parts.shownBy((part) => made.show(part));
    return made;
  }

  constructor(gl, map, frame, cells, places) {
    Object.assign(this, { gl, map, frame, cells, places });
    const canvas = map.getCanvas();
    canvas.setAttribute('role', 'application');
    canvas.lang = lang;
    map.on('styledata', () => this.dress());
    map.on('click', (event) => !this.busy && this.read(event.point));
    canvas.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' && !this.busy) this.read({ x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 });
    });
    for (const button of frame.querySelectorAll('[data-zoom]')) {
      heard(button, () => map.zoomTo(map.getZoom() + Number(button.dataset.zoom), { animate: !calm() }));
    }
    for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']) {
      matchMedia(query).addEventListener('change', async () => map.setStyle(await quiet()));
    }
    this.slider = frame.querySelector('#slice');
    this.slider?.addEventListener('input', () => this.slice(Number(this.slider.value)));
    this.label();
    this.dress();
    if (cells.features.length) this.whole(false);
  }

  /** The cells of one of two spans (`before`, `after`), or their difference (``). */
  async show(part) {
    this.wanted = part;
    const answer = await fetch(`${this.frame.dataset.cells}${part ? `?part=${part}` : ''}`);
    if (!answer.ok) return;
    const cells = await answer.json();
    if (part !== this.wanted) return; // another one was asked for meanwhile
    this.cells = cells;
    this.frame.dataset.part = part;
    this.map.getSource('hotspots')?.setData(this.cells);
  }

  /** The hot and cold cells of one slice; behind the last one the classes of the whole span. */
  slice(number_) {
    const names = this.slider.dataset.slices.split('|');
    const all = number_ >= names.length;
    this.frame.querySelector('#slice-words').textContent = all ? this.slider.dataset.all : names[number_];
    this.slider.setAttribute('aria-valuetext', all ? this.slider.dataset.all : names[number_]);
    const features = all
      ? this.cells.features
      : this.cells.features.map((each) => ({ ...each, properties: { ...each.properties, class: STEPS[Number(each.properties.slices[number_])] } }));
    this.map.getSource('hotspots')?.setData({ type: 'FeatureCollection', features });
    for (const id of [...SHOWN, ...EMERGING]) {
      if (this.map.getLayer(id)) this.map.setLayoutProperty(id, 'visibility', EMERGING.has(id) === all ? 'visible' : 'none');
    }
  }

  // Our own layers; a new style (another theme) takes them away, so this runs again.
  dress() {
    if (!this.map.getStyle()?.layers?.length || this.map.getSource('hotspots')) return;
    this.map.addSource('hotspots', { type: 'geojson', data: this.cells, tolerance: 0 });
    const below = ['house-number', 'water-name-line', 'road-name-minor'].find((id) => this.map.getLayer(id));
    for (const { 'source-layer': _, ...layer } of hotspotLayers()) {
      // What is hot in both spans is an outline alone.
      const filter = layer.id === 'hotspot-same' ? layer.filter : ['!', ['in', ['get', 'class'], ['literal', ['none', 'same', ...PLAIN_CLASSES]]]];
      if (EMERGING.has(layer.id) && this.slider) this.map.addLayer({ ...layer, layout: { ...layer.layout, visibility: 'visible' } }, below);
      if (SHOWN.has(layer.id)) this.map.addLayer({ ...layer, filter, layout: { ...layer.layout, visibility: 'visible' } }, below);
    }
    for (const layer of plainLayers()) this.map.addLayer(layer, below);
    if (this.slider) this.slice(Number(this.slider.value));
    this.dressed?.();
  }

  label() {
    // The largest places last, so that they lie on top; only these say their names.
    for (const [rank, { letter, name, lon, lat }] of [...this.places.slice(0, LETTERS).entries()].reverse()) {
      const element = el('div', { class: 'hl', 'aria-hidden': 'true' }, el('b', {}, letter), rank < NAMED && el('span', {}, name));
      new this.gl.Marker({ element, anchor: 'bottom', offset: [0, -10] }).setLngLat([lon, lat]).addTo(this.map);
      for (const attribute of ['aria-label', 'role', 'tabindex']) element.removeAttribute(attribute);
    }
  }

  read(point) {
    const layers = ['plain-spot', 'plain-area', 'hotspot-cell', 'hotspot-same', 'emerging-cell'].filter((id) => this.map.getLayer(id));
    const [found] = layers.length ? this.map.queryRenderedFeatures(point, { layers }) : [];
    const node = this.frame.querySelector('#cell-said');
    node.hidden = !found;
    if (!found) return;
    if (plainWords(found.properties)) {
      node.textContent = plainWords(found.properties);
      return;
    }
    const { id, name, n, z, class: step, p_fdr: p, before } = found.properties;
    const words = [before === undefined ? t('{n} vụ', { n: number(n) }) : t('{before} rồi {n} vụ', { before: number(before), n: number(n) })];
    if (before === undefined && classWords()[step] && p !== undefined && p !== null) words.push(classWords()[step]);
    if (z !== undefined && z !== null) words.push(`z ${number(Math.round(z * 100) / 100)}`);
    node.textContent = `${name || `${t('Ô')} ${id}`}: ${words.join(', ')}`;
  }

  goTo(centre) {
    this.map.easeTo({ center: centre, zoom: Math.max(this.map.getZoom(), 13.5), duration: calm() ? 0 : 500 });
  }

  whole(animate = !calm()) {
    const box = this.box();
    this.map.fitBounds(box, { padding: 56, maxZoom: 14, animate });
  }

  // What holds the places; without any the cells, else the city. Far-off cells do not make the map small.
  box() {
    const hot = this.cells.features.filter(({ properties }) => properties.name && properties.class?.startsWith('hot'));
    const drawn = hot.length ? hot : this.cells.features; // areas with a name are larger than the surroundings of a point
    const points = this.places.length && !hot.length ? this.places.slice(0, NAMED).map(({ lon, lat }) => [lon, lat]) : drawn.map(corner);
    if (!points.length) return CITY;
    const pick = (axis, share) => points.map((point) => point[axis]).sort((a, b) => a - b)[Math.round((points.length - 1) * share)];
    const margin = 0.012;
    return [[pick(0, 0.02) - margin, pick(1, 0.02) - margin], [pick(0, 0.98) + margin, pick(1, 0.98) + margin]];
  }
}
