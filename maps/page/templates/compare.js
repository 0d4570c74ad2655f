// The tab of the comparison: key figures, the difference by unit, rules, proposals and settings of all scenarios side by side.

var FEW_ROWS = 40;
var compareView = { level: '', sort: { column: 'difference', down: true }, onlyDifferent: null, shown: FEW_ROWS };

function scenarioHeads(first) {
  return [[first]].concat(compared.names.map(function (name, k) { return [name, 'num' + (k === shownScenario ? ' on' : '')]; }));
}

function withDifference(digits, difference) {
  return el('td', { 'class': 'num' }, [el('span', { 'class': 'nowrap' }, digits), difference && difference !== '0' ? el('div', { 'class': 'below nowrap' }, difference) : null]);
}

function summaryTable() {
  return table('list', scenarioHeads(t('comparison.figure')), compared.summary.map(function (row) {
    var told = row[view.language];
    return el('tr', null, [el('td', null, [row.name[view.language], told.unit ? el('span', { 'class': 'soft small' }, ' ' + unitWord(told.unit)) : null])].concat(told.plan.map(function (digits, k) {
      return withDifference(digits, k && told.difference[k - 1] !== '—' ? told.difference[k - 1] : null);
    })));
  }));
}

// Columns of the difference table: [key, heading, is a number, text of a row, what it is sorted by].
function differenceColumns(what) {
  var k = differing(), columns = what.columns;
  function side(s, key) { return function (row) { return inPlan(s, function () { return unitTexts(columns.place[row])[key]; }); }; }
  function number(row) { return columns.number[row]; }
  function cell(i) { return function (row) { return columns.cells[row][i]; }; }
  function plain(text) { return function (row) { return parseFloat(text(row).replace(/[,+]/g, '')); }; }
  if (!theme()) {
    return [
      ['first', compared.names[0], cell(0), plain(cell(0))], ['other', compared.names[k], cell(1), plain(cell(1))],
      ['difference', t('comparison.net'), cell(2), number], ['gained', '▲ ' + t('comparison.gained'), cell(3), plain(cell(3))], ['lost', '▼ ' + t('comparison.lost'), cell(4), plain(cell(4))]
    ];
  }
  return [
    ['first', compared.names[0], side(0, 'value'), plain(side(0, 'value'))], ['other', compared.names[k], side(k, 'value'), plain(side(k, 'value'))],
    ['value', '±', function (row) { return columns.value[row]; }, plain(function (row) { return columns.value[row]; })],
    ['difference', what.directed ? t('comparison.shortfall') + ' ±' : '', function (row) { return what.directed ? columns.shortfall[row] : ''; }, number]
  ].filter(function (column) { return column[1]; });
}

// Long lists begin with what differs: in the order of the differences those who lose would stand far below.
function onlyDifferent(what) { return compareView.onlyDifferent === null ? what.columns.place.length > FEW_ROWS : compareView.onlyDifferent; }

// Rows of the table, sorted; those without a figure last.
function differenceRows(what, columns) {
  var sort = compareView.sort, rows = [], chosen = columns.filter(function (column) { return column[0] === sort.column; })[0], i;
  function value(row) { return chosen ? chosen[3](row) : places.name[what.columns.place[row]]; }
  for (i = 0; i < what.columns.place.length; i++) {
    if (!onlyDifferent(what) || (what.columns['class'][i] !== 3 && what.columns['class'][i] < 7)) { rows.push(i); }
  }
  return rows.sort(function (a, b) {
    var x = value(a), y = value(b), order;
    if (x !== x || y !== y) { return (x !== x ? 1 : 0) - (y !== y ? 1 : 0) || a - b; }
    order = typeof x === 'string' ? x.localeCompare(y, 'zh') : x - y;
    return (sort.down ? -order : order) || a - b;
  });
}

function compareHead(column, text, isNumber) {
  var sort = compareView.sort, on = sort.column === column;
  return el('th', { 'class': 'sortable' + (isNumber ? ' num' : '') + (on ? ' on' : ''), 'data-compare-sort': column, 'aria-sort': on ? (sort.down ? 'descending' : 'ascending') : 'none', click: function () {
    compareView.sort = { column: column, down: on ? !sort.down : isNumber };
    showCompare();
  } }, text + (on ? (sort.down ? ' ▼' : ' ▲') : ''));
}

function differenceRow(what, columns, row) {
  var place = what.columns.place[row], role = what.columns.role ? what.columns.role[row] : 'unit', code = what.columns['class'][row];
  return el('tr', { 'class': 'unit ' + (place >= 0 ? 'go' : 'strong'), 'data-difference': place >= 0 ? places.id[place] : role, click: function () { if (place >= 0) { select({ kind: 'unit', row: place }, true); } } }, [
    el('td', null, [el('span', { 'class': 'way ' + (code > 6 ? '' : code > 3 ? 'more' : code < 3 ? 'fewer' : '') }, classSign(code)), place >= 0 ? places.name[place] : t('about.' + role)])
  ].concat(columns.map(function (column) { return el('td', { 'class': 'num' }, column[0] === 'difference' ? el('b', null, column[2](row)) : column[2](row)); })));
}

function differenceTable() {
  var offered = levels.filter(function (level) { return level.level !== 'residential_area' && level.size > 1; }).map(function (level) { return level.level; });
  var level = offered.indexOf(compareView.level) >= 0 ? compareView.level : offered[Math.max(0, offered.length - 2)] || data.head.finest, what = told(level), columns, rows, parts = [], all;
  parts.push(el('h2', null, againstText() + ' · ' + (theme() ? titleOf(data.rules[view.rule], theme()) + readingOf(theme()) : t('comparison.people_by', { level: levelWord(level) }))));
  if (what.why) { parts.push(el('p', { 'class': 'small' }, t('comparison.not_compared', { why: what.why }))); }
  if (!what.columns) { return parts.concat(what.why ? [] : [el('p', { 'class': 'nothing' }, t('units.not_unit'))]); }
  parts.push(el('div', { 'class': 'bar-line' }, (theme() ? [] : offered).map(function (name) {
    return el('button', { 'class': 'choice' + (name === level ? ' on' : ''), id: 'compare-' + name, click: function () { compareView.level = name; showCompare(); } }, levelWord(name));
  }).concat([el('span', { 'class': 'grow' }), el('label', { 'class': 'check' }, [el('input', { type: 'checkbox', id: 'only-different', checked: onlyDifferent(what), change: function () { compareView.onlyDifferent = this.checked; showCompare(); } }), t('comparison.only_difference')])])));
  columns = differenceColumns(what);
  rows = differenceRows(what, columns);
  parts.push(table('list', [compareHead('name', t('units.name'), false)].concat(columns.map(function (column) { return compareHead(column[0], column[1], true); })), rows.slice(0, compareView.shown).map(function (row) { return differenceRow(what, columns, row); })));
  if (!rows.length) { parts.push(el('p', { 'class': 'nothing' }, t('page.none_found'))); }
  parts.push(moreRows('more-differences', rows.length - compareView.shown, MOST_ROWS, function () { compareView.shown += MOST_ROWS; showCompare(); }));
  if (!theme()) {
    all = { columns: compared.differences[differing() - 1].people.levels[''] };
    parts.push(table('list', null, Array.prototype.map.call(all.columns.place, function (place, row) { return all.columns.cells[row][0] === '—' && all.columns.role[row] === 'outside' ? null : differenceRow(all, columns.map(function (column, i) { return [column[0], column[1], function (r) { return all.columns.cells[r][i]; }]; }), row); })));
  }
  return parts;
}

function ruleCells(id) {
  return scenarios.map(function (unused, k) {
    return inPlan(k, function () {
      var row = ruleNamed(id), rule = data.rules[row], answer, verdict;
      if (row < 0) { return el('td', { 'class': 'num soft' }, '—'); }
      answer = rule.answers[0];
      verdict = verdictOf(rule, answer, 'after');
      return el('td', { 'class': 'num', 'data-scenario': k }, [mark(verdict), verdict === rule.kind ? '' : ruleFigure(answer, 'after'), answer.after && answer.after.short ? el('div', { 'class': 'below' }, t('rules.shortfall') + ' ' + figure(answer.after.shortfall, answer.after.shortfall_unit)) : null]);
    });
  });
}

function rulesTable() {
  var seen = [], rules = [], why = {};
  scenarios.forEach(function (from) {
    from.data.rules.forEach(function (rule) { if (seen.indexOf(rule.id) < 0) { seen.push(rule.id); rules.push(rule); } });
  });
  compared.differences.forEach(function (difference, k) {
    difference.rules.forEach(function (rule) {
      if (rule.why) { why[' ' + rule.id] = (why[' ' + rule.id] || []).concat(compared.names[k + 1] + (rule.reading ? ' (' + rule.reading + ')' : '') + ': ' + either(rule.why)); }
    });
  });
  return table('list rule-list', scenarioHeads(t('rules.rule')), rules.map(function (rule) {
    return el('tr', { 'data-compared-rule': rule.id }, [el('td', null, [titleOf(rule)].concat((own(why, ' ' + rule.id) || []).map(function (line) { return el('div', { 'class': 'below differs' }, t('comparison.not_compared', { why: line })); })))].concat(ruleCells(rule.id)));
  }));
}

function proposalsTable() {
  var common = compared.proposals.filter(function (site) { return site.numbers.every(Boolean); }).length;
  return [
    el('p', { 'class': 'small soft' }, t('comparison.proposals_text', { n: common })),
    table('list', scenarioHeads(t('units.name')), compared.proposals.map(function (site) {
      return el('tr', { 'data-site': site.id }, [el('td', null, [site.name, el('div', { 'class': 'below' }, kindWords(site.kind) + (site.unit ? ' · ' + site.unit : ''))])].concat(site.numbers.map(function (number) {
        return el('td', { 'class': 'num' }, number ? el('span', { 'class': 'no' }, number) : '—');
      })));
    }))
  ];
}

function settingsTable() {
  return table('list', scenarioHeads(t('comparison.setting')), compared.settings.map(function (row) {
    return el('tr', null, row.map(function (text, i) { return el('td', { 'class': i ? 'num' : '' }, i ? text || t('comparison.not_set') : el('code', null, text)); }));
  }));
}

function showCompare() {
  var parts = [], top = byId('body').scrollTop;
  if (!compared) { return; }
  function part(title, children) { parts.push(el('h2', null, title)); parts = parts.concat(children); }
  if (isSwitched()) { parts.push(el('p', { 'class': 'small differs' }, t('comparison.as_planned'))); }
  part(t('comparison.key_figures'), summaryTable());
  if (compared.notes.length) { parts.push(noteList(compared.notes.map(either))); }
  if (compared.settings.length) { part(t('comparison.settings'), settingsTable()); }
  parts = parts.concat(differenceTable());
  part(t('comparison.rules'), [el('p', { 'class': 'small soft' }, t('comparison.rules_text')), rulesTable()]);
  part(t('comparison.proposals'), proposalsTable());
  fill('compare', parts);
  byId('body').scrollTop = top;
}
