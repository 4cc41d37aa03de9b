// Paper: the map as it is seen now, above its list. A WebGL canvas prints empty, so it is drawn off into a plain one
// in the moment of printing; and a line says what was chosen, when, and where to find it again.
import { $, $$, el } from '../dom.js';
import { dateTime } from '../format.js';
import { t } from '../i18n.js';

export function printing(view) {
  let sheet = null;
  addEventListener('beforeprint', () => {
    sheet?.remove();
    sheet = el('div', { class: 'on-paper' });
    if (view) {
      const picture = el('canvas', { class: 'paper-map', role: 'img', 'aria-label': t('Bản đồ') });
      view.map.redraw();
      picture.width = view.canvas.width;
      picture.height = view.canvas.height;
      picture.getContext('2d').drawImage(view.canvas, 0, 0);
      sheet.append(picture);
    }
    sheet.append(el('p', { class: 'small' }, `${chosen().join(' · ')} · ${t('lúc {time}', { time: dateTime(Date.now()) })}`), el('p', { class: 'tiny' }, location.href));
    $('.sheet').prepend(sheet);
  });
  addEventListener('afterprint', () => {
    sheet?.remove();
    sheet = null;
  });
}

// What is switched on, in the words of the switches.
function chosen() {
  const words = (selector) => $$(`${selector}[aria-pressed=true]`).map((button) => ($('.long', button) || $('span:last-child', button)).textContent);
  const kinds = [...words('[data-hero]'), ...words('[data-field]')];
  const all = kinds.length === $$('[data-hero], [data-field]').length;
  const picked = ['#only-category', '#only-days'].map((select) => $(select)).filter((select) => select.value).map((select) => select.selectedOptions[0].textContent);
  return [all ? t('Mọi lĩnh vực') : kinds.join(', '), words('[data-state]').join(', '), ...picked].filter(Boolean);
}
