// Legend, layer switches, the line of sources: what is needed to read the map.

function swatch(draw) {
  var canvas = el('canvas', { width: 44, height: 32 }), ctx = canvas.getContext('2d');
  canvas.style.width = '22px'; canvas.style.height = '16px';
  ctx.scale(2, 2);
  draw(ctx);
  return canvas;
}

function key(draw, text, verdict) {
  return el('div', { 'class': 'key' }, [swatch(draw), el('span', null, text), verdict ? mark(verdict) : null]);
}

function area(fillStyle) {
  return function (ctx) {
    ctx.fillStyle = typeof fillStyle === 'function' ? fillStyle(ctx) : fillStyle;
    ctx.globalAlpha = typeof fillStyle === 'function' ? 1 : fillAlpha();
    ctx.fillRect(1, 1, 20, 14);
    ctx.globalAlpha = 1; ctx.strokeStyle = '#8b96a2'; ctx.lineWidth = 0.6; ctx.strokeRect(1, 1, 20, 14);
  };
}

function dot(colour, hollow) {
  return function (ctx) {
    ctx.beginPath(); ctx.arc(11, 8, 5, 0, 2 * Math.PI);
    if (hollow) { ctx.strokeStyle = colour; ctx.lineWidth = 1.4; ctx.stroke(); } else { ctx.fillStyle = colour; ctx.fill(); }
  };
}

function rangeText(limits, i) {
  if (!limits.length) { return ''; }
  if (!i) { return t('legend.to', { high: limits[0] }); }
  return i === limits.length ? t('legend.over', { low: limits[i - 1] }) : t('legend.range', { low: limits[i - 1], high: limits[i] });
}

function hasVerdict(code) {
  return sidesOf().some(function (side) {
    return inScenario(side.scenario, function () { return theme() && theme().units && Array.prototype.indexOf.call(theme().units[side.state].verdict, code) >= 0; });
  });
}

function themeKeys() {
  var answer = theme(), bands = data.head.bands, units, n, rows, i;
  if (view.state === 'difference') { return differenceKeys(); }
  if (!answer) {
    rows = [el('h3', null, t('legend.minutes'))];
    if (view.layers.dots) {
      rows = rows.concat([
        key(dot(BANDS[0]), t('legend.minutes_first', { high: bands[0] })),
        key(dot(BANDS[1]), t('legend.minutes_band', { low: bands[0], high: bands[1] })),
        key(dot(BANDS[2]), t('legend.minutes_band', { low: bands[1], high: bands[2] })),
        key(dot(BANDS[3]), t('legend.beyond', { high: bands[2] }))
      ]);
      if (Array.prototype.indexOf.call(people.before.band, 4) >= 0) { rows.push(key(dot(BANDS[4], true), t('legend.off_network'))); }
      rows.push(el('div', { 'class': 'soft small' }, t('legend.dot_size')));
    }
    return rows;
  }
  units = answer.units;
  if (!units) { return []; }
  n = units.limits.length + 1;
  rows = [];
  if (units.reports) {
    rows.push(el('h3', null, t('legend.value') + ' (' + unitWord(units.limit_unit) + ')'));
    for (i = 0; i < n; i++) { rows.push(key(area(figureColour(n, i)), rangeText(units.limits, i) || t('verdict.report_only'))); }
  } else {
    rows.push(key(area(data.colours.met), t('legend.pass'), 'pass'));
    if (hasVerdict(1)) {
      rows.push(el('h3', null, t('legend.fail') + ' · ' + t('legend.shortfall') + ' (' + unitWord(units.limit_unit) + ')'));
      for (i = 0; i < n; i++) { rows.push(key(area(shortColour(n, i)), rangeText(units.limits, i) || t('legend.fail'), 'fail')); }
    }
  }
  if (hasVerdict(2)) { rows.push(key(area(hatch), t('legend.no_data'), 'no_data')); }
  if (hasVerdict(3)) { rows.push(key(area(data.colours.not_applicable), t('legend.not_applicable'), 'not_applicable')); }
  return rows;
}

function layerKeys() {
  var rows = [], kinds = [];
  if (view.layers.circles) {
    rows.push(key(function (ctx) {
      ctx.beginPath(); ctx.arc(11, 8, 6.4, 0, 2 * Math.PI);
      ctx.fillStyle = data.colours.circle; ctx.globalAlpha = 0.13; ctx.fill();
      ctx.globalAlpha = 0.9; ctx.strokeStyle = data.colours.circle; ctx.lineWidth = 1.4; ctx.stroke();
    }, t('legend.circle', { minutes: data.head.minutes })));
  }
  kinds = facilityRows().map(function (row) { return data.facilities.kind[row][0]; });
  if (kinds.length) {
    rows.push(el('h3', null, t('legend.facilities')));
    Object.keys(data.names.kind).concat(kinds).filter(function (kind, i, list) { return kinds.indexOf(kind) >= 0 && list.indexOf(kind) === i; }).forEach(function (kind) {
      rows.push(key(function (ctx) { drawFacility(ctx, [kind], true, 11, 8, 5.2); }, kindWord(kind)));
    });
  }
  if (view.layers.proposals && proposals.n) { rows.push(key(function (ctx) { drawProposal(ctx, 0, spoken() === 'after', 11, 8, 5.5); }, t('legend.proposal'))); }
  if (view.state === 'difference' && view.layers.proposals) { rows = rows.concat(goneKeys()); }
  if (openedCandidates(spoken()).length) { rows.push(key(function (ctx) { drawProposal(ctx, '+', true, 11, 8, 5.5); }, t('whatif.opened'))); }
  if (view.layers.candidates && candidates.n) { rows.push(key(function (ctx) { drawCandidate(ctx, 11, 8, 4); }, t('legend.candidate'))); }
  return rows;
}

// On a phone it covers the map, and is opened by its button.
function showLegend() {
  var button = el('button', { id: 'legend-button', 'aria-expanded': String(view.legendOpen), click: function () { view.legendOpen = !view.legendOpen; showLegend(); } }, t('qgis.legend'));
  fill('legend', [button].concat(themeKeys()).concat(layerKeys())).className = view.legendOpen ? 'open' : '';
}

function showHeading() {
  var answer = theme(), rule = data.rules[view.rule];
  fill('heading', [
    el('b', null, answer ? titleOf(rule, answer) + readingOf(answer) : t('key.people', { base: either(data.head.base), minutes: data.head.minutes })),
    view.state === 'difference' ? el('span', null, againstText()) : sidesOf().length > 1 ? null : el('span', null, (compared ? scenarioTitle(shownScenario) + ' · ' : '') + stateWord(view.state))
  ]);
  fill('north', [el('i'), el('span', null, t('page.north'))]);
  byId('map').setAttribute('aria-label', byId('heading').textContent);
}

function showLayers() {
  var names = ['base', 'dots', 'circles', 'bands', 'concerned', 'others', 'proposals', 'candidates', 'streets', 'boundaries', 'labels'].filter(function (name) {
    return (name !== 'base' || data.base_map) && (name !== 'streets' || streets) && (name !== 'candidates' || candidates.n) && (name !== 'proposals' || proposals.n);
  });
  fill('layers', [
    el('button', { id: 'whole', click: fitWhole }, t('page.whole')),
    el('button', { id: 'layers-button', click: function () { view.layersOpen = !view.layersOpen; showLayers(); } }, t('layers.heading')),
    el('div', { 'class': 'choices' }, names.map(function (name) {
      var text = name === 'streets' && data.streets.thinned ? t('layers.streets_thinned') : t('layers.' + name);
      return el('label', { 'class': 'check' }, [el('input', { type: 'checkbox', id: 'layer-' + name, checked: view.layers[name], change: function () { view.layers[name] = this.checked; if (name === 'base') { placeBaseMap(); showCredit(); } repaint(); showLegend(); } }), text]);
    }))
  ]).className = view.layersOpen ? 'open' : '';
}

// 审图号 of a published map.
function reviewText() { return t('sheet.review', { number: data.review_number }); }

function showCredit() {
  var files = data.reading.sources.map(function (source) { return source[1]; }).filter(function (file, i, all) { return all.indexOf(file) === i; }).join(view.language === 'zh' ? '、' : ', ');
  var text = t('about.crs') + ' ' + data.head.crs + ' · ' + t('about.display') + (files ? ' · ' + t('about.sources') + ': ' + files : '');
  fill('credit', [
    el('span', { 'class': 'grow', title: text }, text),
    el('span', { id: 'base-credit' }, baseMapCredit()),
    data.head.synthetic ? el('b', null, t('page.synthetic')) : null,
    el('b', null, t('page.internal')),
    data.review_number ? el('b', { 'class': 'review' }, reviewText()) : null
  ]);
}
