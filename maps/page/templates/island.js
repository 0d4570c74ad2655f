// The data island: columns of numbers unpacked, and coordinates as web-mercator pixels of zoom 0.

var data = JSON.parse(document.getElementById('island').textContent);

function unpack(text, type) {
  if (typeof text !== 'string') { return text; } // scenarios share columns: this one is unpacked already
  var binary = atob(text), bytes = new Uint8Array(binary.length), i;
  for (i = 0; i < binary.length; i++) { bytes[i] = binary.charCodeAt(i); }
  if (type === 'i4') { return new Int32Array(bytes.buffer); }
  if (type === 'i2') { return new Int16Array(bytes.buffer); }
  if (type === 'u2') { return new Uint16Array(bytes.buffer); }
  if (type === 'f4') { return new Float32Array(bytes.buffer); }
  if (type === 'f8') { return new Float64Array(bytes.buffer); }
  return bytes;
}

function worldX(step) { return (data.origin[0] + step / 100000 + 180) / 360 * 256; }

function worldY(step) {
  var sine = Math.sin((data.origin[1] + step / 100000) * Math.PI / 180);
  return 256 * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
}

function points(columns) {
  var type = columns.wide ? 'i4' : 'u2', x = unpack(columns.x, type), y = unpack(columns.y, type), result = { n: x.length, x: new Float64Array(x.length), y: new Float64Array(x.length) }, i;
  for (i = 0; i < x.length; i++) { result.x[i] = worldX(x[i]); result.y[i] = worldY(y[i]); }
  return result;
}

// Lines or rings: points first[i] .. first[i + 1] - 1 belong to line i.
function lines(columns) {
  var n = unpack(columns.n, 'i4'), start = unpack(columns.start, 'i4'), step = unpack(columns.step, columns.wide ? 'i4' : 'i2');
  var total = 0, first = new Int32Array(n.length + 1), i, j, x, y, at = 0, s = 0, used = 0;
  for (i = 0; i < n.length; i++) { total += n[i]; first[i + 1] = total; }
  var result = { n: n.length, first: first, x: new Float64Array(total), y: new Float64Array(total) };
  for (i = 0; i < n.length; i++) {
    if (!n[i]) { continue; }
    x = start[used]; y = start[used + 1]; used += 2;
    for (j = 0; j < n[i]; j++, at++) {
      if (j) { x += step[s]; y += step[s + 1]; s += 2; }
      result.x[at] = worldX(x); result.y[at] = worldY(y);
    }
  }
  return result;
}

// Areas: rings firstRing[i] .. firstRing[i + 1] - 1 belong to area i, whose box is box[4 i] .. (west, north, east, south).
function areas(columns) {
  var result = lines(columns), rings = unpack(columns.rings, 'i4'), i, k, total = 0, box, low, high;
  result.firstRing = new Int32Array(rings.length + 1);
  result.size = rings.length;
  result.box = new Float64Array(4 * rings.length);
  for (i = 0; i < rings.length; i++) {
    low = result.first[total]; total += rings[i]; high = result.first[total];
    result.firstRing[i + 1] = total;
    box = [Infinity, Infinity, -Infinity, -Infinity];
    for (k = low; k < high; k++) {
      box[0] = Math.min(box[0], result.x[k]); box[1] = Math.min(box[1], result.y[k]);
      box[2] = Math.max(box[2], result.x[k]); box[3] = Math.max(box[3], result.y[k]);
    }
    result.box.set(box, 4 * i);
  }
  return result;
}

function isInside(shape, i, x, y) {
  var inside = false, r, k, j, low, high;
  if (x < shape.box[4 * i] || y < shape.box[4 * i + 1] || x > shape.box[4 * i + 2] || y > shape.box[4 * i + 3]) { return false; }
  for (r = shape.firstRing[i]; r < shape.firstRing[i + 1]; r++) {
    low = shape.first[r]; high = shape.first[r + 1];
    for (k = low, j = high - 1; k < high; j = k++) {
      if ((shape.y[k] > y) !== (shape.y[j] > y) && x < (shape.x[j] - shape.x[k]) * (y - shape.y[k]) / (shape.y[j] - shape.y[k]) + shape.x[k]) { inside = !inside; }
    }
  }
  return inside;
}

var levels = data.places.levels.map(function (level) {
  return { level: level.level, first: level.first, size: level.size, shape: areas(level) };
});
var places = { id: data.places.id, name: data.places.name, initials: data.places.initials, parent: unpack(data.places.parent, 'i4'), label: points(data.places.label) };

// What is drawn of one content, unpacked.
function unpacked(content) {
  var result = {
    data: content,
    people: points(content.people),
    facilities: points(content.facilities), candidates: points(content.candidates), proposals: points(content.proposals),
    circles: { before: content.circles.before.map(areas), after: content.circles.after.map(areas) },
    streets: content.streets && lines(content.streets)
  };
  result.people.people = unpack(content.people.people, 'f4');
  ['before', 'after'].forEach(function (state) {
    result.people[state] = { band: unpack(content.people[state].band, 'u1') };
  });
  result.facilities.open = unpack(content.facilities.open, 'u1');
  if (result.streets) { result.streets.main = unpack(content.streets.main, 'u1'); }
  content.rules.forEach(function (rule) {
    rule.answers.forEach(function (answer) { if (answer.units) { unpackUnits(answer.units); } });
  });
  return result;
}

// Row of each place in a packed column of places.
function rowsOf(place) {
  var rows = {};
  Array.prototype.forEach.call(place, function (at, row) { rows[at] = row; });
  return rows;
}

function unpackUnits(units) {
  units.place = unpack(units.place, 'i4');
  units.rowOf = rowsOf(units.place);
  ['before', 'after'].forEach(function (state) {
    var columns = units[state];
    columns.verdict = unpack(columns.verdict, 'u1');
    columns['class'] = unpack(columns['class'], 'u1');
    columns.value = unpack(columns.value, 'f4');
    columns.shortfall = unpack(columns.shortfall, 'f4');
    columns.note = unpack(columns.note, 'i4');
  });
}
