// What came of sending: errors at their fields, waiting for the network, or the code.
import { $, el } from '../dom.js';
import { codeForEyes } from '../format.js';
import { lang, t } from '../i18n.js';
import { weekdayTime } from './moment.js';

// The interface's field → the field of this form, and what a person can do about it.
const FIELDS = {
  lat: ['place', () => t('Vị trí nằm ngoài Thành phố Hồ Chí Minh. Kéo ghim vào trong ranh thành phố, hoặc gọi 1022.')],
  lon: ['place', () => t('Vị trí nằm ngoài Thành phố Hồ Chí Minh. Kéo ghim vào trong ranh thành phố, hoặc gọi 1022.')],
  address: ['place', () => t('Chưa có vị trí: đặt ghim trên bản đồ hoặc nhập địa chỉ.')],
  accuracy_m: ['place', () => t('Vị trí chưa đủ rõ: đặt lại ghim.')],
  joins: ['', () => t('Không ghép được vào sự cố đó: đã xong, hoặc ở quá xa ghim. Chọn việc bên dưới để báo riêng.')],
  category: ['category', () => t('Chọn chuyện gì xảy ra.')],
  description: ['description', () => t('Viết vài chữ về sự cố, hoặc chọn một việc ở trên.')],
  photos: ['photos', () => t('Một ảnh không dùng được. Hãy bỏ ảnh đó và chọn ảnh khác.')],
  'reporter.phone': ['phone', () => t('Số điện thoại chưa đúng, ví dụ 0908 123 456.')],
};
const TARGETS = { place: '#report-address', category: 'input[name="choice"]', description: '#report-description', photos: '[data-photo]', phone: '#report-phone' };

export class Outcome {
  constructor(sheet) {
    this.sheet = sheet;
    this.summary = $('[data-errors]', sheet);
    this.waitingNote = $('[data-waiting]', sheet);
  }

  /** One error at its field; an empty text takes it away. */
  wrong(field, text) {
    const line = $(`[data-wrong="${field}"]`, this.sheet);
    line.textContent = text;
    line.hidden = !text;
    const target = $(TARGETS[field], this.sheet);
    if (text) target.setAttribute('aria-invalid', 'true');
    else target.removeAttribute('aria-invalid');
    if (text) return;
    // What is mended leaves the list on top, and the list goes with its last one.
    $(`[data-of="${field}"]`, this.summary)?.remove();
    if (!$('li', this.summary)) this.summary.hidden = true;
  }

  clear() {
    this.summary.hidden = true;
    this.waitingNote.hidden = true;
    for (const field of Object.keys(TARGETS)) this.wrong(field, '');
  }

  /** All errors: each at its field, and on top the list with links, where the focus goes. `errors` is [[field, text]]. */
  refused(errors, reveal) {
    this.clear();
    for (const [field, text] of errors) if (field in TARGETS) this.wrong(field, text);
    const jump = (field) => (event) => {
      event.preventDefault();
      reveal(field);
      $(TARGETS[field], this.sheet).focus();
    };
    this.summary.replaceChildren(
      el('b', { class: 'b late' }, t('Chưa gửi được')),
      el(
        'ul',
        {},
        ...errors.map(([field, text]) =>
          el('li', { dataset: { of: field } }, field in TARGETS ? el('a', { href: TARGETS[field].startsWith('#') ? TARGETS[field] : '#report-sheet', onclick: jump(field) }, text) : text),
        ),
      ),
    );
    this.summary.hidden = false;
    this.summary.scrollIntoView({ block: 'nearest' });
    this.summary.focus({ preventScroll: true });
  }

  /** Problem+json as [[field of the form, text]]. The server's own words come after ours where we know the field. */
  problems(problem) {
    const listed = (problem.errors ?? []).map(({ field, message }) => {
      const [target, words] = FIELDS[field] ?? ['', () => message];
      return [target, words()];
    });
    const unique = [...new Map(listed.map((each) => [each[1], each])).values()];
    if (unique.length) return unique;
    if (problem.status === 413) return [['photos', t('Ảnh quá lớn. Hãy bỏ bớt ảnh.')]];
    return [['', t('Máy chủ không nhận phản ánh này ({status}). Hãy gọi 1022.', { status: problem.status ?? '?' })]];
  }

  /** No answer: it is kept and goes out by itself. */
  waiting(offline, seconds) {
    this.clear();
    this.waitingNote.replaceChildren(
      el('b', { class: 'b' }, offline ? t('Không có mạng.') : t('Chưa gửi được.')),
      ' ',
      offline
        ? t('Phản ánh được giữ trong máy và tự gửi khi có mạng, mỗi cái một lần.')
        : t('Phản ánh được giữ trong máy, thử lại sau {n} giây.', { n: seconds }),
      ' ',
      el('a', { href: 'tel:1022' }, t('Khẩn cấp: gọi 1022')),
    );
    this.waitingNote.hidden = false;
    this.waitingNote.scrollIntoView({ block: 'nearest' });
  }

  /** The code, what happens next, and the way to the page. `earlier`: an earlier version of the text had arrived. */
  received(answer, earlier) {
    const done = $('[data-done]', this.sheet);
    $('[data-code]', done).textContent = codeForEyes(answer.code);
    const page = $('[data-page]', done);
    page.href = answer.url;
    $('[data-next]', done).textContent = [earlier && t('Bản gửi trước đã tới nơi; phần sửa sau đó chưa được gửi.'), next(answer)].filter(Boolean).join(' ');
    $('[data-pin]', done).textContent = answer.follow?.pin ?? '';
    $('[data-pin-note]', done).hidden = !answer.follow?.pin;
    const copy = $('[data-copy]', done);
    const word = $('[data-copy-word]', done);
    word.textContent = t('Chép mã và liên kết');
    copy.onclick = async () => {
      try {
        await navigator.clipboard.writeText(`${codeForEyes(answer.code)} ${new URL(answer.url, location.href)}`);
        word.textContent = t('Đã chép');
      } catch {
        word.textContent = t('Không chép được; hãy ghi lại mã');
      }
    };
    done.hidden = false;
    done.focus();
  }
}

/** Who has it now and until when, in one or two sentences. */
function next(answer) {
  if (answer.joined) return t('Đã ghép vào sự cố {code}. Khi việc đó xong, bạn cũng thấy.', { code: codeForEyes(answer.joined.code) });
  const by = answer.due_at ? weekdayTime(answer.due_at) : '';
  if (answer.status === 'assigned') {
    const unit = typeof answer.unit?.name === 'string' ? answer.unit.name : answer.unit?.name?.[lang] ?? '';
    return [t('Đã chuyển tới {unit}.', { unit }), by && t('Hạn xử lý: {by}.', { by })].filter(Boolean).join(' ');
  }
  return by ? t('Tổng đài 1022 xem và chuyển đơn vị trước {by}.', { by }) : t('Tổng đài 1022 sẽ xem và chuyển đơn vị.');
}
