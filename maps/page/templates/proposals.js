// The proposed sites, best first, and what is switched on and off.

// What could stand in for a site, and how much less would then be done: of the rules' shortfalls, or for a goal on people.
function nextBest(i) {
  var other = data.proposals.next_best[i], values = { name: other, loss: figure(data.proposals.next_best_loss[i], '%'), points: data.proposals.next_best_loss[i] };
  if (data.choice.by_rules) { return t(other ? 'proposals.next_best' : 'proposals.no_next_best', values); }
  return t(other ? 'proposals.next_best_goal' : 'proposals.no_next_best_goal', values);
}

function baseWord(base) { return own(data.names.base, base) ? either(data.names.base[base]) : base; }

// What is done there, and when.
function actionText(i) {
  var details = data.details[i], parts = [];
  if (details.action) { parts.push(has('action.' + details.action) ? t('action.' + details.action) : details.action); }
  if (details.year) { parts.push(has('phase.' + details.year) ? t('phase.' + details.year) : details.year); }
  return parts.join(' · ');
}

// What a site gains; whom, stands beside it.
function gainWord() { return t('gained.' + data.gain); }

// Whom a site is for, how many of them it reaches and gains.
function whomParts(i) {
  var sites = data.proposals, whom = el('span', null, [t('gained.for_whom') + ' ', el('b', null, baseWord(sites.for_whom[i]))]);
  if (sites.in_reach[i] === '—' && sites.gained[i] === '—') { return [whom, el('span', { 'class': 'soft' }, t('gained.no_circle'))]; }
  return [
    whom, el('span', null, [t('gained.in_reach') + ' ', el('b', null, figure(sites.in_reach[i], 'people'))]),
    el('span', null, [gainWord() + ' ', el('b', null, figure(sites.gained[i], 'people'))])
  ];
}

// What the shown circle gains, group by group.
function groupTable(i) {
  return table('plain', [[t('proposals.group')], [gainWord(), 'num']], data.details[i].groups.map(function (group) {
    return el('tr', { 'data-group': group[0] }, [el('td', null, baseWord(group[0])), el('td', { 'class': 'num' }, figure(group[1], 'people'))]);
  }));
}

function proposalLines(i) {
  var details = data.details[i];
  return [
    actionText(i) ? el('p', { 'class': 'small' }, t('proposals.action') + ' ' + actionText(i)) : null,
    el('div', { 'class': 'facts small' }, whomParts(i).concat(details.per_10k_yuan === '—' ? [] : el('span', null, t('proposals.per_10k', { n: details.per_10k_yuan })))),
    el('h3', null, t('proposals.reason')),
    el('p', { 'class': 'small' }, either(data.proposals.reason[i])),
    el('p', { 'class': 'small soft' }, nextBest(i)),
    details.groups.length > 1 ? groupTable(i) : null
  ];
}

// The switch of a site in its card.
function switchLine(at) {
  var button = switchButton(at);
  return button && el('div', { 'class': 'switch-line' }, button);
}

// Which units it changes; nothing where it cannot be switched.
function changeOf(at) {
  if (!ready().trusted || (barredBy(switchRow(at)) && !isOpenSite(at))) { return []; }
  return effectLines(switchRow(at));
}

function proposalEntry(i) {
  var at = { kind: 'proposal', row: i }, on = view.selected && view.selected.kind === 'proposal' && view.selected.row === i;
  return el('div', { 'class': 'proposal' + (on ? ' on' : '') + (isOpenSite(at) ? '' : ' off'), 'data-proposal': data.proposals.id[i], click: function () { view.layers.proposals = true; select(at, true); } }, [
    el('span', { 'class': 'no' }, i + 1),
    el('div', { 'class': 'grow' }, [
      el('div', { 'class': 'bar-line' }, [el('button', { 'class': 'name grow' }, data.proposals.name[i]), switchButton(at)]),
      el('div', { 'class': 'facts' }, [
        el('span', { 'class': 'soft' }, (data.proposals.place[i] ? data.proposals.place[i] + ' · ' : '') + kindWords(data.proposals.kind[i]) + (actionText(i) ? ' · ' + actionText(i) : '')),
        el('span', null, [t('proposals.cost') + ' ', el('b', null, money(data.proposals.cost[i]))])
      ].concat(whomParts(i))),
      el('div', { 'class': 'why' }, either(data.proposals.reason[i])),
      el('div', { 'class': 'small soft' }, nextBest(i))
    ])
  ]);
}

function showProposals() {
  var entries = [], i, chosen = data.choice, plan = planned().data.head;
  for (i = 0; i < proposals.n; i++) { entries.push(proposalEntry(i)); }
  fill('proposals', [
    el('h2', null, t('proposals.heading')),
    whatIfBox(),
    proposals.n ? el('div', { 'class': 'total' }, [
      el('span', null, t(isSwitched() ? 'whatif.plan_total' : 'proposals.total') + ' ' + figure(String(plan.sites.n), 'facilities') + ' · ' + money(plan.sites.cost)),
      el('span', null, t('proposals.circle_gain', { base: either(data.head.base), n: plan.people.gain }))
    ]) : el('p', { 'class': 'nothing' }, t('proposals.none')),
    el('p', { 'class': 'small soft' }, t('proposals.goal_status') + ': ' + t('choice.' + chosen.status) + (chosen.status === 'nothing to do' || chosen.status === 'optimal' ? '' : ' · ' + t('choice.gap') + ' ' + figure(chosen.gap_pct, '%'))),
    el('div', { id: 'plan-told' }, chosen.told.map(function (line) { return el('p', { 'class': 'small sentence' }, either(line)); })),
    chosen.n_unmet && !isSwitched() ? el('p', { 'class': 'small', id: 'unmet-told' }, t('choice.unmet', chosen.left_short)) : null,
    proposals.n > 1 ? el('p', { 'class': 'small soft', id: 'proposals-order' }, t(chosen.by_rules ? 'proposals.order' : 'proposals.order_goal')) : null
  ].concat(entries).concat(alternativeSection()).concat(candidateSection()));
  if (byId('candidate-list')) { showCandidates(); }
}
