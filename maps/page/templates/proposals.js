// The proposed sites, best first.

// What could stand in for a site, and what of the rules' shortfalls would then be mended less.
function nextBest(i) {
  var other = data.proposals.next_best[i], values = { name: other, loss: figure(data.proposals.next_best_loss[i], '%') };
  return t(other ? 'proposals.next_best' : 'proposals.no_next_best', values);
}

function proposalLines(i) {
  return [
    el('p', { 'class': 'small' }, t('proposals.gained') + ' ' + figure(data.proposals.gained[i], 'people')),
    el('p', { 'class': 'small' }, either(data.proposals.reason[i])),
    el('p', { 'class': 'small soft' }, nextBest(i))
  ];
}

function proposalEntry(i) {
  var on = view.selected && view.selected.kind === 'proposal' && view.selected.row === i;
  return el('button', { 'class': 'proposal' + (on ? ' on' : ''), 'data-proposal': data.proposals.id[i], click: function () { view.layers.proposals = true; select({ kind: 'proposal', row: i }, true); } }, [
    el('span', { 'class': 'no' }, i + 1),
    el('span', null, [
      el('div', { 'class': 'name' }, data.proposals.name[i]),
      el('div', { 'class': 'facts' }, [
        el('span', { 'class': 'soft' }, kindWords(data.proposals.kind[i])),
        el('span', null, [t('proposals.cost') + ' ', el('b', null, money(data.proposals.cost[i]))]),
        el('span', null, [t('proposals.gained') + ' ', el('b', null, figure(data.proposals.gained[i], 'people'))])
      ]),
      el('div', { 'class': 'why' }, either(data.proposals.reason[i])),
      el('div', { 'class': 'small soft' }, nextBest(i))
    ])
  ]);
}

function showProposals() {
  var entries = [], i, chosen = data.choice;
  for (i = 0; i < proposals.n; i++) { entries.push(proposalEntry(i)); }
  fill('proposals', [
    el('h2', null, t('proposals.heading')),
    proposals.n ? el('div', { 'class': 'total' }, [
      el('span', null, t('proposals.total') + ' ' + figure(String(proposals.n), 'facilities') + ' · ' + money(data.head.sites.cost)),
      el('span', null, t('key.gain', { n: data.head.people.gain }))
    ]) : el('p', { 'class': 'nothing' }, t('proposals.none')),
    el('p', { 'class': 'small soft' }, t('proposals.goal_status') + ': ' + t('choice.' + chosen.status) + (chosen.status === 'nothing to do' ? '' : ' · ' + t('choice.gap') + ' ' + figure(chosen.gap_pct, '%')))
  ].concat(entries));
}
