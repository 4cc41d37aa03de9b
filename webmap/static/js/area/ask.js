// Asking the site for what whoever is logged in may see. A session that has ended leads to the log-in and back.
export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export async function ask(address, { signal, post, token } = {}) {
  const response = await fetch(address, {
    headers: { Accept: 'application/json', ...(token ? { 'X-CSRF-Token': token } : {}) },
    credentials: 'same-origin',
    signal,
    ...(post ? { method: 'POST', body: new URLSearchParams(post) } : {}),
  });
  if (response.status === 401) {
    document.dispatchEvent(new CustomEvent('area:logged-out'));
    throw new Refused(401, 'log in first');
  }
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Refused(response.status, problem.detail || problem.title || response.statusText);
  }
  return response.status === 204 ? null : response.json();
}

export const toLogin = () => location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
