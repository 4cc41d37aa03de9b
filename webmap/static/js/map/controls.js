// Buttons on the map: zoom, my position, layers and theme.
import { $, $$, heard } from '../dom.js';
import { t } from '../i18n.js';
import { choice, filterQuery, nothingOn } from './address.js';
import { box } from './incidents.js';
import { band } from './states.js';

const A_YEAR_S = 365 * 24 * 3600;

export function controls(view, { zones }) {
  const panel = $('#layers');
  const opener = $('[data-do="layers"]');
  const toggle = (open, giveFocus) => {
    panel.hidden = !open;
    opener.setAttribute('aria-expanded', String(open));
    if (open) $('input', panel).focus();
    else if (giveFocus) opener.focus();
  };
  heard($('[data-do="zoom-in"]'), () => view.map.zoomIn());
  heard($('[data-do="zoom-out"]'), () => view.map.zoomOut());
  heard($('[data-do="locate"]'), () => locate(view));
  heard(opener, () => toggle(panel.hidden, true));
  panel.addEventListener('keydown', (event) => event.key === 'Escape' && toggle(false, true));
  document.addEventListener('pointerdown', (event) => {
    if (!panel.hidden && !panel.contains(event.target) && !opener.contains(event.target)) toggle(false, false);
  });
  for (const box of $$('[data-layer]', panel)) box.addEventListener('change', () => view.border(box.dataset.layer, box.checked));
  const select = $('#zones');
  select.value = choice.zones;
  select.addEventListener('change', () => zones(select.value));
  $('#take-away').addEventListener('click', (event) => takeAway(view, event));
  themes(view);
}

// The file of what is seen now: the list's own question.
function takeAway(view, event) {
  if (nothingOn()) return event.preventDefault();
  const query = filterQuery();
  if (view) {
    query.set('bbox', box(view.bounds()));
    query.set('zoom', Math.max(0, Math.floor(view.zoom())));
  }
  event.currentTarget.href = `/download/map.html?${query}`;
}

// Asked for only when the arrow is tapped.
function locate(view) {
  const sorry = (words) => {
    band('locate', words);
    setTimeout(() => band('locate', null), 6000);
  };
  if (!navigator.geolocation) return sorry(t('Máy này không cho biết vị trí. Tìm bằng địa chỉ ở ô trên.'));
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const at = [coords.longitude, coords.latitude];
      view.dot(at, coords.accuracy);
      document.dispatchEvent(new CustomEvent('map:located', { detail: { point: at, accuracy_m: Math.max(1, Math.round(coords.accuracy)) } }));
      view.goTo(at, Math.max(view.zoom(), 15.5));
    },
    () => sorry(t('Chưa lấy được vị trí. Cho phép trong trình duyệt, hoặc tìm bằng địa chỉ.')),
    { enableHighAccuracy: true, timeout: 10000, maximumAge: 30000 },
  );
}

function themes(view) {
  const apply = (theme) => {
    const root = document.documentElement;
    delete root.dataset.theme;
    delete root.dataset.contrast;
    if (theme === 'contrast') Object.assign(root.dataset, { theme: 'light', contrast: 'more' });
    else if (theme !== 'auto') root.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=${A_YEAR_S}; samesite=lax`;
    view?.restyle();
  };
  for (const radio of $$('input[name=theme]')) radio.addEventListener('change', () => radio.checked && apply(radio.value));
  for (const query of ['(prefers-color-scheme: dark)', '(prefers-contrast: more)']) {
    matchMedia(query).addEventListener('change', () => !document.documentElement.dataset.theme && view?.restyle());
  }
}
