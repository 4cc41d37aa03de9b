// The door to the report sheet: the button and the key B. Whoever builds the sheet listens for 'report:open'.
import { $ } from '../dom.js';

export function report() {
  const open = () => document.dispatchEvent(new CustomEvent('report:open'));
  $('#report-open').addEventListener('click', open);
  document.addEventListener('keydown', (event) => {
    if (event.key.toLowerCase() !== 'b' || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    event.preventDefault();
    open();
  });
  return open;
}

// While somebody places a pin, the map belongs to the sheet.
export const reporting = () => document.documentElement.classList.contains('reporting');

// Single-letter keys are silent while somebody types.
const typing = (target) => Boolean(target.closest?.('input, textarea, select, [contenteditable], dialog'));
