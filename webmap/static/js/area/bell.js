// New urgent ones: a badge, the tab's title, and a sound for those who allow it. Sound is off until somebody asks for it.
import { $ } from '../dom.js';
import { t } from '../i18n.js';

const KEPT = 'area.bell';
const TITLE = document.title;

export class Bell {
  constructor() {
    this.button = $('#bell');
    this.badge = $('#badge');
    this.unseen = 0;
    this.wanted = read() === 'on';
    this.button.addEventListener('click', () => this.toggle());
    // A browser lets no page sound before a person has touched it.
    const wake = () => this.wanted && this.context();
    addEventListener('pointerdown', wake, { once: true });
    addEventListener('keydown', wake, { once: true });
    addEventListener('focus', () => this.seen());
    document.addEventListener('visibilitychange', () => !document.hidden && document.hasFocus() && this.seen());
    this.draw();
  }

  toggle() {
    this.wanted = !this.wanted;
    try {
      localStorage.setItem(KEPT, this.wanted ? 'on' : 'off');
    } catch {
      // it holds for this page then
    }
    if (this.wanted) this.sound();
    this.seen();
  }

  // `urgent` of the new ones cannot wait.
  ring(urgent) {
    if (!urgent) return;
    this.unseen += urgent;
    this.draw();
    if (this.wanted) this.sound();
  }

  seen() {
    this.unseen = 0;
    this.draw();
  }

  draw() {
    this.button.setAttribute('aria-pressed', String(this.wanted));
    $('span', this.button).textContent = this.wanted ? t('Chuông: khẩn') : t('Chuông: tắt');
    this.badge.hidden = !this.unseen;
    this.badge.textContent = this.unseen || '';
    document.title = this.unseen ? `(${this.unseen}) ${TITLE}` : TITLE;
    if (this.unseen) navigator.setAppBadge?.(this.unseen).catch(() => {});
    else navigator.clearAppBadge?.().catch(() => {});
  }

  context() {
    this.audio ??= new AudioContext();
    this.audio.resume();
    return this.audio;
  }

  // Two short tones, not loud; one context for the whole day.
  sound() {
    this.sounded = (this.sounded || 0) + 1;
    const audio = this.context();
    [[0, 660], [0.18, 880]].forEach(([after, pitch]) => {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, audio.currentTime + after);
      volume.gain.exponentialRampToValueAtTime(0.2, audio.currentTime + after + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + after + 0.16);
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + after);
      tone.stop(audio.currentTime + after + 0.18);
    });
  }
}

function read() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}
