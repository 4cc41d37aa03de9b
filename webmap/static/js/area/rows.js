// The list of an area: the map's rows with what only officers see. Rows are kept and moved, never drawn anew, so that
// nothing flickers and what is focused stays focused; while a pointer is over the list, new ones wait above it.
import { $, $$, el } from '../dom.js';
import { number } from '../format.js';
import { t } from '../i18n.js';
import { row } from '../map/row.js';
import { skeleton } from '../map/states.js';

const FRESH_MS = 120e3;

export class Rows {
  // `on.open(code)` a row was opened (or null), `on.details(code, node)` fill what lies below it, `on.waiting(n)`.
  constructor(on) {
    this.on = on;
    this.node = $('#list');
    this.list = el('ol', { class: 'arows' });
    this.others = el('div');
    this.made = new Map(); // code → { node, said }
    this.known = null; // codes that have been seen; null before the first answer
    this.fresh = new Map(); // code → when it came
    this.chosen = null;
    this.held = null; // an answer that waits
    this.node.replaceChildren(...skeleton());
    this.node.setAttribute('aria-busy', 'true');
    this.node.addEventListener('pointerenter', (event) => { this.pointed = event.pointerType === 'mouse'; });
    this.node.addEventListener('pointerleave', () => { this.pointed = false; });
    this.node.addEventListener('click', (event) => this.clicked(event));
    this.node.addEventListener('keydown', (event) => this.keyed(event));
    $('#fresh').addEventListener('click', () => {
      this.release();
      this.node.scrollTop = 0;
    });
  }

  get codes() {
    return [...this.list.children].map((item) => item.dataset.code);
  }

  incident(code) {
    return this.made.get(code)?.said;
  }

  // An answer of incidents.json. `asked`: the person did this, so it is shown at once.
  take(answer, { asked = false } = {}) {
    const now = Date.now();
    const arrived = this.known ? answer.incidents.filter(({ code }) => !this.known.has(code)) : [];
    if (!asked) for (const { code, state } of arrived) if (state === 'new') this.fresh.set(code, now);
    this.known ??= new Set();
    for (const { code } of answer.incidents) this.known.add(code);
    for (const [code, at] of this.fresh) if (now - at > FRESH_MS) this.fresh.delete(code);
    const order = answer.incidents.map(({ code }) => code).join();
    const moves = this.answered && order !== this.codes.join();
    const busy = this.pointed || this.node.scrollTop > 8 || this.list.contains(document.activeElement);
    if (moves && busy && !asked) {
      this.held = answer;
      this.update(answer); // in place: what is there says how it stands
      const shown = new Set(this.codes);
      this.wait(answer.incidents.filter(({ code }) => !shown.has(code)).length);
    } else this.draw(answer);
    return asked ? [] : arrived;
  }

  wait(n) {
    const button = $('#fresh');
    button.hidden = !this.held;
    button.textContent = !this.held ? '' : n ? t('{n} việc mới, bấm để xem', { n: number(n), count: n }) : t('Thứ tự đã đổi, bấm để xem');
  }

  release() {
    const answer = this.held;
    if (answer) this.draw(answer);
  }

  update(answer) {
    for (const incident of answer.incidents) if (this.made.has(incident.code)) this.make(incident);
  }

  draw(answer) {
    this.held = null;
    this.wait(0);
    this.answered = true;
    this.node.removeAttribute('aria-busy');
    const codes = new Set(answer.incidents.map(({ code }) => code));
    for (const [code, { node }] of this.made) {
      if (codes.has(code)) continue;
      node.remove();
      this.made.delete(code);
    }
    answer.incidents.forEach((incident, place) => {
      const node = this.make(incident);
      if (this.list.children[place] !== node) this.list.insertBefore(node, this.list.children[place] ?? null);
    });
    this.beyond(answer.beyond);
    const shown = answer.incidents.length ? [this.list] : [empty()];
    if (answer.total > answer.incidents.length) shown.push(el('p', { class: 'pad small muted' }, t('Chỉ hiện {n} việc khẩn nhất trong {total}.', { n: number(answer.incidents.length), total: number(answer.total) })));
    if (this.node.firstChild !== shown[0] || this.node.children.length !== shown.length + 1) this.node.replaceChildren(...shown, this.others);
    this.stops();
  }

  make(incident) {
    const said = JSON.stringify(incident) + this.fresh.has(incident.code) + minute();
    const known = this.made.get(incident.code);
    if (known?.text === said) return known.node;
    const node = known?.node ?? el('li', { class: 'ar', dataset: { code: incident.code } });
    const fresh = dressed(incident, this.fresh.has(incident.code));
    const old = node.firstElementChild;
    fresh.tabIndex = old?.tabIndex ?? -1;
    fresh.setAttribute('aria-expanded', String(this.chosen === incident.code));
    const focused = old && document.activeElement === old;
    if (old) old.replaceWith(fresh);
    else node.append(fresh);
    if (focused) fresh.focus({ preventScroll: true });
    this.made.set(incident.code, { node, said: incident, text: said });
    return node;
  }

  // The neighbours' cases at the border: below the list and not counted in it.
  beyond(list) {
    const text = JSON.stringify(list);
    if (this.beyondText === text) return;
    this.beyondText = text;
    this.others.replaceChildren(...(list.length
      ? [el('h2', { class: 'pad small m beyond' }, t('Bên kia ranh, của địa bàn khác ({n})', { n: list.length })),
          el('ol', { class: 'arows' }, ...list.map((incident) => el('li', { class: 'ar other' }, link(incident, tag(t('{area}, cách ranh {n} m', { area: incident.border.area || t('ngoài thành phố'), n: incident.border.metres }))))))]
      : []));
  }

  // One row is a stop of the Tab key; the arrows walk from there.
  stops() {
    const rows = $$(':scope > li > a', this.list);
    const current = this.chosen && this.made.get(this.chosen)?.node.firstElementChild;
    if (!rows.some((each) => each.tabIndex === 0) || current) for (const each of rows) each.tabIndex = each === (current || rows[0]) ? 0 : -1;
  }

  open(code, { focus = false } = {}) {
    if (this.chosen && this.chosen !== code) this.close();
    this.chosen = code;
    const node = this.made.get(code)?.node;
    if (!node) return;
    const link = node.firstElementChild;
    link.setAttribute('aria-expanded', 'true');
    node.classList.add('open');
    let below = $('.below', node);
    if (!below) {
      below = el('div', { class: 'below' });
      node.append(below);
    }
    this.on.details(code, below);
    this.stops();
    if (focus) link.focus();
    node.scrollIntoView({ block: 'nearest' });
    this.on.open(code);
  }

  close() {
    const node = this.made.get(this.chosen)?.node;
    this.chosen = null;
    if (node) {
      node.classList.remove('open');
      node.firstElementChild.setAttribute('aria-expanded', 'false');
      $('.below', node)?.remove();
    }
    this.on.open(null);
  }

  clicked(event) {
    const link = event.target.closest('.arows > .ar:not(.other) > a');
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const { code } = link.parentNode.dataset;
    if (this.chosen === code) this.close();
    else this.open(code, { focus: true });
  }

  keyed(event) {
    const link = event.target.closest('.arows > .ar:not(.other) > a');
    if (!link) return;
    const rows = $$(':scope > li > a', this.list);
    const at = rows.indexOf(link);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = rows[Math.min(rows.length - 1, Math.max(0, to))];
    for (const each of rows) each.tabIndex = each === next ? 0 : -1;
    next.focus();
    if (this.chosen) this.open(next.parentNode.dataset.code);
  }

  failed(words, retry) {
    this.node.removeAttribute('aria-busy');
    if (this.answered) return;
    this.node.replaceChildren(el('div', { class: 'empty stack' },
      el('div', { class: 'note late', role: 'alert' }, el('b', { class: 'b late' }, t('Chưa tải được danh sách')), el('br'), words),
      el('button', { class: 'btn', type: 'button', onclick: retry }, t('Thử lại'))));
  }
}

const minute = () => Math.floor(Date.now() / 60e3);
const tag = (words, kind = 'warn') => el('span', { class: `tag ${kind}` }, words);

function link(incident, ...tags) {
  const made = row(incident);
  made.tabIndex = 0;
  $('.p', made).after(...tags.map((each) => el('div', { class: 'p' }, each)));
  return made;
}

function dressed(incident, fresh) {
  const made = row(incident);
  const tags = [];
  if (incident.border) tags.push(tag(incident.border.area ? t('{n} m tới ranh {area}', { n: incident.border.metres, area: incident.border.area }) : t('{n} m tới ranh', { n: incident.border.metres })));
  if (incident.status === 'returned') tags.push(tag(t('đã trả tổng đài'), ''));
  else if (incident.objected) tags.push(tag(t('đã báo không thuộc địa bàn'), ''));
  if (tags.length) $('.p', made).after(el('div', { class: 'p tags' }, ...tags));
  if (fresh) $('.t', made).append(' ', tag(t('vừa vào'), 'act'));
  made.setAttribute('role', 'button');
  return made;
}

function empty() {
  return el('div', { class: 'empty stack' },
    el('p', { class: 'b' }, t('Không có việc nào theo lọc này')),
    el('p', { class: 'small soft' }, t('Việc mới sẽ tự hiện ở đây. Bỏ lọc để xem hết.')));
}

