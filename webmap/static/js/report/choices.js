// What happened: eight choices, a question where a choice stands for several categories, and the whole list.
import { el } from '../dom.js';
import { named } from '../i18n.js';

export class Choices {
  /** `catalogue` is {category code: {field, group, urgency, name, short}}; `changed({choice, category})` tells. */
  constructor(form, catalogue, changed) {
    this.catalogue = catalogue;
    this.changed = changed;
    this.radios = [...form.querySelectorAll('input[name="choice"]')];
    this.question = form.querySelector('[data-question]');
    this.answers = form.querySelector('[data-answers]');
    this.own = form.querySelector('[data-own-question]');
    this.all = form.querySelector('[data-all]');
    this.select = form.querySelector('#report-category');
    for (const radio of this.radios) radio.addEventListener('change', () => this.choose(radio));
    this.select.addEventListener('change', () => this.tell({ choice: 'other', category: this.select.value || null }));
  }

  choose(radio) {
    const codes = this.codes(radio);
    const category = radio.value === 'other' ? this.select.value || null : codes[0];
    this.show(radio.value, category);
    this.tell({ choice: radio.value, category });
  }

  tell(chosen) {
    this.ask(chosen.category);
    this.changed({ ...chosen, answer: null });
  }

  /** The category's own question, where it has one; `said` is what was answered before. */
  ask(category, said) {
    const { ask, answers = [] } = this.catalogue[category] ?? {};
    this.own.hidden = !ask;
    if (!ask) return;
    this.own.querySelector('legend').textContent = ask[1];
    const chips = answers.map(([written, shown]) => {
      const input = el('input', { type: 'radio', name: 'answer', value: written, class: 'visually-hidden' });
      input.checked = written === said;
      input.addEventListener('change', () => this.changed({ answer: { ask: ask[0], said: written } }));
      return el('label', { class: 'chip pick' }, input, shown);
    });
    this.own.querySelector('[data-own-answers]').replaceChildren(...chips);
  }

  codes(radio) {
    return (radio?.dataset.categories ?? '').split(' ').filter((code) => code in this.catalogue);
  }

  /** Show a choice and its category, as kept in the draft. */
  show(choice, category, said) {
    this.ask(category, said);
    const radio = this.radios.find((each) => each.value === choice) ?? null;
    for (const each of this.radios) each.checked = each === radio;
    const codes = this.codes(radio);
    this.all.hidden = choice !== 'other';
    if (choice === 'other') this.select.value = category ?? '';
    this.question.hidden = codes.length < 2;
    this.answers.replaceChildren(
      ...(codes.length < 2 ? [] : codes.map((code) => this.answer(code, code === category))),
    );
  }

  answer(code, checked) {
    const input = el('input', { type: 'radio', name: 'category', value: code, class: 'visually-hidden' });
    input.checked = checked;
    const choice = this.radios.find((radio) => radio.checked)?.value;
    input.addEventListener('change', () => this.tell({ choice, category: code }));
    return el('label', { class: 'chip pick' }, input, named(this.catalogue[code].short));
  }
}
