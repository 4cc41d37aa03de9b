// What lies under the pin: street, ward, who would be responsible, and whether somebody has reported it already.

const RADIUS_M = 6_371_008.8;
const NEAR_M = 80; // beyond this it is hardly the same thing in the street
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

/** {outside, street, ward, zones} of a point; each is null where it could not be learnt. */
export async function describe([lon, lat], signal, language) {
  const at = `lat=${lat.toFixed(6)}&lon=${lon.toFixed(6)}`;
  const [located, reversed] = await Promise.all([
    quietly(ask(`/api/v1/locate?${at}`, signal, language)),
    quietly(ask(`/api/v1/reverse?${at}`, signal, language)),
  ]);
  const nearest = reversed?.features?.[0]?.properties ?? null;
  return {
    outside: Boolean(located?.outside),
    known: located !== null,
    street: nearest && !AREAS.has(nearest.precision) && (nearest.distance_m ?? 0) <= STREET_M ? nearest : null,
    ward: located?.ward ?? null,
    zones: located?.zones ?? [],
  };
}

/** The nearest open incident within 80 m, `{code, distance_m, …}`, of the same kind where one is chosen. */
export async function alreadyReported(point, category, signal, language) {
  const [west, south] = moved(point, -NEAR_M, -NEAR_M);
  const [east, north] = moved(point, NEAR_M, NEAR_M);
  const box = [west, south, east, north].map((degrees) => degrees.toFixed(6)).join(',');
  const found = await quietly(
    ask(`/api/v1/incidents?bbox=${box}&state=new,progress,late&limit=50`, signal, language),
  );
  let best = null;
  for (const { geometry, properties } of found?.features ?? []) {
    if (!geometry || properties.precision === 'ward' || properties.precision === 'district') continue;
    if (category && !alike(properties, category)) continue;
    const metres = distance(point, geometry.coordinates);
    if (metres <= NEAR_M && (!best || metres < best.distance_m)) best = { ...properties, distance_m: metres };
  }
  return best;
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
