// What a change would do, shown while its form is filled in: the new deadline, who learns of it, the record's line.
// The server works it out and writes it; without this file the form works and shows it afterwards.
import { $, $$, later } from '../dom.js';

const form = $('[data-change]');
let asking = null;

function place(parts) {
  for (const slot of parts) {
    const target = $(`[data-slot-for="${slot.dataset.slot}"]`);
    target?.replaceChildren(...slot.childNodes);
  }
}

async function renew() {
  asking?.abort();
  asking = new AbortController();
  const said = new FormData(form);
  const query = new URLSearchParams({ part: 'plan' });
  for (const name of ['unit', 'category', 'reason']) query.set(name, said.get(name) ?? '');
  try {
    const response = await fetch(`${form.getAttribute('action')}?${query}`, { signal: asking.signal, headers: { Accept: 'text/html' } });
    if (!response.ok || response.redirected) return;
    const parsed = new DOMParser().parseFromString(await response.text(), 'text/html');
    place($$('[data-slot]', parsed));
  } catch (error) {
    if (error.name !== 'AbortError') console.info('plan', error.message); // sending the form says what is wrong
  }
}

if (form) {
  place($$('[data-plan] [data-slot]'));
  $('[data-plan]').remove();
  const unit = form.elements.namedItem('unit');
  let chosen = false; // by hand: then another category does not take it back
  unit.addEventListener('change', () => {
    chosen = true;
  });
  form.elements.namedItem('category').addEventListener('change', () => {
    if (!chosen) unit.value = '';
  });
  form.addEventListener('change', later(50, renew));
  form.addEventListener('submit', () => $('button[type="submit"]', form).setAttribute('aria-disabled', 'true'));
}
$('#problem')?.focus();
