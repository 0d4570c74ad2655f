// How things look: colours of classes, symbols of kinds, the hatching of "no data".

var VERDICTS = ['pass', 'fail', 'no_data', 'not_applicable', 'report_only'];
var NONE = 255;
var BANDS = data.colours.minutes.concat([data.colours.beyond, data.colours.off_network]);

function spread(colours, n, i) { return colours[n < 2 ? colours.length - 2 : Math.round(i * (colours.length - 1) / (n - 1))]; }

function shortColour(n, i) { return spread(data.colours.short, n, Math.min(i, n - 1)); }

function figureColour(n, i) { return spread(data.colours.figure, n, Math.min(i, n - 1)); }

var hatching = null;

function hatch(ctx) {
  if (!hatching) {
    var tile = document.createElement('canvas'), pen = tile.getContext('2d');
    tile.width = tile.height = 7;
    pen.fillStyle = '#f1f3f5'; pen.fillRect(0, 0, 7, 7);
    pen.strokeStyle = data.colours.no_data; pen.lineWidth = 1.6;
    pen.beginPath(); pen.moveTo(-1, 8); pen.lineTo(8, -1); pen.moveTo(-2, 2); pen.lineTo(2, -2); pen.moveTo(5, 9); pen.lineTo(9, 5); pen.stroke();
    hatching = tile;
  }
  return ctx.createPattern(hatching, 'repeat');
}

// The fill of row `row` of the units of an answer in a state.
function unitFill(ctx, units, state, row) {
  var verdict = VERDICTS[units[state].verdict[row]], group = units[state]['class'][row], n = units.limits.length + 1;
  if (verdict === 'pass') { return data.colours.met; }
  if (verdict === 'fail') { return group === NONE ? data.colours.short[2] : shortColour(n, group); }
  if (verdict === 'report_only' && group !== NONE) { return figureColour(n, group); }
  if (verdict === 'not_applicable') { return data.colours.not_applicable; }
  return hatch(ctx);
}

// Regular shapes of facilities: corners, radius against that of a circle, direction of the first corner.
var CORNERS = {
  triangle: [3, 1.3, -90], triangle_down: [3, 1.3, 90], square: [4, 1.2, -45], diamond: [4, 1.25, -90],
  pentagon: [5, 1.15, -90], hexagon: [6, 1.12, -90], star: [10, 1.25, -90]
};

function symbolPath(ctx, symbol, x, y, r) {
  var corners = own(CORNERS, symbol), i, angle, reach, a = r * 0.4, b = r * 1.1;
  ctx.beginPath();
  if (corners) {
    for (i = 0; i < corners[0]; i++) {
      angle = (corners[2] + i * 360 / corners[0]) * Math.PI / 180;
      reach = r * (symbol === 'star' && i % 2 ? 0.62 : corners[1]);
      ctx[i ? 'lineTo' : 'moveTo'](x + reach * Math.cos(angle), y + reach * Math.sin(angle));
    }
    ctx.closePath();
  } else if (symbol === 'cross') {
    [[-a, -b], [a, -b], [a, -a], [b, -a], [b, a], [a, a], [a, b], [-a, b], [-a, a], [-b, a], [-b, -a], [-a, -a]].forEach(function (p, k) {
      if (k) { ctx.lineTo(x + p[0], y + p[1]); } else { ctx.moveTo(x + p[0], y + p[1]); }
    });
    ctx.closePath();
  } else { ctx.arc(x, y, r, 0, 2 * Math.PI); }
}

function drawFacility(ctx, kinds, isOpen, x, y, r) {
  var kind = own(data.names.kind, kinds[0]) || { symbol: 'circle', colour: '#555555' };
  symbolPath(ctx, kind.symbol, x, y, r);
  ctx.fillStyle = isOpen ? kind.colour : '#ffffff'; ctx.fill();
  ctx.lineWidth = isOpen ? 1.1 : 1.5; ctx.strokeStyle = isOpen ? '#ffffff' : kind.colour; ctx.stroke();
}

function drawCandidate(ctx, x, y, r) {
  symbolPath(ctx, 'circle', x, y, r);
  ctx.fillStyle = 'rgba(255,255,255,.8)'; ctx.fill();
  ctx.lineWidth = 1.3; ctx.strokeStyle = data.colours.candidate; ctx.stroke();
}

// A proposal: a numbered star; hollow in the state of today, where it does not stand yet.
function drawProposal(ctx, number, stands, x, y, r) {
  symbolPath(ctx, 'star', x, y, r);
  ctx.lineJoin = 'round';
  ctx.lineWidth = 4; ctx.strokeStyle = '#ffffff'; ctx.stroke();
  ctx.fillStyle = stands ? data.colours.proposal : '#ffffff'; ctx.fill();
  ctx.lineWidth = 1.6; ctx.strokeStyle = data.colours.proposal; ctx.stroke();
  if (number) {
    ctx.font = '700 ' + Math.round(r * (number > 9 ? 0.8 : 0.95)) + 'px Arial, sans-serif';
    ctx.textAlign = 'center'; ctx.textBaseline = 'middle';
    ctx.fillStyle = stands ? '#ffffff' : data.colours.proposal;
    ctx.fillText(String(number), x, y + 1);
  }
}
