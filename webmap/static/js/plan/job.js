// How far a job is: asked for twice a second until it has ended, then the page is shown anew.
import { $ } from '../dom.js';
import { t } from '../i18n.js';

const EVERY_MS = 500;
const SLOW_MS = 3000;

export function watch(node, token) {
  const words = $('#job-words');
  const meter = $('#job-meter');
  let cancelled = false;

  async function look() {
    try {
      const response = await fetch(`/plan/runs/${node.dataset.job}.json`, { headers: { Accept: 'application/json' } });
      if (!response.ok) throw new Error(String(response.status));
      const state = await response.json();
      if (state.words !== words.textContent) words.textContent = state.words;
      meter.value = state.progress;
      if (!['waiting', 'running'].includes(state.state)) {
        location.reload();
        return;
      }
      setTimeout(look, EVERY_MS);
    } catch {
      words.textContent = t('Mất kết nối, đang thử lại. Phân tích vẫn chạy.');
      setTimeout(look, SLOW_MS);
    }
  }
  setTimeout(look, EVERY_MS);

  $('#cancel').addEventListener('submit', async (event) => {
    event.preventDefault();
    if (cancelled) return;
    cancelled = true;
    words.textContent = t('Đang huỷ…');
    const response = await fetch(event.target.action, { method: 'POST', headers: { Accept: 'application/json', 'X-CSRF-Token': token() } }).catch(() => null);
    if (!response?.ok) {
      cancelled = false;
      words.textContent = t('Chưa huỷ được. Chỉ người hỏi mới huỷ được phân tích của mình.');
    }
  });
}
