// The page as a whole: head, key figures, switches; what happens when the reader chooses.

function showHead() {
  var head = data.head;
  document.title = either(head.title);
  document.documentElement.lang = view.language;
  fill('head', [
    el('div', { 'class': 'row' }, [
      el('div', { 'class': 'tools' }, [
        el('button', { id: 'language', title: t('page.language_hint'), click: switchLanguage }, t('page.language')),
        el('button', { id: 'print', title: t('page.print_hint'), click: function () { printSheet('a3'); } }, t('page.print')),
        el('button', { id: 'print-more', title: t('page.print_more'), 'aria-expanded': 'false', click: togglePrintings }, '▾'),
        printings()
      ]),
      el('h1', { 'class': halves(either(head.title)) > 60 ? 'long' : null }, either(head.title))
    ]),
    el('p', { 'class': 'sub' }, marksOf(head.place)),
    el('p', { 'class': 'banner', id: 'unprepared' }, t('page.print_unprepared', { button: t('page.print') })),
    head.synthetic ? el('p', { 'class': 'banner' }, t('page.synthetic_long')) : null,
    head.straight ? el('p', { 'class': 'banner', id: 'straight' }, t('page.straight')) : null,
    switchedBanner()
  ]).className = isSwitched() ? 'switched' : '';
}

// What a sheet is marked with: its subject, the day, the mark of internal use, 审图号.
function marksOf(subject) {
  return [subject + ' · ' + t('page.as_of') + ' ' + data.head.as_of + ' · ' + t('page.internal') + (data.review_number ? ' · ' : ''), data.review_number ? el('span', { 'class': 'review' }, reviewText()) : null];
}

function bar(before, after) {
  var first = el('i'), second = el('i', { 'class': 'gain' });
  first.style.width = before + '%';
  second.style.width = Math.max(0, after - before) + '%';
  return el('div', { 'class': 'bar' }, [first, second]);
}

// People of whom nobody can say whether they are in reach: a figure of the circle counts them as not inside.
function leftOut() {
  var whole = data.balance.rows.filter(function (row) { return row.role === 'whole'; })[0];
  return ['off_network', 'unassigned'].map(function (column) {
    var digits = whole.before[data.balance.columns.indexOf(column)];
    return digits === '0' ? '' : ' · ' + t('about.' + column) + ' ' + figure(digits, 'people');
  }).join('') + (data.head.people.n_unknown ? ' · ' + t('key.unknown', { n: data.head.people.n_unknown }) : '');
}

function passing(answer) {
  var b = answer.before, a = answer.after;
  return b && a ? b.n_pass + ' → ' + a.n_pass + ' / ' + (a.n_pass + a.n_fail + a.n_no_data) : '—';
}

function showKeys() {
  var head = data.head, counted = head.people, answer = theme(), told = view.rule >= 0 ? view.rule : firstMapped(), toldAnswer = answer || firstAnswerWithUnits(), before = countVerdicts('before'), after = countVerdicts('after'), judged;
  judged = data.judged.reduce(function (sum, verdict) { return sum + (after[verdict] || 0); }, 0);
  function card(id, what, value, note) { return el('div', { id: id }, [el('div', { 'class': 'what' }, what), el('b', null, [el('span', { 'class': 'nowrap' }, value), note ? el('small', null, note) : null])]); }
  fill('keys', [
    el('button', { 'class': 'hero' + (answer ? '' : ' on'), id: 'key-people', title: t('key.show_minutes'), click: function () { view.answer = 0; setTheme(-1); } }, [
      el('div', { 'class': 'what' }, t('key.people', { base: either(head.base), minutes: head.minutes })),
      el('div', { 'class': 'big' }, [el('span', { 'class': 'was', id: 'people-before' }, figure(counted.before.pct, '%')), el('span', { 'class': 'arrow' }, '→'), el('span', { id: 'people-after' }, figure(counted.after.pct, '%'))]),
      bar(parseFloat(counted.before.pct), parseFloat(counted.after.pct)),
      el('div', { 'class': 'small soft' }, [counted.before.people + ' → ' + figure(counted.after.people, 'people') + ' · ' + t('key.gain', { n: counted.gain }) + ' · ' + t('key.people_note', { total: counted.total, unit: unitWord('people'), pace: either(head.pace) }) + leftOut()])
    ]),
    el('div', { 'class': 'trio' }, [
      card('key-rules', t('key.rules'), (before.pass || 0) + ' → ' + (after.pass || 0) + ' / ' + judged),
      toldAnswer ? card('key-units', titleOf(data.rules[told], toldAnswer) + ' · ' + t('rules.units_passing', { level: levelWord(toldAnswer.level) }), passing(toldAnswer)) : null,
      card('key-sites', t(isSwitched() ? 'whatif.sites_on' : 'key.sites') + (head.sites.n_cost_unknown ? ' · ' + t('key.cost_unknown', { n: head.sites.n_cost_unknown }) : ''), figure(String(head.sites.n), 'facilities'), money(head.sites.cost))
    ])
  ]);
}

function showStates() {
  fill('states', ['before', 'after', 'compare'].concat(!compared ? [] : isSwitched() ? ['versus'] : ['versus', 'difference']).map(function (state) {
    return el('button', { id: 'state-' + state, 'class': view.state === state ? 'on' : '', 'aria-pressed': String(view.state === state), click: function () { setState(state); } }, stateWord(state));
  }));
}

function showTabs() {
  var counts = { rules: data.rules.length, proposals: proposals.n };
  byId('tabs').className = compared ? 'many' : '';
  fill('tabs', ['rules', 'units', 'proposals', 'charts', 'compare', 'about'].filter(function (tab) { return tab !== 'compare' || compared; }).map(function (tab) {
    byId(tab).className = 'tab' + (view.tab === tab ? ' on' : '');
    return el('button', { id: 'tab-' + tab, role: 'tab', 'aria-controls': tab, 'aria-selected': String(view.tab === tab), 'class': view.tab === tab ? 'on' : '', click: function () { view.tab = tab; showTabs(); byId('body').scrollTop = 0; } }, [t('tab.' + tab), counts[tab] ? el('sup', null, counts[tab]) : null]);
  }));
}

function showAll() {
  showHead(); showKeys(); showScenarios(); showStates(); showTabs();
  showRules(); showUnits(); showProposals(); showCharts(); showCompare(); showAbout();
  showHeading(); showLegend(); showLayers(); showCredit(); showCard();
  placeSwipe(); repaint();
}

function switchLanguage() {
  view.language = view.language === 'zh' ? 'en' : 'zh';
  window.location.hash = view.language;
  showAll();
}

// The first rule that has figures in units.
function firstMapped() {
  var i;
  for (i = 0; i < data.rules.length; i++) { if (data.rules[i].answers[0].units) { return i; } }
  return -1;
}

function setTheme(i) {
  var wasMinutes = view.rule < 0;
  view.rule = i;
  if (wasMinutes !== (i < 0)) { view.layers.dots = i < 0; view.layers.circles = i < 0 || data.rules[i].kind === 'service_circle_coverage'; }
  showAll();
}

function openRule(i) {
  var top = byId('body').scrollTop;
  view.opened = view.opened === i ? -1 : i;
  view.answer = 0;
  if (data.rules[i].answers[0].units) { setTheme(i); } else { showRules(); }
  byId('body').scrollTop = top;
}

// Select what was clicked on the map, or in a table (then the map goes there); null for nothing.
function select(at, fromTable) {
  var top = byId('body').scrollTop;
  view.selected = at;
  if (at && fromTable) { goTo(at); }
  showUnitTable(); showProposals(); showCard(); repaint();
  byId('body').scrollTop = top;
  if (at && at.kind === 'unit' && !fromTable) { revealRow(); }
}

function revealRow() {
  var row = byId('unit-table').querySelector('tr.on');
  if (row && view.tab === 'units') { row.scrollIntoView({ block: 'center' }); }
}

L.control.zoom({ position: 'topleft', zoomInTitle: t('page.zoom_in'), zoomOutTitle: t('page.zoom_out') }).addTo(map);
L.control.scale({ position: 'bottomright', imperial: false, maxWidth: 160 }).addTo(map);
startMap();
startSwipe();
startBaseMap();
showAll();
fitWhole(); // the legend stands now
window.addEventListener('hashchange', function () {
  var wanted = window.location.hash.indexOf('en') > 0 ? 'en' : data.languages[0];
  if (wanted !== view.language) { view.language = wanted; showAll(); }
});
document.documentElement.setAttribute('data-ready', 'yes');
