// The list on a phone: a sheet with three stops. Peek: count, two rows, two buttons; half: list; full: list and filters.
import { $, later, phone } from '../dom.js';
import { t } from '../i18n.js';

const STOPS = ['peek', 'half', 'full'];
const TOP_PX = 62; // the search stays above, the chips lie under it

export function sheet({ settled }) {
  const node = $('#sheet');
  const grab = $('.grab', node);
  const app = $('.app');
  const opener = $('.filter-open');
  let peek = 252;

  const heights = () => ({ peek, half: Math.max(peek, Math.round(app.clientHeight * 0.56)), full: app.clientHeight - TOP_PX });
  const stop = () => node.dataset.stop;

  function go(to) {
    node.dataset.stop = to;
    node.style.setProperty('--sheet', `${heights()[to]}px`);
    grab.setAttribute('aria-expanded', String(to !== 'peek'));
    $('span', grab).textContent = to === 'full' ? t('Thu danh sách lại') : t('Mở danh sách');
    opener.setAttribute('aria-expanded', String(to === 'full'));
    settled();
  }

  // Two whole rows, whatever their names' length: the peek is measured, not guessed.
  const measure = later(0, () => {
    if (!phone()) return;
    const rows = [...node.querySelectorAll('.list li:nth-child(-n+2), .list .li.sk:nth-child(-n+2)')];
    const list = rows.length ? rows.reduce((sum, row) => sum + row.offsetHeight, 0) + 1 : Math.min(node.querySelector('.list').scrollHeight, 170);
    const parts = ['.grab', '.summary', '.foot', '.notices', '.fresh'].map((name) => {
      const part = $(name, node);
      const margin = Number.parseFloat(getComputedStyle(part).marginBottom) || 0;
      return part.offsetHeight ? part.offsetHeight + margin : 0;
    });
    const now = Math.min(Math.round(app.clientHeight * 0.6), Math.round(parts.reduce((a, b) => a + b, list)));
    if (now === peek) return;
    peek = now;
    document.documentElement.style.setProperty('--peek', `${peek}px`);
    if (stop() === 'peek') go('peek');
  });

  let from = null;
  const start = (event) => {
    if (!phone() || event.button) return;
    from = { y: event.clientY, height: node.offsetHeight, moved: false };
    event.currentTarget.setPointerCapture(event.pointerId);
    node.classList.add('held');
  };
  const move = (event) => {
    if (!from) return;
    const by = from.y - event.clientY;
    if (Math.abs(by) > 6) from.moved = true;
    node.style.setProperty('--sheet', `${Math.min(heights().full, Math.max(peek, from.height + by))}px`);
  };
  const end = () => {
    if (!from) return;
    node.classList.remove('held');
    const height = node.offsetHeight;
    const all = heights();
    const { moved } = from;
    from = null;
    if (!moved) return go(stop());
    dragged = true;
    setTimeout(() => { dragged = false; }, 50);
    go(STOPS.reduce((best, name) => (Math.abs(all[name] - height) < Math.abs(all[best] - height) ? name : best), 'peek'));
  };
  let dragged = false;
  for (const handle of [grab, $('.summary', node)]) {
    handle.addEventListener('pointerdown', start);
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  }
  grab.addEventListener('click', () => !dragged && go({ peek: 'half', half: 'full', full: 'peek' }[stop()]));
  grab.addEventListener('keydown', (event) => {
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    go(STOPS[Math.min(2, Math.max(0, STOPS.indexOf(stop()) + step))]);
  });
  opener.addEventListener('click', () => go(stop() === 'full' ? 'peek' : 'full'));
  addEventListener('resize', later(100, () => {
    measure();
    if (phone()) go(stop());
  }));
  new MutationObserver(measure).observe($('#list'), { childList: true, subtree: true });
  new MutationObserver(measure).observe($('#notices'), { childList: true });
  new MutationObserver(measure).observe($('#fresh'), { attributes: true });
  go('peek');
  return { go };
}
