// The scenario that is looked at less the reference: the fill, marks and words of the difference map. Blue gains, orange loses.

if (compared) {
  compared.differences.forEach(function (difference) {
    Object.keys(difference.people.levels).forEach(function (level) { unpackDifference(difference.people.levels[level]); });
    difference.rules.forEach(function (rule) { if (rule.units) { unpackDifference(rule.units); } });
  });
}

function unpackDifference(columns) {
  columns.place = unpack(columns.place, 'i');
  columns.rowOf = rowsOf(columns.place);
  columns.number = narrow(columns.number);
  columns['class'] = unpack(columns['class'], 'u1');
}

// Of the shown scenario; of the second while the reference is looked at.
function differing() { return shownScenario || 1; }

function ruleDifference(name) {
  var rules = compared.differences[differing() - 1].rules;
  return rules[rowNamed(rules, function (rule) { return rule.id === name.id && rule.reading === name.reading; })] || null;
}

// What the difference map and table tell: { columns, limits, unit, why, directed }; of people where no rule is looked at.
function told(level) {
  var all = compared.differences[differing() - 1].people, rule;
  if (!theme()) { return { columns: all.levels[level || data.head.finest], limits: all.limits, unit: 'people', why: all.why && either(all.why), directed: true }; }
  rule = ruleDifference(themeName());
  if (!rule || !rule.units) { return { columns: null, limits: [], unit: '', why: rule && rule.why ? either(rule.why) : null, directed: true }; }
  return { columns: rule.units, limits: rule.units.limits, unit: rule.units.unit, why: null, directed: rule.units.directed };
}

function differenceClass(place) {
  var columns = told().columns, row = columns ? columns.rowOf[place] : undefined;
  return row === undefined ? -1 : columns['class'][row];
}

function classColour(code) {
  if (code === 3) { return data.colours.same; }
  return code > 3 ? data.colours.gain[code - 4] : data.colours.loss[2 - code];
}

function differenceFill(ctx, place) {
  var code = differenceClass(place);
  if (code < 0) { return null; }
  return code === 255 ? hatch(ctx) : code === 254 ? data.colours.not_applicable : classColour(code);
}

function classSign(code) { return code > 6 ? '' : code > 3 ? '▲' : code < 3 ? '▼' : ''; }

// The mark before a name on the map.
function differenceSign(level, i) {
  var sign = level === themeLevel() ? classSign(differenceClass(level.first + i)) : '';
  return sign ? sign + ' ' : '';
}

function againstText() { return t('comparison.against', { name: compared.names[differing()], first: compared.names[0] }); }

function ways(what) {
  if (!theme()) { return [t('comparison.more_people'), t('comparison.fewer_people')]; }
  return what.directed ? [t('comparison.less_short'), t('comparison.more_short')] : [t('comparison.higher'), t('comparison.lower')];
}

function differenceKeys() {
  var what = told(), rows = [el('h3', null, againstText() + (what.unit ? ' (' + unitWord(what.unit) + ')' : ''))], words = ways(what), n = what.limits.length, i;
  function has(code) { return what.columns && Array.prototype.indexOf.call(what.columns['class'], code) >= 0; }
  function present(low, high) { var code; for (code = low; code <= high; code++) { if (has(code)) { return true; } } return false; }
  function step(colours, sign, word, at) { rows.push(key(area(function () { return colours[at + 2 - n]; }), sign + ' ' + word + ' ' + rangeText(what.limits, at))); }
  if (what.why) { rows.push(el('p', { 'class': 'small' }, t('comparison.not_compared', { why: what.why }))); }
  if (isSwitched()) { rows.push(el('p', { 'class': 'small' }, t('comparison.as_planned'))); }
  if (present(4, 6)) { for (i = n; i >= 0; i--) { step(data.colours.gain, '▲', words[0], i); } }
  if (has(3)) { rows.push(key(area(function () { return data.colours.same; }), '＝ ' + t('comparison.same'))); }
  if (present(0, 2)) { for (i = 0; i <= n; i++) { step(data.colours.loss, '▼', words[1], i); } }
  if (has(255)) { rows.push(key(area(hatch), t('legend.no_data'), 'no_data')); }
  if (has(254)) { rows.push(key(area(function () { return data.colours.not_applicable; }), t('legend.not_applicable'), 'not_applicable')); }
  return rows;
}

// What is said of a place in the hint of the difference map.
function differenceLines(place) {
  var what = told(), row = what.columns ? what.columns.rowOf[place] : undefined, name = themeName(), cells;
  if (row === undefined) { return what.why ? [t('comparison.not_compared', { why: what.why })] : []; }
  if (!name) {
    cells = what.columns.cells[row];
    return [cells[0] + ' → ' + figure(cells[1], 'people'), t('comparison.net') + ' ' + cells[2] + (cells[3] === '—' ? '' : ' · ▲ ' + cells[3] + ' · ▼ ' + cells[4])];
  }
  cells = [0, differing()].map(function (k) { return inPlan(k, function () { return unitTexts(place); }); });
  return [cells[0].value + ' → ' + figure(cells[1].value, theme().unit), t('comparison.shortfall') + ' ' + what.columns.shortfall[row]];
}

// Digits and verdict of a place with the plan, under the rule that is looked at.
function unitTexts(place) {
  var units = theme() && theme().units, row = units ? units.rowOf[place] : undefined;
  if (row === undefined) { return { value: '—', shortfall: '—', verdict: '' }; }
  return { value: units.after.value_text[row], shortfall: units.after.shortfall_text[row], verdict: VERDICTS[units.after.verdict[row]] || '' };
}

// Proposals of the reference that the shown scenario does not have.
function goneProposals() {
  var from = scenarios[0], gone = [];
  if (!shownScenario) { return gone; }
  from.data.proposals.id.forEach(function (id, row) {
    if (data.proposals.id.indexOf(id) < 0) { gone.push({ number: row + 1, x: from.proposals.x[row], y: from.proposals.y[row] }); }
  });
  return gone;
}

function goneKeys() {
  if (!goneProposals().length) { return []; }
  return [key(function (ctx) { drawProposal(ctx, 0, false, 11, 8, 5.5); }, t('legend.proposal') + ' · ' + t('comparison.this_only', { name: compared.names[0] }))];
}
