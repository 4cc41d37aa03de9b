// The list: the incidents of the viewport in the map's order, the counts above it, the rows as the map's twin.
import { $, $$, el, later } from '../dom.js';
import { number } from '../format.js';
import { t } from '../i18n.js';
import { choice, filtered, nothingOn, onlyOpen } from './address.js';
import { following, incidentByCode, incidentsIn } from './incidents.js';
import { row } from './row.js';
import { empty, failed, skeleton, band } from './states.js';

const SLOW_MS = 4000;

export class IncidentList {
  // `bounds()` is the box in view or null (no map), `zoom()` its zoom; `on` are callbacks: select(code, {fromKeyboard}), counts(counts),
  // loaded(answer), reset(), report(), city().
  constructor({ bounds, zoom, on }) {
    this.bounds = bounds;
    this.zoom = zoom;
    this.on = on;
    this.node = $('#list');
    this.rows = el('ol');
    this.features = new Map();
    this.scope = null; // a box narrower than the view: the cell of a cluster
    this.waiting = new Set();
    this.follow = later(300, (code) => this.on.select(code, { move: true }));
    this.node.addEventListener('click', (event) => this.clicked(event));
    this.node.addEventListener('keydown', (event) => this.keyed(event));
    this.node.addEventListener('focusin', (event) => this.on.focus?.(event.target.closest('.li')?.dataset.code, event.target.matches(':focus-visible')));
    this.node.addEventListener('focusout', () => this.on.focus?.(null, false));
    this.node.addEventListener('scroll', () => this.scrolled(), { passive: true });
    $('#fresh').addEventListener('click', () => this.load({ top: true }));
  }

  get area() {
    return this.scope?.box || this.bounds();
  }

  // Marks are counted where they stand on the map in view; a cluster's own cell is counted by what lies in it.
  get tileZoom() {
    return this.scope?.box ? undefined : this.zoom();
  }

  feature(code) {
    return this.features.get(code);
  }

  // Everything anew: after a move of the map, a filter, or when the person asks for what waits.
  async load({ top = false } = {}) {
    this.abort?.abort();
    const abort = (this.abort = new AbortController());
    if (!this.answered) this.node.replaceChildren(...skeleton());
    this.node.setAttribute('aria-busy', 'true');
    const slow = setTimeout(() => band('slow', t('Mạng chậm, vẫn đang tải')), SLOW_MS);
    try {
      const answer = await incidentsIn(this.area, { signal: abort.signal, zoom: this.tileZoom });
      this.answered = true;
      this.next = answer.next;
      this.shownTotal = answer.counts.total;
      this.wait(null);
      this.draw(nothingOn() ? [] : answer.features, top);
      this.count(answer.counts);
      this.on.loaded?.(answer);
    } catch (error) {
      if (error.name === 'AbortError') return;
      this.fail(error);
    } finally {
      clearTimeout(slow);
      if (abort === this.abort) {
        band('slow', null);
        this.node.removeAttribute('aria-busy');
      }
    }
  }

  // Counts and rows in place, nothing moves: what a live change asks for.
  async refresh() {
    try {
      const answer = await incidentsIn(this.area, { zoom: this.tileZoom, limit: Math.min(1000, Math.max(100, this.features.size)) });
      this.count(answer.counts);
      for (const feature of answer.features) {
        const { code } = feature.properties;
        const same = JSON.stringify(this.features.get(code)?.properties) === JSON.stringify(feature.properties);
        this.features.set(code, feature);
        const shown = same ? null : this.node.querySelector(`[data-code="${code}"]`);
        if (shown) this.replace(shown, feature);
      }
      this.on.loaded?.(answer);
      return answer;
    } catch {
      return null; // the live line says that something is wrong; the list stays as it was
    }
  }

  draw(features, top) {
    const focused = document.activeElement?.closest?.('#list .li')?.dataset.code;
    this.features = new Map(features.map((feature) => [feature.properties.code, feature]));
    if (!features.length) {
      this.node.replaceChildren(empty({ filtered: filtered(), onReset: filtered() ? this.on.reset : this.on.city, onReport: this.on.report }));
      return;
    }
    this.rows.replaceChildren(...features.map((feature) => el('li', {}, row(feature.properties))));
    this.node.replaceChildren(this.rows);
    if (top) this.node.scrollTop = 0;
    this.mark(choice.selected);
    if (focused) $(`[data-code="${focused}"]`, this.node)?.focus({ preventScroll: true });
  }

  replace(shown, feature) {
    const fresh = row(feature.properties);
    fresh.tabIndex = shown.tabIndex;
    if (shown.hasAttribute('aria-current')) fresh.setAttribute('aria-current', 'true');
    const focused = document.activeElement === shown;
    shown.replaceWith(fresh);
    if (focused) fresh.focus({ preventScroll: true });
  }

  // Only one row is a stop of the Tab key; the arrows walk from there.
  mark(code) {
    const rows = $$('.li[data-code]', this.rows);
    let current = null;
    for (const each of rows) {
      const chosen = each.dataset.code === code;
      if (chosen) {
        each.setAttribute('aria-current', 'true');
        current = each;
      } else each.removeAttribute('aria-current');
      each.tabIndex = -1;
    }
    (current || rows[0])?.setAttribute('tabindex', '0');
    return current;
  }

  // The row of an incident that was chosen on the map; added on top where the list has not come so far yet.
  async show(code) {
    let shown = this.mark(code);
    if (!code) return null;
    if (!shown) {
      const feature = this.feature(code) || (await incidentByCode(code).catch(() => null));
      if (!feature || choice.selected !== code) return null;
      this.features.set(code, feature);
      if (!this.rows.isConnected) this.node.replaceChildren(this.rows);
      $('[data-extra]', this.rows)?.remove();
      this.rows.prepend(el('li', { 'data-extra': '' }, row(feature.properties)));
      shown = this.mark(code);
    }
    const around = this.node.getBoundingClientRect();
    const place = shown.getBoundingClientRect();
    if (place.top < around.top || place.bottom > around.bottom || this.node.clientHeight < 150) {
      this.node.scrollTop += place.top - around.top;
    }
    return this.feature(code);
  }

  count(counts) {
    const total = nothingOn() ? 0 : counts.total;
    const values = { n: number(total), count: total };
    const words = this.scope
      ? t('{n} sự cố trong cụm', values)
      : this.on.wide()
        ? onlyOpen() ? t('{n} sự cố đang mở', values) : t('{n} sự cố', values)
        : this.on.small() ? t('{n} sự cố ở đây', values) : t('{n} sự cố trong khung nhìn', values);
    const heading = $('#count');
    if (heading.textContent !== words) heading.textContent = words;
    heading.dataset.total = total;
    this.on.counts(counts);
  }

  narrow(scope) {
    this.scope = scope;
    band('scope', ...(scope
      ? [el('div', { class: 'bar between' }, scope.words,
          el('button', { class: 'btn slim', type: 'button', onclick: () => this.narrow(null) }, t('Cả khung nhìn')))]
      : [null]));
    this.load({ top: true });
  }

  // Live changes wait here, they do not push rows away from under a finger.
  wait(code) {
    if (code === null) this.waiting.clear();
    else if (!this.node.querySelector(`[data-code="${code}"]`)) this.waiting.add(code);
    const n = this.waiting.size;
    const button = $('#fresh');
    button.hidden = !n;
    button.textContent = n ? t('{n} mới', { n }) : '';
  }

  fail(error) {
    if (this.answered && this.rows.isConnected) {
      band('failed', el('b', { class: 'b' }, t('Chưa tải được danh sách')), ' ', t('Danh sách dưới đây là của lần trước.'), ' ',
        el('button', { class: 'btn slim', type: 'button', onclick: () => { band('failed', null); this.load(); } }, t('Thử lại')));
      return;
    }
    $('#count').textContent = t('Chưa có danh sách');
    const why = error.status
      ? t('Máy chủ trả lời {status}. Thử lại sau ít phút, hoặc gọi 1022.', { status: error.status })
      : t('Không nối được với máy chủ. Kiểm tra mạng rồi thử lại, hoặc gọi 1022.');
    this.node.replaceChildren(failed({ why, onRetry: () => this.load() }));
  }

  clicked(event) {
    const link = event.target.closest('.li[data-code]');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.dataset.code === choice.selected || !this.on.hasMap()) return; // the second time it is a link
    event.preventDefault();
    this.follow.cancel();
    this.on.select(link.dataset.code, { move: true });
  }

  keyed(event) {
    const rows = $$('.li[data-code]', this.rows);
    const at = rows.indexOf(event.target.closest('.li'));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const link = rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (!link || link === rows[at]) return;
    for (const each of rows) each.tabIndex = -1;
    link.tabIndex = 0;
    link.focus();
    this.follow(link.dataset.code);
    if (to >= rows.length - 3) this.more();
  }

  scrolled() {
    if (this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 400) this.more();
  }

  async more() {
    if (!this.next || this.fetching || nothingOn()) return;
    const page = this.next;
    const load = this.abort;
    this.fetching = true;
    try {
      const answer = await following(page, load.signal);
      if (load !== this.abort) return;
      this.next = answer.next;
      const unseen = answer.features.filter((feature) => !this.features.has(feature.properties.code));
      for (const feature of unseen) this.features.set(feature.properties.code, feature);
      this.rows.append(...unseen.map((feature) => el('li', {}, row(feature.properties))));
    } catch {
      // the next scroll tries again
    } finally {
      this.fetching = false;
    }
  }
}
