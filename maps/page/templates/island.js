// The data island: columns of numbers unpacked, and coordinates as web-mercator pixels of zoom 0.

var data = JSON.parse(document.getElementById('island').textContent);

function unpack(text, type) {
  if (typeof text !== 'string') { return text; } // scenarios share columns: this one is unpacked already
  var binary = atob(text), bytes = new Uint8Array(binary.length), i;
  for (i = 0; i < binary.length; i++) { bytes[i] = binary.charCodeAt(i); }
  if (type === 'i') { return fromSteps(bytes); }
  if (type === 'f4') { return new Float32Array(bytes.buffer); }
  if (type === 'f8') { return new Float64Array(bytes.buffer); }
  return bytes;
}

// Whole numbers from the steps between them, as `maps.page.island` writes them.
function fromSteps(bytes) {
  var numbers = new Int32Array(bytes.length), n = 0, last = 0, doubled = 0, unit = 1, i;
  for (i = 0; i < bytes.length; i++) {
    doubled += (bytes[i] & 127) * unit;
    unit *= 128;
    if (bytes[i] & 128) { continue; }
    last += doubled % 2 ? -(doubled + 1) / 2 : doubled / 2;
    numbers[n++] = last; doubled = 0; unit = 1;
  }
  return numbers.slice(0, n);
}

// A column that names its type: [type, text], or ['of', numbers, positions among them].
function narrow(column) {
  var few, position, numbers, i;
  if (!Array.isArray(column)) { return column; } // unpacked already
  if (column[0] !== 'of') { return unpack(column[1], column[0]); }
  few = narrow(column[1]); position = narrow(column[2]); numbers = new few.constructor(position.length);
  for (i = 0; i < position.length; i++) { numbers[i] = few[position[i]]; }
  return numbers;
}

function worldX(step) { return (data.origin[0] + step / 100000 + 180) / 360 * 256; }

function worldY(step) {
  var sine = Math.sin((data.origin[1] + step / 100000) * Math.PI / 180);
  return 256 * (0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI));
}

function points(columns) {
  var x = unpack(columns.x, 'i'), y = unpack(columns.y, 'i'), result = { n: x.length, x: new Float64Array(x.length), y: new Float64Array(x.length) }, i;
  for (i = 0; i < x.length; i++) { result.x[i] = worldX(x[i]); result.y[i] = worldY(y[i]); }
  return result;
}

// Lines or rings: points first[i] .. first[i + 1] - 1 belong to line i.
function lines(columns) {
  var result = points(columns), n = unpack(columns.n, 'i'), i;
  result.n = n.length;
  result.first = new Int32Array(n.length + 1);
  for (i = 0; i < n.length; i++) { result.first[i + 1] = result.first[i] + n[i]; }
  return result;
}

// Areas: rings firstRing[i] .. firstRing[i + 1] - 1 belong to area i, whose box is box[4 i] .. (west, north, east, south).
function areas(columns) {
  var result = lines(columns), rings = unpack(columns.rings, 'i'), i, k, total = 0, box, low, high;
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
var places = { id: data.places.id, name: data.places.name, initials: data.places.initials, parent: unpack(data.places.parent, 'i'), label: points(data.places.label) };

// What is drawn of one content, unpacked.
function unpacked(content) {
  var result = {
    data: content,
    people: points(content.people),
    facilities: points(content.facilities), candidates: points(content.candidates), proposals: points(content.proposals),
    circles: { before: content.circles.before.map(areas), after: content.circles.after.map(areas) },
    streets: content.streets && lines(content.streets)
  };
  result.people.size = narrow(content.people.size);
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
  units.place = unpack(units.place, 'i');
  units.rowOf = rowsOf(units.place);
  ['before', 'after'].forEach(function (state) {
    var columns = units[state];
    columns.verdict = unpack(columns.verdict, 'u1');
    columns['class'] = unpack(columns['class'], 'u1');
    columns.value = narrow(columns.value);
    columns.shortfall = narrow(columns.shortfall);
    columns.note = unpack(columns.note, 'i');
  });
}
