// Three hero layers, ten fields, four states: each a switch with the number it has under the others. One category, and
// how far back.
import { $, $$ } from '../dom.js';
import { number } from '../format.js';
import { choice, HEROES, reset } from './address.js';

export function filters(changed) {
  const groups = [
    ['[data-hero]', 'hero', 'heroes'],
    ['[data-field]', 'field', 'fields'],
    ['[data-state]', 'state', 'states'],
  ];
  const category = $('#only-category');
  const days = $('#only-days');
  const draw = () => {
    category.value = choice.category;
    if (category.selectedIndex < 0) category.value = choice.category = ''; // a link that names what is not there any more
    days.value = choice.days || '';
    for (const [selector, key, name] of groups) {
      for (const button of $$(selector)) button.setAttribute('aria-pressed', String(choice[name].has(button.dataset[key])));
    }
  };
  for (const [selector, key, name] of groups) {
    for (const button of $$(selector)) {
      button.addEventListener('click', () => {
        const word = button.dataset[key];
        if (!choice[name].delete(word)) choice[name].add(word);
        draw();
        changed();
      });
    }
  }
  category.addEventListener('change', () => {
    choice.category = category.value;
    // Whoever asks for one category wants to see it, also where its layer was switched off.
    const kind = category.selectedOptions[0]?.dataset.kind;
    if (kind) choice[HEROES.includes(kind) ? 'heroes' : 'fields'].add(kind);
    draw();
    changed();
  });
  days.addEventListener('change', () => {
    choice.days = Number(days.value);
    changed();
  });
  draw();
  return {
    counts({ states, heroes, fields }) {
      const other = Object.values(fields).reduce((sum, n) => sum + n, 0);
      for (const node of $$('[data-legend]')) node.textContent = number({ ...heroes, ...states, other }[node.dataset.legend] || 0);
      for (const button of $$('[data-state]')) $('[data-count]', button).textContent = number(states[button.dataset.state] || 0);
      for (const button of $$('[data-hero]')) $('[data-count]', button).textContent = number(heroes[button.dataset.hero] || 0);
      for (const button of $$('[data-field]')) button.title = `${$('span', button).textContent}: ${number(fields[button.dataset.field] || 0)}`;
    },
    reset() {
      reset();
      draw();
      changed();
    },
  };
}
