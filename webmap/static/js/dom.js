// Making elements without HTML strings: nothing a reporter wrote can become markup, and no inline style is needed.
const SVG = 'http://www.w3.org/2000/svg';
const SHEET = '/static/symbols/sheet.svg';

export const $ = (selector, root = document) => root.querySelector(selector);
export const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// el('a', { class: 'li', href, onclick }, child, 'text', …); attributes that are null, undefined or false are left out.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else if (name === 'dataset') Object.assign(node.dataset, value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// A symbol of the sheet: 'm-tree-late', 'f-water', 'status-new', 'i-plus'. Decoration; its word stands beside it.
export function symbol(id, className = 'mk') {
  const svg = document.createElementNS(SVG, 'svg');
  if (className) svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `${SHEET}#${id}`);
  svg.append(use);
  return svg;
}

export const icon = (name, className = 'i') => symbol(`i-${name}`, className);

// A button that needs what comes late, the map: the page brings it disabled, and from here on a click is heard.
export function heard(button, does) {
  button.addEventListener('click', does);
  button.disabled = false;
}

export function later(milliseconds, work) {
  let timer;
  const run = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), milliseconds);
  };
  run.cancel = () => clearTimeout(timer);
  return run;
}

// At once, and then at most once in `milliseconds`; the last call is never lost.
export function paced(milliseconds, work) {
  let timer = null;
  let again = false;
  const rest = () => {
    timer = null;
    if (!again) return;
    again = false;
    run();
  };
  const run = () => {
    if (timer) {
      again = true;
      return;
    }
    timer = setTimeout(rest, milliseconds);
    work();
  };
  return run;
}

export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
export const phone = () => matchMedia('(max-width: 760px)').matches;
