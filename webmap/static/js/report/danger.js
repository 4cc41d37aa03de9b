// Danger to life: by the category, and by what is being written. Whom to call stands there before anything is sent.
import { t } from '../i18n.js';

const NEAR_WIRES = () => t('Đứng cách dây điện ít nhất 10 m, cách cả vũng nước có dây chạm vào.');
const GAS = () => t('Không bật lửa, không bấm công tắc, không nghe máy ở đó; ra xa rồi mới gọi.');
const OUT = () => t('Ra xa, đừng quay lại lấy đồ.');

// Without marks and in small letters, so that "MÙI GAS" and "mui gas" are the same. English beside.
const WORDS = [
  [/(mui|ro ri|xi|ro) (khi )?gas\b|\bkhi gas\b|gas (smell|leak)|smell(s)? of gas/, GAS],
  [/(ro|chap|phong|giat) dien\b|dien (giat|ro)|toe lua|day (dien|cap|cao the).*(dut|roi|sa|cham)|(dut|roi) day|live (wire|cable)|electric shock|downed (line|wire)/, NEAR_WIRES],
  [/\bchay (nha|xe|rung|lon|no)\b|dam chay|hoa hoan|boc chay|khoi den|\bphat no\b|on fire|explosion/, OUT],
  [/mac ket|bi (thuong|vui|de|dien giat)|duoi nuoc|bat tinh|sap (nha|cau|duong|tuong)|trapped|injured|unconscious|drowning|collaps/, () => ''],
];

export const plain = (text) => text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase();

/** Null, or {more}: what to do until help comes ('' where calling is all). */
export function danger(category, text = '') {
  const said = plain(text);
  const found = WORDS.find(([words]) => words.test(said));
  if (found) return { more: found[1]() };
  if (category?.urgency !== 'emergency') return null;
  return { more: category.field === 'electricity' ? NEAR_WIRES() : '' };
}
