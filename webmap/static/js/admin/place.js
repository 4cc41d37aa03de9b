// A report's place is pointed at on a map; what the move would do is said while the form is filled in. The server works
// it out and writes it; without this file, or without WebGL, coordinates and an address do the same.
import { $, $$, later } from '../dom.js';
import { PinMap, drawnPin } from '../map/pin_map.js';

const CLOSE = 16.5;
const START = { centre: [106.7009, 10.7769], zoom: 12 };

const root = $('[data-place]');
const form = $('[data-move]');
let pinMap = null;
let asking = null;

const pointOf = ({ dataset }, lon = 'lon', lat = 'lat') => (dataset[lon] ? [Number(dataset[lon]), Number(dataset[lat])] : null);

function put(parts) {
  for (const slot of parts) $(`[data-slot-for="${slot.dataset.slot}"]`)?.replaceChildren(...slot.childNodes);
  show();
}

/** The new place on the map, as the server understood it. */
function show() {
  const said = $('[data-slot-for="new"] [data-lon]');
  if (!pinMap) return;
  const point = said && pointOf(said);
  pinMap.mark('new', point);
  if (!point) return;
  pinMap.circle('new', point, Number(said.dataset.radius), '--act');
  const old = pointOf(pinMap.node, 'oldLon', 'oldLat');
  pinMap.reveal([point, ...(old ? [old] : [])], CLOSE);
}

const renew = later(80, async () => {
  asking?.abort();
  asking = new AbortController();
  const query = new URLSearchParams({ part: 'plan' });
  for (const [name, value] of new FormData(form)) if (!['csrf_token', 'seen', 'note'].includes(name)) query.set(name, value);
  try {
    const response = await fetch(`${form.getAttribute('action')}?${query}`, { signal: asking.signal, headers: { Accept: 'text/html' } });
    if (!response.ok || response.redirected) return;
    put($$('[data-slot]', new DOMParser().parseFromString(await response.text(), 'text/html')));
  } catch (error) {
    if (error.name !== 'AbortError') console.info('plan', error.message); // sending the form says what is wrong
  }
});

/** A point by hand takes the place of an address that was picked. */
function chosen([lon, lat]) {
  for (const name of ['address', 'pick']) form.elements.namedItem(name)?.remove();
  form.elements.namedItem('at').value = `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
  renew();
}

if (form) {
  put($$('[data-plan] [data-slot]'));
  $('[data-plan]').remove();
  form.addEventListener('change', (event) => {
    if (event.target.name === 'at') for (const name of ['address', 'pick']) form.elements.namedItem(name)?.remove();
    renew();
  });
  form.addEventListener('submit', () => $('button[type="submit"]', form).setAttribute('aria-disabled', 'true'));
  const node = $('[data-map]', root);
  const old = pointOf(node, 'oldLon', 'oldLat');
  try {
    pinMap = await PinMap.open(node, { centre: old || START.centre, zoom: old ? CLOSE : START.zoom, title: node.dataset.title, chosen });
    if (pinMap && old) {
      pinMap.mark('old', old, drawnPin('pin-former'));
      pinMap.circle('old', old, Number(node.dataset.oldRadius), '--ink-3');
    }
    window.placeMap = pinMap?.map;
    show();
  } catch (error) {
    node.hidden = true; // the form does it without
    console.info('map', error.message);
  }
}
$('#problem')?.focus();
