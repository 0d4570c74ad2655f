// The units of the shown rule as a table, and the card of the selected unit or site.

var MOST_ROWS = 400;
var unitsShown = MOST_ROWS;

function matches(place, wanted) {
  if (!wanted) { return true; }
  return places.name[place].toLowerCase().indexOf(wanted) >= 0 || places.initials[place].indexOf(wanted) >= 0 || places.id[place].indexOf(wanted) === 0;
}

function parentName(place) { return places.parent[place] >= 0 ? places.name[places.parent[place]] : ''; }

// Rows of the units table: those that match the search and the filter, sorted; NaN last.
function unitRows(answer) {
  var columns = answer.units[spoken()], wanted = view.search.trim().toLowerCase(), sort = view.sort, rows = [], i;
  function value(row) {
    if (sort.column === 'name') { return places.name[answer.units.place[row]]; }
    if (sort.column === 'parent') { return parentName(answer.units.place[row]); }
    if (sort.column === 'verdict') { return answer.units[spoken()].verdict[row]; }
    if (sort.column === 'shortfall') { return VERDICTS[columns.verdict[row]] === 'fail' ? columns.shortfall[row] : VERDICTS[columns.verdict[row]] === 'pass' ? 0 : NaN; }
    return answer.units[sort.column].value[row];
  }
  for (i = 0; i < answer.units.place.length; i++) {
    if (matches(answer.units.place[i], wanted) && (!view.onlyShort || VERDICTS[columns.verdict[i]] === 'fail')) { rows.push(i); }
  }
  rows.sort(function (a, b) {
    var x = value(a), y = value(b), order;
    if (x !== x || y !== y) { return (x !== x ? 1 : 0) - (y !== y ? 1 : 0) || a - b; }
    order = typeof x === 'string' ? x.localeCompare(y, 'zh') : x - y;
    return (sort.down ? -order : order) || a - b;
  });
  return rows;
}

function sortHead(column, text, isNumber) {
  var on = view.sort.column === column;
  return el('th', { 'class': 'sortable' + (isNumber ? ' num' : '') + (on ? ' on' : ''), 'data-sort': column, 'aria-sort': on ? (view.sort.down ? 'descending' : 'ascending') : 'none', click: function () {
    view.sort = { column: column, down: on ? !view.sort.down : Boolean(isNumber) };
    showUnitTable();
  } }, text + (on ? (view.sort.down ? ' ▼' : ' ▲') : ''));
}

function unitRow(answer, row) {
  var place = answer.units.place[row], on = view.selected && view.selected.kind === 'unit' && view.selected.row === place, now = answer.units[spoken()];
  var verdict = now.verdict[row] === NONE ? 'no_data' : VERDICTS[now.verdict[row]];
  return el('tr', { 'class': 'go unit' + (on ? ' on' : ''), 'data-unit': places.id[place], click: function () { select({ kind: 'unit', row: place }, true); } }, [
    el('td', null, [mark(verdict), places.name[place]]),
    el('td', { 'class': 'soft' }, parentName(place)),
    el('td', { 'class': 'num' + (view.state === 'before' ? '' : ' dim') }, answer.units.before.value_text[row]),
    el('td', { 'class': 'num' + (view.state === 'after' ? '' : ' dim') }, answer.units.after.value_text[row]),
    el('td', { 'class': 'num' }, verdict === 'fail' ? el('b', null, now.shortfall_text[row]) : verdict === 'pass' ? '0' : '—')
  ]);
}

function showUnitTable() {
  var answer = theme() || firstAnswerWithUnits(), rows, shown, at;
  if (!answer || !answer.units) { fill('unit-table', el('p', { 'class': 'nothing' }, t('units.not_unit'))); return; }
  rows = unitRows(answer);
  at = rows.indexOf(view.selected && view.selected.kind === 'unit' ? answer.units.rowOf[view.selected.row] : undefined);
  unitsShown = Math.max(unitsShown, at + 1); // a unit that is selected on the map has its row
  shown = rows.slice(0, unitsShown);
  fill('unit-table', [
    el('p', { 'class': 'small soft' }, t('units.count', { n: shown.length, total: answer.units.place.length }) + ' · ' + t('units.value') + ': ' + unitWord(answer.unit) + ' · ' + t('units.shortfall') + ' (' + stateWord(spoken()) + '): ' + unitWord(answer.units.reports ? '' : answer.units.limit_unit)),
    table('list', [sortHead('name', t('units.name')), sortHead('parent', t('units.parent')), sortHead('before', t('state.before'), true), sortHead('after', stateWord('after'), true), sortHead('shortfall', t('units.shortfall'), true)],
      shown.map(function (row) { return unitRow(answer, row); })),
    rows.length ? null : el('p', { 'class': 'nothing' }, t('page.none_found')),
    moreRows('more-units', rows.length - shown.length, MOST_ROWS, function () { unitsShown += MOST_ROWS; showUnitTable(); })
  ]);
}

function firstAnswerWithUnits() {
  var rule = data.rules[firstMapped()];
  return rule ? rule.answers[0] : null;
}

function showUnits() {
  var rule = view.rule >= 0 ? data.rules[view.rule] : data.rules[firstMapped()], answer = theme() || firstAnswerWithUnits();
  fill('units', [
    el('h2', null, rule ? titleOf(rule, answer) + readingOf(answer) : t('rules.nothing_measured')),
    el('p', { 'class': 'small soft' }, rule ? t('rules.required') + ': ' + requiredText(rule, answer) : ''),
    el('div', { 'class': 'bar-line' }, [
      el('input', { 'class': 'search grow', id: 'search', placeholder: t('units.search'), 'aria-label': t('units.search'), value: view.search, input: function () { view.search = this.value; showUnitTable(); } }),
      el('label', { 'class': 'check' }, [el('input', { type: 'checkbox', id: 'only-short', checked: view.onlyShort, change: function () { view.onlyShort = this.checked; showUnitTable(); } }), t('units.only_short')])
    ]),
    el('div', { id: 'unit-table' })
  ]);
  showUnitTable();
}

function unitCard(place) {
  var rows = [], balance = own(data.unit_balance, places.id[place]), counts = [], estates = levelNamed('residential_area');
  var isEstate = estates && place >= estates.first && place < estates.first + estates.size;
  data.rules.forEach(function (rule) {
    var answer = rule.answers[0], row = answer.units ? answer.units.rowOf[place] : undefined, note;
    if (row === undefined) { return; }
    note = noteOf(answer, 'before', row);
    function cell(state) {
      var columns = answer.units[state], code = columns.verdict[row];
      return el('td', { 'class': 'figure', 'data-state': state }, [mark(code === NONE ? 'no_data' : VERDICTS[code]), columns.value_text[row], VERDICTS[code] === 'fail' ? el('div', { 'class': 'below' }, t('rules.shortfall') + ' ' + figure(columns.shortfall_text[row], answer.before.shortfall_unit)) : null]);
    }
    rows.push(el('tr', null, [el('td', null, [titleOf(rule, answer), el('div', { 'class': 'below' }, requiredText(rule, answer)), note ? el('div', { 'class': 'below' }, note) : null]), cell('before'), cell('after')]));
  });
  Object.keys(data.places.people).forEach(function (base) {
    if (isEstate && data.places.people[base][place] === '—') { return; }
    counts.push((data.names.base[base] ? either(data.names.base[base]) : base) + ' ' + data.places.people[base][place]);
  });
  return [
    el('h2', null, places.name[place]),
    el('p', { 'class': 'small soft' }, [parentName(place), parentName(place) ? ' · ' : '', places.id[place]]),
    el('p', { 'class': 'small' }, counts.join(' · ')),
    balance ? el('p', { 'class': 'small' }, t('key.people', { base: either(data.head.base), minutes: data.head.minutes }) + ': ' + balance[0] + ' → ' + balance[1] + ' / ' + balance[2] + ' ' + unitWord('people')) : null,
    nearestText(place),
    rows.length ? table('list', [[t('units.every_rule')], [t('state.before')], [stateWord('after')]], rows) : el('p', { 'class': 'nothing' }, t('rules.nothing_measured'))
  ];
}

function factLines(facts) {
  var texts = facts.map(function (fact) { return either(data.names.quantity[fact[0]]) + ' ' + figure(fact[1], fact[2]); });
  return texts.length ? [el('p', { 'class': 'small' }, texts.join(' · '))] : [];
}

function siteCard(at) {
  var from = { facility: data.facilities, candidate: data.candidates, proposal: data.proposals }[at.kind], i = at.row, lines = [];
  if (at.kind === 'facility' && !facilities.open[i]) { lines.push(el('p', { 'class': 'small' }, t('legend.not_open'))); }
  if (at.kind !== 'facility') { lines.push(el('p', { 'class': 'small' }, t('proposals.cost') + ' ' + money(from.cost[i]))); }
  if (at.kind === 'proposal') { lines = lines.concat(proposalLines(i)); }
  if (at.kind !== 'facility') { lines = lines.concat(changeOf(at)); }
  return [
    el('h2', null, (at.kind === 'proposal' ? i + 1 + '  ' : '') + from.name[i]),
    el('p', { 'class': 'small soft' }, [t(at.kind === 'proposal' ? 'legend.proposal' : at.kind === 'candidate' ? 'legend.candidate' : 'table.facilities'), ' · ', from.place && from.place[i] ? from.place[i] + ' · ' : '', kindWords(from.kind[i]), ' · ', from.id[i]]),
    at.kind === 'facility' ? null : switchLine(at)
  ].concat(factLines(from.facts[i])).concat(lines);
}

function showCard() {
  var at = view.selected, node = byId('card');
  node.className = at ? 'open' : '';
  if (!at) { fill('card', []); return; }
  fill('card', [el('button', { 'class': 'close', title: t('page.close'), click: function () { select(null, false); } }, '×')].concat(at.kind === 'unit' ? unitCard(at.row) : siteCard(at)));
  node.scrollTop = 0;
}
