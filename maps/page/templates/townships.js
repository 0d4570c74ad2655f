// A page for every township: its figures, the place today and with the plan, the sites proposed in it, what its villages lack.

// The level above the finest; null where there is none, or but one unit of it.
function townLevel() {
  var i = levels.indexOf(finest());
  return i > 0 && levels[i - 1].size > 1 ? levels[i - 1] : null;
}

var TOWN_MAP = { width: 704, height: 572, sharpness: 1.5 };

// A township filling the picture, in one state; what lies outside is veiled.
function townMap(level, i, state) {
  var size = TOWN_MAP, shape = level.shape, canvas = el('canvas', { width: size.width * size.sharpness, height: size.height * size.sharpness }), ctx = canvas.getContext('2d');
  var west = shape.box[4 * i], north = shape.box[4 * i + 1], east = shape.box[4 * i + 2], south = shape.box[4 * i + 3];
  var scale = Math.min((size.width - 50) / (east - west), (size.height - 60) / (south - north)), origin = { x: (west + east) / 2 * scale - size.width / 2, y: (north + south) / 2 * scale - size.height / 2 };
  ctx.scale(size.sharpness, size.sharpness);
  ctx.fillStyle = '#eceff3'; ctx.fillRect(0, 0, size.width, size.height);
  function outline() { traceArea(ctx, shape, i, function (x) { return x * scale - origin.x; }, function (y) { return y * scale - origin.y; }); }
  painter(ctx, origin, scale, 0.6, { min: { x: 0, y: 0 }, max: { x: size.width, y: size.height } }, state)();
  ctx.beginPath(); ctx.rect(0, 0, size.width, size.height); outline();
  ctx.fillStyle = 'rgba(255,255,255,.72)'; ctx.fill('evenodd');
  ctx.beginPath(); outline();
  ctx.lineWidth = 3; ctx.strokeStyle = data.colours.boundary; ctx.stroke();
  drawScaleBar(ctx, size, 40075016.7 / 256 * Math.cos(latLng(0, (north + south) / 2).lat * Math.PI / 180) / scale);
  return canvas;
}

// A bar of a round length, right below; `metres` of the ground to one px. North is above on every map of the page.
function drawScaleBar(ctx, size, metres) {
  var length = roundStep(metres * 500), wide = length / metres, x = size.width - 24 - wide, y = size.height - 20;
  ctx.fillStyle = 'rgba(255,255,255,.88)'; ctx.fillRect(x - 10, y - 28, size.width - x + 10, 48);
  ctx.strokeStyle = ctx.fillStyle = '#16202b'; ctx.lineWidth = 2;
  ctx.beginPath(); ctx.moveTo(x, y - 6); ctx.lineTo(x, y); ctx.lineTo(x + wide, y); ctx.lineTo(x + wide, y - 6); ctx.stroke();
  ctx.font = '20px "Noto Sans CJK SC", "Microsoft YaHei", sans-serif'; ctx.textAlign = 'left'; ctx.textBaseline = 'alphabetic';
  ctx.fillText(length < 1000 ? length + ' m' : length / 1000 + ' km', x + 6, y - 8);
}

function sitesInside(from, rows, level, i) {
  return rows.filter(function (row) { return isInside(level.shape, i, from.x[row], from.y[row]); });
}

function allRows(n) {
  var rows = [], i;
  for (i = 0; i < n; i++) { rows.push(i); }
  return rows;
}

// A verdict with its shortfall, if it has one.
function verdictPiece(answer, state, row) {
  var columns = answer.units[state], code = columns.verdict[row];
  return [mark(code === NONE ? 'no_data' : VERDICTS[code]), code === 1 ? figure(columns.shortfall_text[row], answer.before.shortfall_unit) : ''];
}

// The rules that ask something of a unit: their answers, its row in them, and the codes of its verdicts today and with the plan.
function asked(place) {
  var found = [];
  data.rules.forEach(function (rule) {
    var answer = rule.answers[0], row = answer.units ? answer.units.rowOf[place] : undefined, codes;
    if (row === undefined) { return; }
    codes = [answer.units.before.verdict[row], answer.units.after.verdict[row]];
    if (codes.some(function (code) { return code < 3 || code === NONE; })) { found.push({ answer: answer, row: row, codes: codes, title: titleOf(rule, answer) }); }
  });
  return found;
}

// Those not met today or with the plan, or of which nothing is known.
function lackLines(found) {
  return found.filter(function (one) { return one.codes[0] || one.codes[1]; }).map(function (one) {
    return el('div', null, [one.title + ': '].concat(verdictPiece(one.answer, 'before', one.row)).concat([' → ']).concat(verdictPiece(one.answer, 'after', one.row)));
  });
}

function metText(found) {
  var met = [0, 1].map(function (state) { return found.filter(function (one) { return one.codes[state] === 0; }).length; });
  return found.length ? met[0] + ' → ' + met[1] + ' / ' + found.length : '—';
}

function villageRow(place) {
  var balance = own(data.unit_balance, places.id[place]), found = asked(place);
  return el('tr', { 'data-village': places.id[place] }, [
    el('td', null, places.name[place]),
    el('td', { 'class': 'num' }, balance ? balance[0] + ' → ' + balance[1] + ' / ' + balance[2] : '—'),
    el('td', { 'class': 'num' }, metText(found)),
    el('td', null, lackLines(found))
  ]);
}

function villagesOf(town) {
  var level = finest(), rows = [], i;
  for (i = level.first; i < level.first + level.size; i++) { if (places.parent[i] === town) { rows.push(i); } }
  return rows;
}

function siteRow(i) {
  return el('tr', { 'data-site': data.proposals.id[i] }, [
    el('td', { 'class': 'nowrap' }, i + 1), el('td', null, data.proposals.name[i]), el('td', null, kindWords(data.proposals.kind[i]) + (actionText(i) ? ' · ' + actionText(i) : '')),
    el('td', { 'class': 'num nowrap' }, money(data.proposals.cost[i])), el('td', null, baseWord(data.proposals.for_whom[i])),
    el('td', { 'class': 'num nowrap' }, figure(data.proposals.in_reach[i], 'people')), el('td', { 'class': 'num nowrap' }, figure(data.proposals.gained[i], 'people')),
    el('td', null, [isOpenSite({ kind: 'proposal', row: i }) ? '' : t('towns.switched_off') + ' · ', either(data.proposals.reason[i])])
  ]);
}

function siteTable(level, i) {
  var rows = sitesInside(proposals, allRows(proposals.n), level, i);
  if (!rows.length) { return el('p', { 'class': 'line soft' }, t('towns.no_sites')); }
  return table('plain', [['№'], [t('towns.site')], [t('towns.kind')], [t('proposals.cost'), 'num'], [t('gained.for_whom')], [t('gained.in_reach'), 'num'], [gainWord(), 'num'], [t('proposals.reason')]], rows.map(siteRow));
}

function facilityLine(level, i) {
  var rows = sitesInside(facilities, facilityRows(), level, i), counts = Object.create(null);
  rows.forEach(function (row) { var kind = data.facilities.kind[row][0]; counts[kind] = (counts[kind] || 0) + 1; });
  return el('p', { 'class': 'line' }, t('towns.standing') + ': ' + (Object.keys(counts).map(function (kind) { return kindWord(kind) + ' ' + counts[kind]; }).join(view.language === 'zh' ? '、' : ', ') || t('page.nothing')));
}

function townSheet(level, i) {
  var place = level.first + i, head = data.head, sum = data.balance.rows.filter(function (row) { return row.id === places.id[place]; })[0], found = asked(place), answer = theme();
  return el('section', { 'class': 'town', 'data-town': places.id[place] }, [
    el('header', null, [
      el('h1', null, places.name[place]),
      el('p', { 'class': 'small soft' }, marksOf(either(head.title) + (compared ? ' · ' + scenarioTitle(shownScenario) : ''))),
      head.synthetic ? el('p', { 'class': 'banner' }, t('page.synthetic_long')) : null,
      isSwitched() ? el('p', { 'class': 'banner switched' }, t('towns.switched')) : null
    ]),
    el('p', { 'class': 'line' }, sum ? t('key.people', { base: either(head.base), minutes: head.minutes }) + ': ' + sum.before[0] + ' → ' + sum.after[0] + ' / ' + sum.after[4] + ' ' + unitWord('people') + ' (' + sum.pct[0] + ' → ' + sum.pct[1] + ' %)' : ''),
    facilityLine(level, i),
    found.length ? el('div', { 'class': 'line' }, [t('towns.met') + ': ' + metText(found)].concat(lackLines(found))) : null,
    el('div', { 'class': 'maps' }, ['before', 'after'].map(function (state) {
      return el('figure', null, [el('figcaption', null, stateWord(state) + ' · ' + (answer ? titleOf(data.rules[view.rule], answer) + readingOf(answer) : t('legend.minutes'))), townMap(level, i, state)]);
    })),
    el('div', { 'class': 'keys' }, themeKeys().concat(layerKeys())),
    el('h2', null, t('towns.sites')), siteTable(level, i),
    el('h2', null, t('towns.villages', { level: levelWord(finest().level) })),
    table('plain villages', [[levelWord(finest().level)], [t('key.people', { base: either(head.base), minutes: head.minutes }), 'num'], [t('towns.met'), 'num'], [t('towns.lacks')]], villagesOf(place).map(villageRow))
  ]);
}

// As the map is set, but always both states of one plan, nothing selected, and no base map: its tiles are not ours to draw on a canvas.
function townSheets() {
  var kept = { state: view.state, selected: view.selected, base: view.layers.base }, level = townLevel(), sheets;
  view.state = 'compare'; view.selected = null; view.layers.base = false;
  sheets = allRows(level.size).map(function (i) { return townSheet(level, i); });
  view.state = kept.state; view.selected = kept.selected; view.layers.base = kept.base;
  return sheets;
}
