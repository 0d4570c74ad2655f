// What follows when sites are switched: the planner's sums and comparisons, on the ledgers that `maps.page.switching` packs.
// Nothing here looks at the document. `evaluate(on)` gives every figure of a set of candidates; `on` has one 0 or 1 per candidate.

// Parts of the circle in the chart of minutes, five to a band.
var BINS = 15;

function opened(rows) {
  var on = new Uint8Array(switches.n);
  Array.prototype.forEach.call(rows, function (row) { on[row] = 1; });
  return on;
}

// Candidates, then the facilities that some candidate replaces: which of them stand.
function standing(on) {
  var stands = new Uint8Array(switches.n + switches.moved.length), row;
  stands.fill(1, switches.n);
  for (row = 0; row < switches.n; row++) {
    if (!on[row]) { continue; }
    stands[row] = switches.brings[row];
    if (switches.closes[row] >= 0) { stands[switches.n + switches.closes[row]] = 0; }
  }
  return stands;
}

// For each group of sites whether any of it stands.
function groupsStanding(stands) {
  var groups = switches.groups, result = new Uint8Array(groups.start.length - 1), i, k;
  for (i = 0; i < result.length; i++) {
    for (k = groups.start[i]; k < groups.start[i + 1]; k++) { if (stands[groups.site[k]]) { result[i] = 1; break; } }
  }
  return result;
}

// What each place has: per place and column the numbers to be added up.
function amountsOf(ledger, groups) {
  var n = ledger.rows.length, columns = ledger.columns, amounts = [], i, at;
  for (i = 0; i < n * columns; i++) { at = 2 * i; amounts.push([ledger.standing[at], ledger.standing[at + 1]]); }
  for (i = 0; i < ledger.place.length; i++) {
    if (groups[ledger.who[i]]) { amounts[ledger.place[i] * columns + ledger.column[i]].push(ledger.amount[i]); }
  }
  return amounts;
}

function unknownFigure(required, have, base) { return { value: NaN, have: have === undefined ? NaN : have, base: base === undefined ? NaN : base, shortfall: NaN, verdict: 2, required: required }; }

// As `planner.indicators.figures.judge`; `most` is null without limit, `asked` the figure asked of this place.
function judge(rule, have, base, most, scale, asked, isWhole) {
  var value = over(times(whole(scale), have), base), required, sure, possible, short, known;
  if (asked === null) {
    known = most !== null && order(most, have) === 0;
    return { value: known ? toNumber(value) : NaN, have: toNumber(have), base: toNumber(base), shortfall: NaN, verdict: known ? 4 : 2, required: null };
  }
  required = over(times(exact(asked), base), whole(scale));
  sure = meets(have, rule.op, required);
  possible = most === null ? rule.op === '>=' || rule.op === '>' : meets(most, rule.op, required);
  if (sure !== possible) { return { value: NaN, have: toNumber(have), base: toNumber(base), shortfall: NaN, verdict: 2, required: asked }; }
  short = missing(have, rule.op, required);
  if (isWhole) { short = { over: ceilOf(short), under: BigInt(1) }; }
  return { value: toNumber(value), have: toNumber(have), base: toNumber(base), shortfall: toNumber(short), verdict: sure ? 0 : 1, required: asked };
}

var figureOf = {
  quantity_per_base: function (rule, amounts, terms) {
    var have = exactSum(amounts[0]), blank = sum(amounts[2]) > 0, most = blank ? null : exactSum(amounts[0].concat(amounts[1]));
    var base = over(exact(terms[0]), exact(rule.per)), least = rule.value === null ? null : terms[1], first, lifted;
    first = judge(rule, have, base, most, 1, least, rule.whole);
    if (rule.value === null || terms[1] === terms[2] || first.verdict === 1) { return first; }
    lifted = judge(rule, have, base, most, 1, terms[2], rule.whole);
    return lifted.verdict === 0 ? lifted : unknownFigure(terms[1], toNumber(have), toNumber(base));
  },
  facility_count_per_unit: function (rule, amounts) {
    var n = rule.groups, sure = [], most = [], k, figure_, lacking = 0, has = 0;
    for (k = 0; k < n; k++) { sure.push(sum(amounts[k])); most.push(sum(amounts[n + k])); }
    figure_ = judge(rule, whole(Math.min.apply(null, sure)), whole(1), whole(Math.min.apply(null, most)), 1, rule.value, false);
    sure.forEach(function (count) { lacking += Math.max(0, rule.asked - count); has += Math.min(count, rule.asked); });
    if (rule.together && rule.value !== null) { figure_.have = has; }
    if (figure_.verdict === 1 && (rule.op === '>=' || rule.op === '>')) { figure_.shortfall = lacking; }
    figure_.base = NaN;
    return figure_;
  },
  ratio: function (rule, amounts) {
    var have = exactSum(amounts[0]), base = exactSum(amounts[1]), n = sum(amounts[2]), most;
    if (sum(amounts[3]) > 0) { return unknownFigure(rule.value, toNumber(have), toNumber(base)); }
    if (base.over === BigInt(0)) { return { value: NaN, have: 0, base: 0, shortfall: 0, verdict: 3, required: rule.value }; }
    most = n === 0 || rule.counts ? plus(have, whole(n)) : null;
    return judge(rule, have, base, most, 100, rule.value, false);
  },
  service_circle_coverage: function (rule, amounts, terms) {
    var have = exactSum(amounts[0]), adrift = exact(terms[1]);
    return judge(rule, have, plus(exact(terms[0]), adrift), plus(have, adrift), 100, rule.value, false);
  }
};

// Figures of the places of a ledger, in its order.
function figuresOf(ledger, groups) {
  var amounts = amountsOf(ledger, groups), columns = ledger.columns, width = ledger.width, figures = [], i;
  for (i = 0; i < ledger.rows.length; i++) {
    figures.push(figureOf[ledger.kind](ledger, amounts.slice(i * columns, (i + 1) * columns), Array.prototype.slice.call(ledger.terms, i * width, (i + 1) * width)));
  }
  return figures;
}

function numerically(a, b) { return a - b; }

function verdictName(rule, n, needed) {
  var asked = n[0] + n[1] + n[2];
  if (rule.value === null && n[4]) { return 'report_only'; }
  if (!asked) { return 'not_applicable'; }
  if (!(n[0] + n[1])) { return 'no_data'; }
  if (n[0] >= needed) { return 'pass'; }
  return n[0] + n[2] < needed ? 'fail' : 'undetermined';
}

// The figure over all units, as `planner.verdicts._pooled`.
function pooled(ledger, figures, n) {
  var rest = ledger.rest, asked = figures.filter(function (f) { return f.verdict !== 3; }), base, isOpen;
  isOpen = ledger.scale === null || n[2] > 0 || !(asked.length + rest.asked) || rest.have === null;
  isOpen = isOpen || asked.some(function (f) { return isNaN(f.have) || isNaN(f.base); });
  if (isOpen) { return NaN; }
  base = exactSum(rest.base.concat(asked.map(function (f) { return f.base; })));
  if (base.over === BigInt(0)) { return NaN; }
  return toNumber(over(times(whole(ledger.scale), exactSum(rest.have.concat(asked.map(function (f) { return f.have; })))), base));
}

// The one figure that all units are asked for; null when they differ or nothing is asked.
function commonLimit(ledger, figures) {
  var known = ledger.rest.required.slice();
  figures.forEach(function (f) { if (f.required !== null && known.indexOf(f.required) < 0) { known.push(f.required); } });
  return known.length === 1 ? known[0] : null;
}

// The verdict over all units with its figures as digits, as `planner.verdicts` and `maps.page.figures` give it.
function verdictOfAll(ledger, figures) {
  var n = ledger.rest.n.slice(), short = Array.prototype.slice.call(ledger.rest.short), measured, value, known, asked, needed, verdict, least = NaN, lone;
  figures.forEach(function (f) { n[f.verdict]++; if (f.verdict === 1) { short.push(f.shortfall); } });
  asked = n[0] + n[1] + n[2];
  needed = Number(ceilOf(over(times(exact(ledger.units_pct), whole(asked)), whole(100))));
  verdict = verdictName(ledger, n, needed);
  measured = figures.filter(function (f) { return f.verdict !== 3; });
  lone = measured.length + ledger.rest.asked === 1;
  value = lone ? (measured.length ? measured[0].value : ledger.rest.value === null ? NaN : ledger.rest.value) : pooled(ledger, figures, n);
  known = ledger.rest.knows_short || figures.some(function (f) { return !isNaN(f.shortfall); });
  if (ledger.value !== null && asked && known) { least = toNumber(exactSum(short.sort(numerically).slice(0, Math.max(0, needed - n[0])))); }
  return {
    verdict: verdict, n_pass: n[0], n_fail: n[1], n_no_data: n[2], n_not_applicable: n[3], n_units: measured.length + ledger.rest.asked, needed: needed,
    lower: shown(asked ? 100 * n[0] / asked : NaN, '%'), upper: shown(asked ? 100 * (n[0] + n[2]) / asked : NaN, '%'),
    value: shown(value, ledger.unit, commonLimit(ledger, figures)),
    shortfall: (ledger.value !== null && needed > n[0] + n[1] ? '≥ ' : '') + shown(least, ledger.short_unit), shortfall_unit: ledger.short_unit, short: least > 0,
    overdue: ledger.due && (verdict === 'fail' || verdict === 'undetermined' || verdict === 'no_data')
  };
}

function classOf(value, limits) {
  var i = 0;
  if (isNaN(value)) { return NONE; }
  while (i < limits.length && limits[i] < value) { i++; }
  return i;
}

// The columns of the units: those of today, with the figures of the ledger in their rows.
function columnsOf(units, ledger, figures) {
  var was = units.before, columns = { notes: was.notes, note: was.note.slice(), value_text: was.value_text.slice(), shortfall_text: was.shortfall_text.slice() };
  ['verdict', 'class', 'value', 'shortfall'].forEach(function (name) { columns[name] = was[name].slice(); });
  figures.forEach(function (f, i) {
    var row = ledger.rows[i];
    if (row < 0) { return; }
    columns.verdict[row] = f.verdict; columns.value[row] = f.value; columns.shortfall[row] = f.shortfall;
    columns['class'][row] = classOf(units.reports ? f.value : f.shortfall, units.breaks);
    columns.value_text[row] = shown(f.value, ledger.unit, f.required);
    columns.shortfall_text[row] = shown(f.shortfall, ledger.short_unit);
  });
  return columns;
}

// Band, part of the circle and nearest site of the people whose nearest site may change; the band of everybody else is that of today. Sites:
// facility rows as they are, candidates after them.
function nearestOf(stands) {
  var from = switches.people, n = from.row.length, result = { bin: new Uint8Array(n), site: new Int32Array(n), band: planned().people.before.band.slice() }, i, k, actor;
  for (i = 0; i < n; i++) {
    result.site[i] = from.always[i]; result.bin[i] = from.bin[i];
    for (k = from.start[i]; k < from.start[i + 1]; k++) {
      actor = from.site[k];
      if (stands[actor]) {
        result.site[i] = actor < switches.n ? facilities.n + actor : switches.moved[actor - switches.n];
        result.bin[i] = from.nearer_bin[k];
        break;
      }
    }
    result.band[from.row[i]] = result.bin[i] < BINS ? Math.floor(3 * result.bin[i] / BINS) : result.bin[i] - BINS + 3;
  }
  return result;
}

// Calls `take(unit, site, bin, people)` for everybody.
function eachPeople(nearest, take) {
  var from = switches.people, rest = from.rest, i;
  for (i = 0; i < rest.unit.length; i++) {
    take(rest.unit[i], rest.site[i], rest.bin[i], rest.number[i]);
    if (rest.rest[i]) { take(rest.unit[i], rest.site[i], rest.bin[i], rest.rest[i]); }
  }
  for (i = 0; i < from.row.length; i++) { take(from.unit[i], nearest.site[i], nearest.bin[i], from.number[i]); }
}

// People by bin of minutes: parts of the circle, beyond it, off the network.
function spreadOf(nearest) {
  var bins = [], i;
  for (i = 0; i < BINS + 2; i++) { bins.push([]); }
  eachPeople(nearest, function (unit, site, bin, number) { bins[bin].push(number); });
  return bins.map(sum);
}

// The nearest facilities of the people of a unit, those of most people first: [site, people].
function nearestIn(nearest, place) {
  var found = Object.create(null);
  eachPeople(nearest, function (unit, site, bin, number) {
    if (unit === place && site >= 0) { (found[site] = found[site] || []).push(number); }
  });
  return Object.keys(found).map(function (site) { return [+site, sum(found[site])]; }).sort(function (a, b) { return b[1] - a[1] || a[0] - b[0]; });
}

// The balance of people of every finest unit, and of all: [served, too far, off the network, unassigned].
function balanceOf(nearest) {
  var units = {}, every = [[], [], [], []], result = { units: {}, all: null };
  function add(unit, part, number) {
    units[unit] = units[unit] || [[], [], [], []];
    units[unit][part].push(number); every[part].push(number);
  }
  eachPeople(nearest, function (unit, site, bin, number) { add(unit, site >= 0 ? 0 : bin === BINS + 1 ? 2 : 1, number); });
  switches.people.unassigned.forEach(function (lost) { add(lost[0], 3, lost[1]); });
  Object.keys(units).forEach(function (key) { result.units[key] = units[key].map(sum); });
  result.all = every.map(sum);
  return result;
}

function totalOf(parts) { return parts[0] + parts[1] + parts[2] + parts[3]; }

// A row of the balance sheet from the units it takes together.
function sheetRow(balance, units) {
  var found = units.map(function (unit) { return balance.units[unit] || [0, 0, 0, 0]; }), parts;
  parts = [0, 1, 2, 3].map(function (part) { return sum(found.map(function (one) { return one[part]; })); });
  return parts.concat([sum(found.map(totalOf))]);
}

function sheetOf(balance) {
  return switches.balance.map(function (units) { return units === null ? balance.all.concat([totalOf(balance.all)]) : sheetRow(balance, units); });
}

function costOf(on) {
  var known = [], unknown = 0, n = 0, row;
  for (row = 0; row < switches.n; row++) {
    if (!on[row]) { continue; }
    n++;
    if (isNaN(switches.cost[row])) { unknown++; } else { known.push(switches.cost[row]); }
  }
  return { n: n, unknown: unknown, yuan: n && !known.length ? null : sum(known) };
}

// Every figure of a set of candidates.
function evaluate(on) {
  var stands = standing(on), groups = groupsStanding(stands), nearest = nearestOf(stands), balance = balanceOf(nearest);
  return {
    on: on, stands: stands, nearest: nearest, balance: balance, sheet: sheetOf(balance), cost: costOf(on),
    answers: switches.ledgers.map(function (ledgers) {
      return ledgers.map(function (ledger) { return ledger && figuresOf(ledger, groups); });
    })
  };
}

function unpackedLedger(ledger) {
  var result = Object.create(null);
  if (!ledger) { return null; }
  Object.keys(ledger).forEach(function (name) { result[name] = ledger[name]; });
  ['rows', 'standing', 'place', 'column', 'who', 'amount', 'terms'].forEach(function (name) { result[name] = narrow(ledger[name]); });
  result.rest = { n: ledger.rest.n, asked: ledger.rest.asked, have: ledger.rest.have, base: ledger.rest.base, short: narrow(ledger.rest.short), knows_short: ledger.rest.knows_short, value: ledger.rest.value, required: ledger.rest.required };
  return result;
}

// 0, and the sums of the first, of the first two ... numbers.
function ends(sizes) {
  var result = new Int32Array(sizes.length + 1), i;
  for (i = 0; i < sizes.length; i++) { result[i + 1] = result[i] + sizes[i]; }
  return result;
}

// The switches of a content, unpacked; null where nothing can be switched.
function switchesOf(content) {
  var from = content.switching, result, row;
  if (!from || !canBeExact()) { return null; }
  result = { n: from.n, barred: from.barred, budget: from.budget, max_sites: from.max_sites, balance: from.balance, others: [], people: { unassigned: from.people.unassigned } };
  ['plan', 'proposals', 'brings', 'closes', 'moved', 'plot', 'cost'].forEach(function (name) { result[name] = narrow(from[name]); });
  for (row = 0; row < from.n; row++) { if (Array.prototype.indexOf.call(result.plan, row) < 0) { result.others.push(row); } }
  result.groups = { start: narrow(from.groups.start), site: narrow(from.groups.site) };
  result.circles = { always: from.circles.always && from.circles.always.map(areas), own: from.circles.own.map(function (bands) { return bands.map(areas); }), of: narrow(from.circles.of) };
  result.ledgers = from.ledgers.map(function (ledgers) { return ledgers.map(unpackedLedger); });
  ['unit', 'number', 'always', 'bin', 'site', 'nearer_bin'].forEach(function (name) { result.people[name] = narrow(from.people[name]); });
  result.people.start = ends(narrow(from.people.size));
  result.people.row = ends(narrow(from.people.gap)).slice(1);
  result.people.rest = Object.create(null);
  Object.keys(from.people.rest).forEach(function (name) { result.people.rest[name] = narrow(from.people.rest[name]); });
  return result;
}
