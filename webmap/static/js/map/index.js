// The public map: list, filters, map and stream, tied together. Each part knows its own business; this says who hears what.
import { $, later, paced, phone } from '../dom.js';
import { time } from '../format.js';
import { t } from '../i18n.js';
import { choice, write } from './address.js';
import { Card } from './card.js';
import { areasOf, boxOf, cellOf } from './cell.js';
import { controls } from './controls.js';
import { filters } from './filters.js';
import { incidentsIn } from './incidents.js';
import { switchedOn } from './kinds.js';
import { IncidentList } from './list.js';
import { Live } from './live.js';
import { printing } from './print.js';
import { mapIsReady } from './ready.js';
import { report, reporting } from './report.js';
import { search } from './search.js';
import { sheet } from './sheet.js';
import { band } from './states.js';
import { MapView } from './view.js';

const CITY_ZOOM = 11.6;
const POINTS_FROM = 13;
const REFRESH_EVERY_MS = 1000;

let view = null;
let card = null;
let cluster = null;

const openReport = report();
const bottom = sheet({ settled: () => view?.map.resize() });

const list = new IncidentList({
  bounds: () => view?.bounds() || null,
  zoom: () => view?.map.getZoom(),
  on: {
    hasMap: () => Boolean(view),
    wide: () => !view || choice.view.zoom < CITY_ZOOM,
    small: phone,
    select,
    focus: (code, visible) => view?.ring('focus', visible && code !== choice.selected ? list.feature(code)?.geometry?.coordinates : null),
    counts: (counts) => switches.counts(counts),
    loaded: ({ last_event_id: last, reports_last_hour: hour }) => {
      if (typeof hour === 'number') live.hour = hour;
      live.start(last);
    },
    reset: () => switches.reset(),
    report: openReport,
    city: () => (view ? view.wholeCity() : list.load()),
  },
});

const load = later(180, () => !reporting() && list.load());
document.addEventListener('report:closed', load); // the map may have been moved while the sheet had it
const switches = filters(() => {
  write();
  closeCluster();
  view?.restyle();
  list.load({ top: true });
});

// --- choosing: a row and its symbol choose each other
async function select(code, { move = false } = {}) {
  closeCluster();
  choice.selected = code;
  write();
  const feature = await list.show(code);
  if (!view || choice.selected !== code) return;
  const at = feature?.geometry?.coordinates;
  view.ring('chosen', code && at ? at : null);
  if (!code || !at) return card.hide();
  if (move) view.reveal(at);
  card.single(feature);
}

function closeCluster() {
  if (!cluster) return;
  cluster = null;
  view?.ring('chosen', null);
  card?.hide();
}

async function selectCluster(mark) {
  await select(null);
  cluster = mark;
  view.ring('chosen', mark.lngLat, 'l');
  card.cluster(mark);
  const found = await incidentsIn(cellOf(mark.lngLat, mark.tileZoom), { limit: 1000 }).catch(() => null);
  if (cluster !== mark || !found) return;
  mark.box = boxOf(found.features);
  card.cluster(mark, found.counts, areasOf(found.features));
}

// --- what the search found: its circle of precision on the map, its name on the card
async function showPlace(place) {
  if (!view) return;
  if (view.found(place) && !place) card.hide();
  if (!place) return;
  await select(null);
  view.goToPlace(place);
  card.found(place);
}

const clusterActions = {
  close: () => {
    view.found(null);
    closeCluster();
    if (choice.selected) select(null);
  },
  zoom: (mark) => {
    closeCluster();
    view.fit(mark.box || cellOf(mark.lngLat, mark.tileZoom));
  },
  // The report sheet opens there, with what is reported already on top of it.
  seen: (lngLat) => {
    view.map.jumpTo({ center: lngLat, zoom: Math.max(view.zoom(), 17) });
    openReport();
  },
  // Coordinates are where the map stands already; an address goes along with its words and its precision.
  report: (place) => document.dispatchEvent(new CustomEvent('report:open', { detail: place.precision === 'pin' ? {} : { place } })),
  list: (mark) => {
    const words = t('{n} sự cố trong cụm đã chọn', { n: mark.count, count: mark.count });
    list.narrow({ box: cellOf(mark.lngLat, mark.tileZoom), words });
    if (phone()) bottom.go('half');
  },
};

// --- the map
const mapEvents = {
  missed: () => navigator.onLine && band('tiles', t('Một phần bản đồ chưa tải được, sẽ thử lại khi dời bản đồ.')),
  idle: () => view?.map.areTilesLoaded() && band('tiles', null),
  moving: () => card?.place(),
  moved: () => {
    write();
    legend();
    if (reporting()) return;
    if (list.scope) list.narrow(null);
    else load();
  },
  clicked: (mark, event) => {
    if (reporting()) return;
    const byKey = event.key === 'Enter';
    if (mark?.state === 'cluster') selectCluster(mark).then(() => byKey && card.focus());
    else if (mark) select(mark.code).then(() => byKey && card.focus());
    else select(null).then(() => {
      const zone = event.point && choice.zones ? view.zoneAt(event.point) : null;
      if (zone) card.zone(zone, event.lngLat.toArray(), $(`[data-field="${choice.zones}"] span`).textContent);
    });
  },
};

function legend() {
  $('#legend').dataset.show = choice.view.zoom >= POINTS_FROM ? 'points' : 'clusters';
}

async function openMap() {
  try {
    view = await MapView.open('map', mapEvents);
  } catch (error) {
    // No WebGL: the list alone. Nothing is lost but the picture.
    document.body.classList.add('no-map');
    band('no-map', t('Trình duyệt này không vẽ được bản đồ. Danh sách vẫn đủ.'));
    console.info('map', error.message);
    mapIsReady(null);
    return;
  }
  window.hotlineMap = view.map;
  mapIsReady(view.map);
  card = new Card(view, clusterActions);
  // Before the canvas hears it: Enter on a chosen cluster goes there, else the canvas chooses the nearest mark.
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !cluster || (event.target !== document.body && event.target !== view.canvas)) return;
    event.preventDefault();
    clusterActions.zoom(cluster);
  }, { capture: true });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && (cluster || choice.selected || view.place) && !event.target.closest('input, dialog, #report-sheet')) clusterActions.close();
  });
}

// --- live
const live = new Live({ changed });
const refresh = paced(REFRESH_EVERY_MS, () => list.refresh());

async function changed(kind, document) {
  view?.renewTiles(document, kind);
  refresh();
  if (kind !== 'report.created' || !document?.location) return;
  if (!(await switchedOn(document)) || !choice.states.has('new')) return;
  const { lon, lat } = document.location;
  view?.arrival([lon, lat]);
  const area = list.area;
  const inside = !area || (lon >= area.west && lon <= area.east && lat >= area.south && lat <= area.north);
  const code = document.incident?.code || document.code;
  if (inside && code === document.code) list.wait(code);
}

// --- the network
function network() {
  if (navigator.onLine) {
    if (band.offline) list.load();
    band.offline = false;
    return band('offline', null);
  }
  band.offline = true;
  const call = Object.assign(document.createElement('a'), { href: 'tel:1022', className: 'btn slim', textContent: t('Khẩn cấp: gọi 1022') });
  band('offline', Object.assign(document.createElement('b'), { className: 'b', textContent: t('Không có mạng.') }), ` ${t('Bản đồ lúc {time}.', { time: time(live.seen || Date.now()) })} `, call);
}
addEventListener('online', network);
addEventListener('offline', network);

// --- start
legend();
search({ show: showPlace });
await openMap();
printing(view);
controls(view, {
  zones: (field) => {
    choice.zones = field;
    write();
    card?.hide();
    view?.restyle();
  },
});
await list.load();
if (choice.selected) select(choice.selected);
if (!navigator.onLine) network();
