// The map itself: start, theme, filters, what was hit, the ring at the chosen symbol, the ring of an arrival.
import { calm, el, later, paced } from '../dom.js';
import { lang, t } from '../i18n.js';
import { choice } from './address.js';
import { metresPerPixel, moved } from '../report/place.js';
import { INCIDENT_LAYERS, style } from './style.js';
import { Touched } from './touched.js';

const LIBRARY = '/static/vendor/maplibre-gl/';
const CITY = [[106.356, 10.37], [107.03, 11.16]];
const REACH_PX = 22; // a finger's half: symbols are smaller than 44 px
const ARRIVAL_MS = 2400;
const FINEST_TILES = 16; // beyond, the same tile is drawn larger
const ARRIVALS = 8; // rings at a time
const CLOSEST = 17; // a place that is known exactly is seen with the streets round it
const WIDEST_M = 5000; // a name that may mean places all over the city is seen at its likeliest one
const LARGEST_CIRCLE_PX = 4000;
const TILES_EVERY_MS = 700; // in a storm many messages come together

export class MapView {
  static async open(container, on) {
    const library = await import(`${LIBRARY}maplibre-gl.mjs`);
    library.setWorkerUrl(new URL(`${LIBRARY}maplibre-gl-worker.mjs`, location.href).href);
    const hidden = new Set();
    const map = new library.Map({
      container,
      style: await style(hidden),
      center: [choice.view.lon, choice.view.lat],
      zoom: choice.view.zoom,
      minZoom: 8,
      maxZoom: 19,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      rollEnabled: false,
      fadeDuration: calm() ? 0 : 150,
      locale: {
        'Map.Title': t('Bản đồ sự cố. Phím mũi tên dời bản đồ, cộng và trừ để phóng, Enter chọn sự cố gần giữa nhất'),
      },
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    return new MapView(library, map, hidden, on);
  }

  constructor(library, map, hidden, on) {
    Object.assign(this, { library, map, hidden, on });
    this.canvas = map.getCanvas();
    this.canvas.setAttribute('role', 'application');
    this.canvas.lang = lang;
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter();
      choice.view = { lon: lng, lat, zoom: map.getZoom() };
      on.moved();
    });
    map.on('move', () => on.moving());
    map.on('zoom', () => this.sizePlace());
    // A tile that does not come is the network's business and said as such; anything else is a mistake of ours.
    map.on('error', ({ error }) => {
      if ('status' in error || error.name === 'AJAXError' || /fetch|network/i.test(error.message) || !navigator.onLine) on.missed(error);
      else console.error(error.message);
    });
    map.on('idle', () => on.idle());
    map.on('click', (event) => on.clicked(this.hit(event.point), event));
    map.on('mousemove', later(20, (event) => {
      this.canvas.style.cursor = this.hit(event.point, 4) ? 'pointer' : '';
    }));
    this.canvas.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.defaultPrevented) return;
      const { clientWidth, clientHeight } = this.canvas;
      on.clicked(this.hit({ x: clientWidth / 2, y: clientHeight / 2 }, Math.min(clientWidth, clientHeight) / 2), event);
    });
    this.touched = new Touched();
    this.renewTouched = paced(TILES_EVERY_MS, () => this.renew());
    map.on('moveend', () => this.renew()); // what was touched out of view, and is in view now
  }

  // What a message of the stream touched is drawn anew; without one, everything.
  renewTiles(document = null, kind = '') {
    this.touched.add(document, kind);
    this.renewTouched();
  }

  renew() {
    if (!this.map.getSource('incidents')) return;
    const tiles = this.touched.take(this.map.getZoom(), this.bounds());
    if (tiles === null) this.map.refreshTiles('incidents');
    else if (tiles.length) this.map.refreshTiles('incidents', tiles);
  }

  bounds() {
    const bounds = this.map.getBounds();
    return { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
  }

  zoom() {
    return this.map.getZoom();
  }

  // The mark nearest to a point of the screen, within reach; the one drawn on top where two are as near.
  hit(point, reach = REACH_PX) {
    const layers = INCIDENT_LAYERS.filter((id) => this.map.getLayer(id));
    if (!layers.length) return null;
    const box = [[point.x - reach, point.y - reach], [point.x + reach, point.y + reach]];
    let best = null;
    for (const feature of this.map.queryRenderedFeatures(box, { layers })) {
      const at = this.map.project(feature.geometry.coordinates);
      const far = Math.hypot(at.x - point.x, at.y - point.y);
      if (!best || far < best.far - 1) best = { far, feature };
    }
    return best && { ...best.feature.properties, lngLat: best.feature.geometry.coordinates, tileZoom: Math.min(FINEST_TILES, Math.floor(this.map.getZoom())) };
  }

  zoneAt(point) {
    return this.map.getLayer('zone-fill') ? this.map.queryRenderedFeatures(point, { layers: ['zone-fill'] })[0]?.properties : null;
  }

  // Everything that changes what is drawn goes through one style; only what differs is loaded again.
  async restyle() {
    this.map.setStyle(await style(this.hidden), { diff: true });
  }

  border(name, shown) {
    if (shown) this.hidden.delete(name);
    else this.hidden.add(name);
    this.restyle();
  }

  goTo(lngLat, zoom = this.map.getZoom()) {
    const target = { center: lngLat, zoom: Math.max(zoom, 8) };
    if (calm()) this.map.jumpTo(target);
    else this.map.easeTo({ ...target, duration: 500 });
  }

  fit({ west, south, east, north }, maxZoom = 17) {
    this.map.fitBounds([[west, south], [east, north]], { padding: 48, maxZoom, animate: !calm(), duration: 500 });
  }

  wholeCity() {
    this.map.fitBounds(CITY, { padding: 12, animate: !calm(), duration: 500 });
  }

  // Only as far as needed: a symbol that can be seen stays where it is.
  reveal(lngLat) {
    const at = this.map.project(lngLat);
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (at.x > 60 && at.y > 130 && at.x < width - 60 && at.y < height - 60) return;
    this.goTo(lngLat, Math.max(this.map.getZoom(), 13.2));
  }

  // What a card at the map's lower edge would cover is moved up, out of its way.
  above(lngLat, covered) {
    const hidden = this.map.project(lngLat).y - (this.canvas.clientHeight - covered - 44);
    if (hidden > 0) this.map.panBy([0, hidden], { animate: !calm() });
  }

  ring(name, lngLat, size = '') {
    this.rings ??= {};
    this.rings[name]?.remove();
    delete this.rings[name];
    if (!lngLat) return;
    const element = el('div', { class: `ring ${name} ${size}`, 'aria-hidden': 'true' });
    this.rings[name] = new this.library.Marker({ element }).setLngLat(lngLat).addTo(this.map);
    element.removeAttribute('aria-label');
    element.removeAttribute('role');
  }

  // A place as a dot; with its uncertainty in metres a circle around it, as large as that is on the ground.
  dot(lngLat, accuracy = 0) {
    this.here?.remove();
    const circle = accuracy ? el('div', { class: 'accuracy', 'data-metres': Math.round(accuracy) }) : null;
    const element = el('div', { class: 'me-place', 'aria-hidden': 'true' }, circle, el('div', { class: 'me' }));
    this.here = new this.library.Marker({ element }).setLngLat(lngLat).addTo(this.map);
    if (this.sizing) this.map.off('zoom', this.sizing);
    if (!circle) return;
    this.sizing = () => {
      circle.style.width = circle.style.height = `${(2 * accuracy) / metresPerPixel(lngLat[1], this.map.getZoom())}px`;
    };
    this.map.on('zoom', this.sizing);
    this.sizing();
  }

  /** The place that was searched for, `{point, accuracy_m}` or null: a dot in its circle of precision. Whether there was one before. */
  found(place) {
    const before = Boolean(this.place);
    this.place?.marker.remove();
    this.place = null;
    if (!place) return before;
    const circle = el('div', { class: 'found-circle' });
    const element = el('div', { class: 'found-place', 'aria-hidden': 'true' }, circle);
    const marker = new this.library.Marker({ element }).setLngLat(place.point).addTo(this.map);
    for (const name of ['aria-label', 'role', 'tabindex']) element.removeAttribute(name);
    this.place = { ...place, marker, circle };
    this.sizePlace();
    return before;
  }

  sizePlace() {
    if (!this.place) return;
    const { circle, point, accuracy_m: metres } = this.place;
    const across = (2 * metres) / metresPerPixel(point[1], this.map.getZoom());
    circle.hidden = across < 14 || across > LARGEST_CIRCLE_PX;
    circle.style.width = circle.style.height = `${across}px`;
  }

  /** So that the whole circle is seen. */
  goToPlace({ point, accuracy_m: metres }) {
    const reach = Math.min(Math.max(metres, 30), WIDEST_M);
    const [[west, south], [east, north]] = [moved(point, -reach, -reach), moved(point, reach, reach)];
    this.fit({ west, south, east, north }, CLOSEST);
  }

  // One ring, once. With reduced motion it stands still and fades with the next refresh.
  arrival(lngLat) {
    if (document.querySelectorAll('.arrival').length >= ARRIVALS) return; // in a storm the symbols say enough
    const element = el('div', { class: 'arrival', 'aria-hidden': 'true' });
    const marker = new this.library.Marker({ element }).setLngLat(lngLat).addTo(this.map);
    setTimeout(() => marker.remove(), calm() ? 4 * ARRIVAL_MS : ARRIVAL_MS);
  }
}
