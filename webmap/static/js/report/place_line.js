// The line above the choices: where the pin stands, in words; and who would get the report.
import { metres } from '../format.js';
import { t, lang, named } from '../i18n.js';

const SHORT = [['Phường ', 'P. '], ['Xã ', 'X. '], ['Thị trấn ', 'TT. ']];
const KINDS_EN = { phuong: 'ward', xa: 'commune', thi_tran: 'township' };

const UNSURE_M = 250; // a place known no better may lie with another unit

/** "P. Thạnh Mỹ Tây", "Thạnh Mỹ Tây ward". */
export function wardName(ward) {
  if (!ward) return '';
  const full = ward.name;
  const found = SHORT.find(([word]) => full.startsWith(word));
  if (!found) return full;
  if (lang === 'en') return `${full.slice(found[0].length)} ${{ 'P. ': KINDS_EN.phuong, 'X. ': KINDS_EN.xa, 'TT. ': KINDS_EN.thi_tran }[found[1]]}`;
  return found[1] + full.slice(found[0].length);
}

/** How the pin came to stand where it stands: "GPS ±12 m". */
export function accuracy(place) {
  if (!place.accuracy_m) return t('theo địa chỉ'); // typed, not found: a call-taker reads it
  const within = metres(place.accuracy_m);
  if (place.source === 'gps') return t('GPS ±{within}', { within });
  if (place.source === 'photo') return t('theo ảnh, ±{within}', { within });
  if (place.source === 'address') return t('theo địa chỉ, ±{within}', { within });
  return t('ghim ±{within}', { within });
}

// As a crew would say it: "Đối diện 205 Nguyễn Văn Quá, cách 12 m". The server's label begins with it, in Vietnamese,
// and goes on with the ward, which stands in the second line.
const OPPOSITE = 'đối diện ';
const RANGE = /^khoảng số (\S+) (.+)$/;

function streetWords({ label, name, distance_m: far }) {
  const first = label?.split(', ')[0] || name || '';
  const range = RANGE.exec(first);
  let place = first;
  if (first.startsWith(OPPOSITE)) place = t('Đối diện {place}', { place: first.slice(OPPOSITE.length) });
  else if (range) place = t('{street}, khoảng số {numbers}', { street: range[2], numbers: range[1] });
  return far >= 1 ? t('{place}, cách {far}', { place, far: metres(far) }) : place;
}

/** {title, line} of a place; `about` is what place.js found out about it, null while that is on its way. */
export function words(place, about, hasMap) {
  if (!place) {
    const line = hasMap
      ? t('Phóng to hoặc chạm bản đồ ở chỗ có sự cố, hoặc bấm Sửa để nhập địa chỉ.')
      : t('Nhập địa chỉ nơi có sự cố.');
    return { title: t('Chưa có vị trí'), line };
  }
  if (about?.outside) {
    return { title: t('Ngoài Thành phố Hồ Chí Minh'), line: t('Kéo ghim vào trong ranh thành phố, hoặc gọi 1022.') };
  }
  const ward = wardName(about?.ward);
  const near = about?.street && streetWords(about.street);
  const known = place.address || near;
  if (known) return { title: known, line: [ward, accuracy(place)].filter(Boolean).join(' · ') };
  if (ward) return { title: ward, line: accuracy(place) };
  const point = place.lat === undefined ? '' : `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`;
  return { title: t('Đã đặt ghim'), line: [point, accuracy(place)].filter(Boolean).join(' · ') };
}

/** "Nơi nhận: …", from the zone of the category's field; nothing where it is not known. */
export function goesTo(category, zones, place) {
  if (place?.accuracy_m > UNSURE_M) return t('Nơi nhận: Tổng đài 1022, để xem rồi chuyển.');
  const unit = category && zones.find((zone) => zone.field === category.field)?.unit;
  if (!unit) return '';
  return t('Nơi nhận: {unit}', { unit: typeof unit.name === 'string' ? unit.name : named(unit.name) });
}
