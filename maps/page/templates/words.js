// Words of the reader's language, and elements of the document. Text enters the document here and only as text.

function t(key, values) {
  var text = data.words[view.language][key];
  if (text === undefined) { return key; }
  return values ? text.replace(/\{(\w+)\}/g, function (all, name) { return values[name] === undefined ? all : values[name]; }) : text;
}

function has(key) { return data.words[view.language][key] !== undefined; }

function either(pair) { return pair[view.language] || pair.zh || pair.en; }

function unitWord(unit, digits) {
  if (digits === '1' && has('unit_one.' + unit)) { return t('unit_one.' + unit); }
  return has('unit.' + unit) ? t('unit.' + unit) : unit;
}

// A figure: digits as the tables have them, and the unit; the digits alone where there is no data.
function figure(digits, unit) { return digits === '—' || digits === '∞' || !unit ? digits : digits + ' ' + unitWord(unit, digits); }

function money(cost) { return figure(cost[view.language][0], cost[view.language][1]); }

function levelWord(level) { return has('level.' + level) ? t('level.' + level) : level; }

// A name of the data may read `constructor`: only what the island itself holds counts.
function own(map, key) { return Object.prototype.hasOwnProperty.call(map, key) ? map[key] : undefined; }

function kindWord(kind) { return own(data.names.kind, kind) ? either(data.names.kind[kind]) : kind; }

function kindWords(kinds) { return kinds.map(kindWord).join(view.language === 'zh' ? '、' : ', '); }

function el(name, attributes, children) {
  var node = document.createElement(name), key;
  for (key in attributes || {}) {
    if (key === 'click' || key === 'input' || key === 'change') { node.addEventListener(key, attributes[key]); }
    else if (key === 'checked' || key === 'colSpan' || key === 'value') { node[key] = attributes[key]; }
    else if (attributes[key] !== null && attributes[key] !== undefined) { node.setAttribute(key, attributes[key]); }
  }
  if (attributes && attributes.click && name !== 'button') { pressable(node); }
  [].concat(children === undefined ? [] : children).forEach(function (child) {
    if (child === null || child === undefined || child === '') { return; }
    node.appendChild(typeof child === 'object' ? child : document.createTextNode(String(child)));
  });
  return node;
}

// Whatever can be clicked can be reached by Tab and pressed by Enter or Space.
function pressable(node) {
  node.tabIndex = 0;
  node.addEventListener('keydown', function (event) {
    if (event.target === node && (event.key === 'Enter' || event.key === ' ')) { event.preventDefault(); node.click(); }
  });
}

// What tells an element from its neighbours, so that the keyboard stays on it when it is drawn anew: [attribute, value].
function markOf(node) {
  if (node.id) { return ['id', node.id]; }
  return Array.prototype.filter.call(node.attributes, function (a) { return a.name.indexOf('data-') === 0; }).map(function (a) { return [a.name, a.value]; })[0];
}

function focusAgain(node, mark) {
  if (!mark) { return; }
  Array.prototype.some.call(node.querySelectorAll('[' + mark[0] + ']'), function (one) {
    if (one.getAttribute(mark[0]) !== mark[1]) { return false; }
    one.focus({ preventScroll: true });
    return true;
  });
}

// How wide a text is in halves of a Chinese character.
function halves(text) {
  var n = 0, i;
  for (i = 0; i < text.length; i++) { n += text.charCodeAt(i) > 0x2e7f ? 2 : 1; }
  return n;
}

// A name cut to so many halves where there is no more room; it stands in full in the tables.
function shortName(name, most) {
  var n = 0, i;
  if (halves(name) <= most) { return name; }
  for (i = 0; n + halves(name.charAt(i)) < most; i++) { n += halves(name.charAt(i)); }
  return name.slice(0, i).replace(/[\ud800-\udbff]$/, '') + '…'; // half of a rare character is none
}

// How many rows of a long table are not shown yet, and the button that shows some of them.
function moreRows(id, n, step, show) {
  return n > 0 ? el('p', { 'class': 'nothing' }, [t('page.more', { n: n }) + ' ', el('button', { 'class': 'choice', id: id, click: show }, t('page.show_more', { n: Math.min(n, step) }))]) : null;
}

function byId(id) { return document.getElementById(id); }

function fill(id, children) {
  var node = byId(id), active = document.activeElement, mark = active && active !== node && node.contains(active) ? markOf(active) : null;
  while (node.firstChild) { node.removeChild(node.firstChild); }
  [].concat(children).forEach(function (child) { if (child) { node.appendChild(child); } });
  focusAgain(node, mark);
  return node;
}

function mark(verdict) { return el('span', { 'class': 'mark ' + verdict, title: t('verdict.' + verdict) }, t('mark.' + verdict)); }

function table(kind, heads, rows) {
  var head = heads && el('thead', null, el('tr', null, heads.map(function (h) { return h.nodeType ? h : el('th', h[1] ? { 'class': h[1] } : null, h[0]); })));
  return el('table', { 'class': kind }, [head, el('tbody', null, rows)]);
}

// What no end of a sheet may part.
function together(parts) { return parts.length ? [el('div', { 'class': 'together' }, parts)] : []; }
