// The map of an area: its border, everything else dimmed, the incidents of the tiles.
import { $, el } from '../dom.js';
import { choice } from '../map/address.js';
import { MapView } from '../map/view.js';

const LOOK = {
  'area-rest': { type: 'fill', paint: { 'fill-opacity': 0.6 }, filter: ['==', ['get', 'part'], 'rest'], colour: ['fill-color', '--paper'] },
  'area-border': { type: 'line', layout: { 'line-join': 'round' }, paint: { 'line-width': ['interpolate', ['linear'], ['zoom'], 10, 1.5, 15, 3] }, filter: ['==', ['get', 'part'], 'area'], colour: ['line-color', '--act'] },
};

const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Mercator zoom that holds a box (degrees) in a frame (pixels).
function fitting([west, south, east, north], width, height, most) {
  const y = (lat) => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360));
  const across = Math.log2((width * 360) / (512 * (east - west)));
  const along = Math.log2((height * 2 * Math.PI) / (512 * (y(north) - y(south))));
  return { lon: (west + east) / 2, lat: (south + north) / 2, zoom: Math.max(8, Math.min(most, across, along)) };
}

export class AreaMap {
  // `outline` is the document of outline.json; `on.chosen(mark)` a mark that was hit, `on.missed()` a tile did not come.
  static async open(outline, on, { margin = 32, most = 16 } = {}) {
    const node = $('#map');
    const { clientWidth: width, clientHeight: height } = node;
    choice.view = fitting(outline.bbox, Math.max(100, width - 2 * margin), Math.max(100, height - 2 * margin), most);
    const made = new AreaMap(outline, on);
    made.view = await MapView.open('map', {
      missed: () => on.missed?.(),
      idle: () => on.idle?.(),
      moving: () => on.moving?.(),
      moved: () => made.legend(),
      clicked: (mark, event) => on.chosen?.(mark, event),
    });
    made.map.on('styledata', () => made.dress());
    made.dress();
    made.legend();
    for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']) {
      matchMedia(query).addEventListener('change', () => !document.documentElement.dataset.theme && made.view.restyle());
    }
    return made;
  }

  constructor(outline, on) {
    this.outline = outline;
    this.on = on;
  }

  get map() {
    return this.view.map;
  }

  // Our own layers, below the incidents; a new style (another theme) takes them away, so this runs again.
  dress() {
    if (!this.map.getStyle()?.layers?.length) return;
    if (!this.map.getSource('area')) this.map.addSource('area', { type: 'geojson', data: this.outline, tolerance: 0 });
    const below = ['district-line', 'precision-fill', 'incident-resolved'].find((id) => this.map.getLayer(id));
    for (const [id, { colour: [property, token], ...layer }] of Object.entries(LOOK)) {
      if (!this.map.getLayer(id)) this.map.addLayer({ ...layer, id, source: 'area', paint: { ...layer.paint, [property]: colourOf(token) } }, below);
    }
    this.drawOwn();
    this.on.dressed?.(this.map, below);
  }

  // Cases whose exact place the public does not see: drawn from the list, in place of their coarse marks in the tiles.
  own(incidents) {
    this.exact = incidents.filter(({ hero, at }) => hero === 'construction' && at);
    this.drawOwn();
  }

  drawOwn() {
    if (!this.exact || !this.map.getLayer('incident')) return;
    const data = {
      type: 'FeatureCollection',
      features: this.exact.map(({ code, kind, hero, state, at }) => ({ type: 'Feature', geometry: { type: 'Point', coordinates: at }, properties: { code, kind, hero, state, precision: 'street' } })),
    };
    const source = this.map.getSource('own');
    if (source) source.setData(data);
    else {
      this.map.addSource('own', { type: 'geojson', data });
      const size = this.map.getLayoutProperty('incident', 'icon-size');
      const layout = { 'icon-image': ['concat', 'm-', ['get', 'kind'], '-', ['get', 'state']], 'icon-size': size, 'icon-allow-overlap': true, 'icon-padding': 0 };
      this.map.addLayer({ id: 'own', type: 'symbol', source: 'own', minzoom: 13, layout });
    }
    const codes = this.exact.map(({ code }) => code);
    for (const id of ['incident', 'incident-ward', 'precision-fill', 'precision-line']) {
      if (!this.map.getLayer(id)) continue;
      this.filters ??= {};
      this.filters[id] ??= this.map.getFilter(id) ?? true;
      // Below 13 they are in the clusters, or stand coarsely.
      const filter = ['all', this.filters[id], ['any', ['<', ['zoom'], 13], ['!', ['in', ['get', 'code'], ['literal', codes]]]]];
      if (JSON.stringify(this.map.getFilter(id)) !== JSON.stringify(filter)) this.map.setFilter(id, filter);
    }
  }

  legend() {
    const node = $('#legend');
    if (node) node.dataset.show = this.map.getZoom() >= 13 ? 'points' : 'clusters';
  }

  whole() {
    const [west, south, east, north] = this.outline.bbox;
    this.view.fit({ west, south, east, north });
  }

  // At most a handful of rings at once, however much comes in.
  arrival(lngLat) {
    if (document.querySelectorAll('.arrival').length < 8) this.view.arrival(lngLat);
  }

  // The numbers of the stops of a tour, or names of places.
  labels(list) {
    for (const marker of this.marks ?? []) marker.remove();
    this.marks = list.map(({ at, words, className = 'hl' }) =>
      new this.view.library.Marker({ element: el('div', { class: className, 'aria-hidden': 'true' }, ...words), anchor: 'bottom' }).setLngLat(at).addTo(this.map));
  }
}

export { colourOf };
