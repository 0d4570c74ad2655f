// What if: proposals and candidates are switched on and off, and everything that speaks of the plan follows. What is switched is a content of
// its own beside the plan's; "restore" takes the plan's again. Figures come from `evaluate`.

// Scenario -> its content as planned, while something is switched in it.
var asPlanned = {};
// Scenario -> whether its ledgers were held against the plan, and what they say of it.
var whatIf = {};
var switches = null;

function isSwitched() { return asPlanned[shownScenario] !== undefined; }

function planned() { return asPlanned[shownScenario] || scenarios[shownScenario]; }

// The word of a state; what is switched is not the plan, and is not called so.
function stateWord(state) { return t(state === 'after' && isSwitched() ? 'state.switched' : 'state.' + state); }

function sameTexts(a, b) { return a.length === b.length && a.every(function (text, i) { return text === b[i]; }); }

// Whether an answer says the same of all units and of every unit.
function sameAnswer(verdict, columns, wantedVerdict, wantedColumns) {
  var same = verdict && wantedVerdict && Object.keys(wantedVerdict).every(function (key) { return verdict[key] === wantedVerdict[key]; });
  if (!same || !wantedColumns) { return same; }
  return sameTexts(columns.value_text, wantedColumns.value_text) && sameTexts(columns.shortfall_text, wantedColumns.shortfall_text) &&
    Array.prototype.every.call(columns.verdict, function (code, row) { return code === wantedColumns.verdict[row]; });
}

function sheetDigits(sheet) { return sheet.map(function (row) { return row.map(function (number) { return shown(number, 'people'); }); }); }

// The switches of the scenario that is looked at. Before they are trusted, their figures of today and of the plan are held against those the
// planner wrote: a rule of which they say anything else is not followed, and without the people there are no switches.
function ready() {
  var k = shownScenario, found = whatIf[k], plan = planned().data;
  if (found) { switches = found.switches; return found; }
  found = whatIf[k] = { switches: switchesOf(plan), plan: null, trusted: false };
  switches = found.switches;
  if (!switches) { return found; }
  found.trusted = true;
  ['before', 'after'].forEach(function (state) {
    var result = evaluate(opened(state === 'after' ? switches.plan : []));
    plan.rules.forEach(function (rule, i) {
      rule.answers.forEach(function (answer, j) {
        var ledger = switches.ledgers[i][j], figures = result.answers[i][j];
        if (ledger && answer[state] && !sameAnswer(verdictOfAll(ledger, figures), answer.units && columnsOf(answer.units, ledger, figures), answer[state], answer.units && answer.units[state])) { switches.ledgers[i][j] = null; }
      });
    });
    if (!sheetDigits(result.sheet).every(function (row, i) { return sameTexts(row, plan.balance.rows[i][state]); })) { found.trusted = false; }
    found[state === 'after' ? 'plan' : 'before'] = result;
  });
  return found;
}

function copyOf(object, changes) {
  var copy = Object.create(null);
  Object.keys(object).forEach(function (key) { copy[key] = object[key]; });
  Object.keys(changes).forEach(function (key) { copy[key] = changes[key]; });
  return copy;
}

function isFollowed(i, j) { return !switches || switches.ledgers[i][j] !== null; }

// An answer with the figures of what is switched in place of the plan's; none where they cannot be followed.
function switchedAnswer(answer, ledger, figures) {
  var columns, units = answer.units;
  if (!ledger) {
    columns = units && columnsOf(units, { rows: Array.prototype.map.call(units.place, function (place, row) { return row; }), unit: '', short_unit: '' }, Array.prototype.map.call(units.place, function () { return unknownFigure(null); }));
    return copyOf(answer, { after: null, followed: false, units: units && copyOf(units, { after: columns }) });
  }
  return copyOf(answer, { after: answer.after && verdictOfAll(ledger, figures), units: units && copyOf(units, { after: columnsOf(units, ledger, figures) }) });
}

function switchedHead(head, result) {
  var all = result.balance.all, total = totalOf(all), before = today();
  return copyOf(head, {
    people: copyOf(head.people, { after: { people: shown(all[0], 'people'), pct: shown(total ? 100 * all[0] / total : NaN, '%') }, gain: shown(all[0] - before.balance.all[0], 'people') }),
    sites: { n: result.cost.n, cost: shownYuan(result.cost.yuan), n_cost_unknown: result.cost.unknown }
  });
}

function switchedContent(plan, result) {
  var from = plan.data, sheet = sheetDigits(result.sheet), balance = Object.create(null), after;
  Object.keys(from.unit_balance).forEach(function (id) {
    var row = from.unit_balance[id], unit = result.balance.units[placeOf(id)];
    balance[id] = [row[0], shown(unit ? unit[0] : 0, 'people'), row[2]];
  });
  after = { band: result.nearest.band };
  return copyOf(plan, {
    people: copyOf(plan.people, { after: after }),
    data: copyOf(from, {
      head: switchedHead(from.head, result),
      balance: copyOf(from.balance, { rows: from.balance.rows.map(function (row, i) { return copyOf(row, { after: sheet[i], pct: [row.pct[0], shown(result.sheet[i][4] ? 100 * result.sheet[i][0] / result.sheet[i][4] : NaN, '%')] }); }) }),
      unit_balance: balance,
      minutes_spread: copyOf(from.minutes_spread, { after: spreadOf(result.nearest).map(function (number) { return shown(number, 'people'); }) }),
      rules: from.rules.map(function (rule, i) {
        return copyOf(rule, { answers: rule.answers.map(function (answer, j) { return switchedAnswer(answer, switches.ledgers[i][j], result.answers[i][j]); }) });
      })
    })
  });
}

var placeRows = null;

function placeOf(id) {
  if (!placeRows) { placeRows = Object.create(null); places.id.forEach(function (place, row) { if (placeRows[place] === undefined) { placeRows[place] = row; } }); }
  return placeRows[id] === undefined ? -1 : placeRows[id];
}

// Which candidates are open now.
function openNow() { return isSwitched() ? whatIf[shownScenario].now.on : ready().plan.on; }

function nSwitched() {
  var plan, n = 0;
  if (!isSwitched()) { return 0; }
  plan = whatIf[shownScenario].plan.on;
  Array.prototype.forEach.call(openNow(), function (is, row) { if (is !== plan[row]) { n++; } });
  return n;
}

// Open exactly these candidates, and draw everything anew; the reader stays where he is.
function switchTo(on) {
  var found = ready(), plan = planned(), k = shownScenario, top = byId('body').scrollTop, isPlan = Array.prototype.every.call(on, function (is, row) { return is === found.plan.on[row]; });
  if (isPlan) { scenarios[k] = plan; delete asPlanned[k]; } else {
    found.now = evaluate(on);
    scenarios[k] = switchedContent(plan, found.now);
    asPlanned[k] = plan;
  }
  enter(k);
  if (!isPlan && (view.state === 'before' || view.state === 'difference')) { view.state = 'after'; }
  switchHooks.forEach(function (hook) { hook(); });
  showAll();
  byId('body').scrollTop = top;
}

function restorePlan() { ready(); view.told = ''; switchTo(whatIf[shownScenario].plan.on); }

switchHooks.push(function () {
  ready();
  if (isSwitched() && view.state === 'difference') { view.state = 'after'; } // its figures are those of the plans
});

function barredBy(row) { return switches.barred.filter(function (one) { return one[0] === row; })[0]; }

// Of the candidates of one plot, or for one facility, one at most stands: switching one on switches the others off.
function toggle(row) {
  var on, gone = [];
  ready(); on = openNow().slice(); view.told = '';
  if (!on[row] && barredBy(row)) { return; }
  on[row] = on[row] ? 0 : 1;
  if (on[row]) {
    Array.prototype.forEach.call(switches.plot, function (plot, other) {
      if (other !== row && plot === switches.plot[row] && on[other]) { on[other] = 0; gone.push(siteName(other)); }
    });
  }
  if (gone.length) { view.told = t('whatif.same_plot', { names: gone.join(view.language === 'zh' ? '、' : ', ') }); }
  switchTo(on);
}

// The row of a candidate in the lists of the page, and back.
function siteAt(row) {
  var proposal = Array.prototype.indexOf.call(switches.proposals, row);
  return proposal >= 0 ? { kind: 'proposal', row: proposal } : { kind: 'candidate', row: switches.others.indexOf(row) };
}

function switchRow(at) { return at.kind === 'proposal' ? switches.proposals[at.row] : switches.others[at.row]; }

function siteName(row) {
  var at = siteAt(row);
  return (at.kind === 'proposal' ? data.proposals : data.candidates).name[at.row];
}

function isOpenSite(at) { var found = ready(); return found.trusted ? !!openNow()[switchRow(at)] : at.kind === 'proposal'; }

// Whether a site of the page's lists stands in a state of the map.
function isOnSite(kind, row, state) {
  if (state !== 'after') { return false; }
  return isSwitched() ? !!whatIf[shownScenario].now.on[rowOfSwitch(kind, row)] : kind === 'proposal';
}

function rowOfSwitch(kind, row) {
  var from = whatIf[shownScenario].switches;
  return kind === 'proposal' ? from.proposals[row] : from.others[row];
}

// Candidates that are open although the plan does not open them.
function openedCandidates(state) {
  var rows = [], row;
  if (state !== 'after' || !isSwitched()) { return rows; }
  for (row = 0; row < candidates.n; row++) { if (isOnSite('candidate', row, state)) { rows.push(row); } }
  return rows;
}

// Whether a facility closes with what is switched: the one that stands there afterwards is another.
function isGone(row) {
  var found = whatIf[shownScenario], place;
  if (!found || !found.trusted) { return false; }
  place = Array.prototype.indexOf.call(found.switches.moved, row);
  return place >= 0 && !(isSwitched() ? found.now : found.plan).stands[found.switches.n + place];
}

// Units whose verdict under a rule's own reading differs between two sets: [rule, unit place, was, is].
function changedUnits(from, to) {
  var changes = [];
  data.rules.forEach(function (rule, i) {
    var ledger = switches.ledgers[i][0], answer = rule.answers[0];
    if (!ledger || !answer.units) { return; }
    from.answers[i][0].forEach(function (was, n) {
      var is = to.answers[i][0][n];
      if (was.verdict !== is.verdict && ledger.rows[n] >= 0) { changes.push([i, answer.units.place[ledger.rows[n]], was.verdict, is.verdict]); }
    });
  });
  return changes;
}

var MOST_CHANGES = 12;

function changeLines(changes) {
  return [
    el('ul', { 'class': 'notes small', 'data-changes': changes.length }, changes.slice(0, MOST_CHANGES).map(function (change) {
      return el('li', null, [places.name[change[1]] + ' · ' + titleOf(data.rules[change[0]]) + ': ', mark(VERDICTS[change[2]]), '→ ', mark(VERDICTS[change[3]])]);
    })),
    changes.length > MOST_CHANGES ? el('p', { 'class': 'small soft' }, t('page.more', { n: changes.length - MOST_CHANGES })) : null
  ];
}

// What changes in units when one site is switched, seen from what is open now.
function effectLines(row) {
  var on = openNow().slice(), now, changes;
  now = isSwitched() ? whatIf[shownScenario].now : ready().plan;
  on[row] = on[row] ? 0 : 1;
  if (on[row]) { Array.prototype.forEach.call(switches.plot, function (plot, other) { if (other !== row && plot === switches.plot[row]) { on[other] = 0; } }); }
  changes = changedUnits(now, evaluate(on));
  return [el('h3', null, t(on[row] ? 'whatif.units_if_on' : 'whatif.units_if_off'))].concat(changes.length ? changeLines(changes) : el('p', { 'class': 'small soft' }, t('whatif.no_unit_changes')));
}

// The service circles of what is switched: the union of each site's own, painted without cutting polygons. `trace` lays a path.
function switchedCircles(ctx, trace, band, fillAll) {
  var from = whatIf[shownScenario].switches.circles, stands = whatIf[shownScenario].now.stands, shapes, canvas, pen, transform = ctx.getTransform();
  shapes = (from.always ? [from.always[band]] : [circles.before[band]]).concat(from.own.filter(function (own_, i) { return stands[from.of[i]]; }).map(function (own_) { return own_[band]; }));
  canvas = document.createElement('canvas');
  canvas.width = ctx.canvas.width; canvas.height = ctx.canvas.height;
  pen = canvas.getContext('2d');
  function each(draw) { shapes.forEach(function (shape) { if (shape && shape.size) { pen.beginPath(); trace(pen, shape); draw(); } }); }
  function lay(alpha) { ctx.save(); ctx.setTransform(1, 0, 0, 1, 0, 0); ctx.globalAlpha = alpha; ctx.drawImage(canvas, 0, 0); ctx.restore(); }
  function clear() { pen.setTransform(1, 0, 0, 1, 0, 0); pen.clearRect(0, 0, canvas.width, canvas.height); pen.setTransform(transform); }
  pen.fillStyle = pen.strokeStyle = data.colours.circle;
  pen.setTransform(transform);
  if (fillAll) { each(function () { pen.fill('evenodd'); }); lay(0.13); clear(); }
  pen.setLineDash(band ? [3, 4] : []); pen.lineWidth = band ? 2 : 2.8;
  each(function () { pen.stroke(); });
  pen.globalCompositeOperation = 'destination-out';
  each(function () { pen.fill('evenodd'); });
  lay(band ? 0.5 : 0.8);
}
