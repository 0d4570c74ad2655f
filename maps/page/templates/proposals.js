// The proposed sites, best first, and what is switched on and off.

// What could stand in for a site, and how much less would then be done: of the rules' shortfalls, or for a goal on people.
function nextBest(i) {
  var other = data.proposals.next_best[i], values = { name: other, loss: figure(data.proposals.next_best_loss[i], '%') };
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

// What a site gains, and of whom.
function gainWord(base) { return t('gained.' + data.gain, { base: base }); }

// The people gained, group by group.
function groupTable(i) {
  return table('plain', [[t('proposals.group')], [gainWord(t('gained.anyone')), 'num']], data.details[i].groups.map(function (group) {
    return el('tr', { 'data-group': group[0] }, [el('td', null, baseWord(group[0])), el('td', { 'class': 'num' }, figure(group[1], 'people'))]);
  }));
}

function proposalLines(i) {
  var details = data.details[i];
  return [
    actionText(i) ? el('p', { 'class': 'small' }, t('proposals.action') + ' ' + actionText(i)) : null,
    el('p', { 'class': 'small' }, gainWord(either(data.head.base)) + ' ' + figure(data.proposals.gained[i], 'people') + (details.per_10k_yuan === '—' ? '' : ' · ' + t('proposals.per_10k', { n: details.per_10k_yuan }))),
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
        el('span', { 'class': 'soft' }, kindWords(data.proposals.kind[i]) + (actionText(i) ? ' · ' + actionText(i) : '')),
        el('span', null, [t('proposals.cost') + ' ', el('b', null, money(data.proposals.cost[i]))]),
        el('span', null, [gainWord(either(data.head.base)) + ' ', el('b', null, figure(data.proposals.gained[i], 'people'))])
      ]),
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
    chosen.n_unmet ? el('p', { 'class': 'small', id: 'unmet-told' }, t('choice.unmet', { n: chosen.n_unmet })) : null
  ].concat(entries).concat(alternativeSection()).concat(candidateSection()));
  if (byId('candidate-list')) { showCandidates(); }
}
