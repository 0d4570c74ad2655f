// The map: Leaflet carries the view, our painter draws on its canvas; hits, hints and the divider of the comparison.

var Sheet = L.Canvas.extend({
  _updatePaths: function () { this.draw(); },
  draw: function () {
    var map = this._map, ctx = this._ctx, bounds = this._bounds, sides = sidesOf(), split, near;
    if (!map || !bounds) { return; }
    near = Math.max(0, Math.min(1, (map.getZoom() - map.getBoundsZoom(wholePlace())) / 2.5));
    ctx.clearRect(bounds.min.x, bounds.min.y, bounds.max.x - bounds.min.x, bounds.max.y - bounds.min.y);
    function paint(side, west, east) {
      ctx.save();
      ctx.beginPath(); ctx.rect(west, bounds.min.y, east - west, bounds.max.y - bounds.min.y); ctx.clip();
      inScenario(side.scenario, function () { painter(ctx, map.getPixelOrigin(), map.getZoomScale(map.getZoom(), 0), near, bounds, side.state)(); });
      ctx.restore();
    }
    if (sides.length < 2) { paint(sides[0], bounds.min.x, bounds.max.x); return; }
    split = map.containerPointToLayerPoint([view.split * map.getSize().x, 0]).x;
    paint(sides[0], bounds.min.x, split);
    paint(sides[1], split, bounds.max.x);
  }
});

var map = L.map('map', { attributionControl: false, zoomControl: false, zoomSnap: 0.25, zoomDelta: 0.5, wheelPxPerZoomLevel: 90, maxZoom: 18, minZoom: 4 });
var sheet = new Sheet({ padding: 0.2 });

function repaint() { sheet.draw(); }

function latLng(x, y) { return L.CRS.EPSG3857.pointToLatLng(L.point(x, y), 0); }

function boxOf(shape, i) {
  return L.latLngBounds(latLng(shape.box[4 * i], shape.box[4 * i + 3]), latLng(shape.box[4 * i + 2], shape.box[4 * i + 1]));
}

function wholePlace() {
  var bounds = boxOf(levels[0].shape, 0), i;
  for (i = 1; i < levels[0].size; i++) { bounds.extend(boxOf(levels[0].shape, i)); }
  return bounds;
}

// The whole place clear of the legend: to the right of it or above it, whichever shows it larger.
function fitWhole() {
  var legend = byId('legend'), whole = wholePlace(), right = legend.offsetLeft + legend.offsetWidth + 12, above = map.getSize().y - legend.offsetTop + 12;
  function zoomWithin(room) { return map.getBoundsZoom(whole, false, L.point(room.left + room.right, room.top + room.bottom)); }
  var room = [{ left: right, top: 60, right: 24, bottom: 30 }, { left: 24, top: 60, right: 24, bottom: above }].sort(function (a, b) { return zoomWithin(b) - zoomWithin(a); })[0];
  map.fitBounds(whole, { paddingTopLeft: [room.left, room.top], paddingBottomRight: [room.right, room.bottom], animate: false });
}

function startMap() {
  fitWhole();
  sheet.addTo(map);
  map.on('mousemove', onMove).on('mouseout', hideHint).on('click', onClick);
}

// What lies at a point of the map: a proposal, a facility, a candidate, or a unit of the shown level.
function hitAt(latlng) {
  var at = map.project(latlng, map.getZoom()), scale = map.getZoomScale(map.getZoom(), 0), level = themeLevel(), i;
  function nearest(source, reach, rows) {
    var best = -1, bestSquare = reach * reach, n = rows ? rows.length : source.n, j, k, dx, dy;
    for (j = 0; j < n; j++) {
      k = rows ? rows[j] : j;
      dx = source.x[k] * scale - at.x; dy = source.y[k] * scale - at.y;
      if (dx * dx + dy * dy < bestSquare) { bestSquare = dx * dx + dy * dy; best = k; }
    }
    return best;
  }
  if (view.layers.proposals && (i = nearest(proposals, 14)) >= 0) { return { kind: 'proposal', row: i }; }
  if ((i = nearest(facilities, 8, facilityRows())) >= 0) { return { kind: 'facility', row: i }; }
  if (view.layers.candidates && (i = nearest(candidates, 6)) >= 0) { return { kind: 'candidate', row: i }; }
  for (i = 0; i < level.size; i++) {
    if (isInside(level.shape, i, at.x / scale, at.y / scale)) { return { kind: 'unit', row: level.first + i }; }
  }
  return null;
}

// What is shown at a point of the map: on its side of the divider when two are compared.
function sideAt(point) {
  var sides = sidesOf();
  return sides[sides.length > 1 && point.x >= view.split * map.getSize().x ? 1 : 0];
}

function hintLines(hit, state) {
  var answer = theme(), row, columns;
  if (hit.kind === 'proposal') { return [(hit.row + 1) + '  ' + data.proposals.name[hit.row], kindWords(data.proposals.kind[hit.row])]; }
  if (hit.kind === 'facility') { return [data.facilities.name[hit.row], kindWords(data.facilities.kind[hit.row])]; }
  if (hit.kind === 'candidate') { return [data.candidates.name[hit.row], t('legend.candidate')]; }
  if (view.state === 'difference') { return [places.name[hit.row]].concat(differenceLines(hit.row)); }
  row = answer && answer.units ? answer.units.rowOf[hit.row] : undefined;
  if (row === undefined) { return [places.name[hit.row]]; }
  columns = answer.units[state];
  return [places.name[hit.row], stateWord(state) + '  ' + figure(columns.value_text[row], answer.unit) + '  ' + (columns.verdict[row] === NONE ? '' : t('verdict.' + VERDICTS[columns.verdict[row]]))];
}

function onMove(event) {
  var side = sideAt(event.containerPoint), lines = null, hint;
  inScenario(side.scenario, function () {
    var hit = map.dragging.moving() ? null : hitAt(event.latlng);
    lines = hit && hintLines(hit, side.state);
  });
  byId('map').style.cursor = lines ? 'pointer' : '';
  if (!lines) { hideHint(); return; }
  hint = fill('hint', lines.map(function (line) { return el('div', null, line); }));
  hint.style.display = 'block';
  hint.style.left = hint.style.top = '0'; // measured where it has room
  hint.style.left = Math.min(event.containerPoint.x + 16, map.getSize().x - hint.offsetWidth) + 'px';
  hint.style.top = (event.containerPoint.y + 16 + hint.offsetHeight < map.getSize().y ? event.containerPoint.y + 16 : event.containerPoint.y - 8 - hint.offsetHeight) + 'px';
}

function hideHint() { byId('hint').style.display = 'none'; }

// Sites are selected in the scenario that is looked at, units on either side of the divider.
function onClick(event) {
  var side = sideAt(event.containerPoint), hit = inScenario(side.scenario, function () { return hitAt(event.latlng); });
  select(hit && hit.kind !== 'unit' && side.scenario !== shownScenario ? sameSite(hit, side.scenario) : hit, false);
}

// Move the map to what is selected, when it is asked for in a table.
function goTo(selected) {
  var source = { facility: facilities, candidate: candidates, proposal: proposals }[selected.kind];
  if (source) { map.setView(latLng(source.x[selected.row], source.y[selected.row]), Math.max(map.getZoom(), fittingZoom()), { animate: false }); return; }
  levels.forEach(function (level) {
    if (selected.row >= level.first && selected.row < level.first + level.size) {
      map.fitBounds(boxOf(level.shape, selected.row - level.first), { padding: [120, 120], maxZoom: Math.max(map.getZoom(), fittingZoom()), animate: false });
    }
  });
}

// Close enough to see a village and its neighbours.
function fittingZoom() { return Math.min(15, map.getBoundsZoom(wholePlace()) + 2.5); }

function placeSwipe() {
  var node = byId('swipe'), sides = sidesOf();
  node.className = sides.length > 1 ? 'on' : '';
  node.style.left = view.split * 100 + '%';
  byId('swipe-left').textContent = sides[0].title;
  byId('swipe-right').textContent = sides.length > 1 ? sides[1].title : '';
  node.title = view.state === 'versus' ? t('comparison.swipe', { first: sides[0].title, name: sides[1].title }) : t('state.swipe');
}

function startSwipe() {
  function move(event) {
    var box = byId('frame').getBoundingClientRect(), x = (event.touches ? event.touches[0] : event).clientX;
    view.split = Math.max(0.02, Math.min(0.98, (x - box.left) / box.width));
    placeSwipe(); repaint(); event.preventDefault();
  }
  function stop() { ['mousemove', 'touchmove'].forEach(function (name) { document.removeEventListener(name, move); }); }
  ['mousedown', 'touchstart'].forEach(function (name) {
    byId('swipe').addEventListener(name, function (event) {
      ['mousemove', 'touchmove'].forEach(function (moved) { document.addEventListener(moved, move); });
      event.preventDefault();
    });
  });
  ['mouseup', 'touchend'].forEach(function (name) { document.addEventListener(name, stop); });
}
