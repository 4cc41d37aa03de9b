// A place by its address: what was typed is looked up, the candidates are offered, best first.
import { $, el, later } from '../dom.js';
import { metres } from '../format.js';
import { lang, t } from '../i18n.js';
import { find } from './place.js';

export class Address {
  constructor({ sheet, chosen, typed }) {
    Object.assign(this, { chosen, typed });
    this.input = $('#report-address', sheet);
    this.list = $('[data-candidates]', sheet);
    this.search = later(300, () => this.look());
    this.input.addEventListener('input', () => {
      this.typed(this.input.value.trim());
      this.search();
    });
    this.input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter') return;
      event.preventDefault(); // the form is not sent from here
      const first = $('button', this.list);
      if (first) first.click();
      else this.look();
    });
  }

  async look() {
    this.looking?.abort();
    const text = this.input.value.trim();
    if (text.length < 3) return this.list.replaceChildren();
    const { signal } = (this.looking = new AbortController());
    let found;
    try {
      found = await find(text, signal, lang);
    } catch (error) {
      if (error.name === 'AbortError') return;
      return this.say(t('Chưa tìm được vì mất mạng; địa chỉ vẫn được giữ.'));
    }
    if (!found.length) return this.say(t('Không tìm thấy địa chỉ này. Thử thêm tên phường hoặc quận.'));
    this.list.replaceChildren(
      ...found.map((place) =>
        el(
          'li',
          {},
          el(
            'button',
            { type: 'button', class: 'candidate', onclick: () => this.pick(place) },
            el('span', {}, place.label),
            el('span', { class: 'small muted' }, `±${metres(place.accuracy_m)}`),
          ),
        ),
      ),
    );
  }

  say(text) {
    this.list.replaceChildren(el('li', { class: 'small muted', role: 'status' }, text));
  }

  pick(place) {
    this.input.value = place.label;
    this.list.replaceChildren();
    this.chosen(place);
  }
}
