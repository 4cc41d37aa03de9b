// Sending a report so that it arrives once. What came of a try is one of
//   received  the answer of the server, also to a repeated key
//   refused   the server says what is wrong with it; sending the same again would not help
//   conflict  the key already stands for another body (it was changed after a try that did arrive)
//   later     no answer, or the server cannot just now: the same again, later

const ADDRESS = '/api/v1/reports';
const PATIENCE_MS = 45_000;
const LATER = new Set([408, 425, 429, 500, 502, 503, 504, 507]);

export async function send(key, body, photos, language) {
  let response;
  try {
    response = await fetch(ADDRESS, {
      method: 'POST',
      credentials: 'omit',
      headers: {
        'Idempotency-Key': key,
        Accept: 'application/json, application/problem+json',
        'Accept-Language': language,
        ...(photos.length ? {} : { 'Content-Type': 'application/json' }),
      },
      body: photos.length ? multipart(body, photos) : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    return { outcome: 'later', offline: !navigator.onLine };
  }
  if (LATER.has(response.status)) {
    const seconds = Number(response.headers.get('Retry-After'));
    return { outcome: 'later', status: response.status, after_s: Number.isFinite(seconds) && seconds > 0 ? seconds : null };
  }
  let answer;
  try {
    answer = await response.json();
  } catch {
    // Cut off in mid-answer: it may well have arrived, so it is asked for again under the same key.
    return response.ok ? { outcome: 'later' } : { outcome: 'refused', problem: { status: response.status, errors: [] } };
  }
  if (response.ok) return { outcome: 'received', answer };
  if (response.status === 409) return { outcome: 'conflict', problem: answer };
  return { outcome: 'refused', problem: { ...answer, status: response.status } };
}

function multipart(body, photos) {
  const form = new FormData();
  form.append('report', new Blob([JSON.stringify(body)], { type: 'application/json' }), 'report.json');
  photos.forEach((photo, index) => form.append('photos', photo, `photo-${index + 1}.jpg`));
  return form;
}
