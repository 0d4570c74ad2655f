// The painter of the map: one canvas, drawn from back to front for one state of the place.

// Longer names are cut on the map.
var LABEL_HALVES = 20;

// Dots of one path: a path of all of them takes some browsers 14 s (Chromium 109, 30,000 dots), for the time grows with its square.
var DOTS_AT_ONCE = 500;

// The rings of an area as a path.
function traceArea(ctx, shape, i, px, py) {
  var r, k;
  for (r = shape.firstRing[i]; r < shape.firstRing[i + 1]; r++) {
    for (k = shape.first[r]; k < shape.first[r + 1]; k++) { ctx[k > shape.first[r] ? 'lineTo' : 'moveTo'](px(shape.x[k]), py(shape.y[k])); }
    ctx.closePath();
  }
}

// `near` is 0 when the whole place is in view, 1 close by: marks grow a little with it.
function painter(ctx, origin, scale, near, bounds, state) {
  var screen = { west: bounds.min.x, north: bounds.min.y, east: bounds.max.x, south: bounds.max.y };

  function px(x) { return x * scale - origin.x; }
  function py(y) { return y * scale - origin.y; }
  function isShown(x, y, margin) { return x > screen.west - margin && x < screen.east + margin && y > screen.north - margin && y < screen.south + margin; }

  function isAreaShown(shape, i) {
    return px(shape.box[4 * i]) < screen.east && px(shape.box[4 * i + 2]) > screen.west && py(shape.box[4 * i + 1]) < screen.south && py(shape.box[4 * i + 3]) > screen.north;
  }

  function trace(shape, i, pen) { traceArea(pen || ctx, shape, i, px, py); }

  function ground() {
    var level = levels[0], i;
    if (isOnBaseMap()) { return; }
    ctx.beginPath();
    for (i = 0; i < level.size; i++) { trace(level.shape, i); }
    ctx.fillStyle = '#ffffff'; ctx.fill('evenodd');
  }

  function units() {
    var answer = theme(), level = themeLevel(), i, row, fills = {}, fill;
    if (view.state === 'difference') { differenceUnits(level); return; }
    if (!answer || !answer.units) { return; }
    for (i = 0; i < level.size; i++) {
      row = answer.units.rowOf[level.first + i];
      if (row === undefined || !isAreaShown(level.shape, i)) { continue; }
      fill = unitFill(ctx, answer.units, state, row);
      ctx.beginPath(); trace(level.shape, i);
      ctx.globalAlpha = typeof fill !== 'string' ? 1 : fillAlpha();
      ctx.fillStyle = fill; ctx.fill('evenodd');
      if (level.level === 'residential_area') { ctx.globalAlpha = 1; ctx.lineWidth = 3; ctx.strokeStyle = fill; ctx.stroke(); }
      fills[i] = fill;
    }
    ctx.globalAlpha = 1;
  }

  function differenceUnits(level) {
    var i, fill;
    for (i = 0; i < level.size; i++) {
      fill = isAreaShown(level.shape, i) && differenceFill(ctx, level.first + i);
      if (!fill) { continue; }
      ctx.beginPath(); trace(level.shape, i);
      ctx.fillStyle = fill; ctx.fill('evenodd');
    }
  }

  function circlesOf() {
    var bands = data.circles[state], i, n = bands.length, fillAll = !theme() && view.state !== 'difference';
    for (i = 0; i < n; i++) {
      if (i && !view.layers.bands) { break; }
      if (state === 'after' && isSwitched()) { switchedCircles(ctx, function (pen, shape) { trace(shape, 0, pen); }, i, fillAll); continue; }
      ctx.beginPath(); trace(circles[state][i], 0);
      if (fillAll) { ctx.globalAlpha = 0.13; ctx.fillStyle = data.colours.circle; ctx.fill('evenodd'); }
      ctx.globalAlpha = i ? 0.5 : 0.8;
      ctx.setLineDash(i ? [3, 4] : []); ctx.lineWidth = i ? 1 : 1.4; ctx.strokeStyle = data.colours.circle; ctx.stroke();
      ctx.setLineDash([]); ctx.globalAlpha = 1;
    }
  }

  function streetsOf() {
    var pass, i, k;
    ctx.strokeStyle = data.colours.street; ctx.lineJoin = 'round'; ctx.globalAlpha = theme() ? 0.55 : 1;
    for (pass = 0; pass < 2; pass++) {
      ctx.lineWidth = (pass ? 1.3 : 0.7) * (scale > 8192 ? 1.7 : 1);
      ctx.beginPath();
      for (i = 0; i < streets.n; i++) {
        if (streets.main[i] !== pass) { continue; }
        for (k = streets.first[i]; k < streets.first[i + 1]; k++) { ctx[k > streets.first[i] ? 'lineTo' : 'moveTo'](px(streets.x[k]), py(streets.y[k])); }
      }
      ctx.stroke();
    }
    ctx.globalAlpha = 1;
  }

  function boundaries() {
    levels.forEach(function (level, depth) {
      var i, isFinest = level.level === data.head.finest;
      if (level.level === 'residential_area' && themeLevel() !== level) { return; }
      ctx.beginPath();
      for (i = 0; i < level.size; i++) { if (isAreaShown(level.shape, i)) { trace(level.shape, i); } }
      ctx.globalAlpha = !isFinest ? 0.9 : themeLevel() === level ? 0.45 : 0.18;
      ctx.lineWidth = isFinest && depth ? 0.7 : depth ? 1.5 : 2.4;
      ctx.strokeStyle = data.colours.boundary; ctx.lineJoin = 'round'; ctx.stroke();
    });
    ctx.globalAlpha = 1;
  }

  function dotRadius(number) {
    var grown = 0.36 * Math.sqrt(Math.max(number, 1)) * Math.pow(scale / 2048, 0.6);
    return Math.max(1, Math.min(13, grown));
  }

  function dots() {
    var band, i, x, y, r, n, drawn = theme() ? [-1] : [0, 1, 2, 3, 4];
    drawn.forEach(function (wanted) {
      function lay() { if (wanted === 4) { ctx.stroke(); } else { ctx.fill(); } }
      ctx.fillStyle = wanted < 0 ? '#39434e' : BANDS[wanted];
      ctx.globalAlpha = wanted < 0 ? 0.45 : wanted < 3 ? 0.75 : 0.8;
      ctx.strokeStyle = BANDS[4]; ctx.lineWidth = 1.4;
      ctx.beginPath(); n = 0;
      for (i = 0; i < people.n; i++) {
        band = people[state].band[i];
        x = px(people.x[i]); y = py(people.y[i]);
        if ((wanted >= 0 && band !== wanted) || !isShown(x, y, 14)) { continue; }
        r = dotRadius(people.size[i]);
        ctx.moveTo(x + r, y); ctx.arc(x, y, r, 0, 2 * Math.PI);
        if (++n % DOTS_AT_ONCE === 0) { lay(); ctx.beginPath(); }
      }
      lay();
    });
    ctx.globalAlpha = 1;
  }

  function sites() {
    var i, x, y;
    if (view.layers.candidates) {
      for (i = 0; i < candidates.n; i++) {
        x = px(candidates.x[i]); y = py(candidates.y[i]);
        if (isShown(x, y, 8) && !isOnSite('candidate', i, state)) { drawCandidate(ctx, x, y, 2.6 + 1.4 * near); }
      }
    }
    facilityRows().forEach(function (row) {
      x = px(facilities.x[row]); y = py(facilities.y[row]);
      if (isShown(x, y, 12)) { drawFacility(ctx, data.facilities.kind[row], facilities.open[row] && !(state === 'after' && isGone(row)), x, y, 3.6 + 2.4 * near); }
    });
  }

  function proposed() {
    var i, x, y;
    if (view.layers.proposals) {
      if (view.state === 'difference') { goneProposals().forEach(function (site) { drawProposal(ctx, site.number, false, px(site.x), py(site.y), 10 + 3 * near); }); }
      for (i = proposals.n - 1; i >= 0; i--) {
        x = px(proposals.x[i]); y = py(proposals.y[i]);
        if (isShown(x, y, 20)) { drawProposal(ctx, i + 1, isOnSite('proposal', i, state), x, y, 10 + 3 * near); }
      }
      openedCandidates(state).forEach(function (row) { drawProposal(ctx, '+', true, px(candidates.x[row]), py(candidates.y[row]), 10 + 3 * near); });
    }
  }

  function labels() {
    var taken = [], answer = theme();
    levels.forEach(function (level, depth) {
      var isFinest = level.level === data.head.finest, i, name, x, y, width, room, half, overlaps, row, verdict, sign;
      if (level.size < 2 || depth > Math.max(levels.indexOf(themeLevel()), 1)) { return; }
      for (i = 0; i < level.size; i++) {
        if (!isAreaShown(level.shape, i)) { continue; }
        name = shortName(places.name[level.first + i], LABEL_HALVES);
        row = answer && answer.units && themeLevel() === level ? answer.units.rowOf[level.first + i] : undefined;
        verdict = row === undefined ? '' : VERDICTS[answer.units[state].verdict[row]];
        sign = view.state === 'difference' ? differenceSign(level, i) : verdict === 'fail' ? '✕ ' : verdict === 'no_data' ? '? ' : '';
        ctx.font = isFinest ? '12.5px "Noto Sans CJK SC", "Microsoft YaHei", sans-serif' : '700 14px "Noto Sans CJK SC", "Microsoft YaHei", sans-serif';
        room = (level.shape.box[4 * i + 2] - level.shape.box[4 * i]) * scale;
        width = ctx.measureText(sign + name).width;
        if (width > room * (isFinest ? 0.75 : 1.2)) { name = sign.trim(); width = name ? 10 : 0; } else { name = sign + name; }
        if (!name || room < 16) { continue; }
        x = px(places.label.x[level.first + i]); y = py(places.label.y[level.first + i]); half = width / 2 + 3;
        overlaps = taken.some(function (box) { return x - half < box[2] && x + half > box[0] && y - 9 < box[3] && y + 9 > box[1]; });
        if (overlaps || !isShown(x, y, 40)) { continue; }
        taken.push([x - half, y - 9, x + half, y + 9]);
        ctx.textAlign = 'center'; ctx.textBaseline = 'middle'; ctx.lineJoin = 'round';
        ctx.lineWidth = 3.5; ctx.strokeStyle = 'rgba(255,255,255,.88)'; ctx.strokeText(name, x, y);
        ctx.fillStyle = isFinest ? '#3a4652' : '#16202b'; ctx.fillText(name, x, y);
      }
    });
  }

  function selection() {
    var at = view.selected, source = at && { facility: facilities, candidate: candidates, proposal: proposals }[at.kind];
    if (!at) { return; }
    ctx.strokeStyle = data.colours.selected; ctx.lineWidth = 3;
    ctx.beginPath();
    if (source) { ctx.arc(px(source.x[at.row]), py(source.y[at.row]), 19, 0, 2 * Math.PI); }
    else {
      levels.forEach(function (level) {
        if (at.row >= level.first && at.row < level.first + level.size) { trace(level.shape, at.row - level.first); }
      });
    }
    ctx.stroke();
    if (!source) { ctx.lineWidth = 1; ctx.strokeStyle = '#ffffff'; ctx.stroke(); }
  }

  return function () {
    ground();
    units();
    if (view.layers.circles) { circlesOf(); }
    if (view.layers.streets && streets) { streetsOf(); }
    if (view.layers.boundaries) { boundaries(); }
    if (view.layers.dots && view.state !== 'difference') { dots(); }
    sites();
    if (view.layers.labels) { labels(); }
    proposed();
    selection();
  };
}
