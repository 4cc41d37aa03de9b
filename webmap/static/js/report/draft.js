// The report being written, kept on this device until it has arrived: fields in localStorage (written at once, so
// that a reload loses nothing), photos in IndexedDB. The idempotency key is made with the draft and stays with it,
// so that sending again after a lost connection never makes a second report.

const FIELDS = 'hotline.draft';
const RECEIPT = 'hotline.receipt';
const VAGUE_M = 250;
const KEEP_MS = 7 * 24 * 3600 * 1000;

const blank = () => ({
  key: crypto.randomUUID ? crypto.randomUUID() : fallbackKey(),
  touched_at: Date.now(),
  waiting: false, //  sent at least once, arrival unknown: goes out by itself when the network is back
  attempts: [], //    the bodies of those tries, to ask for their answer should the draft have been changed since
  place: null, //     {lon, lat, accuracy_m, source: pin|gps|address|photo, address?}
  choice: null,
  category: null,
  joins: null, //     code of the incident that the person sees too
  answer: null, //    {ask, said}: the category's own question, as it is written down
  description: '',
  name: '',
  phone: '',
});

// randomUUID exists on secure origins only; a test site on a plain address has none.
function fallbackKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function read(name) {
  try {
    return JSON.parse(localStorage.getItem(name));
  } catch {
    return null;
  }
}

function write(name, value) {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A full or forbidden store: the draft lives on in this page.
  }
}

export class Draft {
  constructor() {
    const kept = read(FIELDS);
    this.restored = Boolean(kept && Date.now() - kept.touched_at < KEEP_MS);
    this.fields = this.restored ? { ...blank(), ...kept } : blank();
    this.photos = [];
    this.ready = this.restored ? loadPhotos(this.fields.key).then((photos) => (this.photos = photos)) : Promise.resolve();
  }

  set(changes) {
    Object.assign(this.fields, changes, { touched_at: Date.now() });
    write(FIELDS, this.fields);
  }

  async setPhotos(photos) {
    this.photos = photos;
    this.set({});
    await savePhotos(this.fields.key, photos);
  }

  /** Whether anything is in it that a person would miss. */
  get empty() {
    const { category, description, name, phone } = this.fields;
    return !category && !description && !name && !phone && this.photos.length === 0;
  }

  /** What the interface takes: only what was said. */
  body() {
    const { place, category, joins, answer, description, name, phone } = this.fields;
    const body = { channel: 'web' };
    if (joins) body.joins = joins; // it says what it is
    else if (category) body.category = category;
    const said = [!joins && answer && `${answer.ask} ${answer.said}.`, description.trim()].filter(Boolean).join('\n');
    if (said) body.description = said.normalize('NFC');
    // An address known only to its ward is no pin: the server says how well it knows the place.
    const vague = place?.source === 'address' && (place.lon === undefined || place.accuracy_m > VAGUE_M);
    if (vague) body.address = place.address;
    else if (place) {
      body.lat = place.lat;
      body.lon = place.lon;
      body.accuracy_m = place.accuracy_m;
      if (place.address) body.address = place.address;
    }
    if (name.trim() || phone.trim()) {
      body.reporter = {};
      if (name.trim()) body.reporter.name = name.trim().normalize('NFC');
      if (phone.trim()) body.reporter.phone = phone.trim();
    }
    return body;
  }

  /** It has arrived: forget it and begin a new one. */
  async finish(receipt) {
    const old = this.fields.key;
    write(RECEIPT, receipt ? { ...receipt, at: Date.now() } : null);
    write(FIELDS, null);
    this.fields = blank();
    this.photos = [];
    this.restored = false;
    await savePhotos(old, []);
  }
}

/** The answer to the last report, until the person has closed it: a reload must not lose the code. */
export function lastReceipt() {
  const receipt = read(RECEIPT);
  return receipt && Date.now() - receipt.at < 24 * 3600 * 1000 ? receipt : null;
}

export function forgetReceipt() {
  write(RECEIPT, null);
}

// ---- photos: blobs do not fit into localStorage
function store(mode, work) {
  return new Promise((done) => {
    let request;
    try {
      request = indexedDB.open('hotline', 1);
    } catch {
      return done(null);
    }
    request.onupgradeneeded = () => request.result.createObjectStore('photos');
    request.onerror = () => done(null);
    request.onsuccess = () => {
      const database = request.result;
      const transaction = database.transaction('photos', mode);
      const asked = work(transaction.objectStore('photos'));
      transaction.oncomplete = () => {
        database.close();
        done(asked?.result ?? null);
      };
      transaction.onerror = transaction.onabort = () => {
        database.close();
        done(null);
      };
    };
  });
}

const loadPhotos = async (key) => (await store('readonly', (photos) => photos.get(key))) ?? [];
const savePhotos = (key, blobs) =>
  store('readwrite', (photos) => (blobs.length ? photos.put(blobs, key) : photos.delete(key)));
