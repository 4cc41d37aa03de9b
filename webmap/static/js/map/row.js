// One incident in words: as a row of the list and for the card on the map.
import { el, symbol } from '../dom.js';
import { dateTime, span, spanFull } from '../format.js';
import { named, t } from '../i18n.js';

export const STATE_WORDS = {
  new: () => t('Mới'),
  progress: () => t('Đang xử lý'),
  late: () => t('Trễ hạn'),
  resolved: () => t('Đã xong'),
};

export const symbolOf = ({ kind, state }) => `m-${kind}-${state}`;
export const what = ({ category_name: names }) => named(names) || t('Chưa phân loại');

// "Nguyễn Hữu Cảnh · Thạnh Mỹ Tây". Where only the ward is known, the ward alone.
export function where({ place, ward, district, precision }) {
  const area = ward?.short_name || district?.short_name;
  const street = precision === 'ward' || precision === 'district' ? '' : place;
  return [street, area].filter(Boolean).join(' · ') || place || t('Chưa rõ vị trí');
}

// Late: how long over; new: how old; in progress: how long is left; resolved: how long ago.
export function sinceOrLeft({ state, due_at: due, opened_at: opened, updated_at: updated }, full = false) {
  const now = Date.now();
  const length = full ? spanFull : span;
  if (state === 'late' && due) return { words: t('quá {span}', { span: length(now - Date.parse(due)) }), at: due };
  if (state === 'progress' && due) return { words: t('còn {span}', { span: length(Date.parse(due) - now) }), at: due };
  if (state === 'resolved' && updated) return { words: t('{span} trước', { span: length(now - Date.parse(updated)) }), at: updated };
  return { words: length(now - Date.parse(opened)), at: opened };
}

const badge = (state) => el('span', { class: `st ${state}` }, symbol(`status-${state}`, ''), STATE_WORDS[state]());

export function row(properties) {
  const { code, state, reports } = properties;
  const time = sinceOrLeft(properties);
  return el(
    'a',
    { class: 'li', href: `/r/${code}`, tabindex: -1, dataset: { code } },
    symbol(symbolOf(properties)),
    el('div', {},
      el('div', { class: 't' }, what(properties), reports > 1 ? ' ' : null,
        reports > 1 ? el('span', { class: 'tag' }, `×${reports}`, el('span', { class: 'visually-hidden' }, ` ${t('phản ánh')}`)) : null),
      el('div', { class: 'p' }, where(properties))),
    el('div', { class: 'r' }, badge(state), el('time', { datetime: time.at, title: dateTime(time.at) }, time.words)),
  );
}
