// Several scenarios on one page: the content of each, which of them is looked at, and the bar that switches.

// What a change makes of a value, as `maps.page.scenarios.change` writes it.
function patched(was, change) {
  var copy;
  if (Object.prototype.hasOwnProperty.call(change, 'is')) { return change.is; }
  if (change.at) { return spliced(was, change.at); }
  if (change.of) { return taken(was, change.of); }
  if (!change['in']) { return was; }
  if (Array.isArray(was)) { copy = was.slice(); } else {
    copy = Object.create(null); // a key of the data may read __proto__
    Object.keys(was).forEach(function (key) { copy[key] = was[key]; });
  }
  Object.keys(change['in']).forEach(function (key) { copy[key] = patched(was[key], change['in'][key]); });
  return copy;
}

function taken(list, parts) {
  return parts.reduce(function (all, part) { return all.concat(Array.isArray(part) ? list.slice(part[0], part[1]) : [part.is]); }, []);
}

function spliced(text, stretches) {
  var parts = [], from = 0, i;
  for (i = 0; i < stretches.length; i += 2) {
    parts.push(text.slice(from, stretches[i]), stretches[i + 1]);
    from = stretches[i] + stretches[i + 1].length;
  }
  return parts.join('') + text.slice(from);
}

// The comparison; null on the page of one scenario.
var compared = data.scenarios || null;
var scenarios = [data].concat(compared ? compared.changes.map(function (change) { return patched(data, change); }) : []).map(unpacked);
var shownScenario, people, facilities, candidates, proposals, circles, streets;

// Called with nothing after the reader has switched to another scenario, before anything is drawn.
var switchHooks = [];

function enter(k) {
  var from = scenarios[k];
  shownScenario = k;
  data = from.data; people = from.people; facilities = from.facilities; candidates = from.candidates;
  proposals = from.proposals; circles = from.circles; streets = from.streets;
}

enter(0);

// The rule and reading that are looked at, by name: rows differ from scenario to scenario.
function themeName() { return theme() ? { id: data.rules[view.rule].id, reading: theme().reading } : null; }

function rowNamed(list, matches) {
  var i;
  for (i = 0; i < list.length; i++) { if (matches(list[i])) { return i; } }
  return -1;
}

function ruleNamed(id) { return rowNamed(data.rules, function (rule) { return rule.id === id; }); }

function lookAt(name) {
  view.rule = name ? ruleNamed(name.id) : -1;
  view.answer = view.rule < 0 ? 0 : rowNamed(data.rules[view.rule].answers, function (answer) { return answer.reading === name.reading; });
  if (view.answer < 0) { view.rule = -1; view.answer = 0; }
}

// What `act` gives when scenario k is looked at; afterwards the reader is where he was.
function inScenario(k, act) {
  var was = shownScenario, rule = view.rule, answer = view.answer, name, result;
  if (k === was) { return act(); }
  name = themeName();
  enter(k); lookAt(name);
  result = act();
  enter(was); view.rule = rule; view.answer = answer;
  return result;
}

// As `inScenario`, of the plan as it was planned, whatever is switched: differences are those of the plans.
function inPlan(k, act) {
  var kept = scenarios[k], result;
  if (asPlanned[k] === undefined) { return inScenario(k, act); }
  scenarios[k] = asPlanned[k];
  if (k === shownScenario) { enter(k); }
  result = inScenario(k, act);
  scenarios[k] = kept;
  if (k === shownScenario) { enter(k); }
  return result;
}

// The site of another scenario in the one that is looked at; null where it does not stand.
function sameSite(at, k) {
  var id = scenarios[k].data[at.kind === 'facility' ? 'facilities' : at.kind + 's'].id[at.row], kinds = at.kind === 'facility' ? ['facility'] : ['proposal', 'candidate'], found = null;
  kinds.forEach(function (kind) {
    var row = data[kind === 'facility' ? 'facilities' : kind + 's'].id.indexOf(id);
    if (row >= 0 && !found) { found = { kind: kind, row: row }; }
  });
  return found;
}

function chooseScenario(k) {
  var name = themeName(), was = shownScenario, opened = view.opened >= 0 ? data.rules[view.opened].id : '';
  enter(k);
  lookAt(name);
  view.opened = opened ? ruleNamed(opened) : -1;
  if (view.selected && view.selected.kind !== 'unit') { view.selected = sameSite(view.selected, was); }
  if (!k && (view.state === 'versus' || view.state === 'difference')) { view.state = 'after'; }
  switchHooks.forEach(function (hook) { hook(); });
  showAll();
}

function setState(state) {
  view.state = state;
  if (!shownScenario && (state === 'versus' || state === 'difference')) { chooseScenario(1); } else { showAll(); }
}

// A scenario's name; said where it lacks the rule that is looked at.
function scenarioTitle(k) {
  var lacks = theme() && !inScenario(k, theme);
  return compared.names[k] + (lacks ? ' · ' + t('comparison.no_rule') : '');
}

function showScenarios() {
  if (!compared) { return; }
  fill('scenarios', [el('span', { 'class': 'small soft' }, t('comparison.scenario'))].concat(compared.names.map(function (name, k) {
    return el('button', { id: 'scenario-' + k, 'class': shownScenario === k ? 'on' : '', title: t('comparison.choose') + ': ' + either(scenarios[k].data.head.title), click: function () { chooseScenario(k); } }, [name, k ? null : el('small', null, t('comparison.reference'))]);
  })));
}
