// The reporter's own part of a report's page. The pin comes after the # of the link that was given on sending, or is
// typed; it goes to the server in the body of a request alone and is kept for this tab. The server does everything and
// writes the part anew; without this file the same forms open a page of their own.
import { $, $$ } from '../dom.js';
import { lang, t } from '../i18n.js';
import { PinMap } from '../map/pin_map.js';
import { describe } from './place.js';
import { words } from './place_line.js';

const root = $('#own');
const { code } = $('#report-body')?.dataset ?? {};
const KEPT = `hotline.pin.${code}`;
const CLOSE = 16.5;
const START = { centre: [106.7009, 10.7769], zoom: 12 };

const keep = (pin) => {
  try {
    if (pin) sessionStorage.setItem(KEPT, pin);
    else sessionStorage.removeItem(KEPT);
  } catch {
    // nothing is kept in a browser that forbids it: the pin is typed again
  }
};
const kept = () => {
  try {
    return sessionStorage.getItem(KEPT);
  } catch {
    return null;
  }
};

async function send(form, { quiet = false } = {}) {
  const data = new FormData(form);
  root.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(`${form.getAttribute('action')}?part=1`, { method: 'POST', body: data, credentials: 'same-origin', headers: { Accept: 'text/html' } });
    if (response.status === 429) return say(t('Thử quá nhiều lần. Đợi vài phút rồi thử lại.'));
    if (!(response.headers.get('Content-Type') || '').startsWith('text/html')) return say(t('Máy chủ chưa nhận được. Thử lại sau ít giây.'));
    const parsed = new DOMParser().parseFromString(await response.text(), 'text/html');
    root.replaceChildren(...parsed.body.childNodes);
    if (response.status === 403) keep(null);
    else keep(data.get('pin'));
    wire();
    if (quiet) return;
    const said = $('[data-said]', root) || $('[aria-invalid]', root) || $('summary', root);
    said?.focus();
  } catch {
    say(t('Chưa gửi được vì mất mạng. Thử lại.'));
  } finally {
    root.removeAttribute('aria-busy');
  }
}

function say(text) {
  let line = $('.own-said', root);
  if (!line) {
    line = document.createElement('p');
    line.className = 'note warn own-said';
    line.setAttribute('role', 'alert');
    $('section', root).prepend(line);
  }
  line.textContent = text;
}

// ---- the map of "correct the place": opened when its part is opened
async function placeMap(form) {
  const node = $('[data-map]', form);
  const at = form.elements.namedItem('at');
  const said = $('[data-place-said]', form);
  const here = $('#report-map')?.dataset;
  const start = here ? { centre: [Number(here.lon), Number(here.lat)], zoom: CLOSE } : START;
  let asking = null;
  const tell = async (point, place) => {
    asking?.abort();
    asking = new AbortController();
    try {
      await describe(point, asking.signal, lang, (about) => {
        const { title, line } = words(place, about, true);
        said.textContent = `${title}. ${line}`;
      });
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    }
  };
  const show = (point, radius) => {
    map?.mark('new', point);
    map?.circle('new', point, radius, '--act');
    map?.reveal([point], CLOSE);
  };
  const byHand = (point) => {
    for (const radio of $$('[name="pick"]', form)) radio.checked = false;
    const [lon, lat] = point;
    at.value = `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
    show(point, 10);
    tell(point, { lon, lat, source: 'pin', accuracy_m: 10 });
  };
  const picked = () => {
    const radio = $('[name="pick"]:checked', form);
    if (!radio) return;
    at.value = '';
    const point = [Number(radio.dataset.lon), Number(radio.dataset.lat)];
    show(point, Number(radio.dataset.radius));
  };
  let map = null;
  try {
    map = await PinMap.open(node, { ...start, title: node.dataset.title, chosen: byHand });
    window.ownMap = map?.map;
  } catch (error) {
    node.hidden = true;
    console.info('map', error.message);
  }
  form.addEventListener('change', (event) => event.target.name === 'pick' && picked());
  picked();
}

function wire() {
  for (const form of $$('[data-act]', root)) {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      send(form);
    });
  }
  const form = $('[data-place]', root);
  const part = form?.closest('details');
  if (!part) return;
  if (part.open) placeMap(form);
  else part.addEventListener('toggle', () => placeMap(form), { once: true });
}

if (root && code) {
  wire();
  const given = new URLSearchParams(location.hash.slice(1)).get('pin');
  if (given) {
    keep(given);
    history.replaceState(history.state, '', location.pathname + location.search); // an address is shared easily
  }
  const pin = given || kept();
  const form = $('[data-open]', root);
  if (pin && form) {
    form.elements.namedItem('pin').value = pin;
    send(form, { quiet: true });
  }
}
