// Sends the draft, and goes on trying while the page is open: when the network is back, and after growing pauses.
import { lang } from '../i18n.js';
import { send } from './send.js';

const PAUSES_S = [8, 15, 30, 60, 120];

export class Sender {
  constructor({ draft, told }) {
    Object.assign(this, { draft, told, sending: false, tries: 0 });
    addEventListener('online', () => this.draft.fields.waiting && this.again());
  }

  /** After a reload: a draft that was sent without an answer goes out again. */
  resume() {
    if (navigator.onLine) this.again();
    else this.told({ outcome: 'later', offline: true });
  }

  /** By itself: what was last sent, never words that are still being written. */
  again() {
    return this.post(this.draft.fields.attempts.at(-1) ?? this.draft.body());
  }

  /** By its button: what the form says now. */
  send() {
    return this.post(this.draft.body());
  }

  async post(body) {
    if (this.sending) return;
    clearTimeout(this.timer);
    this.sending = true;
    const { draft } = this;
    const same = (other) => JSON.stringify(other) === JSON.stringify(body);
    const before = draft.fields.attempts.filter((other) => !same(other));
    draft.set({ attempts: [...before, body] });
    this.told({ outcome: 'sending' });
    let sent = body;
    let result = await send(draft.fields.key, body, draft.photos, lang);
    // Changed after a try that did arrive: the key stands for that one, so its answer is asked for.
    while (result.outcome === 'conflict' && before.length) {
      sent = before.pop();
      result = await send(draft.fields.key, sent, draft.photos, lang);
    }
    this.sending = false;
    if (result.outcome === 'received') {
      this.tries = 0;
      const earlier = JSON.stringify(sent) !== JSON.stringify(draft.body());
      await draft.finish({ answer: result.answer, earlier });
      this.told({ ...result, earlier });
    } else if (result.outcome === 'later') {
      const seconds = result.after_s ?? PAUSES_S[Math.min(this.tries, PAUSES_S.length - 1)];
      this.tries += 1;
      draft.set({ waiting: true });
      this.timer = setTimeout(() => this.again(), seconds * 1000);
      this.told({ ...result, seconds });
    } else {
      // Nothing was stored: the next try may say something else under the same key.
      draft.set({ waiting: false, attempts: [] });
      this.told({ outcome: 'refused', problem: result.problem });
    }
  }
}
