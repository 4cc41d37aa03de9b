// The photos of the draft: added, made small, shown, taken out again.
import { el, icon } from '../dom.js';
import { t } from '../i18n.js';
import { UnreadablePhoto, shrink } from './photo.js';
import { placeOf } from './photo_place.js';

export const MOST = 5;

export class Photos {
  /** `placed(place)`: the first photo that says where it was taken. */
  constructor({ form, draft, wrong, changed, placed }) {
    Object.assign(this, { draft, wrong, changed, placed });
    this.input = form.querySelector('[data-photo]');
    this.list = form.querySelector('[data-thumbs]');
    this.addresses = [];
    this.input.addEventListener('change', () => this.add([...this.input.files]));
  }

  async add(files) {
    this.input.value = '';
    this.wrong('photos', '');
    if (this.held()) return;
    const taken = [...this.draft.photos];
    let place = null;
    for (const file of files) {
      if (taken.length >= MOST) {
        this.wrong('photos', t('Nhiều nhất {n} ảnh.', { n: MOST }));
        break;
      }
      try {
        const said = place ? null : await placeOf(file);
        taken.push(await shrink(file));
        place ??= said;
      } catch (error) {
        if (!(error instanceof UnreadablePhoto)) throw error;
        this.wrong('photos', t('Không đọc được ảnh này. Hãy chọn ảnh JPEG, PNG hoặc WebP.'));
      }
    }
    await this.draft.setPhotos(taken);
    this.show();
    this.changed();
    if (place) this.placed(place);
  }

  show() {
    for (const address of this.addresses) URL.revokeObjectURL(address);
    this.addresses = this.draft.photos.map((photo) => URL.createObjectURL(photo));
    this.list.hidden = this.addresses.length === 0;
    this.list.replaceChildren(
      ...this.addresses.map((address, index) =>
        el(
          'li',
          {},
          el('img', { src: address, alt: t('Ảnh {n}', { n: index + 1 }) }),
          el(
            'button',
            { type: 'button', 'aria-label': t('Bỏ ảnh {n}', { n: index + 1 }), onclick: () => this.remove(index) },
            icon('close', 'i i16'),
          ),
        ),
      ),
    );
  }

  // A try that may have arrived carried these photos; others under its key would look like another report.
  held() {
    const { waiting } = this.draft.fields;
    if (waiting) this.wrong('photos', t('Phản ánh đang chờ gửi, chưa đổi ảnh được.'));
    return waiting;
  }

  async remove(index) {
    if (this.held()) return;
    await this.draft.setPhotos(this.draft.photos.filter((_, each) => each !== index));
    this.show();
    this.changed();
    this.input.focus();
  }
}
