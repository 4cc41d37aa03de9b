// An area drawn on the map: a click or Enter sets a corner, Backspace takes the last one back, a click on the first or
// the button again closes it. Kept in the form as `lon,lat lon,lat …`.
import { heard } from '../dom.js';
import { t } from '../i18n.js';

const MOST = 60;
const NEAR_PX = 14;
const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export class Drawing {
  constructor(parts) {
    Object.assign(this, parts);
    this.corners = [];
    heard(this.undo, () => this.keep([])); // an area of the address goes away without any map, too
  }

  /** From here on there is a map to draw on. */
  on(plan) {
    this.plan = plan;
    plan.dressed = () => this.show();
    heard(this.button, () => (plan.busy ? this.close() : this.begin()));
    plan.map.on('click', (event) => plan.busy && this.add(event.lngLat.toArray(), event.point));
    plan.map.getCanvas().addEventListener('keydown', (event) => {
      if (!plan.busy) return;
      if (event.key === 'Enter') this.add(plan.map.getCenter().toArray(), null);
      else if (event.key === 'Backspace') this.corners.pop();
      else if (event.key === 'Escape') this.close();
      else return;
      event.preventDefault();
      this.show();
    });
    this.show();
  }

  begin() {
    this.corners = [];
    this.plan.busy = true;
    this.button.setAttribute('aria-pressed', 'true');
    this.button.textContent = t('Vẽ xong');
    this.help.textContent = t('Bấm lên bản đồ để đặt từng góc (hoặc Enter ở giữa bản đồ), rồi bấm Vẽ xong.');
    this.main.classList.add('drawing', 'drawing-now');
    this.plan.map.resize();
    this.plan.map.getCanvas().focus();
    this.show();
  }

  add(corner, point) {
    const first = this.corners[0] && this.plan.map.project(this.corners[0]);
    if (point && this.corners.length > 2 && Math.hypot(first.x - point.x, first.y - point.y) < NEAR_PX) return this.close();
    if (this.corners.length < MOST) this.corners.push(corner.map((value) => Math.round(value * 1e5) / 1e5));
    this.help.textContent = t('{n} góc. Bấm góc đầu hoặc Vẽ xong để đóng vùng.', { n: this.corners.length });
    return this.show();
  }

  close() {
    this.plan.busy = false;
    this.button.setAttribute('aria-pressed', 'false');
    this.button.textContent = t('Vẽ vùng');
    this.main.classList.remove('drawing', 'drawing-now');
    this.plan.map.resize();
    if (this.corners.length > 2) this.keep(this.corners);
    else {
      this.help.textContent = this.corners.length ? t('Một vùng cần ít nhất ba góc.') : '';
      this.corners = [];
      this.show();
    }
    this.button.focus();
  }

  keep(corners) {
    this.within.value = corners.map((corner) => corner.join(',')).join(' ');
    this.shown.hidden = !corners.length;
    this.help.textContent = corners.length ? t('Vùng đã vẽ có {n} góc. Bấm Chạy để tính trong vùng này.', { n: corners.length }) : '';
    this.corners = [];
    this.show();
  }

  show() {
    const map = this.plan?.map;
    if (!map?.getStyle()?.layers?.length) return;
    const kept = this.within.value.split(' ').filter(Boolean).map((word) => word.split(',').map(Number));
    const corners = this.plan.busy ? this.corners : kept;
    const closed = !this.plan.busy && corners.length > 2;
    const shape = closed ? { type: 'Polygon', coordinates: [[...corners, corners[0]]] } : { type: 'LineString', coordinates: corners };
    const features = corners.length > 1 ? [{ type: 'Feature', properties: {}, geometry: shape }] : [];
    if (this.plan.busy) features.push(...corners.map((point) => ({ type: 'Feature', properties: {}, geometry: { type: 'Point', coordinates: point } })));
    const data = { type: 'FeatureCollection', features };
    if (map.getSource('drawn')) map.getSource('drawn').setData(data);
    else {
      map.addSource('drawn', { type: 'geojson', data });
      map.addLayer({ id: 'drawn-fill', type: 'fill', source: 'drawn', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colourOf('--act'), 'fill-opacity': 0.08 } });
      map.addLayer({ id: 'drawn-line', type: 'line', source: 'drawn', paint: { 'line-color': colourOf('--act'), 'line-width': 2 } });
      map.addLayer({ id: 'drawn-corner', type: 'circle', source: 'drawn', filter: ['==', ['geometry-type'], 'Point'], paint: { 'circle-radius': 5, 'circle-color': colourOf('--surface'), 'circle-stroke-color': colourOf('--act'), 'circle-stroke-width': 2 } });
    }
  }
}
