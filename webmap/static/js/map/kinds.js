// Does a message of the stream concern what is shown? Its category says the field and the hero layer.
import { choice, HEROES, since } from './address.js';
import { ask } from './incidents.js';

const HERO = { fallen_trees: 'tree', road_subsidence: 'subsidence', construction: 'construction' };
let known;

const categories = () =>
  (known ??= ask('/api/v1/categories').then((list) => new Map(list.map((each) => [each.code, each]))).catch(() => {
    known = undefined;
    return new Map();
  }));

export async function switchedOn(document) {
  if (choice.category && document.category !== choice.category) return false;
  if (choice.days && Date.parse(document.reported_at) < Date.parse(`${since()}T00:00:00+07:00`)) return false;
  const category = (await categories()).get(document.category);
  const hero = HERO[category?.group];
  if (hero) return choice.heroes.has(hero);
  const field = category?.field || document.field;
  return field ? choice.fields.has(field) : choice.heroes.size === HEROES.length;
}
