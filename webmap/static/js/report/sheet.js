// The report sheet on the map: opened by its button, by B, by /?report=1 or #bao. It binds its parts together:
// pin and address (where), choices (what), photos and words, and sending; each lives in a module of its own.
import { $, calm, later, phone } from '../dom.js';
import { metres } from '../format.js';
import { lang, t } from '../i18n.js';
import { whenMapReady } from '../map/ready.js';
import { Address } from './address.js';
import { Choices } from './choices.js';
import { danger } from './danger.js';
import { Draft, forgetReceipt, lastReceipt } from './draft.js';
import { Near } from './near.js';
import { Outcome } from './outcome.js';
import { Photos } from './photos.js';
import { Pin } from './pin.js';
import { alreadyReported, describe, distance } from './place.js';
import { goesTo, words } from './place_line.js';
import { Sender } from './sender.js';

class Sheet {
  constructor(sheet) {
    this.sheet = sheet;
    this.part = (name) => $(`[data-${name}]`, sheet);
    this.form = this.part('form');
    this.catalogue = JSON.parse(this.part('catalogue').textContent);
    this.draft = new Draft();
    this.outcome = new Outcome(sheet);
    const wrong = (field, text) => this.outcome.wrong(field, text);
    this.choices = new Choices(this.form, this.catalogue, (chosen) => this.chosen(chosen));
    this.photos = new Photos({
      form: this.form, draft: this.draft, wrong, changed: () => this.sendWord(), placed: (place) => this.offerPhotoPlace(place),
    });
    this.near = new Near({ sheet, joined: (incident) => this.join(incident) });
    this.address = new Address({ sheet, chosen: (found) => this.found(found), typed: (text) => this.typedAddress(text) });
    this.sender = new Sender({ draft: this.draft, told: (outcome) => this.told(outcome) });
    this.about = null;
    this.lookAround = later(350, () => this.look());
    this.wire();
    this.ready = this.restore();
  }

  wire() {
    document.addEventListener('report:open', (event) => {
      event.preventDefault(); // it was heard
      this.open(event.detail?.place);
    });
    document.addEventListener('map:located', ({ detail }) => (this.fix = detail));
    addEventListener('hashchange', () => location.hash === '#bao' && this.open());
    this.sheet.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.close();
    });
    this.part('close').addEventListener('click', () => this.close());
    this.part('locate').addEventListener('click', () => this.locate());
    this.part('more').addEventListener('click', () => this.showMore($('#report-more').hidden, true));
    this.part('edit-place').addEventListener('click', () => this.showAddress($('#report-address-box').hidden));
    this.part('photo-take').addEventListener('click', () => this.takePhotoPlace());
    this.part('photo-leave').addEventListener('click', () => (this.part('photo-place').hidden = true));
    this.part('again').addEventListener('click', () => this.again());
    for (const name of ['description', 'name', 'phone']) {
      this.form.elements[name].addEventListener('input', (event) => {
        this.draft.set({ [name]: event.target.value });
        if (name !== 'name') this.outcome.wrong(name, '');
        if (name !== 'description') return;
        this.outcome.wrong('category', '');
        this.danger();
      });
    }
    this.form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.send();
    });
    new ResizeObserver(() => this.layOut()).observe(this.form);
    addEventListener('resize', () => this.layOut());
  }

  /** The form as the draft says, after a reload too. */
  async restore() {
    await this.draft.ready;
    const { choice, category, answer, description, name, phone: number, waiting } = this.draft.fields;
    this.choices.show(choice, category, answer?.said);
    for (const [field, text] of Object.entries({ description, name, phone: number })) this.form.elements[field].value = text;
    this.photos.show();
    this.showMore(Boolean(description || name || number));
    this.danger();
    if (waiting) this.sender.resume();
  }

  // ---- opening and closing
  /** `wanted`: a place to begin with, as the search found it. */
  async open(wanted = null) {
    if (!this.sheet.hidden) return;
    this.opener = document.activeElement;
    this.sheet.hidden = false;
    this.cover(true);
    document.dispatchEvent(new CustomEvent('report:opened'));
    const receipt = lastReceipt();
    if (receipt) this.showReceipt(receipt.answer, receipt.earlier);
    else this.sheet.focus({ preventScroll: true });
    await this.ready;
    const map = await whenMapReady();
    if (this.sheet.hidden) return;
    this.sheet.classList.toggle('no-map', map === null);
    if (map) {
      this.pin ??= new Pin({
        map,
        element: $('#report-pin'),
        gps: this.part('gps'),
        changed: (place) => this.placed(place),
        resized: () => this.layOut(),
      });
      this.part('locate').disabled = false; // it moves the pin
      // A draft with nothing said yet does not pull the map away from where the person is looking.
      this.pin.open(this.padding(), this.draft.empty ? null : this.draft.fields.place);
      if (this.fix && this.draft.empty) this.pin.known(this.fix);
    } else {
      this.showAddress(true);
      this.placed(this.draft.fields.place);
    }
    if (wanted && !receipt) this.found(wanted);
    this.layOut();
  }

  close() {
    if (this.sheet.hidden) return;
    this.pin?.close();
    if (!this.part('done').hidden) this.again(false);
    this.sheet.hidden = true;
    this.cover(false);
    document.dispatchEvent(new CustomEvent('report:closed'));
    const address = new URL(location.href);
    address.searchParams.delete('report');
    if (address.hash === '#bao') address.hash = '';
    if (address.href !== location.href) history.replaceState(history.state, '', address);
    this.opener?.focus?.();
  }

  /** What lies under the sheet is neither seen nor reached by Tab; the map stays. */
  cover(covered) {
    document.documentElement.classList.toggle('reporting', covered);
    for (const part of document.querySelectorAll('.panel, .top')) part.inert = covered && (phone() || part.matches('.panel'));
  }

  /** The map's part that the sheet leaves free: its middle is where the pin stands. */
  padding() {
    const none = { top: 0, right: 0, bottom: 0, left: 0 };
    if (!phone()) return none;
    const map = this.pin.map.getContainer().getBoundingClientRect();
    const head = $('.report-head', this.sheet).getBoundingClientRect();
    const below = this.lower().getBoundingClientRect();
    return { ...none, top: Math.max(0, head.bottom - map.top), bottom: Math.max(0, map.bottom - below.top) };
  }

  lower() {
    return this.part('done').hidden ? this.form : this.part('done');
  }

  layOut() {
    if (this.sheet.hidden || !this.pin?.active) return;
    this.sheet.style.setProperty('--free-bottom', `${innerHeight - this.lower().getBoundingClientRect().top}px`);
    this.pin.padding(this.padding());
    this.pin.draw();
  }

  // ---- where
  placed(place) {
    const moved = JSON.stringify(place) !== JSON.stringify(this.draft.fields.place);
    this.draft.set({ place });
    this.about = null;
    this.say();
    if (place && moved) this.outcome.wrong('place', ''); // what is wrong with a place stays until it is another one
    this.part('hint').textContent = place ? t('Kéo bản đồ để chỉnh vị trí') : t('Chạm bản đồ ở chỗ có sự cố');
    this.lookAround();
  }

  async look() {
    this.looking?.abort();
    const { place, category } = this.draft.fields;
    if (place?.lon === undefined) return this.near.hide();
    const { signal } = (this.looking = new AbortController());
    const point = [place.lon, place.lat];
    // Each is shown when it is known: a street's name may take longer than what is reported here.
    const quietly = (work) => work.catch((error) => {
      if (error.name !== 'AbortError') throw error;
    });
    await Promise.all([
      quietly(alreadyReported(point, this.catalogue[category], signal, lang).then((already) => this.near.show(already))),
      quietly(describe(point, signal, lang, (about) => {
        this.about = about;
        this.say(about.complete);
      })),
    ]);
  }

  say(aloud = false) {
    const { place, category } = this.draft.fields;
    const { title, line } = words(place, this.about, Boolean(this.pin));
    this.part('place-title').textContent = title;
    this.part('place-line').textContent = line;
    if (aloud) this.part('said').textContent = `${title}. ${line}`;
    this.part('goes-to').textContent = goesTo(this.catalogue[category], this.about?.zones ?? [], place);
  }

  /** "I see it too": one tap. What else was written goes along, but not another category. */
  join(incident) {
    this.draft.set({ joins: incident.code });
    return this.send();
  }

  // ---- where a photo was taken: offered, never taken by itself
  offerPhotoPlace(place) {
    const { place: pinned } = this.draft.fields;
    const far = pinned?.lon === undefined ? null : distance([pinned.lon, pinned.lat], place.point);
    this.photoPlace = place;
    this.part('photo-place').hidden = far !== null && far <= Math.max(place.accuracy_m, pinned.accuracy_m);
    this.part('photo-words').textContent = far === null
      ? t('Ảnh có ghi nơi chụp. Đặt ghim ở đó?')
      : t('Ảnh chụp cách ghim {far}. Dời ghim tới đó?', { far: metres(far) });
  }

  takePhotoPlace() {
    this.part('photo-place').hidden = true;
    const { point, accuracy_m } = this.photoPlace;
    if (this.pin?.active) this.pin.take(this.photoPlace);
    else this.placed({ source: 'photo', lon: point[0], lat: point[1], accuracy_m });
    $('[data-photo]', this.form).focus();
  }

  async locate() {
    this.outcome.wrong('place', '');
    try {
      await this.pin.locate();
    } catch (error) {
      const refused = error.code === error.PERMISSION_DENIED;
      this.outcome.wrong('place', refused ? t('Máy không cho lấy vị trí. Kéo bản đồ hoặc nhập địa chỉ.') : t('Chưa lấy được vị trí. Kéo bản đồ hoặc nhập địa chỉ.'));
    }
  }

  found(place) {
    this.outcome.wrong('place', '');
    if (this.pin?.active) this.pin.choose(place);
    else this.placed({ source: 'address', lon: place.point[0], lat: place.point[1], accuracy_m: Math.max(10, Math.round(place.accuracy_m)), address: place.label });
    this.showAddress(!this.pin?.active);
    if (this.pin?.active) $('#report-pin').focus();
  }

  // Without a map an address is a place even when it was not found: a call-taker reads it.
  typedAddress(text) {
    if (!this.pin?.active) this.placed(text ? { source: 'address', address: text, accuracy_m: 0 } : null);
  }

  showAddress(open) {
    $('#report-address-box').hidden = !open;
    this.part('edit-place').setAttribute('aria-expanded', String(open));
    if (open && !this.sheet.hidden && this.pin?.active) $('#report-address').focus();
  }

  // ---- what
  chosen(chosen) {
    this.draft.set(chosen);
    if (!('category' in chosen)) return; // an answer to its question changes nothing else
    if (chosen.category) this.outcome.wrong('category', '');
    this.danger();
    const { hint = '' } = this.catalogue[chosen.category] ?? {};
    $('#report-description').placeholder = hint;
    if (hint) this.showMore(true);
    this.say();
    this.lookAround();
    if (chosen.choice === 'other' && !chosen.category) this.showMore(true);
  }

  danger() {
    const { category, description } = this.draft.fields;
    const found = danger(this.catalogue[category], description);
    this.part('danger').hidden = !found;
    this.part('danger-more').textContent = found?.more ?? '';
  }

  showMore(open, focus = false) {
    $('#report-more').hidden = !open;
    this.part('more').setAttribute('aria-expanded', String(open));
    if (open && focus) {
      $('#report-description').focus({ preventScroll: true });
      $('#report-more').scrollIntoView({ block: 'nearest', behavior: calm() ? 'auto' : 'smooth' });
    }
  }

  // ---- sending
  missing() {
    const { place, category, joins, description } = this.draft.fields;
    const errors = [];
    if (!place) errors.push(['place', t('Chưa có vị trí: đặt ghim trên bản đồ hoặc nhập địa chỉ.')]);
    if (!category && !joins && !description.trim()) errors.push(['category', t('Chọn chuyện gì xảy ra, hoặc viết vài chữ mô tả.')]);
    return errors;
  }

  reveal(field) {
    if (field === 'place') this.showAddress(true);
    if (field === 'description' || field === 'phone') this.showMore(true);
  }

  async send() {
    if (this.pin?.active) this.draft.set({ place: this.pin.settled() });
    const errors = this.missing();
    if (errors.length) this.draft.set({ joins: null });
    if (errors.length) return this.outcome.refused(errors, (field) => this.reveal(field));
    this.outcome.clear();
    await this.sender.send();
  }

  sendWord() {
    const { sending } = this.sender;
    this.part('send').setAttribute('aria-disabled', String(sending));
    const word = sending ? t('Đang gửi…') : this.draft.fields.waiting ? t('Gửi lại ngay') : t('Gửi phản ánh');
    this.part('send-word').textContent = word;
  }

  /** What the sender has to tell: {outcome: sending | later | refused | received, …}. */
  told(told) {
    this.sendWord();
    if (told.outcome === 'later') this.outcome.waiting(told.offline, told.seconds);
    if (told.outcome === 'refused') {
      this.draft.set({ joins: null }); // what could not be joined may still be reported by itself
      const errors = this.outcome.problems(told.problem);
      for (const [field] of errors) this.reveal(field);
      this.outcome.refused(errors, (field) => this.reveal(field));
    }
    if (told.outcome === 'received') {
      this.choices.show(null, null);
      this.form.reset();
      this.photos.show();
      this.showMore(false);
      this.danger();
      if (this.sheet.hidden) this.open();
      else this.showReceipt(told.answer, told.earlier);
    }
  }

  showReceipt(answer, earlier) {
    this.outcome.clear();
    this.form.hidden = true;
    this.sheet.classList.add('done');
    this.outcome.received(answer, earlier);
    this.layOut();
  }

  again(focus = true) {
    forgetReceipt();
    this.part('done').hidden = true;
    this.form.hidden = false;
    this.sheet.classList.remove('done');
    this.sendWord();
    this.layOut();
    if (this.pin?.active) this.placed(this.pin.place());
    if (focus) this.sheet.focus();
  }
}

const sheet = new Sheet($('#report-sheet'));
if (new URLSearchParams(location.search).has('report') || location.hash === '#bao') sheet.open();
