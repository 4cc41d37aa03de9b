// The whole city: how much comes in beside the usual, where, and the last hour or any day as a moving picture.
import { $, $$, heard, paced } from '../dom.js';
import { number, time } from '../format.js';
import { t } from '../i18n.js';
import { Live } from '../map/live.js';
import { band } from '../map/states.js';
import { ask, toLogin } from './ask.js';
import { Film } from './film.js';
import { AreaMap } from './map.js';
import { drawHours, drawKinds, drawPlaces, factor, rateFill, times, usualWords } from './places.js';

const REFRESH_EVERY_MS = 2000;
const FILM_EVERY_MS = 5000;
const ANYWAY_MS = 30e3;
const LABELS = 3;

const { area } = $('.acol').dataset;
let map = null;
let rate = null;
let level = 'wards';
let stormOff = false;

const film = new Film({
  area,
  map: () => map,
  // Away from now the map shows reports of that moment, else what is open.
  mode: (mode) => {
    for (const list of $$('.for-film')) list.hidden = mode === 'open';
    for (const list of $$('.for-tiles')) list.hidden = mode !== 'open';
    for (const layer of map?.map.getStyle()?.layers ?? []) {
      if (layer.source === 'incidents') map.map.setLayoutProperty(layer.id, 'visibility', mode === 'open' ? 'visible' : 'none');
    }
  },
});

async function load() {
  try {
    const answer = await ask(`${area}/rate.json`);
    band('failed', null);
    rate = answer;
    rate.shown = rate.storm && !stormOff; // whether it is shown as a storm
    draw();
    live.start(answer.last_event_id);
  } catch (error) {
    if (error.status !== 401) band('failed', rate ? t('Chưa tải được số mới. Danh sách dưới đây là của lần trước.') : t('Chưa tải được số liệu. Sẽ tự thử lại.'));
  }
}

function draw() {
  $('#hour-count').textContent = number(rate.all.n);
  const known = rate.all.factor !== null;
  $('#hour-factor').textContent = known ? times(rate.all) : t('Chưa đủ dữ liệu');
  $('#hour-factor').classList.toggle('plain', !known);
  $('#hour-usual').textContent = usualWords(rate);
  for (const node of $$('#city-counts [data-state]')) node.textContent = number(rate.counts[node.dataset.state]);
  drawHours($('#three-hours'), rate);
  drawKinds($('#kinds'), rate.kinds);
  drawPlaces($('#places'), rate[level]);
  const high = rate.wards.filter((place) => place.factor !== null && place.factor >= 5 && place.n >= 2).length;
  $('#places-words').textContent = known
    ? t('{n} phường, xã trên 5 lần · mỗi vạch 5 phút', { n: number(high) })
    : t('mới có {n} tuần số liệu, cần ít nhất 4 · mỗi vạch 5 phút', { n: rate.weeks });
  storm();
  map?.dress();
}

// The mode changes what is shown and in which order, never a deadline.
function storm() {
  if (!rate.storm) stormOff = false;
  const on = (rate.shown = rate.storm && !stormOff);
  const node = $('#storm');
  if (on && node.hidden) {
    $('#storm-words').textContent = t('Tự bật: hơn {n} lần mức thường. Nhân viên vẫn duyệt từng việc; chỉ thứ tự hiển thị đổi.', { n: rate.storm_factor });
    $('#places-title').textContent = t('Nơi tăng vọt');
    film.show('hour');
  }
  if (!on) $('#places-title').textContent = t('Nơi nhiều nhất');
  node.hidden = !on;
}

$('#storm-off').addEventListener('click', () => {
  stormOff = true;
  storm();
  map?.dress();
  film.show('open');
});

for (const button of $$('[data-places]')) {
  button.addEventListener('click', () => {
    level = button.dataset.places;
    for (const each of $$('[data-places]')) each.setAttribute('aria-pressed', String(each === button));
    if (rate) drawPlaces($('#places'), rate[level]);
  });
}

const refresh = paced(REFRESH_EVERY_MS, load);
const refilm = paced(FILM_EVERY_MS, () => film.refresh());
const live = new Live({
  changed: (kind, document) => {
    map?.view.renewTiles(document, kind);
    refresh();
    refilm();
    if (kind === 'report.created' && document?.location && film.mode === 'open') map?.arrival([document.location.lon, document.location.lat]);
  },
});
setInterval(() => !document.hidden && load(), ANYWAY_MS);

async function openMap() {
  map = await AreaMap.open(await ask(`${area}/outline.json`), {
    missed: () => navigator.onLine && band('tiles', t('Một phần bản đồ chưa tải được, sẽ thử lại khi dời bản đồ.')),
    idle: () => band('tiles', null),
    dressed: (drawn) => {
      rateFill(drawn, rate);
      film.dress(drawn);
      if (rate) {
        const top = rate.shown ? rate.wards.filter((place) => place.at && place.factor >= 5).slice(0, LABELS) : [];
        const key = top.map((place) => place.code + place.n).join();
        if (key !== map?.labelled && map) {
          map.labelled = key;
          map.labels(top.map((place) => ({ at: place.at, words: [Object.assign(document.createElement('b'), { textContent: place.short }), factor(place.factor)] })));
        }
      }
    },
    chosen: (mark) => {
      if (mark?.state === 'cluster') map.view.goTo(mark.lngLat, map.map.getZoom() + 1.5);
      else if (mark?.code) location.assign(`/r/${mark.code}`);
    },
  }, { margin: 40 });
  window.hotlineMap = map.map;
  // The opening view is the city's heart, as on the public map; the whole lies one button away.
  map.map.jumpTo({ center: [106.703, 10.781], zoom: innerWidth < 761 ? 10.2 : 10.7 });
  heard($('[data-do="zoom-in"]'), () => map.map.zoomIn());
  heard($('[data-do="zoom-out"]'), () => map.map.zoomOut());
  heard($('[data-do="whole"]'), () => map.whole());
  film.ready();
}

function network() {
  band('offline', navigator.onLine ? null : `${t('Không có mạng.')} ${t('Số liệu lúc {time}.', { time: time(rate?.at ?? Date.now()) })}`);
  if (navigator.onLine && rate) load();
}
addEventListener('online', network);
addEventListener('offline', network);
document.addEventListener('area:logged-out', () => {
  const button = Object.assign(document.createElement('button'), { className: 'btn slim', type: 'button', textContent: t('Đăng nhập lại') });
  button.addEventListener('click', toLogin);
  band('logged-out', t('Phiên làm việc đã hết.'), ' ', button);
});

await load();
await openMap().catch((error) => {
  document.body.classList.add('no-map');
  band('no-map', t('Trình duyệt này không vẽ được bản đồ. Danh sách vẫn đủ.'));
  console.info('map', error.message);
});
if (!navigator.onLine) network();
