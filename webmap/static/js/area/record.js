// What lies below an open row: what to do with it, and the whole record.
import { $, el } from '../dom.js';
import { codeForEyes, dateTime } from '../format.js';
import { t } from '../i18n.js';
import { STATE_WORDS } from '../map/row.js';
import { ask } from './ask.js';

export async function details({ area, incident, node, object }) {
  const actions = el('div', { class: 'acts' },
    el('a', { class: 'btn slim', href: `/r/${incident.code}` }, t('Mở')),
    incident.at ? el('a', { class: 'btn slim', href: `geo:${incident.at[1]},${incident.at[0]}?q=${incident.at[1]},${incident.at[0]}` }, t('Chỉ đường')) : null,
    el('button', { class: 'btn slim', type: 'button', onclick: () => object(incident.code) }, t('Không thuộc địa bàn'), ' ', el('kbd', { 'aria-hidden': 'true' }, 'N')));
  const body = el('div', { class: 'rec small', 'aria-live': 'polite' }, el('p', { class: 'muted' }, t('Đang tải hồ sơ…')));
  node.replaceChildren(actions, body);
  try {
    const record = await ask(`${area}/incidents/${incident.code}.json`);
    body.replaceChildren(...drawn(record));
    if (incident.at && !incident.place) near(incident.at, $('dl', body));
  } catch (error) {
    if (error.status !== 401) body.replaceChildren(el('p', { class: 'warnc' }, t('Chưa tải được hồ sơ. Đóng rồi mở lại để thử.')));
  }
}

function drawn(record) {
  const parts = [
    el('dl', { class: 'kv' },
      ...pair(t('Mã'), codeForEyes(record.code)),
      ...pair(t('Đơn vị'), record.unit),
      ...(record.due_at ? pair(t('Hạn'), dateTime(record.due_at)) : []),
      ...(record.accept_due_at && record.status === 'assigned' ? pair(t('Nhận trước'), dateTime(record.accept_due_at)) : [])),
  ];
  for (const each of record.told) {
    parts.push(el('blockquote', {},
      el('span', { class: 'muted' }, `${dateTime(each.at)} · ${each.channel}${each.address ? ` · ${each.address}` : ''}`),
      each.text ? el('p', {}, each.text) : null,
      each.held ? el('span', { class: 'tag' }, t('chưa duyệt công khai')) : null));
  }
  if (record.photos.length) parts.push(el('div', { class: 'photos' }, ...record.photos.map((src, i) => el('img', { src, alt: t('Ảnh {n}', { n: i + 1 }), loading: 'lazy' }))));
  if (record.construction) parts.push(...buildings(record.buildings));
  if (record.objections.length) {
    parts.push(el('h3', { class: 'm' }, t('Báo không thuộc địa bàn')), el('ul', { class: 'hands' }, ...record.objections.map((each) => el('li', {}, el('time', { datetime: each.at }, dateTime(each.at)), ' ', each.note || '–'))));
  }
  parts.push(el('h3', { class: 'm' }, t('Đã qua tay')),
    el('ol', { class: 'hands' }, ...record.hands.map((hand) => el('li', {}, el('time', { datetime: hand.at }, dateTime(hand.at)), ' ', hand.what))));
  return parts;
}

// What a crew would call the place of a pin; the record does not wait for it.
async function near([lon, lat], list) {
  const found = await ask(`/api/v1/reverse?lat=${lat}&lon=${lon}`).catch(() => null);
  const best = found?.features.find(({ properties }) => !['ward', 'district'].includes(properties.precision))?.properties;
  if (best) list.append(...pair(t('Gần'), best.label));
}

const pair = (name, value) => [el('dt', {}, name), el('dd', {}, value)];

// A building that was reported before is another matter than one that was not.
function buildings(list) {
  if (!list.length) return [el('p', { class: 'soft' }, t('Chưa có vụ xây dựng nào khác trong 30 m hoặc cùng địa chỉ.'))];
  return [
    el('h3', { class: 'm' }, t('Cùng chỗ này trước đây ({n})', { n: list.length })),
    el('ol', { class: 'hands buildings' }, ...list.map((each) => el('li', {},
      el('a', { href: `/r/${each.code}` }, codeForEyes(each.code)), ` ${each.what} · `,
      el('time', { datetime: each.opened_at }, dateTime(each.opened_at)), ' · ',
      each.state ? STATE_WORDS[each.state]() : t('đã kết thúc'), ' · ',
      each.same_address ? t('cùng địa chỉ') : t('cách {n} m', { n: each.metres })))),
  ];
}
