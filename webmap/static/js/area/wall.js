// The screen on the wall. It runs for weeks: every list has an end, nothing is kept of what came by but a number, and the
// page is never built anew.
import { $, el, paced, symbol } from '../dom.js';
import { number, spanFull, time } from '../format.js';
import { lang, t } from '../i18n.js';
import { Live } from '../map/live.js';
import { sinceOrLeft, symbolOf, what, where } from '../map/row.js';
import { ask } from './ask.js';
import { AreaMap } from './map.js';

const REFRESH_EVERY_MS = 1000;
const ANYWAY_MS = 15e3;
const SILENT_MS = 30e3;
const AGAIN_MS = 60e3;
const ROWS = 6;

const side = $('.wside');
const { source, token } = side.dataset;
const dates = new Intl.DateTimeFormat(lang === 'en' ? 'en-GB' : 'vi-VN', { timeZone: 'Asia/Ho_Chi_Minh', weekday: 'long', day: '2-digit', month: '2-digit', year: 'numeric' });
let map = null;
let beat = 0;
let asked = false;

// How many messages came and the number of the last: for whoever checks that none was missed.
const heard = (window.hotlineWall = { count: 0, last: null, refreshes: 0, counts: null });

class Beat extends Live {
  received(kind, data) {
    heard.count += 1;
    heard.last = this.stream.after;
    beat = Date.now();
    super.received(kind, data);
  }

  draw() {
    const ago = Math.max(0, Math.round((Date.now() - beat) / 1000));
    const silent = Date.now() - beat > SILENT_MS;
    $('.dot', this.node).classList.toggle('lost', !this.open || silent);
    side.classList.toggle('stale', silent);
    if (!beat) return;
    this.say(this.open && !silent ? t('Trực tiếp, nhịp cuối {n} giây trước', { n: ago }) : t('Mất kết nối, số liệu lúc {time}', { time: time(beat) }));
  }
}

const refresh = paced(REFRESH_EVERY_MS, () => figures());
let live = null;

function changed(kind, document) {
  refresh();
  map?.view.renewTiles(document, kind);
}

async function figures() {
  if (asked) return; // the one under way may be older than the change, but there is another one after it
  asked = true;
  try {
    const answer = await ask(`${source}/figures.json`);
    beat = Date.now();
    heard.refreshes += 1;
    heard.counts = answer.counts;
    draw(answer);
    notice(null);
    live ??= new Beat({ area: answer.area.code, changed });
    live.start(answer.last_event_id);
  } catch (error) {
    if (error.status === 401) notice(t('Khoá của màn hình này không mở được địa bàn nào, hoặc đã bị thu hồi.'));
  } finally {
    asked = false;
  }
}

function draw(answer) {
  $('#wall-name').textContent = answer.area.name;
  document.title = `${answer.area.name} – 1022`;
  for (const node of side.querySelectorAll('[data-state]')) set(node, number(answer.counts[node.dataset.state]));
  const list = $('#wall-list');
  const shown = answer.incidents.slice(0, ROWS);
  // Six lines that are written over, not made anew.
  while (list.children.length < shown.length) list.append(el('li', {}, symbol('d-other'), el('div', {}, el('b'), el('span')), el('em')));
  while (list.children.length > shown.length) list.lastChild.remove();
  shown.forEach((incident, i) => {
    const node = list.children[i];
    $('use', node).setAttribute('href', `/static/symbols/sheet.svg#${symbolOf(incident)}`);
    set($('b', node), what(incident));
    set($('span', node), where(incident));
    const late = incident.state === 'late';
    set($('em', node), late ? t('quá {span}', { span: spanFull(Date.now() - Date.parse(incident.due_at)) }) : sinceOrLeft(incident).words);
    $('em', node).className = incident.state;
  });
}

function set(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

function notice(words) {
  const node = $('#wall-notice');
  node.hidden = !words;
  set(node, words || '');
}

function tick() {
  const now = new Date();
  set($('#wall-clock'), time(now));
  set($('#wall-date'), dates.format(now));
  document.body.dataset.shift = now.getHours() % 4; // against burn-in
}

async function open() {
  const key = source === '/wall' ? location.hash.slice(1) : '';
  if (key) {
    try {
      await ask('/wall/open', { post: { key }, token });
      history.replaceState(null, '', location.pathname);
    } catch (error) {
      if (error.status === 403) notice(t('Khoá của màn hình này không mở được địa bàn nào, hoặc đã bị thu hồi.'));
    }
  }
  await figures();
}

async function openMap() {
  if (map || !live) return;
  map = await AreaMap.open(await ask(`${source}/outline.json`), {}, { margin: 24 });
  window.hotlineMap = map.map;
}

tick();
setInterval(tick, 1000);
await open();
await openMap().catch((error) => console.info('map', error.message));
setInterval(figures, ANYWAY_MS);
setInterval(() => openMap().catch(() => {}), AGAIN_MS);
