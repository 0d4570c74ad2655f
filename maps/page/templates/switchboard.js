// What the reader switches by: the switch of a site, the box that says what is switched, the lists of candidates and of near-best plans.

var MOST_CANDIDATES = 60;

function switchButton(at) {
  var found = ready(), row, why, isOn;
  if (!found.trusted) { return null; }
  row = switchRow(at); why = barredBy(row); isOn = openNow()[row];
  if (why && !isOn) { return el('span', { 'class': 'barred small' }, t('whatif.barred') + ': ' + t('excluded.' + why[1]) + (why[2] ? ' · ' + ruleTitle(why[2]) : '')); }
  return el('button', { 'class': 'switch' + (isOn ? ' on' : ''), role: 'switch', 'aria-checked': isOn ? 'true' : 'false', 'data-switch': row, 'aria-label': siteName(row), title: t(isOn ? 'whatif.switch_off' : 'whatif.switch_on'), click: function (event) { event.stopPropagation(); toggle(row); } }, [el('i'), t(isOn ? 'whatif.on' : 'whatif.off')]);
}

function budgetText() {
  var cost = costOf(openNow()), parts = [], left;
  if (switches.budget !== null) {
    left = switches.budget - (cost.yuan || 0);
    parts.push(t(left < 0 ? 'whatif.over_budget' : 'whatif.of_budget', { used: money(shownYuan(cost.yuan)), budget: money(shownYuan(switches.budget)), over: money(shownYuan(Math.abs(left))) }));
  } else { parts.push(t('proposals.cost') + ' ' + money(shownYuan(cost.yuan))); }
  if (cost.unknown) { parts.push(t('key.cost_unknown', { n: cost.unknown })); }
  if (switches.max_sites !== null) { parts.push(t(cost.n > switches.max_sites ? 'whatif.over_sites' : 'whatif.of_sites', { n: cost.n, most: switches.max_sites })); }
  return parts.join(' · ');
}

function isOverLimits() {
  var cost = costOf(openNow());
  return (switches.budget !== null && cost.yuan > switches.budget) || (switches.max_sites !== null && cost.n > switches.max_sites);
}

function unfollowedText() {
  var titles = [];
  data.rules.forEach(function (rule, i) {
    rule.answers.forEach(function (answer, j) { if (!isFollowed(i, j)) { titles.push(titleOf(rule, answer) + readingOf(answer)); } });
  });
  return titles.length ? t('whatif.unfollowed', { rules: titles.join(view.language === 'zh' ? '、' : ', ') }) : '';
}

var MOST_NEAREST = 4;

function nearestName(site) { return site < facilities.n ? data.facilities.name[site] || data.facilities.id[site] : siteName(site - facilities.n); }

// Which facilities are nearest to the people of a unit, in the state that is spoken of.
function nearestText(place) {
  var found = ready(), nearest, sites;
  if (!found.trusted) { return null; }
  nearest = spoken() === 'before' ? today().nearest : isSwitched() ? found.now.nearest : found.plan.nearest;
  sites = nearestIn(nearest, place);
  if (!sites.length) { return null; }
  return el('p', { 'class': 'small', id: 'nearest' }, t('whatif.nearest') + ' (' + stateWord(spoken()) + '): ' + sites.slice(0, MOST_NEAREST).map(function (one) {
    return nearestName(one[0]) + ' ' + figure(shown(one[1], 'people'), 'people');
  }).join(view.language === 'zh' ? '、' : ', ') + (sites.length > MOST_NEAREST ? ' · ' + t('page.more', { n: sites.length - MOST_NEAREST }) : ''));
}

// Every figure of the place as it stands.
function today() {
  var found = ready();
  return found.before || (found.before = evaluate(opened([])));
}

// The sites that are open though the plan leaves them out, and the other way round.
function switchedNames(wanted) {
  var plan = whatIf[shownScenario].plan.on, names = [];
  Array.prototype.forEach.call(openNow(), function (is, row) { if (is !== plan[row] && is === wanted) { names.push(siteName(row)); } });
  return names.length ? el('p', { 'class': 'small' }, t(wanted ? 'proposals.adds' : 'proposals.drops') + ': ' + names.join(view.language === 'zh' ? '、' : ', ')) : null;
}

// The head of the list: what is open, what it costs against the budget, what changes against the plan.
function whatIfBox() {
  var found = ready(), changes, unfollowed;
  if (!found.switches) { return canBeExact() ? null : el('p', { 'class': 'small soft' }, t('whatif.old_browser')); }
  if (!found.trusted) { return el('p', { 'class': 'small soft' }, t('whatif.not_possible')); }
  unfollowed = unfollowedText();
  if (!isSwitched()) {
    return el('div', { 'class': 'whatif', id: 'whatif' }, [el('p', { 'class': 'small' }, t('whatif.how')), el('p', { 'class': 'small soft', id: 'whatif-budget' }, budgetText()), unfollowed ? el('p', { 'class': 'small soft' }, unfollowed) : null]);
  }
  changes = changedUnits(found.plan, found.now);
  return el('div', { 'class': 'whatif switched', id: 'whatif' }, [
    el('div', { 'class': 'bar-line' }, [el('b', { 'class': 'grow' }, t('whatif.not_plan', { n: nSwitched() })), el('button', { id: 'restore', click: restorePlan }, t('whatif.restore'))]),
    switchedNames(1), switchedNames(0),
    el('p', { 'class': 'small' + (isOverLimits() ? ' over' : ''), id: 'whatif-budget' }, budgetText()),
    view.told ? el('p', { 'class': 'small', role: 'status' }, view.told) : null,
    unfollowed ? el('p', { 'class': 'small' }, unfollowed) : null,
    el('h3', null, t('whatif.against_plan'))
  ].concat(changes.length ? changeLines(changes) : el('p', { 'class': 'small soft' }, t('whatif.no_unit_changes'))));
}

function switchedBanner() {
  if (!isSwitched()) { return null; }
  return el('p', { 'class': 'banner switched', id: 'switched-banner', role: 'status' }, [t('whatif.not_plan', { n: nSwitched() }) + ' ', el('button', { id: 'restore-head', click: restorePlan }, t('whatif.restore'))]);
}

// The candidates that the plan does not open: found by name, each with its switch.
function showCandidates() {
  var wanted = view.candidateSearch.trim().toLowerCase(), rows = [], i, names = data.candidates.name;
  for (i = 0; i < candidates.n; i++) { if (!wanted || (names[i] + ' ' + data.candidates.id[i]).toLowerCase().indexOf(wanted) >= 0) { rows.push(i); } }
  rows.sort(function (a, b) { return isOpenSite({ kind: 'candidate', row: b }) - isOpenSite({ kind: 'candidate', row: a }) || a - b; });
  fill('candidate-list', rows.slice(0, MOST_CANDIDATES).map(function (row) {
    var at = { kind: 'candidate', row: row };
    return el('div', { 'class': 'candidate' + (isOpenSite(at) ? ' open' : ''), 'data-candidate': data.candidates.id[row] }, [
      el('button', { 'class': 'name', click: function () { view.layers.candidates = true; select(at, true); } }, [names[row] || data.candidates.id[row], el('small', null, kindWords(data.candidates.kind[row]) + ' · ' + money(data.candidates.cost[row]))]),
      switchButton(at)
    ]);
  }).concat(rows.length > MOST_CANDIDATES ? el('p', { 'class': 'nothing' }, t('page.more', { n: rows.length - MOST_CANDIDATES })) : rows.length ? null : el('p', { 'class': 'nothing' }, t('page.none_found'))));
}

function candidateSection() {
  if (!ready().trusted || !candidates.n) { return []; }
  return [el('div', { id: 'candidates-part' }, [
    el('h2', null, t('whatif.candidates') + ' (' + candidates.n + ')'),
    el('input', { 'class': 'search', id: 'candidate-search', placeholder: t('whatif.search'), 'aria-label': t('whatif.search'), value: view.candidateSearch, input: function () { view.candidateSearch = this.value; showCandidates(); } }),
    el('div', { id: 'candidate-list' })
  ])];
}

// Near-best plans: what each exchanges, costs and loses, and a button that switches to it.
function alternativeSection() {
  var entries;
  if (!data.alternatives.length) { return []; }
  function listed(names) { return names.length ? names.join(view.language === 'zh' ? '、' : ', ') : t('page.nothing'); }
  entries = data.alternatives.map(function (other, i) {
    return el('div', { 'class': 'alternative', 'data-alternative': i + 1 }, [
      el('div', { 'class': 'bar-line' }, [el('b', { 'class': 'grow' }, t('proposals.alternative', { n: i + 1 })), ready().trusted ? el('button', { 'class': 'shows', click: function () { view.told = ''; switchTo(opened(other.rows)); } }, t('whatif.try')) : null]),
      el('p', { 'class': 'small' }, t('proposals.alternative_cost', { n: other.rows.length, cost: money(other.cost), loss: figure(other.loss, '%') })),
      el('p', { 'class': 'small' }, t('proposals.adds') + ': ' + listed(other.added)),
      el('p', { 'class': 'small' }, t('proposals.drops') + ': ' + listed(other.dropped))
    ]);
  });
  return together([el('h2', null, t('proposals.alternatives')), el('p', { 'class': 'small soft' }, t('proposals.alternatives_text')), entries[0]]).concat(entries.slice(1));
}
