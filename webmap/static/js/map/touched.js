// Which tiles of the incidents an event has touched, at every zoom: only these are asked for again, when they are in view.
const ZOOMS = [...Array(11).keys()].map((i) => i + 6); // 6 to 16, those that the layer has
const MOST = 4000; // tiles; beyond, everything is asked for again

const column = (lon, zoom) => Math.floor(((lon + 180) / 360) * 2 ** zoom);
const row = (lat, zoom) => {
  const sine = Math.sin((lat * Math.PI) / 180);
  return Math.floor((0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)) * 2 ** zoom);
};

export class Touched {
  constructor() {
    this.tiles = new Map(ZOOMS.map((zoom) => [zoom, new Map()]));
    this.places = new Map(); // where a report was last seen, by its code: moved away, it is missing there too
    this.everything = false;
  }

  // A message of the stream, or nothing: then anything may have changed. A report that was changed may have been moved
  // from a place that is not known here; an incident whose state changed stays where it is.
  add(document, kind = '') {
    const before = document && this.places.get(document.code);
    const { lon, lat } = document?.location ?? {};
    if (!before && (lon === undefined || kind === 'report.updated')) {
      this.everything = true;
      return;
    }
    if (before) this.touch(...before);
    if (lon !== undefined) {
      this.touch(lon, lat);
      this.remember(document.code, lon, lat);
    } else this.places.delete(document.code);
  }

  remember(code, lon, lat) {
    this.places.delete(code);
    this.places.set(code, [lon, lat]);
    if (this.places.size > MOST) this.places.delete(this.places.keys().next().value);
  }

  touch(lon, lat) {
    for (const [zoom, tiles] of this.tiles) {
      const tile = { z: zoom, x: column(lon, zoom), y: row(lat, zoom) };
      tiles.set(tile.x * 65536 + tile.y, tile);
      if (tiles.size > MOST) this.everything = true;
    }
  }

  // The touched tiles that the map shows now, forgotten at this zoom; null: all of them, whatever they are.
  take(mapZoom, { west, south, east, north }) {
    if (this.everything) {
      this.everything = false;
      for (const tiles of this.tiles.values()) tiles.clear();
      return null;
    }
    const zoom = Math.min(16, Math.max(6, Math.floor(mapZoom)));
    const tiles = this.tiles.get(zoom);
    const [left, right, top, bottom] = [column(west, zoom), column(east, zoom), row(north, zoom), row(south, zoom)];
    const inView = [];
    for (const [key, tile] of tiles) {
      if (tile.x < left || tile.x > right || tile.y < top || tile.y > bottom) continue;
      inView.push(tile);
      tiles.delete(key);
    }
    return inView;
  }
}
