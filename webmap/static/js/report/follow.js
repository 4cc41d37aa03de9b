// The event stream, for a page that waits for one thing. Gone for good (the server said 503) it is opened again.

const PAUSE_MS = 3000;

export function follow({ opened, changed, reload }) {
  let last = '';
  const open = () => {
    const stream = new EventSource(`/api/v1/live${last ? `?after=${last}` : ''}`);
    stream.addEventListener('open', opened);
    const heard = (event) => {
      last = event.lastEventId;
      changed(JSON.parse(event.data));
    };
    for (const kind of ['report.created', 'report.updated', 'incident.updated']) stream.addEventListener(kind, heard);
    stream.addEventListener('reload', (event) => {
      last = event.lastEventId;
      reload();
    });
    stream.addEventListener('error', () => {
      if (stream.readyState === EventSource.CLOSED) setTimeout(open, PAUSE_MS);
    });
    // A page that sleeps in the browser's memory must let the stream go, and take it up again.
    addEventListener('pagehide', () => stream.close(), { once: true });
  };
  open();
  addEventListener('pageshow', (event) => event.persisted && open());
}
