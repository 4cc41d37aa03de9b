// Draws the rows of a taken-away map. Shape and hue say what, the filling says how far, red with a triangle says late:
// the grammar of the site's symbols, drawn on a canvas. What somebody wrote goes in as text, never as markup.
function incidents(map, groups, data) {
  const [KIND, STATE, LON, LAT, AT, CODE, WHAT, WHERE, REPORTS, DUE, UNIT] = Array(11).keys();
  const { words, kinds, rows } = data;
  const numbers = new Intl.NumberFormat(data.lang === 'en' ? 'en-GB' : 'vi-VN');
  const moment = (seconds) => {
    const part = Object.fromEntries(new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Ho_Chi_Minh', day: '2-digit', month: '2-digit', year: 'numeric', hour: '2-digit', minute: '2-digit' })
      .formatToParts(new Date(seconds * 1000)).map(({ type, value }) => [type, value]));
    return `${part.hour}:${part.minute} ${part.day}/${part.month}/${part.year}`;
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const el = (tag, attributes, ...children) => {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };

  // ---- symbols
  const LATE = '#A50E26';
  const DONE = '#6B7683';
  const paths = {
    tree: (c, x, y, r) => c.arc(x, y, r, 0, 2 * Math.PI),
    subsidence: (c, x, y, r) => [[0, -1.2], [1.2, 0], [0, 1.2], [-1.2, 0]].forEach(([a, b], i) => c[i ? 'lineTo' : 'moveTo'](x + a * r, y + b * r)),
    construction: (c, x, y, r) => [[-1, 1], [-1, -0.2], [0, -1.15], [1, -0.2], [1, 1]].forEach(([a, b], i) => c[i ? 'lineTo' : 'moveTo'](x + a * r, y + b * r)),
    field: (c, x, y, r) => c.roundRect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8, r * 0.4),
  };
  function draw(c, x, y, r, kind, state) {
    const shape = paths[kind.code] || paths.field;
    const line = (grow, width, colour) => {
      c.beginPath();
      shape(c, x, y, r + grow);
      c.closePath();
      c.lineWidth = width;
      c.strokeStyle = colour;
      c.stroke();
    };
    c.save();
    const name = data.states[state];
    if (name === 'resolved') r *= 0.75;
    c.beginPath();
    shape(c, x, y, r);
    c.closePath();
    c.fillStyle = name === 'progress' ? '#FFFFFF' : name === 'resolved' ? DONE : kind.colour;
    c.fill();
    if (name === 'progress') line(-1, 2.4, kind.colour);
    else line(0.5, 1.4, '#FFFFFF');
    if (name === 'late') {
      line(2, 1.6, LATE);
      const [tx, ty, s] = [x + r * 0.9, y - r * 0.9, r * 0.75];
      c.beginPath();
      c.moveTo(tx, ty - s);
      c.lineTo(tx + s, ty + s * 0.75);
      c.lineTo(tx - s, ty + s * 0.75);
      c.closePath();
      c.fillStyle = LATE;
      c.fill();
      c.lineWidth = 1;
      c.strokeStyle = '#FFFFFF';
      c.stroke();
      c.fillStyle = '#FFFFFF';
      c.fillRect(tx - 0.7, ty - s * 0.4, 1.4, s * 0.6);
      c.fillRect(tx - 0.7, ty + s * 0.35, 1.4, 1.4);
    }
    c.restore();
  }
  L.Canvas.include({
    _updateIncident(layer) {
      if (!this._drawing || layer._empty()) return;
      draw(this._ctx, layer._point.x, layer._point.y, layer._radius - 6, layer.options.kind, layer.options.state);
    },
  });
  // The radius is the symbol's with room for what is drawn around it; a finger's reach comes on top.
  const Incident = L.CircleMarker.extend({
    options: { radius: 14, stroke: false, fill: true },
    _updatePath() {
      this._renderer._updateIncident(this);
    },
  });

  // ---- popups
  function popup(row) {
    const list = el('dl', { class: 'popup' });
    for (const [name, value] of [
      [words.state, words[data.states[row[STATE]]]], [words.place, row[WHERE]], [words.reported, moment(row[AT])], [words.due, row[DUE]],
      [words.unit, row[UNIT]], [words.reports, row[REPORTS]], [words.code, `${row[CODE].slice(0, 3)}-${row[CODE].slice(3)}`],
    ]) if (value) list.append(el('dt', {}, name), el('dd', {}, String(value)));
    return el('div', {}, el('div', { class: 'popup-title' }, row[WHAT]), list);
  }

  // ---- marks, resolved below, late on top
  const rank = [2, 1, 3, 0];
  const marks = rows
    .map((row) => ({ row, group: groups[row[KIND]], mark: new Incident([row[LAT], row[LON]], { kind: kinds[row[KIND]], state: row[STATE] }).bindPopup(() => popup(row)) }))
    .sort((a, b) => rank[a.row[STATE]] - rank[b.row[STATE]]);

  // ---- the box: how many, of what, since when, until when
  const count = el('span', { class: 'n', id: 'count' });
  const box = el('div', { class: 'taken' },
    el('h1', {}, data.title), el('div', {}, count, ' ', ...(data.demo ? [el('span', { class: 'demo' }, words.demo)] : [])),
    el('p', {}, data.filters), el('p', {}, data.made));
  if (data.left) box.append(el('p', { id: 'left-out' }, data.left));
  const legend = el('ul', {});
  const sign = (kind, state, text) => {
    const canvas = el('canvas', { width: 44, height: 44, 'aria-hidden': 'true' });
    const c = canvas.getContext('2d');
    c.scale(2, 2);
    draw(c, 11, 12, 7, kind, state);
    return el('li', {}, canvas, text);
  };
  const heroes = kinds.filter(({ code }) => code in paths);
  heroes.forEach((kind) => legend.append(sign(kind, 0, kind.name)));
  const other = kinds.find(({ code }) => !(code in paths));
  if (other) legend.append(sign(other, 0, words.others));
  const sample = kinds[0] || { code: 'tree', colour: '#00857C' };
  data.states.forEach((state, i) => legend.append(sign(sample, i, words[state])));
  box.append(legend);

  const times = rows.map((row) => row[AT]);
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const slider = el('input', { type: 'range', id: 'until', min: 0, max: 200, value: 200, 'aria-describedby': 'until-says' });
  const says = el('output', { id: 'until-says', for: 'until' });
  const play = el('button', { type: 'button', id: 'play' }, words.play);
  let timer = null;
  const until = () => (Number(slider.value) >= 200 ? last : first + ((last - first) * Number(slider.value)) / 200);
  function show() {
    const end = until();
    let n = 0;
    for (const { row, group, mark } of marks) {
      const within = row[AT] <= end;
      if (within !== group.hasLayer(mark)) group[within ? 'addLayer' : 'removeLayer'](mark);
      if (within && map.hasLayer(group)) n += 1;
    }
    count.dataset.total = n;
    count.textContent = n === rows.length ? fill(words.count, { n: numbers.format(n) }) : fill(words.of, { n: numbers.format(n), total: numbers.format(rows.length) });
    says.textContent = moment(end);
  }
  function stop() {
    clearInterval(timer);
    timer = null;
    play.textContent = words.play;
  }
  if (rows.length && last > first) {
    slider.addEventListener('input', show);
    play.addEventListener('click', () => {
      if (timer) return stop();
      if (Number(slider.value) >= 200) slider.value = 0;
      play.textContent = words.stop;
      timer = setInterval(() => {
        slider.value = Number(slider.value) + 2;
        show();
        if (Number(slider.value) >= 200) stop();
      }, 150);
    });
    box.append(el('div', { class: 'time' }, el('label', { for: 'until' }, words.until), play, slider, says));
  }
  const corner = L.control({ position: 'bottomleft' });
  corner.onAdd = () => {
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    return box;
  };
  corner.addTo(map);
  L.control.scale({ imperial: false, position: 'bottomright' }).addTo(map);
  map.on('overlayadd overlayremove', show);
  map.attributionControl.setPrefix(false);
  map.attributionControl.addAttribution(words.source);
  for (const [name, text] of [['in', words.zoom_in], ['out', words.zoom_out]]) {
    const button = document.querySelector(`.leaflet-control-zoom-${name}`);
    button?.setAttribute('title', text);
    button?.setAttribute('aria-label', text);
  }
  show();
}
