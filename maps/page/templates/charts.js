// Charts as plain SVG: cost and needs relieved, coverage by township, minutes of the people. Each has a title, a sentence that says it, and the
// same digits as a table beneath; shapes and outlines tell states apart, not colour alone.

var CHART = { width: 460, left: 46, right: 14, top: 12, bottom: 40 };

function svg(name, attributes, children) {
  var node = document.createElementNS('http://www.w3.org/2000/svg', name), key;
  for (key in attributes || {}) { if (attributes[key] !== null && attributes[key] !== undefined) { node.setAttribute(key, attributes[key]); } }
  [].concat(children === undefined ? [] : children).forEach(function (child) {
    if (child === null || child === undefined || child === '') { return; }
    node.appendChild(typeof child === 'object' ? child : document.createTextNode(String(child)));
  });
  return node;
}

function svgText(x, y, text, more) {
  var attributes = { x: x, y: y, 'font-size': 12, fill: '#3a4652' }, key;
  for (key in more || {}) { attributes[key] = more[key]; }
  return svg('text', attributes, text);
}

function picture(id, height, title, told, children) {
  return svg('svg', { id: id, 'class': 'chart', viewBox: '0 0 ' + CHART.width + ' ' + height, role: 'img', 'aria-labelledby': id + '-title ' + id + '-told' }, [svg('title', { id: id + '-title' }, title), svg('desc', { id: id + '-told' }, told)].concat(children));
}

function beneath(id, heads, rows) {
  return el('details', { 'class': 'chart-table', id: id + '-table' }, [el('summary', null, t('charts.table')), table('plain', heads, rows)]);
}

function textRow(texts) {
  return el('tr', null, texts.map(function (text, i) { return el('td', i ? { 'class': 'num' } : null, text); }));
}

// A round step that divides a length into about four.
function roundStep(length) {
  var size = Math.pow(10, Math.floor(Math.log(length / 4) / Math.LN10)), parts = length / 4 / size;
  return size * (parts < 1.5 ? 1 : parts < 3.5 ? 2 : parts < 7.5 ? 5 : 10);
}

function across(share) { return CHART.left + share * (CHART.width - CHART.left - CHART.right); }

function mark_(shape, x, y, r, fill, stroke) {
  var half = r * 0.9;
  if (shape === 'square') { return svg('rect', { x: x - half, y: y - half, width: 2 * half, height: 2 * half, fill: fill, stroke: stroke, 'stroke-width': 1.6 }); }
  if (shape === 'circle') { return svg('circle', { cx: x, cy: y, r: r, fill: fill, stroke: stroke, 'stroke-width': 1.6 }); }
  if (shape === 'diamond') { return svg('path', { d: 'M' + x + ' ' + (y - r * 1.3) + 'L' + (x + r * 1.3) + ' ' + y + 'L' + x + ' ' + (y + r * 1.3) + 'L' + (x - r * 1.3) + ' ' + y + 'Z', fill: fill, stroke: stroke, 'stroke-width': 1.6 }); }
  return svg('path', { d: 'M' + x + ' ' + (y - r * 1.25) + 'L' + (x + r * 1.15) + ' ' + (y + r * 0.85) + 'L' + (x - r * 1.15) + ' ' + (y + r * 0.85) + 'Z', fill: fill, stroke: stroke, 'stroke-width': 1.6 });
}

function keyLine(entries) {
  return el('div', { 'class': 'chart-keys' }, entries.map(function (entry) {
    return el('span', null, [svg('svg', { width: 26, height: 14, 'aria-hidden': 'true' }, entry[0]), entry[1]]);
  }));
}

// Cost and needs relieved

// What an open set relieves of the needs that the curve speaks of; null where that cannot be said.
function relievedShare(result) {
  var curve = data.curve, sums = [], weights = [], before = today();
  if (!curve.rules || !result) { return null; }
  curve.rules.forEach(function (asked) {
    var ledger = switches.ledgers[asked.rule][0], was = before.answers[asked.rule][0], is = result.answers[asked.rule][0];
    weights.push(asked.weight);
    if (!ledger) { sums.push(NaN); return; }
    sums.push(asked.weight / asked.short * sum(was.map(function (f, i) { return relievedIn(ledger, f, is[i]); })));
  });
  return sum(sums) / sum(weights);
}

// As `planner.rules.Rule.relieved`, unit by unit.
function relievedIn(ledger, was, is) {
  var reach = ledger.kind === 'service_circle_coverage', share = ledger.kind === 'ratio' ? ledger.value / 100 : 0, gain;
  if (was.verdict !== 1 && !(reach && was.verdict === 4)) { return 0; }
  gain = (is.have - share * (share ? is.base : 0)) - (was.have - share * (share ? was.base : 0));
  return reach ? gain : Math.min(gain, was.shortfall);
}

function axes(height, xs, ys) {
  var bottom = height - CHART.bottom, parts = [];
  ys.forEach(function (tick) {
    parts.push(svg('line', { x1: CHART.left, x2: CHART.width - CHART.right, y1: tick[0], y2: tick[0], stroke: '#e1e6ec' }));
    parts.push(svgText(CHART.left - 6, tick[0] + 4, tick[1], { 'text-anchor': 'end' }));
  });
  parts.push(svg('line', { x1: CHART.left, x2: CHART.width - CHART.right, y1: bottom, y2: bottom, stroke: '#5b6470' }));
  xs.forEach(function (tick) {
    parts.push(svg('line', { x1: tick[0], x2: tick[0], y1: bottom, y2: bottom + 4, stroke: '#5b6470' }));
    parts.push(svgText(tick[0], bottom + 17, tick[1], { 'text-anchor': 'middle' }));
  });
  return parts;
}

function costAxis(curve, most) {
  var scale = curve.unit !== 'yuan' ? 1 : view.language === 'zh' ? 10000 : 1, step = curve.unit === 'yuan' ? roundStep(most / scale) : Math.max(1, roundStep(most)), ticks = [], value;
  for (value = 0; value * scale <= most * 1.0001; value += step) { ticks.push([value * scale, group3(value)]); }
  return ticks;
}

function group3(number) { return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ','); }

function costUnit(curve) { return unitWord(curve.unit === 'yuan' ? (view.language === 'zh' ? 'wan_yuan' : 'yuan') : 'sites'); }

// Cost and share of the plan, and of what is switched.
function curveDots(curve) {
  var found = ready(), dots = [], dot;
  if (!found.trusted) { return dots; }
  dot = function (result, word, shape) {
    var on = result.on.slice(), cost, spent, share = relievedShare(result);
    curve.required.forEach(function (row) { on[row] = 0; });
    cost = costOf(on); spent = curve.unit === 'yuan' ? cost.yuan : cost.n;
    if (spent !== null && (!cost.unknown || curve.unit !== 'yuan')) { dots.push({ cost: spent, share: share === null || isNaN(share) ? null : share, word: word, shape: shape }); }
  };
  dot(found.plan, t('state.after'), 'circle');
  if (isSwitched()) { dot(found.now, t('state.switched'), 'triangle'); }
  return dots;
}

function costDigits(curve, cost) { return curve.unit === 'yuan' ? money(shownYuan(cost)) : figure(shown(cost, 'sites'), 'sites'); }

function curveChart() {
  var curve = data.curve, height = 270, bottom = height - CHART.bottom, dots, most, parts, path = '', knee, told, blue = '#1d4f7c';
  if (!curve) { return []; }
  dots = curveDots(curve);
  most = Math.max.apply(null, curve.steps.concat(curve.points).concat(dots).map(function (at) { return at.cost; }));
  if (!(most > 0)) { return []; }
  function x(cost) { return across(cost / most); }
  function y(share) { return CHART.top + (1 - share) * (bottom - CHART.top); }
  parts = axes(height, costAxis(curve, most).map(function (tick) { return [x(tick[0]), tick[1]]; }), [0, 0.25, 0.5, 0.75, 1].map(function (share) { return [y(share), 100 * share + ' %']; }));
  curve.steps.forEach(function (step, i) { path += (i ? 'L' : 'M') + x(step.cost) + ' ' + y(step.share); });
  parts.push(svg('path', { d: path, fill: 'none', stroke: blue, 'stroke-width': 2, 'stroke-linejoin': 'round' }));
  curve.points.forEach(function (point) {
    if (point.bound !== null) { parts.push(svg('line', { x1: x(point.cost) - 7, x2: x(point.cost) + 7, y1: y(Math.min(1, point.bound)), y2: y(Math.min(1, point.bound)), stroke: '#5b6470', 'stroke-width': 1.6, 'stroke-dasharray': '3 2' })); }
    parts.push(mark_('square', x(point.cost), y(point.share), 4, '#ffffff', blue));
  });
  if (curve.knee > 0) {
    knee = curve.steps[curve.knee];
    parts.push(mark_('diamond', x(knee.cost), y(knee.share), 5, '#ffffff', '#8a5a00'));
  }
  dots.forEach(function (at) {
    if (at.share === null) { parts.push(svg('line', { x1: x(at.cost), x2: x(at.cost), y1: CHART.top, y2: bottom, stroke: '#c2410c', 'stroke-width': 1.6, 'stroke-dasharray': at.shape === 'circle' ? null : '4 3' })); return; }
    parts.push(mark_(at.shape, x(at.cost), y(at.share), 6, at.shape === 'circle' ? '#c2410c' : '#ffffff', '#c2410c'));
  });
  parts.push(svgText(CHART.width - CHART.right, height - 6, t('charts.cost_axis') + ' (' + costUnit(curve) + ')', { 'text-anchor': 'end' }));
  told = dots.map(function (at) { return at.word + ': ' + costDigits(curve, at.cost) + (at.share === null ? '' : ', ' + t('charts.relieved') + ' ' + figure(shown(100 * at.share, '%'), '%')); });
  if (knee) { told.push(t('charts.knee_told', { cost: costDigits(curve, knee.cost), share: knee.share_digits })); }
  return [
    el('h2', null, t('charts.curve')),
    el('p', { 'class': 'small soft' }, t('charts.curve_text')),
    picture('chart-curve', height, t('charts.curve'), told.join('; '), parts),
    keyLine([
      [svg('line', { x1: 1, x2: 25, y1: 7, y2: 7, stroke: blue, 'stroke-width': 2 }), t('charts.steps')], [mark_('square', 13, 7, 4, '#ffffff', blue), t('charts.points')]
    ].concat(curve.points.some(function (point) { return point.bound !== null; }) ? [[svg('line', { x1: 4, x2: 22, y1: 7, y2: 7, stroke: '#5b6470', 'stroke-width': 1.6, 'stroke-dasharray': '3 2' }), t('charts.bound')]] : []).concat(knee ? [[mark_('diamond', 13, 7, 4.5, '#ffffff', '#8a5a00'), t('charts.knee')]] : []).concat(dots.map(function (at) {
      return [at.share === null ? svg('line', { x1: 13, x2: 13, y1: 1, y2: 13, stroke: '#c2410c', 'stroke-width': 1.6, 'stroke-dasharray': at.shape === 'circle' ? null : '4 3' }) : mark_(at.shape, 13, 7, 5, at.shape === 'circle' ? '#c2410c' : '#ffffff', '#c2410c'), at.word];
    }))),
    curve.aside ? el('p', { 'class': 'small', id: 'chart-curve-aside' }, either(curve.aside)) : null,
    told.length ? el('p', { 'class': 'small', id: 'chart-curve-told' }, told.join(view.language === 'zh' ? ';' : '; ')) : null,
    beneath('chart-curve', [[t('charts.budget')], [t('charts.cost_axis'), 'num'], [t('charts.sites'), 'num'], [t('charts.relieved'), 'num'], [t('charts.bound'), 'num']], curve.points.map(function (point) {
      return textRow([money(point.budget), money(point.cost_digits), point.n_sites, figure(point.share_digits, '%'), figure(point.bound_digits, '%')]);
    }))
  ];
}

// Coverage by township

// So much of a name has room beside the figures.
var NAME_HALVES = 44;

function barPair(y, high, was, is) {
  return [
    svg('rect', { x: across(0), y: y, width: Math.max(0, across(was) - across(0)), height: high, fill: '#ffffff', stroke: '#5b6470' }),
    svg('rect', { x: across(0), y: y + high + 2, width: Math.max(0, across(is) - across(0)), height: high, fill: '#4393c3', stroke: '#1d4f7c' })
  ];
}

function stateKeys() {
  return keyLine(['before', 'after'].map(function (state) {
    return [svg('rect', { x: 2, y: 3, width: 22, height: 9, fill: state === 'before' ? '#ffffff' : '#4393c3', stroke: state === 'before' ? '#5b6470' : '#1d4f7c' }), stateWord(state)];
  }));
}

var MOST_BARS = 15;

// Pairs of bars as pictures of at most so many, so that each finds room on a sheet of paper. `rows`: name, digits, was and is (shares); `ticks`: shares
// that a line is drawn at.
function barPictures(id, title, rows, ticks) {
  var pictures = [], from, some, height;
  function drawn(row, i) {
    var y = i * 44 + 4;
    return [
      svgText(across(0), y + 12, shortName(row.name, NAME_HALVES), { 'font-weight': 700 }),
      svgText(CHART.width - CHART.right, y + 12, row.digits, { 'text-anchor': 'end' })
    ].concat(barPair(y + 17, 8, row.was, row.is));
  }
  for (from = 0; from < rows.length; from += MOST_BARS) {
    some = rows.slice(from, from + MOST_BARS);
    height = some.length * 44 + (ticks.length ? 26 : 8);
    pictures.push(picture(id + (from ? '-' + from : ''), height, title, some.map(function (row) { return row.name + ' ' + row.digits; }).join('; '), ticks.map(function (share) {
      return svg('g', null, [
        svg('line', { x1: across(share), x2: across(share), y1: 4, y2: height - 22, stroke: '#e1e6ec' }),
        svgText(across(share), height - 8, 100 * share + ' %', { 'text-anchor': share === 1 ? 'end' : 'middle' })
      ]);
    }).concat(some.map(drawn).reduce(function (all, parts) { return all.concat(parts); }, []))));
  }
  return pictures;
}

function barPart(id, title, rows, ticks, digits) {
  var pictures = barPictures(id, title, rows, ticks);
  return together([el('h2', null, title), stateKeys(), pictures[0]]).concat(pictures.slice(1)).concat(digits);
}

function townshipChart() {
  var rows = data.balance.rows.filter(function (row) { return row.role === 'unit' && row.pct[0] !== '—'; }), title = t('charts.township', { base: either(data.head.base), minutes: data.head.minutes });
  if (!rows.length) { return []; }
  return barPart('chart-township', title, rows.map(function (row) {
    return { name: row.unit, digits: row.pct[0] + ' → ' + row.pct[1] + ' %', was: parseFloat(row.pct[0]) / 100, is: parseFloat(row.pct[1]) / 100 };
  }), [0, 0.25, 0.5, 0.75, 1], beneath('chart-township', [[t('about.place')], [stateWord('before'), 'num'], [stateWord('after'), 'num'], [t('about.served') + ' ' + stateWord('before'), 'num'], [t('about.served') + ' ' + stateWord('after'), 'num'], [t('about.total'), 'num']], rows.map(function (row) {
    return textRow([row.unit, row.pct[0] + ' %', row.pct[1] + ' %', row.before[0], row.after[0], row.after[4]]);
  })));
}

// Units short of the shown rule, by township.
function shortChart() {
  var answer = theme() || firstAnswerWithUnits(), rule = view.rule >= 0 ? data.rules[view.rule] : data.rules[firstMapped()], above = Object.create(null), names = [], most = 0;
  if (!answer || !answer.units || answer.units.reports || answer.level !== data.head.finest || answer.followed === false) { return []; }
  Array.prototype.forEach.call(answer.units.place, function (place, row) {
    var parent = places.parent[place], counts;
    if (parent < 0) { return; }
    if (!above[parent]) { above[parent] = { name: places.name[parent], before: 0, after: 0, n: 0 }; names.push(parent); }
    counts = above[parent];
    ['before', 'after'].forEach(function (state) { counts[state] += answer.units[state].verdict[row] === 1 ? 1 : 0; });
    counts.n += answer.units.before.verdict[row] === 3 ? 0 : 1;
    most = Math.max(most, counts.n);
  });
  if (!names.length || !most) { return []; }
  names.sort(function (a, b) { return a - b; });
  return barPart('chart-short', t('charts.short', { rule: titleOf(rule, answer) + readingOf(answer), level: levelWord(answer.level) }), names.map(function (parent) {
    var counts = above[parent];
    return { name: counts.name, digits: counts.before + ' → ' + counts.after + ' / ' + counts.n, was: counts.before / most, is: counts.after / most };
  }), [], beneath('chart-short', [[t('about.place')], [stateWord('before'), 'num'], [stateWord('after'), 'num'], [t('charts.of'), 'num']], names.map(function (parent) { return textRow([above[parent].name, above[parent].before, above[parent].after, above[parent].n]); })));
}

// Minutes of the people

function minutesLabel(i, edges) {
  if (i < edges.length) { return (i ? edges[i - 1] : '0') + '–' + edges[i] + ' ' + unitWord('min'); }
  return i === edges.length ? t('legend.beyond', { high: edges[edges.length - 1] }) : t('legend.off_network');
}

function digitsToNumber(digits) { return digits === '—' ? 0 : parseFloat(digits.replace(/,/g, '')); }

function minutesChart() {
  var spread_ = data.minutes_spread, edges = spread_.edges, n = edges.length, height = 240, bottom = height - CHART.bottom, most = 0, parts, wide, title, step, ticks = [], value, hasOff;
  ['before', 'after'].forEach(function (state) { spread_[state].forEach(function (digits) { most = Math.max(most, digitsToNumber(digits)); }); });
  if (!most) { return []; }
  hasOff = digitsToNumber(spread_.before[n + 1]) > 0;
  wide = (CHART.width - CHART.left - CHART.right) / (n + (hasOff ? 4.6 : 2.6));
  function x(i) { return CHART.left + (i < n ? i * wide : (n + 0.4 + (i - n) * 2) * wide); }
  function y(people_) { return bottom - people_ / most * (bottom - CHART.top - 4); }
  step = roundStep(most);
  for (value = 0; value <= most; value += step) { ticks.push([y(value), group3(value)]); }
  parts = axes(height, [], ticks);
  spread_.before.forEach(function (digits, i) {
    var span = i < n ? wide : wide * 1.8, was = digitsToNumber(digits), is = digitsToNumber(spread_.after[i]);
    if (i > n && !hasOff) { return; }
    parts.push(svg('rect', { x: x(i) + span * 0.08, y: y(was), width: span * 0.4, height: bottom - y(was), fill: '#ffffff', stroke: '#5b6470' }));
    parts.push(svg('rect', { x: x(i) + span * 0.52, y: y(is), width: span * 0.4, height: bottom - y(is), fill: '#4393c3', stroke: '#1d4f7c' }));
    if (i < n && (i + 1) % 5 === 0) { parts.push(svgText(x(i) + wide, bottom + 16, edges[i], { 'text-anchor': 'middle' })); }
    if (i >= n) { parts.push(svgText(x(i) + span / 2, bottom + 16, i === n ? '> ' + edges[n - 1] : t('charts.off'), { 'text-anchor': 'middle' })); }
  });
  parts.push(svgText(CHART.left, bottom + 16, '0', { 'text-anchor': 'middle' }));
  parts.push(svgText(CHART.width - CHART.right, height - 6, t('charts.minutes_axis'), { 'text-anchor': 'end' }));
  title = t('charts.minutes', { base: either(data.head.base) });
  return [
    el('h2', null, title), stateKeys(),
    picture('chart-minutes', height, title, ['before', 'after'].map(function (state) { return stateWord(state) + ': ' + minutesLabel(n, edges) + ' ' + figure(spread_[state][n], 'people'); }).join('; '), parts),
    beneath('chart-minutes', [[t('charts.minutes_axis')], [stateWord('before'), 'num'], [stateWord('after'), 'num']], spread_.before.map(function (digits, i) { return textRow([minutesLabel(i, edges), digits, spread_.after[i]]); }))
  ];
}

function showCharts() {
  var open = Array.prototype.map.call(document.querySelectorAll('#charts details[open]'), function (node) { return node.id; }), parts = [together(curveChart()), townshipChart(), shortChart(), together(minutesChart())].filter(function (part) { return part.length; });
  fill('charts', parts.length ? parts.map(function (part) { return el('div', { 'class': 'chart-part' }, part); }) : el('p', { 'class': 'nothing' }, t('charts.none')));
  open.forEach(function (id) { if (byId(id)) { byId(id).open = true; } });
}
