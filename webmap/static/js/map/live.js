// The event stream on a page: it goes on where it stopped, and says so when it has. Nothing here moves the list.
import { $, el } from '../dom.js';
import { number, timeWithSeconds } from '../format.js';
import { t } from '../i18n.js';
import { Stream } from '../live/stream.js';

export class Live {
  // `changed(kind, document)` for every message; `area` is the only one to hear of.
  constructor({ changed, area = '' }) {
    this.changed = changed;
    this.node = $('#live');
    this.words = $('#live-words');
    this.hour = null;
    this.waiting = [];
    this.state = { open: false, retryAt: null };
    this.stream = new Stream({
      query: area ? String(new URLSearchParams({ area })) : '',
      message: (kind, data) => this.received(kind, data),
      state: (state) => {
        this.state = state;
        this.draw();
      },
    });
    setInterval(() => this.draw(), 1000);
    addEventListener('online', () => this.draw());
    addEventListener('offline', () => this.draw());
  }

  // `after` is the list's last_event_id.
  start(after) {
    if (this.started) return;
    this.started = true;
    this.stream.listen(Number.isFinite(Number(after ?? Number.NaN)) ? Number(after) : null);
  }

  // In a storm hundreds come in a second: what came since the last frame is dealt with in one go.
  received(kind, data) {
    let document = null;
    try {
      document = JSON.parse(data || 'null');
    } catch {
      return; // one line that cannot be read does not end the stream
    }
    if (kind === 'report.created' && this.hour !== null) this.hour += 1;
    if (this.waiting.push([kind, document]) > 1) return;
    const tell = () => {
      const came = this.waiting;
      this.waiting = [];
      for (const each of came) this.changed(...each);
    };
    if (globalThis.document.hidden) setTimeout(tell, 100); // there are no frames then
    else requestAnimationFrame(tell);
  }

  get open() {
    return this.state.open && navigator.onLine;
  }

  draw() {
    const { open } = this;
    if (!open && !this.seen && !this.state.retryAt && navigator.onLine) return; // not yet
    $('.dot', this.node).classList.toggle('lost', !open);
    this.node.classList.toggle('lost', !open);
    if (open) {
      this.seen = Date.now();
      const parts = [`${t('Trực tiếp')} · ${timeWithSeconds(Date.now())}`];
      if (this.hour !== null) this.say(`${parts[0]} · `, el('b', { class: 'b' }, number(this.hour)), ` ${t('phản ánh trong giờ qua', { count: this.hour })}`);
      else this.say(...parts);
      return;
    }
    const seconds = Math.max(1, Math.ceil(((this.state.retryAt ?? 0) - Date.now()) / 1000));
    const words = navigator.onLine ? t('Mất kết nối, thử lại sau {n} giây', { n: seconds }) : t('Mất kết nối');
    this.say(words, this.seen ? ` · ${t('số liệu lúc {time}', { time: timeWithSeconds(this.seen) })}` : '');
  }

  say(...parts) {
    const text = parts.map((part) => part.textContent ?? part).join('');
    if (this.words.textContent !== text) this.words.replaceChildren(...parts);
  }
}
