// The installed site's shell. Everything is asked of the network first, so that an old version is never mixed with a
// new one; what is kept here serves only where the network does not answer. Lists, tiles, reports and events are none
// of its business: an old map that looks like a live one would be worse than none.
const STORE = 'shell-1';
const PAGES = ['/', '/offline'];
const KEPT = /^\/static\/(js|css|fonts|symbols|icons|vendor|map\/(style|sprite))/;

// As a visitor without log-in gets it: no staff page and no name ever lies in the store.
const plain = (address) => fetch(address, { credentials: 'omit', cache: 'no-cache' });

async function keep(address) {
  const answer = await plain(address);
  if (answer.ok && !answer.redirected) await (await caches.open(STORE)).put(address, answer);
}

self.addEventListener('install', (event) => {
  self.skipWaiting();
  event.waitUntil(Promise.all(PAGES.map(keep)));
});

self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name))));
  event.waitUntil(Promise.all([old, self.clients.claim()]));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(page(request, pathname));
  else if (KEPT.test(pathname)) event.respondWith(file(request, event));
});

async function page(request, pathname) {
  try {
    const answer = await fetch(request);
    if (pathname === '/' && answer.ok) keep('/').catch(() => null); // the shell of today's version
    return answer;
  } catch (error) {
    const store = await caches.open(STORE);
    const found = (pathname === '/' && (await store.match('/'))) || (await store.match('/offline'));
    if (!found) throw error;
    return found;
  }
}

async function file(request, event) {
  try {
    const answer = await fetch(request);
    if (answer.ok && answer.status === 200) {
      const copy = answer.clone();
      event.waitUntil(caches.open(STORE).then((store) => store.put(request, copy)));
    }
    return answer;
  } catch (error) {
    const found = await caches.match(request, { ignoreVary: true });
    if (!found) throw error;
    return found;
  }
}
