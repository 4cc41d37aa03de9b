// What the person chose, kept in the page's address, so that a link shows the same and a reload loses nothing.
//   v=zoom/lat/lon   group=tree,…   field=water,…   state=new,…   category=CODE   days=7   selected=CODE   zones=FIELD
// Left out where it is the default. The last view is kept in the browser for the next visit.
import { phone } from '../dom.js';

export const HEROES = ['tree', 'subsidence', 'construction'];
export const FIELDS = ['traffic', 'water', 'drainage', 'trees', 'lighting', 'electricity', 'telecoms', 'transport', 'environment', 'urban_order'];
export const STATES = ['new', 'progress', 'late', 'resolved'];
export const SPANS = [1, 7, 30]; // days back, today included
const OPEN = ['new', 'progress', 'late'];
const LAST_VIEW = 'hotline.view';

export const opening = () => ({ lon: 106.703, lat: 10.781, zoom: phone() ? 10.4 : 10.9 });

function list(params, name, all, usual) {
  if (!params.has(name)) return new Set(usual);
  return new Set(params.get(name).split(',').filter((word) => all.includes(word)));
}

function viewOf(text) {
  const [zoom, lat, lon] = (text || '').split('/').map(Number);
  return [zoom, lat, lon].every(Number.isFinite) && zoom >= 5 && zoom <= 20 && Math.abs(lat) < 85 && Math.abs(lon) <= 180
    ? { zoom, lat, lon }
    : null;
}

function lastView() {
  try {
    return viewOf(localStorage.getItem(LAST_VIEW));
  } catch {
    return null; // storage may be forbidden
  }
}

const params = new URLSearchParams(location.search);

export const choice = {
  view: viewOf(params.get('v')) || lastView() || opening(),
  heroes: list(params, 'group', HEROES, HEROES),
  fields: list(params, 'field', FIELDS, FIELDS),
  states: list(params, 'state', STATES, OPEN),
  selected: /^[0-9A-Z]{6,9}$/.test(params.get('selected') || '') ? params.get('selected') : null,
  category: /^[a-z_]{1,60}$/.test(params.get('category') || '') ? params.get('category') : '',
  days: SPANS.includes(Number(params.get('days'))) ? Number(params.get('days')) : 0,
  zones: FIELDS.includes(params.get('zones')) ? params.get('zones') : '',
};
// A link that names only heroes or only fields means those and nothing else.
if (params.has('group') && !params.has('field')) choice.fields.clear();
if (params.has('field') && !params.has('group')) choice.heroes.clear();

const same = (set, words) => set.size === words.length && words.every((word) => set.has(word));
const allKinds = () => same(choice.heroes, HEROES) && same(choice.fields, FIELDS);
const inOrder = (set, words) => words.filter((word) => set.has(word)).join(',');

export const filtered = () => !allKinds() || !same(choice.states, OPEN) || Boolean(choice.category || choice.days);
export const nothingOn = () => (!choice.heroes.size && !choice.fields.size) || !choice.states.size;
export const onlyOpen = () => !choice.states.has('resolved');

// The first day of the chosen span, in the city's time: 2026-11-18. Null where every day counts.
const city = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Ho_Chi_Minh', year: 'numeric', month: '2-digit', day: '2-digit' });
export const since = () => (choice.days ? city.format(Date.now() - (choice.days - 1) * 24 * 3600e3) : null);

// The filters as the addresses of list and tiles take them.
export function filterQuery() {
  const query = new URLSearchParams();
  if (!allKinds() && choice.heroes.size) query.set('group', inOrder(choice.heroes, HEROES));
  if (!allKinds() && choice.fields.size) query.set('field', inOrder(choice.fields, FIELDS));
  if (choice.states.size) query.set('state', inOrder(choice.states, STATES));
  if (choice.category) query.set('category', choice.category);
  if (choice.days) query.set('since', since());
  return query;
}

export function reset() {
  choice.heroes = new Set(HEROES);
  choice.fields = new Set(FIELDS);
  choice.states = new Set(OPEN);
  choice.category = '';
  choice.days = 0;
}

export function write() {
  const { zoom, lat, lon } = choice.view;
  const view = `${zoom.toFixed(2)}/${lat.toFixed(5)}/${lon.toFixed(5)}`;
  const parts = [`v=${view}`];
  if (!allKinds()) parts.push(`group=${inOrder(choice.heroes, HEROES)}`, `field=${inOrder(choice.fields, FIELDS)}`);
  if (!same(choice.states, OPEN)) parts.push(`state=${inOrder(choice.states, STATES)}`);
  if (choice.category) parts.push(`category=${choice.category}`);
  if (choice.days) parts.push(`days=${choice.days}`);
  if (choice.selected) parts.push(`selected=${choice.selected}`);
  if (choice.zones) parts.push(`zones=${choice.zones}`);
  history.replaceState(history.state, '', `?${parts.join('&')}`);
  try {
    localStorage.setItem(LAST_VIEW, view);
  } catch {
    // a private window keeps nothing: the next visit opens on the whole city
  }
}
