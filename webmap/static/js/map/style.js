// The map's style for a theme, with what the person chose written into it: filters, borders, zones.
import { choice, filterQuery, nothingOn } from './address.js';

export const INCIDENT_LAYERS = ['incident-resolved', 'incident', 'incident-ward', 'cluster'];
const BORDERS = { wards: ['ward-line', 'ward-name'], districts: ['district-line', 'district-name'] };
const NEVER = new Set(['hotspots']); // the planner's layers; this map shows incidents
const CACHE = new Map();

// auto follows the system; contrast is light with everything at its ends.
export function themeName() {
  const root = document.documentElement.dataset;
  if (root.contrast === 'more' || (!root.theme && matchMedia('(prefers-contrast: more)').matches)) return 'contrast';
  if (root.theme) return root.theme;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

const absolute = (address) => new URL(address, location.href).href;
export const incidentsUrl = () => absolute(`/tiles/incidents.json?${filterQuery()}`);
export const zonesUrl = () => absolute(`/tiles/zones.json?field=${choice.zones || 'traffic'}`);

/** The layers of an analysis in the theme's colours, which `style` leaves out; after `style` has loaded the theme. */
export const hotspotLayers = () => structuredClone(CACHE.get(themeName()).layers.filter(({ source }) => NEVER.has(source)));

export async function style(hidden) {
  const name = themeName();
  if (!CACHE.has(name)) {
    const response = await fetch(`/static/map/style-${name}.json`);
    if (!response.ok) throw new Error(`style-${name}: ${response.status}`);
    CACHE.set(name, await response.json());
  }
  const made = structuredClone(CACHE.get(name));
  made.sprite = absolute(made.sprite); // a relative one is refused
  made.glyphs = new URL(location.href).origin + made.glyphs;
  delete made.center;
  delete made.zoom;
  made.layers = made.layers.filter((layer) => !NEVER.has(layer.source));
  for (const source of NEVER) delete made.sources[source];
  for (const [source, given] of Object.entries(made.sources)) given.url = absolute(given.url ?? `/tiles/${source}.json`);
  outside(made);
  made.sources.incidents.url = incidentsUrl();
  if (choice.zones) made.sources.zones.url = zonesUrl();
  else delete made.sources.zones;
  made.layers = made.layers.filter((layer) => choice.zones || layer.source !== 'zones');
  for (const layer of made.layers) {
    if (layer.source === 'zones') visible(layer, true);
    if (INCIDENT_LAYERS.includes(layer.id) || layer.source === 'incidents') visible(layer, !nothingOn());
    for (const [border, ids] of Object.entries(BORDERS)) if (ids.includes(layer.id)) visible(layer, !hidden.has(border));
  }
  if (choice.zones) made.layers.splice(made.layers.findIndex((layer) => layer.id === 'zone-line'), 0, ZONE_FILL);
  return made;
}

// The operator's own choice of a basemap (BASEMAP_TILES): its pictures in place of our ground; borders and incidents stay.
function outside(made) {
  const tiles = document.querySelector('meta[name=basemap]')?.content;
  if (!tiles) return;
  made.layers = made.layers.filter((layer) => layer.source !== 'basemap');
  made.sources.basemap = { type: 'raster', tiles: [tiles], tileSize: 256, maxzoom: 19 };
  made.layers.splice(made.layers.findIndex((layer) => layer.type !== 'background'), 0, { id: 'outside-basemap', type: 'raster', source: 'basemap' });
}

function visible(layer, shown) {
  layer.layout = { ...layer.layout, visibility: shown ? 'visible' : 'none' };
}

// Not seen, but a click finds the zone by it.
const ZONE_FILL = { id: 'zone-fill', type: 'fill', source: 'zones', 'source-layer': 'zones', paint: { 'fill-color': '#000000', 'fill-opacity': 0 } };
