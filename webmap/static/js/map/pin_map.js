// A small map on which one place is pointed at: by a click, or by arrow keys and Enter at its middle. It knows a pin, a
// former place, and a circle of uncertainty, and keeps them when the theme changes.
import { lang } from '../i18n.js';
import { heard, later } from '../dom.js';
import { moved } from '../report/place.js';
import { style } from './style.js';

const LIBRARY = '/static/vendor/maplibre-gl/';
const SVG = 'http://www.w3.org/2000/svg';
const CORNERS = 72;

/** The map's style without incidents and zones: only borders and streets. */
export async function quiet() {
  const made = await style(new Set());
  made.layers = made.layers.filter((layer) => layer.source !== 'incidents' && layer.source !== 'zones');
  delete made.sources.incidents;
  delete made.sources.zones;
  return made;
}

/** The corners of a circle of `metres` round [lon, lat], closed. */
export function ring(centre, metres) {
  return Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / CORNERS;
    return moved(centre, metres * Math.cos(angle), metres * Math.sin(angle));
  });
}

/** MapLibre GL with its worker, loaded when it is first needed. */
export async function library() {
  const found = await import(`${LIBRARY}maplibre-gl.mjs`);
  found.setWorkerUrl(new URL(`${LIBRARY}maplibre-gl-worker.mjs`, location.href).href);
  return found;
}

/** A map with streets and borders alone, north up and flat; `title` says to a screen reader what it is and its keys. */
export async function flat(gl, { title, ...options }) {
  const map = new gl.Map({
    style: await quiet(),
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    locale: { 'Map.Title': title },
    ...options,
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  return map;
}

export function drawnPin(name = 'pin-here') {
  const make = (tag, attributes) => {
    const node = document.createElementNS(SVG, tag);
    for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
    return node;
  };
  const svg = make('svg', { viewBox: '0 0 40 52', class: name, 'aria-hidden': 'true' });
  svg.append(
    make('path', { d: 'M20 51C20 51 4 31 4 18a16 16 0 0 1 32 0C36 31 20 51 20 51Z' }),
    make('circle', { cx: 20, cy: 18, r: 6 }),
  );
  return svg;
}

export class PinMap {
  /** `node` holds `.map-canvas` and buttons `[data-zoom]`; `chosen([lon, lat])` hears what is pointed at. Null where it is not shown. */
  static async open(node, { centre, zoom, title, chosen }) {
    const gl = await library();
    node.hidden = false;
    if (!node.offsetParent) {
      node.hidden = true;
      return null;
    }
    const map = await flat(gl, { container: node.querySelector('.map-canvas'), center: centre, zoom, minZoom: 8, title });
    return new PinMap(gl, map, node, chosen);
  }

  constructor(gl, map, node, chosen) {
    Object.assign(this, { gl, map, node, marks: {}, circles: {} });
    const canvas = map.getCanvas();
    canvas.setAttribute('role', 'application');
    canvas.lang = lang;
    map.on('click', (event) => chosen(event.lngLat.toArray()));
    canvas.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') chosen(map.getCenter().toArray());
    });
    for (const button of node.querySelectorAll('[data-zoom]')) {
      heard(button, () => map.zoomTo(map.getZoom() + Number(button.dataset.zoom)));
    }
    map.on('load', () => this.drawCircles());
    const restyle = later(0, async () => {
      map.setStyle(await quiet());
      map.once('styledata', () => this.drawCircles());
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', restyle);
  }

  /** Put a mark of a name at a point, or take it away with null. */
  mark(name, point, element = drawnPin()) {
    this.marks[name]?.remove();
    delete this.marks[name];
    if (!point) return;
    this.marks[name] = new this.gl.Marker({ element, anchor: 'bottom' }).setLngLat(point).addTo(this.map);
    for (const attribute of ['aria-label', 'role', 'tabindex']) element.removeAttribute(attribute);
  }

  /** A dashed circle round a point; `colour` is a token of the page: --warn. */
  circle(name, point, metres, colour) {
    this.circles[name] = { point, metres, colour };
    if (this.map.isStyleLoaded() || this.map.getSource(`circle-${name}`)) this.drawCircles();
    else this.map.once('idle', () => this.drawCircles());
  }

  drawCircles() {
    for (const [name, { point, metres, colour: token }] of Object.entries(this.circles)) {
      const id = `circle-${name}`;
      const data = { type: 'Polygon', coordinates: [ring(point, metres)] };
      const source = this.map.getSource(id);
      if (source) {
        source.setData(data);
        continue;
      }
      const colour = getComputedStyle(this.node).getPropertyValue(token).trim();
      this.map.addSource(id, { type: 'geojson', data });
      this.map.addLayer({ id: `${id}-fill`, type: 'fill', source: id, paint: { 'fill-color': colour, 'fill-opacity': 0.14 } });
      this.map.addLayer({ id: `${id}-line`, type: 'line', source: id, paint: { 'line-color': colour, 'line-width': 2, 'line-dasharray': [2, 2] } });
    }
  }

  /** Bring points into view, only where one is out of it. */
  reveal(points, zoom) {
    const bounds = this.map.getBounds();
    if (points.every((point) => bounds.contains(point)) && this.map.getZoom() > zoom - 3) return;
    if (points.length === 1) return this.map.jumpTo({ center: points[0], zoom });
    const box = points.reduce((all, point) => all.extend(point), new this.gl.LngLatBounds(points[0], points[0]));
    this.map.fitBounds(box, { padding: 60, maxZoom: zoom, animate: false });
  }
}
