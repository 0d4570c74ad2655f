// Exact arithmetic, as `planner.exact` has it: figures are taken as they would be written, sums are rounded once, limits are compared as
// fractions of whole numbers. And `shown`: the digits of `maps.numbers`.

function canBeExact() { return typeof BigInt === 'function'; }

function power(n) { return BigInt('1' + new Array(n + 1).join('0')); }

// A decimal as written ("-12.50", "1.5e-7"): whole number and decimals, worth whole / 10^decimals.
function decimal(text) {
  var parts = text.split('e'), point = parts[0].indexOf('.'), decimals = point < 0 ? 0 : parts[0].length - point - 1, shift = parts[1] ? +parts[1] : 0;
  var whole = BigInt(parts[0].replace('.', '').replace('+', ''));
  decimals -= shift;
  return decimals < 0 ? { whole: whole * power(-decimals), decimals: 0 } : { whole: whole, decimals: decimals };
}

function fraction(over, under) { return under < BigInt(0) ? { over: -over, under: -under } : { over: over, under: under }; }

function whole(n) { return { over: BigInt(n), under: BigInt(1) }; }

// The figure as it would be written with 12 significant digits.
function exact(number) {
  var d = decimal(number.toPrecision(12));
  return { over: d.whole, under: power(d.decimals) };
}

function plus(a, b) { return { over: a.over * b.under + b.over * a.under, under: a.under * b.under }; }

function minus(a, b) { return { over: a.over * b.under - b.over * a.under, under: a.under * b.under }; }

function times(a, b) { return { over: a.over * b.over, under: a.under * b.under }; }

function over(a, b) { return fraction(a.over * b.under, a.under * b.over); }

// Below, equal to or above: -1, 0, 1.
function order(a, b) {
  var left = a.over * b.under, right = b.over * a.under;
  return left < right ? -1 : left > right ? 1 : 0;
}

function floorOf(a) {
  var quotient = a.over / a.under;
  return a.over < BigInt(0) && quotient * a.under !== a.over ? quotient - BigInt(1) : quotient;
}

function ceilOf(a) { return -floorOf({ over: -a.over, under: a.under }); }

// The nearest double: 40 digits and a trace of the rest are more than its reading needs.
function toNumber(a) {
  var negative = a.over < BigInt(0), size = negative ? -a.over : a.over, shift = Math.max(0, 40 + String(a.under).length - String(size).length), scaled, quotient;
  if (size === BigInt(0)) { return 0; }
  scaled = size * power(shift); quotient = scaled / a.under;
  return Number((negative ? '-' : '') + quotient + (quotient * a.under === scaled ? '0' : '1') + 'e-' + (shift + 1));
}

// The sum of doubles, rounded once (Shewchuk; as `math.fsum`), whatever their order.
function sum(numbers) {
  var partials = [], i, j, kept, x, y, hi, lo, swap, n;
  for (i = 0; i < numbers.length; i++) {
    x = numbers[i]; kept = 0;
    for (j = 0; j < partials.length; j++) {
      y = partials[j];
      if (Math.abs(x) < Math.abs(y)) { swap = x; x = y; y = swap; }
      hi = x + y; lo = y - (hi - x);
      if (lo) { partials[kept++] = lo; }
      x = hi;
    }
    partials.length = kept; partials.push(x);
  }
  n = partials.length;
  if (!n) { return 0; }
  hi = partials[--n]; lo = 0;
  while (n > 0) {
    x = hi; y = partials[--n]; hi = x + y; lo = y - (hi - x);
    if (lo) { break; }
  }
  if (n > 0 && ((lo < 0 && partials[n - 1] < 0) || (lo > 0 && partials[n - 1] > 0))) {
    y = lo * 2; x = hi + y;
    if (y === x - hi) { hi = x; }
  }
  return hi;
}

function exactSum(numbers) { return exact(sum(numbers)); }

function meets(figure_, op, required) {
  var at = order(figure_, required);
  return op === '>=' ? at >= 0 : op === '>' ? at > 0 : op === '<=' ? at <= 0 : at < 0;
}

// How much more (less, for an upper limit) meets the requirement.
function missing(figure_, op, required) {
  var distance;
  if (meets(figure_, op, required)) { return whole(0); }
  distance = minus(required, figure_);
  if (distance.over < BigInt(0)) { distance = { over: -distance.over, under: distance.under }; }
  return op === '>=' || op === '<=' ? distance : { over: floorOf(distance) + BigInt(1), under: BigInt(1) };
}

// The decimal rounded to so many decimals, halves up, as digits with thousands separators.
function rounded(d, decimals) {
  var negative = d.whole < BigInt(0), size = negative ? -d.whole : d.whole, unit, half, text;
  if (d.decimals > decimals) {
    unit = power(d.decimals - decimals); half = unit / BigInt(2);
    size = (size + half) / unit;
  } else { size = size * power(decimals - d.decimals); }
  text = String(size);
  while (text.length <= decimals) { text = '0' + text; }
  text = text.slice(0, text.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',') + (decimals ? '.' + text.slice(-decimals) : '');
  return (negative && size !== BigInt(0) ? '-' : '') + text;
}

// The digits of a figure, as `maps.numbers.shown` writes them.
function shown(value, unit, beside) {
  var d, limits, decimals, text, percent = unit.charAt(0) === '%', size = Math.abs(value);
  if (value === null || isNaN(value)) { return '—'; }
  if (!isFinite(value)) { return '∞'; }
  d = decimal(String(value));
  if (percent || unit === 'min' || unit === 'wan_yuan') { decimals = 1; }
  else if (data.switching.counted.indexOf(unit) >= 0) { decimals = size >= 1 || size === 0 ? 0 : 1; }
  else if (unit === 'm2') { decimals = size >= 1000 ? 0 : 1; }
  else { decimals = size === 0 ? 0 : Math.max(0, 2 - +size.toExponential().split('e')[1]); }
  limits = [0].concat(percent ? [100] : []).concat(beside === null || beside === undefined || isNaN(beside) ? [] : [beside]);
  function readsLike(limit) {
    var l = decimal(String(limit)), far = minus({ over: d.whole, under: power(d.decimals) }, { over: l.whole, under: power(l.decimals) }), least;
    if (far.over < BigInt(0)) { far = { over: -far.over, under: far.under }; }
    least = Math.abs(limit) > 1 ? { over: l.whole < BigInt(0) ? -l.whole : l.whole, under: power(l.decimals) * power(9) } : { over: BigInt(1), under: power(9) };
    return order(far, least) > 0 && rounded(d, decimals) === rounded(l, decimals);
  }
  while (decimals < 6 && limits.some(readsLike)) { decimals++; }
  text = rounded(d, decimals);
  return percent || unit === 'min' || text.indexOf('.') < 0 ? text : text.replace(/0+$/, '').replace(/\.$/, '');
}

function shownYuan(yuan) { return { zh: [shown(yuan === null ? null : yuan / 10000, 'wan_yuan'), 'wan_yuan'], en: [shown(yuan, 'yuan'), 'yuan'] }; }
