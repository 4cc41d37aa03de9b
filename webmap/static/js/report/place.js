// What lies under the pin: street, ward, who would be responsible, and whether somebody has reported it already.

const RADIUS_M = 6_371_008.8;
const NEAR_M = 60; // beyond this it is hardly the same thing in the street
const STREET_M = 60; // beyond this a street's name does not say where
const AREAS = new Set(['ward', 'district']);
const rad = (degrees) => (degrees * Math.PI) / 180;

/** Metres between two [lon, lat] on the sphere. */
export function distance([lon1, lat1], [lon2, lat2]) {
  const a =
    Math.sin(rad(lat2 - lat1) / 2) ** 2 +
    Math.cos(rad(lat1)) * Math.cos(rad(lat2)) * Math.sin(rad(lon2 - lon1) / 2) ** 2;
  return 2 * RADIUS_M * Math.asin(Math.sqrt(a));
}

/** The point `east` and `north` metres away from [lon, lat]. */
export function moved([lon, lat], east, north) {
  const degree = (Math.PI / 180) * RADIUS_M;
  return [lon + east / (degree * Math.cos(rad(lat))), lat + north / degree];
}

/** Metres on the ground that one pixel of the map covers there (MapLibre's tiles are 512 px). */
export const metresPerPixel = (lat, zoom) => (40_075_016.686 * Math.cos(rad(lat))) / (512 * 2 ** zoom);

async function ask(address, signal, language) {
  const response = await fetch(address, {
    credentials: 'omit',
    headers: { Accept: 'application/json', 'Accept-Language': language },
    signal,
  });
  if (response.status === 422) return { outside: true };
  if (!response.ok) return null;
  return response.json();
}

const quietly = (promise) =>
  promise.catch((error) => {
    if (error.name === 'AbortError') throw error;
    return null; // no network: the place line says what is known without it
  });

/** Tells {outside, street, ward, zones} of a point, the ward first and the street when that is known too; each is null
 *  where it could not be learnt. The last telling is `complete`. */
export async function describe([lon, lat], signal, language, tell) {
  const at = `lat=${lat.toFixed(6)}&lon=${lon.toFixed(6)}`;
  const street = quietly(ask(`/api/v1/reverse?${at}`, signal, language));
  street.catch(() => null); // called off while the ward is still asked for
  const located = await quietly(ask(`/api/v1/locate?${at}`, signal, language));
  tell(about(located, null, false));
  tell(about(located, await street, true));
}

function about(located, reversed, complete) {
  const nearest = reversed?.features?.[0]?.properties ?? null;
  return {
    complete,
    outside: Boolean(located?.outside),
    known: located !== null,
    street: nearest && !AREAS.has(nearest.precision) && (nearest.distance_m ?? 0) <= STREET_M ? nearest : null,
    ward: located?.ward ?? null,
    zones: located?.zones ?? [],
  };
}

const MOST_NEAR = 3;

/** Open incidents within 60 m, `[{code, distance_m, …}]`: those of the chosen kind first, then the nearest. */
export async function alreadyReported(point, category, signal, language) {
  const [west, south] = moved(point, -NEAR_M, -NEAR_M);
  const [east, north] = moved(point, NEAR_M, NEAR_M);
  const box = [west, south, east, north].map((degrees) => degrees.toFixed(6)).join(',');
  const found = await quietly(
    ask(`/api/v1/incidents?bbox=${box}&state=new,progress,late&limit=50`, signal, language),
  );
  const near = [];
  for (const { geometry, properties } of found?.features ?? []) {
    if (!geometry || properties.precision === 'ward' || properties.precision === 'district') continue;
    if (!properties.category) continue; // nobody has said yet what it is
    const metres = distance(point, geometry.coordinates);
    if (metres <= NEAR_M) near.push({ ...properties, distance_m: metres, alike: Boolean(category) && alike(properties, category) });
  }
  return near.sort((a, b) => b.alike - a.alike || a.distance_m - b.distance_m).slice(0, MOST_NEAR);
}

const alike = (incident, category) => (category.group ? incident.group === category.group : incident.field === category.field);

/** Candidates for a typed address, best first: [{label, point, accuracy_m, precision, confidence}]. */
export async function find(address, signal, language) {
  const found = await ask(
    `/api/v1/geocode?q=${encodeURIComponent(address.normalize('NFC'))}&limit=5`,
    signal,
    language,
  );
  return (found?.features ?? []).map(({ geometry, properties }) => ({ ...properties, point: geometry.coordinates }));
}
