// A tab's end of the event stream: by way of the worker that all tabs share, or a stream of its own where there is none.
import { Channel } from './channel.js';

const WORKER = '/static/js/live/worker.js';

export class Stream {
  // `query` of the stream's address; `message(kind, data, id)` for what comes behind `after`, `state({ open, retryAt })`.
  constructor({ query = '', message, state }) {
    this.query = query;
    this.on = { message, state };
    this.after = null;
    addEventListener('online', () => (this.port ? this.port.postMessage({ do: 'again' }) : this.channel?.again()));
    addEventListener('pagehide', () => this.leave());
    addEventListener('pageshow', (event) => event.persisted && this.listen(this.after));
  }

  // From behind `after`: a number, or null for what comes from now on.
  listen(after) {
    this.after = after;
    if (!globalThis.SharedWorker) return this.alone();
    try {
      const worker = new SharedWorker(WORKER, { type: 'module', name: 'hotline-live' });
      worker.onerror = () => this.alone(); // its file did not come
      this.port = worker.port;
    } catch {
      return this.alone();
    }
    this.port.onmessage = ({ data }) => {
      if (data.state) this.on.state(data.state);
      else this.heard(data.kind, data.data, data.id);
    };
    this.port.postMessage({ do: 'listen', query: this.query, after });
  }

  alone() {
    this.leave();
    this.channel = new Channel(this.query);
    this.listener = { after: this.after, message: (...said) => this.heard(...said), state: this.on.state };
    this.channel.add(this.listener);
  }

  heard(kind, data, id) {
    this.after = id;
    this.on.message(kind, data, id);
  }

  leave() {
    this.port?.postMessage({ do: 'leave' });
    this.port?.close();
    this.port = null;
    this.channel?.remove(this.listener);
    this.channel = null;
  }
}
