// The door to the report sheet: its link and the key B. Whoever builds the sheet listens for 'report:open'. Before there is
// one, the link's own address is kept, and the sheet opens by it: on a slow line a press is not lost.
import { $ } from '../dom.js';

export function report() {
  const open = () => {
    const heard = !document.dispatchEvent(new CustomEvent('report:open', { cancelable: true }));
    if (!heard) location.hash = 'bao';
  };
  $('#report-open').addEventListener('click', (event) => {
    event.preventDefault();
    open();
  });
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
