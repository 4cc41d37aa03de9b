// One box for all of it: a code opens its report, coordinates and whatever can be named are found on the map.
// A combobox with manual choice: suggestions come while somebody types; Enter without a choice looks the text up whole.
import { $, $$, el, icon, later } from '../dom.js';
import { t } from '../i18n.js';
import { codeForEyes, metres } from '../format.js';
import { asCode, asCoordinates } from './search_text.js';
import { ask } from './incidents.js';

const FEWEST = 2;
const FEW = 3; // with fewer suggestions the text is also looked up as an address
const MOST = 8;
const SURE = 0.75; // below it one in four is another of that name: a person chooses
const TYPING_MS = 120;
const FORMER = / cũ$/; // "Quận 12 cũ" and "Quận 12" are one

const KINDS = {
  code: () => t('phản ánh'),
  point: () => t('toạ độ'),
  street: () => t('đường'),
  intersection: () => t('giao lộ'),
  ward: () => t('phường, xã'),
  district: () => t('quận, huyện cũ'),
  place: () => t('nơi'),
};
const kindOf = (name) => (KINDS[name] || (() => t('địa chỉ')))();

const lookUp = async (text, signal) => {
  const found = await ask(`/api/v1/geocode?limit=5&q=${encodeURIComponent(text.normalize('NFC'))}`, signal);
  return found.features.map(({ geometry, properties }) => ({
    label: properties.label,
    kind: properties.precision,
    confidence: properties.confidence,
    place: { label: properties.label, point: geometry.coordinates, accuracy_m: properties.accuracy_m, precision: properties.precision },
  }));
};

const suggest = async (text, signal) => {
  const { suggestions } = await ask(`/api/v1/suggest?limit=${MOST}&q=${encodeURIComponent(text.normalize('NFC'))}`, signal);
  return suggestions.map(({ text: words, label, kind, lon, lat }) => ({ label, kind, words, near: [lon, lat] }));
};

/** `show(place)` goes to `{label, point: [lon, lat], accuracy_m, precision}`, or clears the map of it with null. */
export function search({ show }) {
  const input = $('#search');
  const list = $('#search-found');
  const status = $('#search-status');
  let options = [];
  let at = -1;
  let asking;

  const close = () => {
    list.hidden = true;
    at = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };

  const point = (index) => {
    at = index;
    $$('[role=option]', list).forEach((node, i) => node.setAttribute('aria-selected', String(i === at)));
    if (at < 0) return input.removeAttribute('aria-activedescendant');
    input.setAttribute('aria-activedescendant', `found-${at}`);
    $(`#found-${at}`).scrollIntoView({ block: 'nearest' });
  };

  const stop = () => {
    find.cancel();
    asking?.abort();
    return (asking = new AbortController()).signal;
  };

  const choose = async (option) => {
    const signal = stop();
    close();
    if (option.code) return location.assign(`/r/${option.code}`);
    input.value = option.label;
    let { place } = option;
    if (!place) {
      // A suggestion is a name; how well it is known says the look-up of it.
      const found = await lookUp(option.words, signal).catch((error) => (error.name === 'AbortError' ? null : []));
      if (!found) return;
      place = found[0]?.place || { label: option.label, point: option.near, accuracy_m: 0, precision: option.kind };
    }
    show(place);
    const within = place.accuracy_m ? t('chính xác ±{within}', { within: metres(place.accuracy_m) }) : '';
    status.textContent = [t('Đã tới {place}', { place: place.label }), within].filter(Boolean).join(', ');
  };

  const draw = (looked) => {
    const none = looked && !options.length;
    list.replaceChildren(
      ...options.map((option, i) =>
        el('div', { role: 'option', id: `found-${i}`, 'aria-selected': 'false', onmousedown: (event) => event.preventDefault(), onclick: () => choose(option) },
          icon(option.code ? 'next' : 'pin'), el('span', {}, option.label), el('span', { class: 'tiny muted' }, kindOf(option.kind)))),
    );
    if (none) list.append(el('div', { class: 'none small', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, t('Không tìm thấy. Thử thêm phường, xã hoặc quận cũ.')));
    list.hidden = !options.length && !none;
    input.setAttribute('aria-expanded', String(!list.hidden));
    if (none) status.textContent = t('Không tìm thấy. Thử thêm phường, xã hoặc quận cũ.');
    else status.textContent = options.length ? t('{n} gợi ý, chọn bằng phím mũi tên', { n: options.length }) : '';
    point(-1);
  };

  const own = (text) => {
    const code = asCode(text);
    const coordinates = asCoordinates(text);
    const found = [];
    if (code) found.push({ code, kind: 'code', label: t('Mở phản ánh {code}', { code: codeForEyes(code) }) });
    if (coordinates) {
      const label = `${coordinates[1].toFixed(5)}, ${coordinates[0].toFixed(5)}`;
      found.push({ kind: 'point', label, place: { label, point: coordinates, accuracy_m: 0, precision: 'pin' } });
    }
    return found;
  };

  // What is known at once stands first and stays there: later answers are only added below.
  const add = (found) => {
    const known = new Set(options.map(({ label }) => label.replace(FORMER, '')));
    options.push(...found.filter(({ label }) => !known.has(label.replace(FORMER, ''))));
    options = options.slice(0, MOST);
  };

  const find = later(TYPING_MS, async () => {
    const text = input.value.trim();
    const signal = stop();
    const known = own(text);
    if (text.length < FEWEST || asCoordinates(text)) {
      options = known;
      return draw(false);
    }
    const failed = (error) => {
      if (error.name === 'AbortError') throw error;
      return null;
    };
    try {
      const suggested = await suggest(text, signal).catch(failed);
      const marked = options[at]?.label; // by a key, while the answer was on its way
      options = known;
      add(suggested || []);
      const few = options.length < FEW;
      draw(false);
      point(options.findIndex(({ label }) => label === marked));
      if (!few) return;
      const looked = await lookUp(text, signal).catch(failed);
      const held = at;
      add(looked || []);
      draw(Boolean(looked));
      if (held >= 0) point(held);
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    }
  });

  const enter = async () => {
    const text = input.value.trim();
    if (!text) return;
    const [first] = own(text);
    if (options[at]) return choose(options[at]);
    if (first) return choose(first);
    const signal = stop();
    let found;
    try {
      found = await lookUp(text, signal);
    } catch (error) {
      if (error.name !== 'AbortError') status.textContent = t('Chưa tìm được vì mất mạng.');
      return;
    }
    const sure = found.length === 1 || found[0]?.confidence >= SURE;
    if (sure) return choose(found[0]);
    options = found; // several of one name: which one is a person's choice
    draw(true);
    if (found.length) point(0);
  };

  input.addEventListener('input', () => {
    if (!input.value.trim()) show(null);
    point(-1);
    find();
  });
  input.addEventListener('blur', () => setTimeout(close, 100));
  input.addEventListener('focus', () => options.length && input.value.trim() && draw(false));
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      if (list.hidden && input.value) {
        input.value = '';
        options = [];
        status.textContent = '';
        show(null);
      }
      stop();
      close();
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && options.length) {
      event.preventDefault();
      if (list.hidden) draw(false);
      if (event.altKey) return;
      // Down from the text is the first one, up the last; past either end is the text again.
      const places = options.length + 1;
      point(((at + 1 + (event.key === 'ArrowDown' ? 1 : places - 1)) % places) - 1);
    }
  });
  input.form.addEventListener('submit', (event) => {
    event.preventDefault();
    enter();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.target.closest?.('input, textarea, select')) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}
