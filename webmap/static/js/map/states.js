// What the list shows when there is no list: loading, nothing here, an error; and the bands above it.
import { $, el, icon, symbol } from '../dom.js';
import { t } from '../i18n.js';

export function skeleton() {
  const bar = () =>
    el('div', { class: 'li sk', 'aria-hidden': 'true' }, el('i', { class: 'c' }), el('div', {}, el('i'), el('i', { class: 's' })));
  return [bar(), bar(), bar(), bar(), bar(), bar()];
}

export function empty({ filtered, onReset, onReport }) {
  return el(
    'div', { class: 'empty stack' },
    symbol('status-resolved', 'mk'),
    el('div', {},
      el('p', { class: 'b' }, t('Không có sự cố nào ở đây')),
      el('p', { class: 'small soft' }, filtered ? t('Thử phóng ra, hoặc bỏ lọc.') : t('Thử phóng ra, hoặc báo việc vừa thấy.'))),
    el('div', { class: 'two' },
      el('button', { class: 'btn', type: 'button', onclick: onReset }, filtered ? t('Bỏ lọc') : t('Cả thành phố')),
      el('button', { class: 'btn pri', type: 'button', onclick: onReport }, t('Báo sự cố'))),
  );
}

export function failed({ why, onRetry }) {
  return el(
    'div', { class: 'empty stack' },
    el('div', { class: 'note late' }, el('b', { class: 'b late' }, t('Chưa tải được danh sách')), el('br'), why),
    el('div', { class: 'two' },
      el('button', { class: 'btn', type: 'button', onclick: onRetry }, t('Thử lại')),
      el('a', { class: 'btn', href: 'tel:1022' }, icon('phone'), t('Gọi 1022'))),
  );
}

// A band above the list, by name; null takes it away. What the person chose or typed is never touched.
const bands = new Map();
export function band(name, ...content) {
  bands.get(name)?.remove();
  bands.delete(name);
  if (!content.length || content[0] === null) return;
  const node = el('div', { class: 'note warn', role: 'status' }, ...content);
  bands.set(name, node);
  $('#notices').append(node);
}
