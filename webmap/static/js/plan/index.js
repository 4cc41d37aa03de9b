// The workbench's page: the map of the answer, how far a job is, spans by name, an area drawn on the map.
import { $, $$, heard, phone } from '../dom.js';
import { t } from '../i18n.js';
import { Drawing } from './drawing.js';
import { watch } from './job.js';
import { PlanMap } from './map.js';

const token = () => $('#question input[name=csrf_token]')?.value ?? '';

// ---- the question
const last = $('#last');
const days = [$('#since'), $('#through')];

function spanByName() {
  const months = Number(last.value);
  if (!months) return;
  const today = new Date(new Date().toLocaleString('en-US', { timeZone: 'Asia/Ho_Chi_Minh' }));
  const first = new Date(today.getFullYear(), today.getMonth() - months, 1);
  const longest = new Date(first.getFullYear(), first.getMonth() + 1, 0).getDate();
  first.setDate(Math.min(today.getDate(), longest) + 1);
  const word = (at) => `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
  [days[0].value, days[1].value] = [word(first), word(today)];
}
last.addEventListener('change', spanByName);
for (const day of days) day.addEventListener('input', () => { last.value = ''; });

const fold = $('#fold');
if (phone() && $('.plan.done')) fold.open = false; // after the run the question is one line

// ---- the job
const job = $('#job');
if (job && ['waiting', 'running'].includes(job.dataset.state)) watch(job, token);

// ---- the map
const frame = $('#map-frame');
const whole = frame.querySelector('[data-whole]');
let map = null;
const drawing = new Drawing({ within: $('#within'), button: $('#draw'), undo: $('#undraw'), shown: $('#drawn'), help: $('#draw-help'), main: $('main') });
if (frame.offsetParent || phone()) {
  PlanMap.open(frame, JSON.parse($('#places')?.textContent ?? '[]')).then((made) => {
    map = made;
    window.hotlineMap = made.map;
    drawing.on(made);
    heard(whole, () => made.whole());
    if (/^#place-[A-Z]$/.test(location.hash) && !phone()) document.querySelector(`${location.hash} button`)?.click(); // from a notice
  }, (error) => {
    frame.classList.add('no-map');
    const said = $('#cell-said');
    said.hidden = false;
    said.textContent = t('Trình duyệt này không vẽ được bản đồ. Bảng vẫn đủ.');
    console.info('map', error.message);
  });
}
for (const row of $$('tr[data-at]')) {
  row.querySelector('button').addEventListener('click', () => {
    for (const other of $$('tr.sel')) other.classList.remove('sel');
    row.classList.add('sel');
    if (phone()) openMap(true);
    map?.goTo(row.dataset.at.split(',').map(Number));
  });
}

const opener = $('#open-map');
function openMap(open) {
  frame.classList.toggle('open', open);
  opener.setAttribute('aria-pressed', String(open));
  opener.textContent = open ? t('Đóng bản đồ') : t('Mở bản đồ');
  map?.map.resize();
  if (open) map?.whole();
}
heard(opener, () => openMap(!frame.classList.contains('open')));
frame.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && frame.classList.contains('open')) { openMap(false); opener.focus(); }
});

// ---- handing the address on
const share = $('#share');
if (share && (navigator.share || navigator.clipboard)) {
  share.hidden = false;
  share.addEventListener('click', async () => {
    try {
      if (navigator.share && phone()) await navigator.share({ title: document.title, url: location.href });
      else {
        await navigator.clipboard.writeText(location.href);
        $('#shared').textContent = t('Đã chép địa chỉ.');
      }
    } catch (error) {
      if (error.name !== 'AbortError') $('#shared').textContent = t('Chép địa chỉ từ thanh địa chỉ của trình duyệt.');
    }
  });
}
