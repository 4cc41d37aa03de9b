// One box for both: a code opens its report, an address is found on the map.
import { $, $$, el, icon, later } from '../dom.js';
import { t } from '../i18n.js';
import { codeForEyes } from '../format.js';
import { ask } from './incidents.js';

const FEWEST = 3;
const CODE = /^[2-9A-HJKMNP-Z]{6,8}$/;
const ZOOMS = { rooftop: 17, interpolated: 17, intersection: 16.5, street: 16, place: 16, ward: 14, district: 12.6 };

// "7tr-4km" as it is typed; a code has a digit or a hyphen in it, or is all there is.
const asCode = (text) => {
  const code = text.replace(/[\s.\-–]/g, '').toUpperCase();
  return CODE.test(code) && (/\d/.test(code) || /-/.test(text) || text === text.toUpperCase()) ? code : null;
};

export function search({ goTo }) {
  const input = $('#search');
  const list = $('#search-found');
  const status = $('#search-status');
  let options = [];
  let at = -1;
  let abort;

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

  const choose = (option) => {
    close();
    abort?.abort();
    if (option.code) location.assign(`/r/${option.code}`);
    else {
      input.value = option.label;
      goTo(option.lngLat, option.zoom);
    }
  };

  const draw = (searched) => {
    list.replaceChildren(
      ...options.map((option, i) =>
        el('div', { role: 'option', id: `found-${i}`, 'aria-selected': 'false', onmousedown: (event) => event.preventDefault(), onclick: () => choose(option) },
          icon(option.code ? 'next' : 'pin'), el('span', {}, option.label), el('span', { class: 'tiny muted' }, option.kind || ''))),
    );
    if (!options.length && searched) list.append(el('div', { class: 'none small', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, t('Không tìm thấy. Thử thêm phường, xã hoặc quận cũ.')));
    const shown = options.length > 0 || searched;
    list.hidden = !shown;
    input.setAttribute('aria-expanded', String(shown));
    status.textContent = searched || options.length ? t('{n} kết quả', { n: options.length }) : '';
    point(options[0]?.code ? 0 : -1);
  };

  const kind = (precision) => ({ street: t('đường'), intersection: t('giao lộ'), ward: t('phường, xã'), district: t('quận, huyện cũ'), place: t('nơi') })[precision] || t('địa chỉ');

  const find = later(250, async () => {
    const text = input.value.trim();
    abort?.abort();
    const code = asCode(text);
    options = code ? [{ code, label: t('Mở phản ánh {code}', { code: codeForEyes(code) }) }] : [];
    if (text.length < FEWEST) return draw(false);
    const mine = (abort = new AbortController());
    try {
      const found = await ask(`/api/v1/geocode?limit=5&q=${encodeURIComponent(text)}`, mine.signal);
      options.push(...found.features.map(({ geometry, properties }) => ({
        label: properties.label, kind: kind(properties.precision), lngLat: geometry.coordinates, zoom: ZOOMS[properties.precision] || 15,
      })));
      draw(true);
    } catch (error) {
      if (error.name !== 'AbortError') draw(Boolean(!options.length));
    }
  });

  input.addEventListener('input', find);
  input.addEventListener('blur', () => setTimeout(close, 100));
  input.addEventListener('focus', () => options.length && draw(false));
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      if (list.hidden) input.value = '';
      close();
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && options.length) {
      event.preventDefault();
      if (list.hidden) draw(false);
      point((at + (event.key === 'ArrowDown' ? 1 : options.length - 1) + options.length) % options.length);
    }
  });
  input.form.addEventListener('submit', (event) => {
    event.preventDefault();
    const code = asCode(input.value.trim());
    const option = options[at] || (code ? { code } : options[0]);
    if (option) choose(option);
    else find();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.target.closest?.('input, textarea, select')) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}
