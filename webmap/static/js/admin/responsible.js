// Who is responsible here? A click on the map asks, as does the form; the server writes the answer. Without WebGL, or
// without this file, the form alone does it.
import { $, $$, el, phone } from '../dom.js';
import { t } from '../i18n.js';
import { PinMap } from '../map/pin_map.js';

const START = { centre: [106.7009, 10.7769], zoom: 12.5 };
const CLOSE = 16;

const root = $('[data-responsible]');
const form = $('[data-ask]', root);
const field = (name) => form.elements.namedItem(name);
let pinMap = null;
let asking = null;

form.addEventListener('submit', (event) => {
  event.preventDefault();
  ask();
});
for (const name of ['on', 'accuracy']) field(name).addEventListener('change', () => field('at').value && form.reportValidity() && ask());

/** Ask the server and show what it says; a later question ends an earlier one. */
async function ask() {
  asking?.abort();
  const mine = (asking = new AbortController());
  const query = new URLSearchParams(new FormData(form));
  const address = `${form.getAttribute('action')}?${query}`;
  const answer = $('[data-answer]', root);
  answer.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(`${address}&part=1`, { signal: mine.signal, headers: { Accept: 'text/html' } });
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
    if (mine === asking) answer.removeAttribute('aria-busy');
  }
}

/** On a phone the reasons are opened one by one. */
function fold() {
  if (phone()) for (const open of $$('details[open]', root)) open.open = false;
}

/** Put the pin and the circle of uncertainty where the answer is; `travel`: move the map if they are out of sight. */
function show(travel) {
  const said = $('[data-lon]', root);
  if (!pinMap || !said) return;
  const centre = [Number(said.dataset.lon), Number(said.dataset.lat)];
  pinMap.mark('here', centre);
  pinMap.circle('unsure', centre, Number(said.dataset.metres), '--warn');
  if (travel) pinMap.reveal([centre], CLOSE);
}

function chosen([lon, lat]) {
  field('at').value = `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
  ask();
}

async function open(node) {
  const said = $('[data-lon]', root);
  pinMap = await PinMap.open(node, {
    ...(said ? { centre: [Number(said.dataset.lon), Number(said.dataset.lat)], zoom: CLOSE } : START),
    title: t('Bản đồ. Bấm một điểm để hỏi; phím mũi tên dời bản đồ, Enter hỏi ở giữa bản đồ'),
    chosen,
  });
  window.responsibleMap = pinMap?.map;
  show(false);
}

fold();
const node = $('[data-map]', root);
open(node).catch((error) => {
  node.hidden = true; // the form asks without it
  console.info('map', error.message);
});
