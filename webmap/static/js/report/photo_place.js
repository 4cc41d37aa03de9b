// Where a photo says that it was taken: the GPS part of its EXIF data, read on this device before the photo is made
// small (which leaves that part behind). It is offered as a place for the pin and goes nowhere else.

const ENOUGH = 256 * 1024; // the EXIF part stands at a JPEG's beginning and has at most 64 KB
const UNSAID_M = 20; // what a phone's position in the open is off, where the photo does not say
const TYPES = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };

/** {point: [lon, lat], accuracy_m} of a photo, or null where it does not say. */
export async function placeOf(file) {
  try {
    const view = new DataView(await file.slice(0, ENOUGH).arrayBuffer());
    const begin = exifBegin(view);
    return begin === null ? null : place(view, begin);
  } catch {
    return null; // cut off or twisted: a photo without a place
  }
}

// The marker segments of a JPEG, up to the one that holds Exif; where its TIFF header begins.
function exifBegin(view) {
  if (view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; at + 10 < view.byteLength; ) {
    const marker = view.getUint16(at);
    if ((marker & 0xff00) !== 0xff00 || marker === 0xffda) return null;
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return at + 10;
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

function place(view, begin) {
  const little = view.getUint16(begin) === 0x4949;
  const first = directory(view, begin, begin + view.getUint32(begin + 4, little), little);
  if (!first.has(0x8825)) return null;
  const gps = directory(view, begin, begin + first.get(0x8825)[0], little);
  const [south, lats, west, lons] = [1, 2, 3, 4].map((tag) => gps.get(tag));
  if (!lats || !lons) return null;
  const lat = degrees(lats) * (south?.[0] === 'S' ? -1 : 1);
  const lon = degrees(lons) * (west?.[0] === 'W' ? -1 : 1);
  if (!Number.isFinite(lat) || !Number.isFinite(lon) || Math.abs(lat) > 90 || Math.abs(lon) > 180 || (!lat && !lon)) return null;
  const error = gps.get(0x1f)?.[0];
  return { point: [lon, lat], accuracy_m: error > 0 && error < 10_000 ? Math.max(5, Math.round(error)) : UNSAID_M };
}

const degrees = ([d, m = 0, s = 0]) => d + m / 60 + s / 3600;

// One directory of TIFF: tag → its values (text as one string).
function directory(view, begin, at, little) {
  const entries = new Map();
  const count = view.getUint16(at, little);
  for (let i = 0; i < Math.min(count, 200); i += 1) {
    const entry = at + 2 + 12 * i;
    const type = view.getUint16(entry + 2, little);
    const n = view.getUint32(entry + 4, little);
    const size = TYPES[type];
    if (!size || n > 64) continue;
    const from = size * n <= 4 ? entry + 8 : begin + view.getUint32(entry + 8, little);
    entries.set(view.getUint16(entry, little), values(view, from, type, n, little));
  }
  return entries;
}

function values(view, from, type, n, little) {
  if (type === 2) return [String.fromCharCode(view.getUint8(from))];
  return Array.from({ length: n }, (_, i) => {
    const at = from + TYPES[type] * i;
    if (type === 5) return view.getUint32(at, little) / view.getUint32(at + 4, little);
    if (type === 10) return view.getInt32(at, little) / view.getInt32(at + 4, little);
    if (type === 3) return view.getUint16(at, little);
    if (type === 4) return view.getUint32(at, little);
    if (type === 9) return view.getInt32(at, little);
    return view.getUint8(at);
  });
}
