// The event stream: it goes on where it stopped, and says so when it has. Nothing here moves the list.
import { $, el, later } from '../dom.js';
import { number, timeWithSeconds } from '../format.js';
import { t } from '../i18n.js';

const KINDS = ['report.created', 'report.updated', 'incident.updated', 'reload'];
const LONGEST_WAIT_S = 30;

export class Live {
  // `changed(kind, document)` for every message; `after` is the list's last_event_id; `area` is the only one to hear of.
  constructor({ changed, area = '' }) {
    this.changed = changed;
    this.area = area;
    this.node = $('#live');
    this.words = $('#live-words');
    this.hour = null;
    this.tries = 0;
    setInterval(() => this.draw(), 1000);
    addEventListener('online', () => this.connect());
    addEventListener('offline', () => this.lost());
    addEventListener('pagehide', () => this.source?.close());
    addEventListener('pageshow', (event) => event.persisted && this.connect());
  }

  start(after) {
    if (this.last === undefined) {
      this.last = String(after ?? '');
      this.connect();
    }
  }

  connect() {
    if (this.last === undefined) return;
    clearTimeout(this.timer);
    this.source?.close();
    const query = new URLSearchParams();
    if (this.area) query.set('area', this.area);
    if (this.last) query.set('after', this.last);
    const source = (this.source = new EventSource(`/api/v1/live${query.size ? `?${query}` : ''}`));
    source.onopen = () => {
      this.tries = 0;
      this.retryAt = null;
      this.draw();
    };
    source.onerror = () => this.lost();
    for (const kind of KINDS) source.addEventListener(kind, (event) => this.received(kind, event));
  }

  received(kind, event) {
    if (event.lastEventId) this.last = event.lastEventId;
    let document = null;
    try {
      document = JSON.parse(event.data || 'null');
    } catch {
      return; // one line that cannot be read does not end the stream
    }
    if (kind === 'report.created' && this.hour !== null) this.hour += 1;
    this.changed(kind, document);
  }

  // The browser's own retry would hide for how long; ours can be said.
  lost() {
    this.source?.close();
    clearTimeout(this.timer);
    this.lostAt ??= Date.now();
    this.tries += 1;
    const wait = Math.min(LONGEST_WAIT_S, 2 ** Math.min(this.tries - 1, 5)) * 1000;
    this.retryAt = Date.now() + wait;
    this.timer = setTimeout(() => this.connect(), wait);
    this.draw();
  }

  get open() {
    return this.source?.readyState === EventSource.OPEN;
  }

  draw() {
    const dot = $('.dot', this.node);
    dot.classList.toggle('lost', !this.open);
    this.node.classList.toggle('lost', Boolean(this.retryAt));
    if (this.open) {
      this.lostAt = null;
      this.seen = Date.now();
      const parts = [`${t('Trực tiếp')} · ${timeWithSeconds(Date.now())}`];
      if (this.hour !== null) this.say(`${parts[0]} · `, el('b', { class: 'b' }, number(this.hour)), ` ${t('phản ánh trong giờ qua', { count: this.hour })}`);
      else this.say(...parts);
    } else if (this.retryAt) {
      const seconds = Math.max(1, Math.ceil((this.retryAt - Date.now()) / 1000));
      this.say(t('Mất kết nối, thử lại sau {n} giây', { n: seconds }), this.seen ? ` · ${t('số liệu lúc {time}', { time: timeWithSeconds(this.seen) })}` : '');
    }
  }

  say(...parts) {
    const text = parts.map((part) => part.textContent ?? part).join('');
    if (this.words.textContent !== text) this.words.replaceChildren(...parts);
  }
}
