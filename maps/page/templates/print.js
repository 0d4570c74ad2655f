// Printing: the page takes the size of the sheet, what is to be seen is drawn for it, and only then the printer is called.

// The forms of printing: paper, and whether it is everything or a page for every township.
var PRINTINGS = { a3: { paper: 'A3 landscape', look: 'a3' }, a4: { paper: 'A4 landscape', look: 'a4' }, towns: { paper: 'A4 portrait', look: 'towns' } };
var SETTLE_MS = 600, MOST_TILES_MS = 5000;

function printings() {
  return el('div', { id: 'printings' }, Object.keys(PRINTINGS).filter(function (kind) { return kind !== 'towns' || townLevel(); }).map(function (kind) {
    return el('button', { id: 'print-' + kind, click: function () { togglePrintings(); printSheet(kind); } }, t('page.print_' + kind, { level: townLevel() ? levelWord(townLevel().level) : '' }));
  }));
}

function togglePrintings() {
  var node = byId('printings'), isOpen = node.className !== 'open';
  node.className = isOpen ? 'open' : '';
  byId('print-more').setAttribute('aria-expanded', String(isOpen));
}

// Size of the paper, and in browsers that print it the mark and the number of each page. Only words of ours may stand in a rule of style.
function pageRule(paper) {
  return '@page { size: ' + paper + '; margin: 10mm 10mm 12mm; @bottom-left { content: "' + t('page.internal') + '"; font: 11px sans-serif; color: #b42318; } @bottom-right { content: counter(page) " / " counter(pages); font: 11px sans-serif; } }';
}

// A long legend is made smaller, so that it ends on the first sheet.
function fitLegend() {
  var legend = byId('legend'), room = byId('side').getBoundingClientRect().bottom - legend.getBoundingClientRect().top;
  if (legend.offsetHeight > room) { legend.style.zoom = Math.max(0.5, room / legend.offsetHeight); }
}

function printSheet(kind) {
  var root = document.documentElement, form = PRINTINGS[kind], style = document.styleSheets[0], rule, snap = map.options.zoomSnap, center = map.getCenter(), zoom = map.getZoom(), patience = MOST_TILES_MS;
  function restore() {
    window.removeEventListener('afterprint', restore);
    style.deleteRule(rule);
    root.className = '';
    fill('sheets', []);
    byId('frame').insertBefore(byId('legend'), byId('hint'));
    byId('legend').style.zoom = '';
    map.options.zoomSnap = snap;
    map.invalidateSize({ animate: false });
    map.setView(center, zoom, { animate: false });
  }
  function call() {
    if (isFetchingTiles() && patience > 0) { patience -= SETTLE_MS; window.setTimeout(call, SETTLE_MS); return; }
    window.print();
  }
  if (root.className) { return; } // pressed twice
  root.className = 'printing ' + form.look;
  rule = style.insertRule(pageRule(form.paper), style.cssRules.length);
  if (kind === 'towns') { fill('sheets', townSheets()); } else {
    byId('panel').insertBefore(byId('legend'), byId('scenarios')); // on paper it stands beside the map
    fitLegend();
    map.invalidateSize({ animate: false });
    map.options.zoomSnap = 0; // fill the sheet
    map.fitBounds(wholePlace(), { paddingTopLeft: [30, 90], paddingBottomRight: [30, 40], animate: false });
  }
  window.addEventListener('afterprint', restore);
  window.setTimeout(call, SETTLE_MS);
}
