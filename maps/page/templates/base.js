// The base map that the scenario asked for: tiles under the map, switched like any other layer. Until a tile has come the map is as without.

var baseMap = { tiles: [], hasCome: false };

function startBaseMap() {
  if (!data.base_map) { return; }
  baseMap.tiles = data.base_map.layers.map(function (address) {
    return L.tileLayer(address, { maxZoom: 18, maxNativeZoom: data.base_map.last_zoom, referrerPolicy: 'origin', className: 'tiles' });
  });
  baseMap.tiles[0].on('tileload', function () {
    if (!baseMap.hasCome) { baseMap.hasCome = true; repaint(); showLegend(); }
  });
  placeBaseMap();
}

function placeBaseMap() {
  baseMap.tiles.forEach(function (tiles) { if (view.layers.base) { tiles.addTo(map); } else { tiles.remove(); } });
}

// Whether ground and fills let something shine through.
function isOnBaseMap() { return baseMap.hasCome && view.layers.base; }

function isFetchingTiles() { return view.layers.base && baseMap.tiles.some(function (tiles) { return tiles.isLoading(); }); }

function baseMapCredit() { return data.base_map && view.layers.base ? t('page.base_map') + ': ' + either(data.base_map.credit) : ''; }
