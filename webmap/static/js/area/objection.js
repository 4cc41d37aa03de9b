// "Not my area": one key, a reason, and the desk has it.
import { $ } from '../dom.js';
import { codeForEyes } from '../format.js';
import { t } from '../i18n.js';
import { what, where } from '../map/row.js';
import { ask } from './ask.js';

const WRONG = {
  no_reason: () => t('Ghi rõ lý do để tổng đài biết chuyển cho ai.'),
  long_note: () => t('Ghi dài quá, rút gọn lại.'),
  closed: () => t('Việc này đã kết thúc.'),
  meanwhile: () => t('Việc này vừa có thay đổi khác, xem lại.'),
};

// `sent(code, {returned})` once the desk has it.
export function objections(area, sent) {
  const dialog = $('#objection');
  const form = $('form', dialog);
  const wrong = $('#objection-wrong');
  const note = $('#objection-note');
  let code = null;

  function open(incident) {
    code = incident.code;
    form.reset();
    wrong.textContent = '';
    note.removeAttribute('aria-invalid');
    $('#objection-what').textContent = `${what(incident)} · ${where(incident)} · ${codeForEyes(code)}`;
    dialog.showModal();
    $('input[name=reason]', form).focus();
  }

  $('[data-do="cancel"]', dialog).addEventListener('click', () => dialog.close());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const said = new FormData(form);
    const button = $('[type=submit]', form);
    button.disabled = true;
    wrong.textContent = '';
    try {
      const answer = await ask(`${area}/incidents/${code}/objection`, { post: said, token: form.dataset.token });
      dialog.close();
      sent(code, answer);
    } catch (error) {
      wrong.textContent = WRONG[word(error)]?.() ?? (navigator.onLine ? t('Chưa gửi được, thử lại.') : t('Không có mạng. Lời ghi vẫn còn đây, thử lại khi có mạng.'));
      if (error.status === 422) note.setAttribute('aria-invalid', 'true');
    } finally {
      button.disabled = false;
    }
  });
  return open;
}

const word = (error) => Object.keys(WRONG).find((each) => error.message?.includes(each)) ?? (error.status === 422 ? 'no_reason' : '');
