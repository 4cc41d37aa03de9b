// What is already reported here, before the form: each with one tap to say "I see it too".
import { $, el, symbol } from '../dom.js';
import { metres } from '../format.js';
import { lang, named, t } from '../i18n.js';
import { codeForEyes } from '../format.js';

export class Near {
  /** `joined(incident)` is called when the person says that they see it too. */
  constructor({ sheet, joined }) {
    this.node = $('[data-already]', sheet);
    this.list = $('[data-already-list]', sheet);
    this.joined = joined;
  }

  hide() {
    this.node.hidden = true;
  }

  /** `incidents` as place.js found them, the likeliest first. */
  show(incidents) {
    this.node.hidden = !incidents.length;
    const codes = incidents.map(({ code }) => code).join();
    if (codes === this.codes) return; // what is under a finger stays
    this.codes = codes;
    this.list.replaceChildren(...incidents.map((incident) => this.row(incident)));
  }

  row(incident) {
    const what = named(incident.category_name).toLocaleLowerCase(lang);
    const words = t('cách {far}: {what}', { far: metres(incident.distance_m), what });
    return el(
      'li',
      {},
      symbol(`m-${incident.kind}-${incident.state}`, 'mk s'),
      el('div', {},
        el('a', { href: `/r/${incident.code}`, target: '_blank', rel: 'opener', class: 'm' }, words),
        el('div', { class: 'tiny muted' }, `${t('{n} phản ánh', { n: incident.reports, count: incident.reports })} · ${codeForEyes(incident.code)}`)),
      el('button', { class: 'btn slim', type: 'button', 'data-join': incident.code, 'aria-label': `${t('Tôi cũng thấy')}: ${words}`, onclick: () => this.joined(incident) }, t('Tôi cũng thấy')),
    );
  }
}
