// Keeps the day's route sheets, so that they open again without a network. Nothing else of /area/ is kept, and a sheet
// is thrown away after a shift: it names places and codes, no person.
const SHEETS = 'area-sheets';
const FILES = 'area-files-1';
const LONGEST_MS = 16 * 3600e3;
const NEEDED = [
  '/static/css/tokens.css', '/static/css/fonts.css', '/static/css/base.css', '/static/css/route.css', '/static/js/area/sheet.js', '/static/js/dom.js',
  '/static/symbols/sheet.svg', '/static/symbols/icon.svg',
  ...['vietnamese', 'latin'].flatMap((script) => ['400', '500', '600'].map((weight) => `/static/fonts/ibm-plex-sans-${script}-${weight}-normal.woff2`)),
];
const isSheet = (url) => /^\/area\/[^/]+\/route$/.test(url.pathname);

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(FILES).then((files) => Promise.all(NEEDED.map((path) => files.add(path).catch(() => {})))));
  self.skipWaiting();
});

self.addEventListener('activate', (event) => {
  event.waitUntil(Promise.all([self.clients.claim(), sweep()]));
});

// A sheet that is open already when this begins to work asks to be kept. The log-in throws all of them away.
self.addEventListener('message', (event) => {
  if (event.data?.keep) event.waitUntil(fetch(event.data.keep).then((response) => keep(event.data.keep, response)));
});

self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== location.origin) return;
  if (isSheet(url)) event.respondWith(sheet(event.request, url));
  else if (NEEDED.includes(url.pathname)) event.respondWith(file(event.request, url));
});

async function sheet(request, url) {
  try {
    const response = await fetch(request);
    if (response.ok && !response.redirected) await keep(url.href, response.clone());
    return response;
  } catch (error) {
    await sweep();
    const kept = await (await caches.open(SHEETS)).match(url.href);
    if (kept) return kept;
    throw error;
  }
}

async function keep(address, response) {
  if (!response.ok || response.redirected) return;
  const headers = new Headers(response.headers);
  headers.set('X-Kept-At', String(Date.now()));
  const body = await response.blob();
  await (await caches.open(SHEETS)).put(address, new Response(body, { status: 200, headers }));
}

async function file(request, url) {
  try {
    const response = await fetch(request);
    if (response.ok) (await caches.open(FILES)).put(url.pathname, response.clone());
    return response;
  } catch (error) {
    const kept = await (await caches.open(FILES)).match(url.pathname);
    if (kept) return kept;
    throw error;
  }
}

async function sweep() {
  const sheets = await caches.open(SHEETS);
  for (const request of await sheets.keys()) {
    const kept = await sheets.match(request);
    if (Date.now() - Number(kept.headers.get('X-Kept-At')) > LONGEST_MS) await sheets.delete(request);
  }
}
