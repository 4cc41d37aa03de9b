// A deadline with its weekday: "thứ Sáu 27/11, 10:20"; today it is the time alone. The server says the same on
// /r/{code} (webmap/public/durations.py).
import { date, time } from '../format.js';
import { t } from '../i18n.js';

const WEEKDAYS = [() => t('Chủ nhật'), () => t('thứ Hai'), () => t('thứ Ba'), () => t('thứ Tư'), () => t('thứ Năm'), () => t('thứ Sáu'), () => t('thứ Bảy')];

export function weekdayTime(at) {
  const there = date(at);
  if (there === date(Date.now())) return t('{clock} hôm nay', { clock: time(at) });
  const [day, month, year] = there.split('/').map(Number);
  const weekday = WEEKDAYS[new Date(Date.UTC(year, month - 1, day)).getUTCDay()]();
  return t('{weekday} {day}, {clock}', { weekday, day: there.slice(0, 5), clock: time(at) });
}
