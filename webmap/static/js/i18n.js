// The words of the page. Vietnamese is the source and stands in the scripts; English comes from locale/en.js, which
// `python -m webmap.translate` writes from the same catalogue as the templates.
//   t(source, { n: 3 })   values fill {n}; an English text may choose by number: '{n} {n:hour|hours} left'
export const lang = document.documentElement.lang === 'en' ? 'en' : 'vi';

const words = lang === 'en' ? (await import('./locale/en.js')).default : {};

export function t(source, values = {}) {
  const text = words[source] ?? source;
  return text
    .replace(/\{(\w+):([^|}]*)\|([^}]*)\}/g, (_, name, one, many) => (Number(values.count ?? values[name]) === 1 ? one : many))
    .replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');
}

// A name that the server gives in both languages, {vi, en}, or in Vietnamese alone.
export const named = (names) => (typeof names === 'string' ? names : names?.[lang] || names?.vi || '');
