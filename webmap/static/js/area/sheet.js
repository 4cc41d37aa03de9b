// The route sheet on a screen: its boxes stay ticked, printing has a button, and it is kept for when there is no network.
import { $, $$ } from '../dom.js';

const sheet = $('[data-sheet]');
const kept = `area.sheet.${sheet.dataset.sheet}`;

function read() {
  try {
    return new Set(JSON.parse(localStorage.getItem(kept) || '[]'));
  } catch {
    return new Set();
  }
}

const ticked = read();
for (const box of $$('input[type=checkbox]', sheet)) {
  box.checked = ticked.has(box.name);
  box.addEventListener('change', () => {
    if (box.checked) ticked.add(box.name);
    else ticked.delete(box.name);
    try {
      localStorage.setItem(kept, JSON.stringify([...ticked]));
    } catch {
      // on this page they stay ticked
    }
  });
}
$('[data-do="print"]')?.addEventListener('click', () => print());
$('[data-offline]').hidden = navigator.onLine;
addEventListener('offline', () => { $('[data-offline]').hidden = false; });
addEventListener('online', () => { $('[data-offline]').hidden = true; });

if ('serviceWorker' in navigator) {
  navigator.serviceWorker.register('/area/worker.js', { scope: '/area/' })
    .then(() => navigator.serviceWorker.ready)
    .then((registration) => navigator.onLine && registration.active.postMessage({ keep: location.href }))
    .catch(() => {});
}
