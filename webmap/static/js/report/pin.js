// The fixed pin over a moving map: by finger, by mouse, by arrow keys, by the device's own position.
import { calm, later } from '../dom.js';
import { distance, metresPerPixel, moved } from './place.js';

export const CLOSE_ENOUGH = 14; // below this zoom a pin says no more than a part of town
const STREET = 16.5;
const STEP_M = 10;
const LONG_STEP_M = 100;
const BY_HAND_M = 10;
const HAND_PX = 6; // how well a finger places a pin
const KEYS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };

// `changed(place)` is called when the pin has come to rest; place is null while the map is too far out.
// `resized()` is called when the map got another size, and with it another middle.
export class Pin {
  constructor({ map, element, gps, changed, resized }) {
    Object.assign(this, { map, element, gps, changed, resized });
    this.fix = null; //     the device's own position, {point, accuracy_m}
    this.found = null; //   an address that was chosen, {point, accuracy_m, address}
    this.photo = null; //   where a photo was taken, {point, accuracy_m}
    this.active = false;
    this.going = null; //   where the map is on its way to, {center, zoom}
    this.rest = later(250, () => this.active && this.changed(this.place()));
    this.onMove = () => this.draw();
    this.onEnd = () => {
      this.going = null;
      this.rest();
    };
    this.onTap = (event) => this.goTo(event.lngLat.toArray());
    element.addEventListener('keydown', (event) => this.key(event));
  }

  open(padding, place) {
    this.active = true;
    this.going = null;
    this.before = this.map.getPadding();
    this.map.setPadding(padding);
    this.heard = [['move', this.onMove], ['resize', this.resized], ['moveend', this.onEnd], ['click', this.onTap]];
    for (const [event, work] of this.heard) this.map.on(event, work);
    if (place?.lon !== undefined) {
      const point = [place.lon, place.lat];
      if (place.source === 'gps') this.fix = { point, accuracy_m: place.accuracy_m };
      if (place.source === 'photo') this.photo = { point, accuracy_m: place.accuracy_m };
      if (place.source === 'address') this.found = { point, accuracy_m: place.accuracy_m, address: place.address };
      this.map.jumpTo({ center: point, zoom: Math.max(this.map.getZoom(), STREET) });
    }
    this.draw();
    this.rest();
  }

  close() {
    this.active = false;
    this.rest.cancel();
    for (const [event, work] of this.heard) this.map.off(event, work);
    this.map.setPadding(this.before ?? { top: 0, right: 0, bottom: 0, left: 0 });
  }

  padding(padding) {
    const now = this.map.getPadding();
    if (Object.entries(padding).every(([side, pixels]) => now[side] === pixels)) return;
    const there = this.going ?? { center: this.map.getCenter() }; // a way that was begun does not end half-way
    this.map.setPadding(padding);
    this.map.jumpTo(there);
  }

  metresPerPixel() {
    return metresPerPixel(this.map.getCenter().lat, this.map.getZoom());
  }

  /** Where the pin points, how that is known and how well; null while the map is too far out. */
  place() {
    if (this.map.getZoom() < CLOSE_ENOUGH) return null;
    const point = this.map.getCenter().toArray();
    for (const [source, known] of [['gps', this.fix], ['photo', this.photo], ['address', this.found]]) {
      if (known && distance(point, known.point) < 1) {
        return { ...asFields(point), source, accuracy_m: known.accuracy_m, address: known.address };
      }
    }
    return { ...asFields(point), source: 'pin', accuracy_m: Math.max(BY_HAND_M, Math.round(HAND_PX * this.metresPerPixel())) };
  }

  /** The same for whoever does not wait for it to come to rest. */
  settled() {
    if (this.going) this.map.jumpTo(this.going);
    return this.place();
  }

  draw() {
    const frame = this.map.getContainer().getBoundingClientRect();
    const at = this.map.project(this.map.getCenter());
    this.element.style.left = `${frame.left + at.x}px`;
    this.element.style.top = `${frame.top + at.y}px`;
    const place = this.place();
    this.element.classList.toggle('far', place === null);
    const radius = place ? Math.min(200, Math.max(8, place.accuracy_m / this.metresPerPixel())) : 0;
    this.gps.style.width = this.gps.style.height = `${2 * radius}px`;
  }

  goTo(point, zoom = STREET) {
    const there = { center: point, zoom: Math.max(this.map.getZoom(), zoom) };
    this.map.easeTo({ ...there, animate: !calm(), duration: 300 });
    this.going = calm() ? null : there;
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const way = KEYS[event.key];
    if (way) {
      event.preventDefault();
      const metres = event.shiftKey ? LONG_STEP_M : STEP_M;
      const center = moved(this.map.getCenter().toArray(), way[0] * metres, way[1] * metres);
      this.map.jumpTo({ center, zoom: Math.max(this.map.getZoom(), CLOSE_ENOUGH + 1) });
    } else if (event.key === '+' || event.key === '=') {
      event.preventDefault();
      this.map.jumpTo({ zoom: this.map.getZoom() + 1 });
    } else if (event.key === '-') {
      event.preventDefault();
      this.map.jumpTo({ zoom: this.map.getZoom() - 1 });
    }
  }

  /** An address that was chosen from the candidates. */
  choose(found) {
    this.found = { point: found.point, accuracy_m: Math.max(BY_HAND_M, Math.round(found.accuracy_m)), address: found.label };
    const zoom = found.accuracy_m > 1000 ? CLOSE_ENOUGH : STREET;
    this.map.jumpTo({ center: found.point, zoom });
  }

  /** Where a photo was taken, once the person has taken that over. */
  take(photo) {
    this.photo = photo;
    this.map.jumpTo({ center: photo.point, zoom: Math.max(this.map.getZoom(), STREET) });
  }

  /** A position that the device has given already, where the map still stands on it. */
  known(fix) {
    if (distance(this.map.getCenter().toArray(), fix.point) > 5) return;
    this.fix = fix;
    this.map.jumpTo({ center: fix.point });
  }

  /** The device's own position; asked for only when the person taps the arrow. Rejects with GeolocationPositionError. */
  async locate() {
    const { coords } = await devicePosition();
    const point = [coords.longitude, coords.latitude];
    this.fix = { point, accuracy_m: Math.max(1, Math.round(coords.accuracy)) };
    this.map.jumpTo({ center: point, zoom: Math.max(this.map.getZoom(), STREET) });
  }
}

export const devicePosition = () =>
  new Promise((done, failed) =>
    navigator.geolocation.getCurrentPosition(done, failed, { enableHighAccuracy: true, timeout: 15_000, maximumAge: 10_000 }),
  );

// Six decimals are a tenth of a metre; more would only pretend.
const asFields = ([lon, lat]) => ({ lon: Math.round(lon * 1e6) / 1e6, lat: Math.round(lat * 1e6) / 1e6 });
