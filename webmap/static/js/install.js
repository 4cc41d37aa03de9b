// The service worker is the browser's to start; on a plain address (no TLS, not this machine) there is none.
if ('serviceWorker' in navigator) {
  addEventListener('load', () => navigator.serviceWorker.register('/sw.js').catch((error) => console.info('service worker', error.message)));
}
