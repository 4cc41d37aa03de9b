// One SVG sheet for the pages, coloured by the tokens of the page that uses it: node webmap/design/sheet.mjs
//   <svg class="mk"><use href="/static/symbols/sheet.svg#m-tree-late"/></svg>
// ids: m-{kind}-{state}, d-{hero}, f-{field}, h-{hero}, status-{status}, c-{lead}-{late8} (sample clusters of the
// legend), i-{name} for the icons of buttons. The numbers in clusters are text of the page, not of the sheet.
import fs from 'fs';
import { ICON, BADGE, KINDS, STATES, PAL, marker, cluster, dot } from './symbols.mjs';

PAL.page = Object.fromEntries(
  ['tree', 'subsidence', 'construction', 'other', 'late', 'done', 'surface', 'ink'].map((role) => [role, `var(--${role})`]),
);
PAL.page.on = 'var(--on-hue)';

const UI = {
  search: '<path d="m20 20-4.500-4.500"/><circle cx="10.500" cy="10.500" r="6.500"/>',
  plus: '<path d="M12 5v14M5 12h14"/>',
  minus: '<path d="M5 12h14"/>',
  close: '<path d="m6 6 12 12M18 6 6 18"/>',
  locate: '<path d="M12 3v3M12 18v3M3 12h3M18 12h3"/><circle cx="12" cy="12" r="5.500"/>',
  layers: '<path d="m12 3 9 5-9 5-9-5Z"/><path d="m3 13 9 5 9-5"/>',
  phone: '<path d="M5 4h4l1.500 5-2.300 1.500a12 12 0 0 0 5.300 5.300L15 13.500l5 1.500v4a1.500 1.500 0 0 1-1.600 1.500A15.500 15.500 0 0 1 3.500 5.600 1.500 1.500 0 0 1 5 4Z"/>',
  bell: '<path d="M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 2h-15Z"/><path d="M10 21h4"/>',
  camera: '<path d="M4 8h3.500L9 5.500h6L16.500 8H20v11.500H4Z"/><circle cx="12" cy="13.500" r="3.500"/>',
  pin: '<path d="M12 21.500s-7-6.600-7-12a7 7 0 0 1 14 0c0 5.400-7 12-7 12Z"/><circle cx="12" cy="9.500" r="2.500"/>',
  back: '<path d="M15 5 8 12l7 7"/>',
  next: '<path d="m9 5 7 7-7 7"/>',
  down: '<path d="m5 9 7 7 7-7"/>',
  check: '<path d="m5 12.500 5 5 9-11"/>',
  clock: '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.500l3.500 2"/>',
  share: '<path d="M12 15V3.500M8 7l4-3.500L16 7"/><path d="M5 12v8.500h14V12"/>',
  mail: '<rect x="3.500" y="5.500" width="17" height="13" rx="2"/><path d="m4 7 8 6.500L20 7"/>',
};

const number = (text) => text.replace(/\d+\.\d{3,}/g, (found) => String(+(+found).toFixed(3)));
const inner = (svg) => svg.replace(/^<svg[^>]*>|<\/svg>$/g, '');
const symbol = (id, box, body) => `<symbol id="${id}" viewBox="0 0 ${box} ${box}">${number(body)}</symbol>`;
const stroked = (body) =>
  `<g fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">${body}</g>`;

const out = [];
for (const kind of KINDS) for (const state of STATES) out.push(symbol(`m-${kind}-${state}`, 32, inner(marker(kind, state, 'page'))));
for (const hero of ['tree', 'subsidence', 'construction', 'other']) out.push(symbol(`d-${hero}`, 32, inner(dot(hero, 'page'))));
for (const name in ICON) {
  const hero = ['tree-fallen', 'subsidence', 'construction'].includes(name);
  out.push(symbol(`${hero ? 'h' : 'f'}-${name === 'tree-fallen' ? 'tree' : name}`, 24, stroked(ICON[name])));
}
for (const name in BADGE) out.push(symbol(name, 24, BADGE[name]));
for (const [lead, late8] of [['', 0], ['', 2], ['subsidence', 0]]) {
  const { D, svg } = cluster('m', late8, 'page', lead);
  out.push(symbol(`c-${lead || 'mixed'}-${late8}`, D, inner(svg)));
}
for (const name in UI) out.push(symbol(`i-${name}`, 24, stroked(UI[name])));

const file = new URL('../static/symbols/sheet.svg', import.meta.url);
fs.writeFileSync(file, `<svg xmlns="http://www.w3.org/2000/svg">\n${out.join('\n')}\n</svg>\n`);
