// Who is responsible here? A click on the map asks, as does the form; the server writes the answer. Without WebGL, or
// without this file, the form alone does it.
import { $, $$, el, later, phone } from '../dom.js';
import { lang, t } from '../i18n.js';
import { style } from '../map/style.js';
import { moved } from '../report/place.js';

const LIBRARY = '/static/vendor/maplibre-gl/';
const START = { center: [106.7009, 10.7769], zoom: 12.5 };
const CLOSE = 16;
const CORNERS = 72;

const root = $('[data-responsible]');
const form = $('[data-ask]', root);
const field = (name) => form.elements.namedItem(name);
let map = null;
let pin = null;
let asking = null;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  ask();
});
for (const name of ['on', 'accuracy']) field(name).addEventListener('change', () => field('at').value && form.reportValidity() && ask());

/** Ask the server and show what it says; a later question ends an earlier one. */
async function ask() {
  asking?.abort();
  asking = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  const address = `${form.getAttribute('action')}?${query}`;
  const answer = $('[data-answer]', root);
  answer.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(`${address}&part=1`, { signal: asking.signal, headers: { Accept: 'text/html' } });
    if (response.redirected || !response.ok) {
      location.assign(address); // logged out meanwhile, or a trouble that a page of its own explains
      return;
    }
    const parsed = new DOMParser().parseFromString(await response.text(), 'text/html');
    answer.replaceChildren(...parsed.body.childNodes);
    fold();
    if ('address' in form.dataset) history.replaceState(null, '', address);
    $('[data-news]', root).textContent = $('[data-said]', answer)?.dataset.said ?? '';
    show(true);
  } catch (error) {
    if (error.name === 'AbortError') return;
    $('[data-news]', root).textContent = '';
    answer.replaceChildren(el('p', { class: 'note warn flat', role: 'alert' }, t('Không hỏi được vì mất mạng. Thử lại.')));
  } finally {
    answer.removeAttribute('aria-busy');
  }
}

/** On a phone the reasons are opened one by one. */
function fold() {
  if (phone()) for (const open of $$('details[open]', root)) open.open = false;
}

/** Put the pin and the circle of uncertainty where the answer is; `travel`: move the map if they are out of sight. */
function show(travel) {
  const said = $('[data-lon]', root);
  if (!map || !said) return;
  const centre = [Number(said.dataset.lon), Number(said.dataset.lat)];
  pin.setLngLat(centre).addTo(map);
  circle(centre, Number(said.dataset.metres));
  if (travel && (!map.getBounds().contains(centre) || map.getZoom() < CLOSE - 3)) map.jumpTo({ center: centre, zoom: CLOSE });
}

function circle(centre, metres) {
  const ring = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (2 * Math.PI * corner) / CORNERS;
    return moved(centre, metres * Math.cos(angle), metres * Math.sin(angle));
  });
  const data = { type: 'Polygon', coordinates: [ring] };
  if (map.getSource('unsure')) {
    map.getSource('unsure').setData(data);
    return;
  }
  const colour = getComputedStyle(root).getPropertyValue('--warn').trim();
  map.addSource('unsure', { type: 'geojson', data });
  map.addLayer({ id: 'unsure-fill', type: 'fill', source: 'unsure', paint: { 'fill-color': colour, 'fill-opacity': 0.14 } });
  map.addLayer({ id: 'unsure-line', type: 'line', source: 'unsure', paint: { 'line-color': colour, 'line-width': 2, 'line-dasharray': [2, 2] } });
}

function at({ lng, lat }) {
  field('at').value = `${lat.toFixed(6)}, ${lng.toFixed(6)}`;
  ask();
}

/** The map's style without incidents: only borders and streets. */
async function quiet() {
  const made = await style(new Set());
  made.layers = made.layers.filter((layer) => layer.source !== 'incidents' && layer.source !== 'zones');
  delete made.sources.incidents;
  delete made.sources.zones;
  return made;
}

async function open(node) {
  const library = await import(`${LIBRARY}maplibre-gl.mjs`);
  library.setWorkerUrl(new URL(`${LIBRARY}maplibre-gl-worker.mjs`, location.href).href);
  const said = $('[data-lon]', root);
  node.hidden = false;
  if (!node.offsetParent) return; // not shown at this width
  map = new library.Map({
    container: $('.map-canvas', node),
    style: await quiet(),
    ...(said ? { center: [Number(said.dataset.lon), Number(said.dataset.lat)], zoom: CLOSE } : START),
    minZoom: 8,
    maxZoom: 19,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    locale: { 'Map.Title': t('Bản đồ. Bấm một điểm để hỏi; phím mũi tên dời bản đồ, Enter hỏi ở giữa bản đồ') },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  const canvas = map.getCanvas();
  canvas.setAttribute('role', 'application');
  canvas.lang = lang;
  pin = new library.Marker({ element: drawnPin(), anchor: 'bottom' });
  map.on('click', (event) => at(event.lngLat));
  canvas.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') at(map.getCenter());
  });
  for (const button of node.querySelectorAll('[data-zoom]')) {
    button.addEventListener('click', () => map.zoomTo(map.getZoom() + Number(button.dataset.zoom)));
  }
  map.on('load', () => show(false));
  const restyle = later(0, async () => {
    map.setStyle(await quiet());
    map.once('styledata', () => show(false));
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', restyle);
  window.responsibleMap = map;
}

function drawnPin() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 40 52');
  svg.setAttribute('class', 'pin-here');
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS(svg.namespaceURI, 'path');
  shape.setAttribute('d', 'M20 51C20 51 4 31 4 18a16 16 0 0 1 32 0C36 31 20 51 20 51Z');
  const hole = document.createElementNS(svg.namespaceURI, 'circle');
  for (const [name, value] of Object.entries({ cx: 20, cy: 18, r: 6 })) hole.setAttribute(name, value);
  svg.append(shape, hole);
  return svg;
}

fold();
const node = $('[data-map]', root);
open(node).catch((error) => {
  node.hidden = true; // the form asks without it
  console.info('map', error.message);
});
