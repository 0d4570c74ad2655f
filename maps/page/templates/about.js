// Data and notes: the balance of people, what was read, what was assumed, what is left.

function cells(texts, name) { return texts.map(function (text) { return el(name || 'td', null, text); }); }

function balanceTable() {
  var heads = [[t('about.place')], ['']].concat(data.balance.columns.map(function (column) { return [t('about.' + column), 'num']; })), rows = [];
  data.balance.rows.forEach(function (row) {
    var name = row.role === 'unit' ? row.unit : t('about.' + row.role);
    ['before', 'after'].forEach(function (state) {
      rows.push(el('tr', { 'class': row.role === 'whole' ? 'strong' : '', 'data-balance': row.role === 'whole' ? state : null }, [
        el('td', null, state === 'before' ? name : ''),
        el('td', { 'class': 'soft nowrap' }, stateWord(state))
      ].concat(row[state].map(function (digits) { return el('td', { 'class': 'num' }, digits); }))));
    });
  });
  return table('plain', heads, rows);
}

function noteList(items) { return el('ul', { 'class': 'notes' }, items.map(function (item) { return el('li', null, item); })); }

function more(n, listed) { return n > listed ? el('p', { 'class': 'nothing' }, t('page.more', { n: n - listed })) : null; }

function reasonText(section, code, text) { return has(section + '.' + code) ? t(section + '.' + code) : text; }

function ruleTitle(id) {
  var rule = data.rules.filter(function (one) { return one.id === id; })[0];
  return rule ? titleOf(rule) : id;
}

// The people of the target year, and what every rule says of them.
function projectedTables(ahead) {
  var years = [String(ahead.base_year), String(ahead.year)];
  function verdictCell(cell) { return el('td', null, [mark(cell.verdict), cell.value === '—' ? '' : ' ' + shortFigure(cell.value, cell.value_unit), cell.short ? el('div', { 'class': 'below' }, t('rules.shortfall') + ' ' + figure(cell.shortfall, cell.unit)) : null]); }
  return [
    el('p', { 'class': 'small soft' }, t('about.projected_text', { year: ahead.year })),
    table('plain', [[t('about.base')], [years[0], 'num'], [years[1], 'num']], ahead.people.map(function (row) {
      return el('tr', null, [el('td', null, data.names.base[row[0]] ? either(data.names.base[row[0]]) : row[0]), el('td', { 'class': 'num' }, row[1]), el('td', { 'class': 'num' }, row[2])]);
    })),
    table('plain', [[t('rules.rule')], [years[0] + ' ' + t('state.before')], [years[1] + ' ' + t('about.without_plan')], [years[1] + ' ' + t('state.after')]], ahead.rules.map(function (row) {
      return el('tr', { 'data-projected': row.rule }, [el('td', null, ruleTitle(row.rule) + (row.reading ? ' · ' + either(row.title) : ''))].concat(row.cells.map(verdictCell)));
    }))
  ];
}

function showAbout() {
  var parts = [], reading = data.reading, chosen = data.choice, head = data.head;
  function part(title, children) { parts.push(el('h2', null, title)); parts = parts.concat(children); }
  part(t('about.circle'), el('p', { 'class': 'small' }, t('about.circle_text', { minutes: head.minutes, pace: either(head.pace), kinds: kindWords(head.kinds), base: either(head.base) })));
  part(t('about.balance') + ' · ' + either(head.base), [el('p', { 'class': 'small soft' }, t('about.balance_note')), balanceTable()]);
  part(t('about.choice'), el('p', { 'class': 'small' }, t('choice.' + chosen.status) + (chosen.method === 'none' ? '' : ' · ' + t('choice.method') + ' ' + chosen.method + ' · ' + t('choice.gap') + ' ' + figure(chosen.gap_pct, '%') + ' · ' + t('choice.cost') + ' ' + money(chosen.cost))));
  if (chosen.n_unmet) {
    part(t('about.unmet') + ' (' + chosen.n_unmet + ')', [el('div', { 'class': 'in-columns' }, table('plain', null, chosen.unmet.map(function (row) { return el('tr', null, cells([ruleTitle(row[0]), row[1] === '*' ? t('about.whole') : row[1], figure(row[2], row[3]), reasonText('unmet', row[4], row[5])])); }))), more(chosen.n_unmet, chosen.unmet.length)]);
  }
  if (chosen.n_excluded) {
    part(t('about.excluded') + ' (' + chosen.n_excluded + ')', [table('plain', null, chosen.excluded.map(function (row) { return el('tr', null, cells([row[0], reasonText('excluded', row[2], row[3]), row[1] ? ruleTitle(row[1]) : ''])); })), more(chosen.n_excluded, chosen.excluded.length)]);
  }
  if (reading.questions.length) {
    part(t('about.questions') + ' (' + reading.questions.length + ')', [el('p', { 'class': 'small soft' }, t('about.questions_text')), table('plain', null, reading.questions.map(function (question) {
      return el('tr', { 'data-question': question.rule }, cells([ruleTitle(question.rule), either(question.asks)]));
    }))]);
  }
  if (data.projected) { part(t('about.projected', { year: data.projected.year }), projectedTables(data.projected)); }
  if (reading.notes.length) { part(t('about.notes'), noteList(reading.notes.map(either))); }
  if (reading.assumptions.length) { part(t('about.assumptions'), noteList(reading.assumptions.map(either))); }
  if (reading.problems.length) { part(t('about.problems'), noteList(reading.problems.map(function (row) { return t('severity.' + row[0]) + ' · ' + either(row[1]); }))); }
  if (reading.n_off) {
    part(t('about.off_network_list') + ' (' + reading.n_off + ')', [table('plain', null, reading.off.map(function (row) { return el('tr', null, cells([t('table.' + row[0]), row[1], row[2], t('about.distance') + ' ' + figure(row[3], 'm'), figure(row[4], 'people')])); })), more(reading.n_off, reading.off.length)]);
  }
  if (reading.sources.length) {
    part(t('about.sources'), table('plain', [[t('about.layer')], [t('about.file')], [t('about.rows'), 'num'], [t('about.sha256')]], reading.sources.map(function (row) {
      return el('tr', null, [el('td', null, either(row[0])), el('td', null, row[1] + (either(row[4]) ? ' · ' + either(row[4]) : '')), el('td', { 'class': 'num' }, row[2]), el('td', null, el('code', null, row[3]))]);
    })));
  }
  part(t('about.marks'), el('p', { 'class': 'small' }, t('about.marks_text')));
  part(t('about.crs'), el('p', { 'class': 'small' }, head.crs + ' · ' + t('about.display')));
  fill('about', parts);
}
