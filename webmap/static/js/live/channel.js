// One event stream and everybody who listens to it: in the worker that a browser's tabs share, or in a tab of its own.
// Each listener says what it has had; it gets what comes behind that, once and in order.
const KINDS = ['report.created', 'report.updated', 'incident.updated', 'reload'];
const LONGEST_WAIT_S = 30;
const KEPT = 1000; // recent messages, for tabs that join

export class Channel {
  // `query` of the stream's address, without `after`.
  constructor(query) {
    this.query = query;
    this.listeners = new Set();
    this.recent = [];
    this.floor = null; // everything behind this number and up to `last` is in `recent`
    this.last = null;
    this.tries = 0;
    this.retryAt = null;
  }

  // `listener`: { after (a number, or null: from now on), message(kind, data, id), state({ open, retryAt }) }
  add(listener) {
    this.listeners.add(listener);
    listener.state(this.state);
    const { after } = listener;
    if (this.source && after !== null && this.floor !== null && after >= this.floor) {
      for (const each of this.recent) this.tell(listener, each);
      return;
    }
    if (this.source && after === null) return;
    // It knows less than what is at hand: the stream begins again from there. The others have had that, and drop it.
    if (after !== null) this.last = this.last === null ? after : Math.min(this.last, after);
    this.floor = this.last;
    this.recent = [];
    this.connect();
  }

  remove(listener) {
    this.listeners.delete(listener);
    if (this.listeners.size) return;
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  get state() {
    return { open: this.source?.readyState === EventSource.OPEN, retryAt: this.retryAt };
  }

  connect() {
    clearTimeout(this.timer);
    this.source?.close();
    const query = new URLSearchParams(this.query);
    if (this.last !== null) query.set('after', this.last);
    const source = (this.source = new EventSource(`/api/v1/live${query.size ? `?${query}` : ''}`));
    source.onopen = () => {
      this.tries = 0;
      this.retryAt = null;
      this.say();
    };
    source.onerror = () => source === this.source && this.lost();
    for (const kind of KINDS) source.addEventListener(kind, (event) => source === this.source && this.received(kind, event));
  }

  received(kind, { data, lastEventId }) {
    const message = { kind, data, id: Number(lastEventId) };
    this.floor ??= message.id - 1;
    this.last = message.id;
    this.recent.push(message);
    if (this.recent.length > 2 * KEPT) {
      this.floor = this.recent[KEPT - 1].id;
      this.recent = this.recent.slice(KEPT);
    }
    for (const listener of this.listeners) this.tell(listener, message);
  }

  tell(listener, { kind, data, id }) {
    if (listener.after !== null && id <= listener.after) return;
    listener.after = id;
    listener.message(kind, data, id);
  }

  // The browser's own retry would hide for how long; ours can be said.
  lost() {
    this.source?.close();
    clearTimeout(this.timer);
    this.tries += 1;
    const wait = Math.min(LONGEST_WAIT_S, 2 ** Math.min(this.tries - 1, 5)) * 1000;
    this.retryAt = Date.now() + wait;
    this.timer = setTimeout(() => this.connect(), wait);
    this.say();
  }

  // The network is said to be back: now rather than when the wait is over.
  again() {
    if (this.listeners.size && !this.state.open) this.connect();
  }

  say() {
    for (const listener of this.listeners) listener.state(this.state);
  }
}
