// The table of rules, and the card of the opened one.

// A figure in a narrow cell: long units stand in the requirement beside it.
function shortFigure(digits, unit) {
  if (unit.charAt(0) === '%') { return figure(digits, '%'); }
  return unitWord(unit).length < 3 ? figure(digits, unit) : digits;
}

// The figure of a verdict: the one value of a rule with one unit, else how many units pass.
function ruleFigure(answer, state) {
  var v = answer[state];
  if (!v) { return ''; }
  if (v.verdict === 'report_only' || v.n_units < 2) { return shortFigure(v.value, answer.unit); }
  return v.n_pass + ' / ' + (v.n_pass + v.n_fail + v.n_no_data);
}

function requiredText(rule, answer) {
  if (!answer.required) { return rule.kind === 'site_rule' || rule.kind === 'attestation' ? '' : t('rules.no_limit'); }
  return answer.required.op + ' ' + figure(answer.required.digits, answer.required.unit);
}

// How many units must pass, for a rule that is asked of each of several.
function shareText(rule, answer) {
  var v = answer.before;
  if (!v || v.n_units < 2 || !answer.required) { return ''; }
  return rule.units_pct === '100' ? t('rules.every', { level: levelWord(answer.level) }) : t('rules.share', { pct: rule.units_pct, level: levelWord(answer.level) });
}

function requiredCell(rule, answer) {
  return el('td', { 'class': 'small' }, [el('div', null, requiredText(rule, answer)), el('div', { 'class': 'below' }, shareText(rule, answer))]);
}

function stateCell(rule, answer, state) {
  var v = answer[state], verdict = verdictOf(rule, answer, state);
  if (state === 'after' && answer.followed === false) { return el('td', { 'class': 'small soft', 'data-state': state }, t('whatif.not_followed')); }
  return el('td', { 'class': view.state === state ? '' : 'dim', 'data-state': state }, [
    el('div', { 'class': 'figure' }, [mark(verdict), verdict === rule.kind ? '' : ruleFigure(answer, state)]),
    v && v.short ? el('div', { 'class': 'below' }, t('rules.shortfall') + ' ' + figure(v.shortfall, v.shortfall_unit)) : null,
    v && v.overdue ? el('span', { 'class': 'tag' }, t('rules.overdue')) : null
  ]);
}

function ruleRow(rule, i) {
  var answer = rule.answers[0];
  return el('tr', { 'class': 'go rule' + (view.rule === i ? ' on' : ''), 'data-rule': rule.id, click: function () { openRule(i); } }, [
    el('td', null, [
      el('span', { 'class': 'title' }, either(rule.title) + ' '),
      rule.unverified ? el('span', { 'class': 'tag unverified', title: t('rules.unverified_long') }, t('rules.unverified')) : null,
      el('div', { 'class': 'below' }, rule.clause + ' · ' + t('strength.' + rule.strength) + (rule.answers.length > 1 ? ' · ' + t('rules.n_readings', { n: rule.answers.length }) : ''))
    ]),
    stateCell(rule, answer, 'before'),
    stateCell(rule, answer, 'after'),
    requiredCell(rule, answer)
  ]);
}

function readingsTable(rule, i) {
  return table('list rule-list', [[''], [t('state.before')], [stateWord('after')], [t('rules.required')]], rule.answers.map(function (answer, j) {
    var isShown = view.rule === i && view.answer === j;
    return el('tr', { 'data-reading': answer.reading }, [
      el('td', null, [el('div', null, (answer.reading ? either(answer.title) : t('rules.base_reading')) + (answer.unverified ? ' ※' : '')), answer.why ? el('div', { 'class': 'below' }, either(answer.why)) : null, answer.changes.length ? el('div', { 'class': 'below' }, answer.changes.map(either).join(view.language === 'zh' ? '；' : '; ')) : null, answer.units ? el('button', { 'class': 'shows' + (isShown ? ' on' : ''), click: function (event) { event.stopPropagation(); view.answer = j; setTheme(i); } }, t(isShown ? 'rules.shown_on_map' : 'rules.on_map')) : null]),
      stateCell(rule, answer, 'before'), stateCell(rule, answer, 'after'),
      requiredCell(rule, answer)
    ]);
  }));
}

function numberLine(number) {
  return el('li', null, [number.reading ? either(number.reading) + ': ' : '', either(number.said) + ' · ' + t('status.' + number.status), number.quote ? ' · “' + number.quote + '”' : '', number.url ? ' · ' + number.url : '', number.note.en ? ' · ' + either(number.note) : '', number.status === 'knowledge' ? ' ※' : '']);
}

function spansText(answer) {
  var parts = ['before', 'after'].map(function (state) {
    var v = answer[state];
    if (!v || v.n_units < 2) { return ''; }
    var share = v.lower === v.upper ? v.lower + ' %' : t('rules.between', { low: v.lower, high: v.upper });
    return stateWord(state) + ': ' + t('rules.units_passing', { level: levelWord(answer.level) }) + ' ' + share + (v.n_not_applicable ? ' · ' + t('verdict.not_applicable') + ' ' + v.n_not_applicable : '') + (v.value === '—' ? '' : ' · ' + t('rules.pooled') + ' ' + figure(v.value, answer.unit));
  });
  return parts.filter(Boolean);
}

function ruleCard(rule, i) {
  var answer = rule.answers[0], parts = [];
  function part(title, children) { parts.push(el('h3', null, title)); parts = parts.concat(children); }
  if (rule.kind === 'site_rule') { parts.push(el('p', { 'class': 'small soft' }, t('rules.site_rule'))); }
  if (verdictOf(rule, answer, 'before') === 'attestation') { parts.push(el('p', { 'class': 'small soft' }, t('rules.not_measured'))); }
  part(t('rules.quote') + ' · ' + either(rule.pack) + ' ' + rule.clause, el('blockquote', null, rule.quote));
  if (view.language === 'en') { part(t('rules.gloss'), el('p', { 'class': 'small' }, rule.gloss)); }
  if (answer.units || rule.answers.length > 1) { part(t(rule.answers.length > 1 ? 'rules.readings' : 'rules.verdict'), readingsTable(rule, i)); }
  spansText(answer).forEach(function (line) { parts.push(el('p', { 'class': 'small soft' }, line)); });
  if (answer.evidence) { parts.push(el('p', { 'class': 'small' }, t('rules.evidence') + ': ' + answer.evidence)); }
  if (rule.deadline) { parts.push(el('p', { 'class': 'small' }, t('rules.deadline') + ': ' + rule.deadline)); }
  if (rule.unverified) { parts.push(el('p', { 'class': 'small' }, t('rules.unverified_long'))); }
  if (rule.ambiguity.length) { part(t('rules.ambiguity'), el('ul', null, rule.ambiguity.map(function (text) { return el('li', null, either(text)); }))); }
  if (rule.numbers.length) { part(t('rules.numbers'), el('ul', null, rule.numbers.map(numberLine))); }
  return el('tr', { 'class': 'card' }, el('td', { 'class': 'detail', colSpan: 4 }, parts));
}

function isFailing(rule) {
  var verdict = verdictOf(rule, rule.answers[0], spoken());
  return verdict === 'fail' || verdict === 'undetermined';
}

function showRules() {
  var rows = [], pack = null;
  data.rules.forEach(function (rule, i) {
    if (view.onlyFailing && !isFailing(rule)) { return; }
    if (either(rule.pack) !== pack) { pack = either(rule.pack); rows.push(el('tr', { 'class': 'pack' }, el('td', { colSpan: 4 }, pack))); }
    rows.push(ruleRow(rule, i));
    if (view.opened === i) { rows.push(ruleCard(rule, i)); }
  });
  fill('rules', [
    el('h2', { 'class': 'paper' }, t('tab.rules')),
    el('div', { 'class': 'bar-line' }, [
      el('span', { 'class': 'grow small soft' }, verdictCounts()),
      el('label', { 'class': 'check' }, [el('input', { type: 'checkbox', id: 'only-failing', checked: view.onlyFailing, change: function () { view.onlyFailing = this.checked; showRules(); } }), t('rules.only_failing')])
    ]),
    table('list rule-list', [[t('rules.rule')], [t('state.before'), view.state === 'before' ? 'on' : ''], [stateWord('after'), view.state === 'after' ? 'on' : ''], [t('rules.required')]], rows),
    rows.length ? null : el('p', { 'class': 'nothing' }, t('page.none_found'))
  ]);
}

function countVerdicts(state) {
  var counts = {};
  data.rules.forEach(function (rule) {
    var verdict = verdictOf(rule, rule.answers[0], state);
    counts[verdict] = (counts[verdict] || 0) + 1;
  });
  return counts;
}

function verdictCounts() {
  var counts = countVerdicts(spoken()), parts = [stateWord(spoken()) + ':  '];
  ['pass', 'fail', 'undetermined', 'no_data', 'report_only', 'not_applicable', 'attestation', 'site_rule'].forEach(function (verdict) {
    if (counts[verdict]) { parts.push(el('span', { 'class': 'nowrap' }, [mark(verdict), counts[verdict] + '\u2002'])); }
  });
  return parts;
}
