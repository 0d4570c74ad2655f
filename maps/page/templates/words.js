// Words of the reader's language, and elements of the document. Text enters the document here and only as text.

function t(key, values) {
  var text = data.words[view.language][key];
  if (text === undefined) { return key; }
  return values ? text.replace(/\{(\w+)\}/g, function (all, name) { return values[name] === undefined ? all : values[name]; }) : text;
}

function has(key) { return data.words[view.language][key] !== undefined; }

function either(pair) { return pair[view.language] || pair.zh || pair.en; }

function unitWord(unit) { return has('unit.' + unit) ? t('unit.' + unit) : unit; }

// A figure: digits as the tables have them, and the unit; the digits alone where there is no data.
function figure(digits, unit) { return digits === '—' || digits === '∞' || !unit ? digits : digits + ' ' + unitWord(unit); }

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
  [].concat(children === undefined ? [] : children).forEach(function (child) {
    if (child === null || child === undefined || child === '') { return; }
    node.appendChild(typeof child === 'object' ? child : document.createTextNode(String(child)));
  });
  return node;
}

function byId(id) { return document.getElementById(id); }

function fill(id, children) {
  var node = byId(id);
  while (node.firstChild) { node.removeChild(node.firstChild); }
  [].concat(children).forEach(function (child) { if (child) { node.appendChild(child); } });
  return node;
}

function mark(verdict) { return el('span', { 'class': 'mark ' + verdict, title: t('verdict.' + verdict) }, t('mark.' + verdict)); }

function table(kind, heads, rows) {
  var head = heads && el('thead', null, el('tr', null, heads.map(function (h) { return h.nodeType ? h : el('th', h[1] ? { 'class': h[1] } : null, h[0]); })));
  return el('table', { 'class': kind }, [head, el('tbody', null, rows)]);
}
