// A report's page: it renews itself when the event stream names the report or its incident, and it draws the map.
// The server writes every word; here its answer only takes the place of the old one.
import { $, calm } from '../dom.js';
import { t } from '../i18n.js';
import { follow } from './follow.js';
import { showPlace } from './page_map.js';

const body = $('#report-body');
const { code } = body.dataset;
let etag = null;

async function renew() {
  const address = new URL(location.href);
  address.searchParams.set('part', '1');
  address.hash = '';
  let response;
  try {
    response = await fetch(address, { headers: etag ? { 'If-None-Match': etag } : {} });
  } catch {
    return; // no network: the stream comes back first, then this is asked again
  }
  if (response.status === 304 || (!response.ok && response.status !== 410)) return;
  const known = etag !== null;
  etag = response.headers.get('ETag');
  const html = await response.text();
  put(new DOMParser().parseFromString(html, 'text/html').body, known);
}

function steps(root) {
  return [...root.querySelectorAll('.tl time')].map((time) => `${time.dateTime} ${time.previousSibling?.textContent}`);
}

function put(fresh, aloud) {
  const before = new Set(steps(body));
  const news = steps(fresh).filter((step) => !before.has(step));
  // The map keeps its canvas; only its symbol may change.
  const [old, next] = [$('#report-map', body), $('#report-map', fresh)];
  if (old && next && old.dataset.lon === next.dataset.lon && old.dataset.lat === next.dataset.lat) {
    const [mark, newMark] = [$('[data-mark]', old), $('[data-mark]', next)];
    if (mark && newMark) mark.replaceChildren(...newMark.childNodes);
    next.replaceWith(old);
  }
  body.replaceChildren(...fresh.childNodes);
  wire();
  if (!news.length) return;
  for (const item of body.querySelectorAll('.tl li')) {
    if (!news.includes(steps(item)[0])) continue;
    item.classList.add('fresh');
    setTimeout(() => item.classList.remove('fresh'), calm() ? 0 : 2400);
  }
  if (aloud) {
    const title = $('.state b', body)?.textContent ?? '';
    $('#report-news').textContent = t('Vừa cập nhật: {title}', { title });
  }
}

function wire() {
  showPlace($('#report-map', body));
  const share = $('[data-share]', body);
  if (!share) return;
  const link = `${location.origin}/r/${code}`;
  const word = $('span', share);
  share.hidden = false;
  share.addEventListener('click', async () => {
    try {
      if (navigator.share) return await navigator.share({ title: document.title, url: link });
      await navigator.clipboard.writeText(link);
      word.textContent = t('Đã chép liên kết');
    } catch (error) {
      if (error.name !== 'AbortError') word.textContent = t('Không chép được');
    }
  });
}

wire();
follow({
  // What happened between the page and the stream, and while the stream was away, is asked for once.
  opened: renew,
  changed: (message) => {
    const about = message.code === code || (message.incident && message.incident.code === $('#report-body').dataset.incident);
    if (about) renew();
  },
  reload: renew,
});
// "còn 11 giờ" grows old while the page lies open.
setInterval(renew, 60_000);
