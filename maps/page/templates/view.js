// What the reader is looking at: the one thing that changes. Everything else is drawn from it.

var view = {
  language: window.location.hash.indexOf('en') > 0 ? 'en' : data.languages[0],
  state: 'before',
  tab: 'rules',
  rule: -1,
  answer: 0,
  opened: -1,
  selected: null,
  onlyFailing: false,
  onlyShort: false,
  search: '',
  candidateSearch: '',
  told: '',
  sort: { column: 'shortfall', down: true },
  split: 0.5,
  layersOpen: false,
  legendOpen: false,
  layers: { base: true, dots: true, circles: true, bands: false, concerned: true, others: false, proposals: true, candidates: false, streets: true, boundaries: true, labels: true }
};

// The answer whose figures colour the units; null when the map shows minutes.
function theme() { return view.rule < 0 ? null : data.rules[view.rule].answers[view.answer]; }

// The state that tables and cards speak of: comparing, they speak of the plan.
function spoken() { return view.state === 'before' ? 'before' : 'after'; }

// What the map shows, west to east: scenario, state, and its title where there are two.
function sidesOf() {
  var k = shownScenario;
  if (view.state === 'compare') { return [{ scenario: k, state: 'before', title: t('state.before') }, { scenario: k, state: 'after', title: stateWord('after') }]; }
  if (view.state === 'versus') { return [{ scenario: 0, state: 'after', title: scenarioTitle(0) }, { scenario: k, state: 'after', title: scenarioTitle(k) }]; }
  return [{ scenario: k, state: spoken(), title: '' }];
}

function levelNamed(name) {
  return levels.filter(function (level) { return level.level === name; })[0];
}

function finest() { return levelNamed(data.head.finest); }

// The level that is filled and clicked.
function themeLevel() {
  var answer = theme();
  return (answer && answer.units && levelNamed(answer.level)) || finest();
}

// One colour over the whole place would drown the map: it is laid on thinner. A base map shines through.
function fillAlpha() { return themeLevel().size < 2 ? 0.4 : isOnBaseMap() ? 0.62 : 0.82; }

// Whether a facility is of a wanted kind or of one below it, as `layers.kinds` has it.
function isOfKind(kinds, wanted) {
  return kinds.some(function (kind) {
    while (kind) {
      if (wanted.indexOf(kind) >= 0) { return true; }
      kind = own(data.names.kind, kind) ? data.names.kind[kind].parent : '';
    }
    return false;
  });
}

// Rows of the facilities to draw: those of the kinds that the shown rule or circle speaks of, and on demand the others (these first).
function facilityRows() {
  var wanted = theme() ? theme().kinds : data.head.kinds, counting = [], others = [];
  data.facilities.kind.forEach(function (kinds, row) { (!wanted.length || isOfKind(kinds, wanted) ? counting : others).push(row); });
  return (view.layers.others ? others : []).concat(view.layers.concerned ? counting : []);
}

// The title of a rule, marked where it (as it is read) uses a number that is not verified.
function titleOf(rule, answer) { return either(rule.title) + ((answer || rule).unverified ? ' ※' : ''); }

function readingOf(answer) { return answer.reading ? ' · ' + either(answer.title) : ''; }

// What is said of a unit beside its figure; '' where nothing is.
function noteOf(answer, state, row) { return either(answer.units[state].notes[answer.units[state].note[row]]); }

// An attestation has a verdict once somebody has stated the answer; a site condition never has one.
function verdictOf(rule, answer, state) {
  var isOpen = rule.kind === 'attestation' && !(answer[state] && answer[state].n_units);
  if (rule.kind === 'site_rule' || isOpen) { return rule.kind; }
  return answer[state] ? answer[state].verdict : 'no_data';
}
