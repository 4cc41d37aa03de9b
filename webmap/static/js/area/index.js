// The watch of a ward or district: list, counters, bell, day and map hear of a change and ask for what is theirs to see.
import { $, $$, heard, paced, phone } from '../dom.js';
import { number, span, time } from '../format.js';
import { t } from '../i18n.js';
import { Card } from '../map/card.js';
import { Live } from '../map/live.js';
import { band } from '../map/states.js';
import { ask, toLogin } from './ask.js';
import { Bell } from './bell.js';
import { drawDay, drawDiary } from './day.js';
import { AreaMap } from './map.js';
import { objections } from './objection.js';
import { details } from './record.js';
import { Rows } from './rows.js';

const REFRESH_EVERY_MS = 800;
const DAY_EVERY_MS = 5000;
const ANYWAY_MS = 30e3; // lateness comes with time, without any event
const SLOW_MS = 4000;

const root = $('.acol');
const { area, live: liveArea } = root.dataset;
const filters = { state: null, hero: '' };
const bell = new Bell();
let map = null;
let card = null;
let loading = null;

const rows = new Rows({
  open: (code) => choose(code),
  details: (code, node) => details({ area, incident: rows.incident(code), node, object: (each) => object(rows.incident(each)) }),
});
const object = objections(area, (code, { returned }) => {
  news(returned ? t('Đã trả lại tổng đài.') : t('Tổng đài đã nhận lời báo.'));
  load({ asked: true });
  day();
});

// --- the list and its numbers
async function load({ asked = false } = {}) {
  loading?.abort();
  const mine = (loading = new AbortController());
  const slow = setTimeout(() => band('slow', t('Mạng chậm, vẫn đang tải')), SLOW_MS);
  const query = new URLSearchParams();
  if (filters.state) query.set('state', filters.state);
  if (filters.hero) query.set('group', filters.hero);
  try {
    const answer = await ask(`${area}/incidents.json?${query}`, { signal: mine.signal });
    band('failed', null);
    const arrived = rows.take(answer, { asked });
    count(answer);
    tell(arrived, answer.urgent);
    map?.own(answer.incidents);
    live.start(answer.last_event_id);
    return answer;
  } catch (error) {
    if (error.name === 'AbortError' || error.status === 401) return null;
    rows.failed(error.status ? t('Máy chủ trả lời {status}.', { status: error.status }) : t('Không nối được với máy chủ.'), () => load({ asked: true }));
    if (rows.answered && navigator.onLine) band('failed', t('Chưa tải được số mới. Danh sách dưới đây là của lần trước.'));
    return null;
  } finally {
    clearTimeout(slow);
    if (mine === loading) band('slow', null);
  }
}

function count(answer) {
  const under = {
    new: () => '',
    progress: () => (answer.next_due ? t('gần nhất còn {span}', { span: span(Date.parse(answer.next_due) - Date.now()) }) : ''),
    late: () => (answer.oldest_late ? t('lâu nhất {span}', { span: span(Date.now() - Date.parse(answer.oldest_late)) }) : t('không có')),
    resolved: () => (answer.in_time === null ? '' : t('{share}% đúng hạn', { share: number(Math.round(answer.in_time * 1000) / 10) })),
  };
  for (const button of $$('.counters [data-state]')) {
    const { state } = button.dataset;
    $('[data-count]', button).textContent = number(answer.counts[state]);
    if (state !== 'new') $('[data-under]', button).textContent = under[state]();
    button.setAttribute('aria-pressed', String(filters.state === state));
  }
  const all = Object.values(answer.heroes).reduce((sum, n) => sum + n, 0);
  for (const button of $$('[data-hero]')) {
    $('[data-count]', button).textContent = number(button.dataset.hero ? answer.heroes[button.dataset.hero] : all);
    button.setAttribute('aria-pressed', String(filters.hero === button.dataset.hero));
  }
  rows.node.dataset.total = answer.total;
}

// Urgent ones are told whatever the filters show.
let urgentKnown = null;

function tell(arrived, urgentNow) {
  const urgent = urgentKnown ? urgentNow.filter((code) => !urgentKnown.has(code)).length : 0;
  urgentKnown = new Set(urgentNow);
  const fresh = arrived.filter(({ state }) => state === 'new' || state === 'late');
  if (urgent) news(t('{n} việc khẩn mới', { n: urgent, count: urgent }));
  else if (fresh.length) news(t('{n} việc mới', { n: fresh.length, count: fresh.length }));
  bell.ring(urgent);
  for (const { at } of fresh.slice(0, 5)) if (at) map?.arrival(at);
}

const news = (words) => {
  $('#news').textContent = words;
};

for (const button of $$('.counters [data-state]')) {
  button.addEventListener('click', () => {
    filters.state = filters.state === button.dataset.state ? null : button.dataset.state;
    load({ asked: true });
  });
}
for (const button of $$('[data-hero]')) {
  button.addEventListener('click', () => {
    filters.hero = button.dataset.hero;
    load({ asked: true });
  });
}
for (const button of $$('[data-view]')) {
  button.addEventListener('click', () => {
    for (const each of $$('[data-view]')) each.setAttribute('aria-pressed', String(each === button));
    $('#list').hidden = button.dataset.view !== 'list';
    $('#diary').hidden = button.dataset.view !== 'diary';
  });
}

// --- the day
async function day() {
  try {
    const said = await ask(`${area}/day.json`);
    drawDay(said);
    drawDiary(said.events);
    $('.c-new [data-under]').textContent = t('hôm nay {n}, tuần trước {m}', { n: number(said.so_far), m: number(said.before_so_far) });
  } catch {
    // the next change or the next minute asks again; the live line says that something is wrong
  }
}

// --- live: an event says that something is different, never what is not public about it
const refresh = paced(REFRESH_EVERY_MS, () => load());
const refreshDay = paced(DAY_EVERY_MS, day);
const live = new Live({
  area: liveArea,
  changed: (kind, document) => {
    map?.view.renewTiles(document, kind);
    refresh();
    refreshDay();
  },
});
setInterval(() => {
  if (!document.hidden) load();
}, ANYWAY_MS);
setInterval(() => !document.hidden && day(), 60e3);

// --- the map
function choose(code) {
  const incident = code && rows.incident(code);
  map?.view.ring('chosen', incident?.at ?? null);
  if (incident?.at && !phone()) map?.view.reveal(incident.at);
  if (incident?.at && map && document.body.classList.contains('on-map')) card?.single({ properties: incident, geometry: { coordinates: incident.at } });
  else card?.hide();
}

async function openMap() {
  const outline = await ask(`${area}/outline.json`);
  map = await AreaMap.open(outline, {
    missed: () => navigator.onLine && band('tiles', t('Một phần bản đồ chưa tải được, sẽ thử lại khi dời bản đồ.')),
    idle: () => band('tiles', null),
    moving: () => card?.place(),
    chosen: (mark) => {
      if (mark?.state === 'cluster') return map.view.goTo(mark.lngLat, map.map.getZoom() + 2);
      if (mark && rows.incident(mark.code)) return rows.open(mark.code);
      if (rows.chosen) rows.close();
      return null;
    },
  });
  window.hotlineMap = map.map;
  map.own([...rows.made.values()].map(({ said }) => said));
  card = new Card(map.view, { close: () => rows.chosen && rows.close() });
  heard($('[data-do="zoom-in"]'), () => map.map.zoomIn());
  heard($('[data-do="zoom-out"]'), () => map.map.zoomOut());
  heard($('[data-do="whole"]'), () => map.whole());
}

$('#to-map').addEventListener('click', (event) => {
  const shown = document.body.classList.toggle('on-map');
  event.target.setAttribute('aria-pressed', String(shown));
  event.target.textContent = shown ? t('Danh sách') : t('Bản đồ');
  map?.map.resize();
  if (shown) map?.whole();
  choose(rows.chosen);
});

// --- keys, silent while somebody writes
document.addEventListener('keydown', (event) => {
  if (event.target.closest('input, textarea, select, dialog') || event.ctrlKey || event.metaKey || event.altKey) return;
  const code = rows.chosen ?? document.activeElement?.closest?.('.ar[data-code]')?.dataset.code;
  if (event.key.toLowerCase() === 'n' && code) {
    event.preventDefault();
    object(rows.incident(code));
  }
  if (event.key === 'Escape' && rows.chosen) {
    const link = rows.made.get(rows.chosen)?.node.firstElementChild;
    rows.close();
    link?.focus();
  }
});

// --- the network, the log-in
function network() {
  band('offline', navigator.onLine ? null : `${t('Không có mạng.')} ${t('Số liệu lúc {time}.', { time: time(live.seen || Date.now()) })}`);
  if (navigator.onLine && rows.answered) load();
}
addEventListener('online', network);
addEventListener('offline', network);
document.addEventListener('area:logged-out', () => {
  const button = Object.assign(document.createElement('button'), { className: 'btn slim', type: 'button', textContent: t('Đăng nhập lại') });
  button.addEventListener('click', toLogin);
  band('logged-out', t('Phiên làm việc đã hết.'), ' ', button);
});

await load({ asked: true });
day();
openMap().catch((error) => {
  document.body.classList.add('no-map');
  band('no-map', t('Trình duyệt này không vẽ được bản đồ. Danh sách vẫn đủ.'));
  console.info('map', error.message);
});
if (!navigator.onLine) network();
navigator.serviceWorker?.register('/area/worker.js', { scope: '/area/' }).catch(() => {});
