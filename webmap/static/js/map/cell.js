// The cell of a cluster: one eighth of a tile's side, as the server cuts it.
const worldX = (lon) => (lon + 180) / 360;
const worldY = (lat) => {
  const sine = Math.sin((lat * Math.PI) / 180);
  return 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
};
const lonOf = (x) => x * 360 - 180;
const latOf = (y) => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;

export function cellOf([lon, lat], tileZoom) {
  const cells = 8 * 2 ** tileZoom;
  const column = Math.floor(worldX(lon) * cells);
  const row = Math.floor(worldY(lat) * cells);
  return { west: lonOf(column / cells), east: lonOf((column + 1) / cells), north: latOf(row / cells), south: latOf((row + 1) / cells) };
}

// The box of its members, which is what "zoom here" should fill.
export function boxOf(features) {
  const points = features.map((feature) => feature.geometry?.coordinates).filter(Boolean);
  if (!points.length) return null;
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  return { west: Math.min(...lons), east: Math.max(...lons), south: Math.min(...lats), north: Math.max(...lats) };
}

// "Xã Nhà Bè, phường Phú Thuận": where most of its members lie.
export function areasOf(features) {
  const counted = new Map();
  for (const { properties } of features) {
    const name = properties.ward?.name;
    if (name) counted.set(name, (counted.get(name) || 0) + 1);
  }
  const names = [...counted].sort((a, b) => b[1] - a[1]).slice(0, 2).map(([name]) => name);
  return names.map((name, i) => (i ? name.charAt(0).toLowerCase() + name.slice(1) : name)).join(', ');
}
