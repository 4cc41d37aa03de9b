// Asking the site: incidents of a box under the filters, one incident by its code.
import { filterQuery } from './address.js';

export const PAGE = 100;

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export async function ask(address, signal) {
  const response = await fetch(address, { headers: { Accept: 'application/json' }, credentials: 'same-origin', signal });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Refused(response.status, problem.detail || problem.title || response.statusText);
  }
  return response.json();
}

export const box = ({ west, south, east, north }) => [west, south, east, north].map((degrees) => degrees.toFixed(6)).join(',');

export function incidentsIn(bounds, { limit = PAGE, signal, zoom, query = filterQuery() } = {}) {
  if (bounds) query.set('bbox', box(bounds));
  // Counted where the marks stand: at this zoom of the tiles several incidents may share a cluster's disc.
  if (zoom !== undefined) query.set('zoom', Math.max(0, Math.floor(zoom)));
  query.set('limit', limit);
  return ask(`/api/v1/incidents?${query}`, signal);
}

export const following = (address, signal) => ask(address, signal);

// An incident that is not in the list yet: looked up by its code, then by its place, so that it has the list's shape.
export async function incidentByCode(code, signal) {
  const report = await ask(`/api/v1/reports/${encodeURIComponent(code)}`, signal);
  const own = report.incident?.code || code;
  if (!report.location) return null;
  const { lat, lon } = report.location;
  const around = { west: lon - 2e-4, south: lat - 2e-4, east: lon + 2e-4, north: lat + 2e-4 };
  const found = await incidentsIn(around, { signal, query: new URLSearchParams(), limit: 1000 });
  return found.features.find((feature) => feature.properties.code === own) || null;
}
