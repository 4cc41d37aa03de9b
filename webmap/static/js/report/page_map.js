// The small map of a report's page: its place, and nothing else that happens around. Without WebGL it stays hidden.
import { later } from '../dom.js';
import { t } from '../i18n.js';
import { library as load, quiet, ring } from '../map/pin_map.js';
import { moved } from './place.js';

const ZOOM = 16.2;

let shown = null; // {node, map}; the node survives the renewal of the page around it

export async function showPlace(node) {
  if (!node || shown?.node === node) return;
  shown?.map?.remove();
  shown = { node };
  try {
    await draw(node);
  } catch (error) {
    node.hidden = true; // the facts below say where it is
    console.info('map', error.message);
  }
}

async function draw(node) {
  const library = await load();
  const centre = [Number(node.dataset.lon), Number(node.dataset.lat)];
  const radius = Number(node.dataset.radius);
  node.hidden = false;
  const container = node.querySelector('.map-canvas');
  const options = {
    container,
    style: await quiet(),
    center: centre,
    zoom: ZOOM,
    interactive: false,
    attributionControl: false,
    fadeDuration: 0,
    locale: { 'Map.Title': t('Bản đồ nơi có sự cố') },
  };
  if (radius) options.bounds = [moved(centre, -radius, -radius), moved(centre, radius, radius)];
  if (radius) options.fitBoundsOptions = { padding: 24 };
  const map = (shown.map = new library.Map(options));
  map.getCanvas().setAttribute('role', 'img');
  if (radius) map.on('load', () => circle(map, node, centre, radius));
  const restyle = later(0, async () => {
    map.setStyle(await quiet());
    if (radius) map.once('styledata', () => circle(map, node, centre, radius));
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', restyle);
}

/** A place known only to its ward: a dashed circle with a tint, as on the map. */
function circle(map, node, centre, radius) {
  if (map.getSource('place')) return;
  const colour = getComputedStyle(node).getPropertyValue(`--${node.dataset.hero}`).trim();
  map.addSource('place', { type: 'geojson', data: { type: 'Polygon', coordinates: [ring(centre, radius)] } });
  map.addLayer({ id: 'place-fill', type: 'fill', source: 'place', paint: { 'fill-color': colour, 'fill-opacity': 0.09 } });
  map.addLayer({ id: 'place-line', type: 'line', source: 'place', paint: { 'line-color': colour, 'line-width': 2, 'line-dasharray': [2, 2] } });
}
