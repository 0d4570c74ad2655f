"""The walkable streets of the county as one table: every way, street, alley and lane, cut wherever two of them meet."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from scenarios.demo.chance import Flags, Floats, Ints
from scenarios.demo.hamlets import Hamlets
from scenarios.demo.terrain import Ground
from scenarios.demo.town_streets import TownStreets
from scenarios.demo.ways import BRIDGE, COUNTY_ROAD, PATH, STREET, UNUSED, VILLAGE_ROAD, Ways

METRIC_EPSG = 4546
PRECISION_M = 0.1


def settled_nodes(ways: Ways, fixed: Ints) -> Floats:
    """(n, 2) junctions with the bends eased: a junction of two edges moves half way to the middle of its neighbours.

    `fixed` nodes (hamlets), town junctions, bridge heads and crossings stay.
    """
    used = ways.built > UNUSED
    a, b = ways.start[used], ways.end[used]
    count = np.bincount(np.concatenate([a, b]), minlength=len(ways.node_m))
    strong = ways.built >= STREET
    held = np.concatenate([fixed, ways.start[strong], ways.end[strong]])
    free = (count == 2) & ~np.isin(np.arange(len(count)), held)
    node_m = ways.node_m
    for _ in range(2):
        total = np.zeros_like(node_m)
        np.add.at(total, a, node_m[b])
        np.add.at(total, b, node_m[a])
        node_m = np.where(free[:, None], 0.5 * node_m + 0.5 * total / np.maximum(count, 1)[:, None], node_m)
    return np.round(node_m, 2)


def make_roads(ground: Ground, ways: Ways, node_m: Floats, streets: TownStreets, hamlets: Hamlets) -> gpd.GeoDataFrame:
    """Street segments with `highway` (OSM values), `bridge` and `name`, in EPSG:4546; they share their end points."""
    used = np.flatnonzero(ways.built > UNUSED)
    built = ways.built[used]
    lines = np.concatenate([_curved(ways.start[used], ways.end[used], built, node_m), streets.alleys, hamlets.lanes])
    cell_slope = ground.slope[ground.grid.cells_at((node_m[ways.start[used]] + node_m[ways.end[used]]) / 2)]
    classes = np.concatenate(
        [
            _classes(built, cell_slope, streets),
            np.full(len(streets.alleys), "footway", dtype=object),
            np.full(len(hamlets.lanes), "residential", dtype=object),
        ]
    )
    is_bridge = np.concatenate([built == BRIDGE, np.zeros(len(lines) - len(built), dtype=bool)])
    return _table(lines, classes, is_bridge, ground.river)


def _classes(built: Ints, slope: Floats, streets: TownStreets) -> NDArray[np.object_]:
    footway = np.where(slope > 0.33, "steps", np.where(slope < 0.16, "track", "path"))
    classes = np.select(
        [built == PATH, built == VILLAGE_ROAD, built == COUNTY_ROAD], [footway, "unclassified", "secondary"], "tertiary"
    ).astype(object)
    classes[built == STREET] = streets.classes
    return classes


def _curved(start: Ints, end: Ints, built: Ints, node_m: Floats) -> NDArray[np.object_]:
    """Edges as curves that run smoothly through the junctions of two edges (Hermite curves in four pieces)."""
    count = np.bincount(np.concatenate([start, end]), minlength=len(node_m))
    total = np.zeros_like(node_m)
    np.add.at(total, start, node_m[end])
    np.add.at(total, end, node_m[start])
    a, b = node_m[start], node_m[end]
    before = np.where((count[start] == 2)[:, None], total[start] - b, a)
    after = np.where((count[end] == 2)[:, None], total[end] - a, b)
    t = np.array([0.0, 0.25, 0.5, 0.75, 1.0])[:, None, None]
    leave, arrive = (b - before) / 2, (after - a) / 2
    curve = (2 * t**3 - 3 * t**2 + 1) * a + (t**3 - 2 * t**2 + t) * leave + (3 * t**2 - 2 * t**3) * b + (t**3 - t**2) * arrive
    curve = np.round(curve.transpose(1, 0, 2), 2)
    lines = np.asarray(shapely.linestrings(curve), dtype=object)
    straight = built >= STREET
    lines[straight] = shapely.linestrings(np.stack([a[straight], b[straight]], axis=1))
    return lines


def _table(lines: NDArray[np.object_], classes: NDArray[np.object_], is_bridge: Flags, river: shapely.LineString) -> gpd.GeoDataFrame:
    pieces = shapely.get_parts(shapely.union_all(lines, grid_size=PRECISION_M))
    middles = shapely.line_interpolate_point(pieces, 0.5, normalized=True)
    origin = shapely.STRtree(lines).nearest(middles)
    bridge = is_bridge[origin]
    kept = bridge | ~shapely.intersects(pieces, river)
    table = pd.DataFrame(
        {
            "highway": classes[origin][kept],
            "bridge": np.where(bridge[kept], "yes", "no").astype(object),
            "length_m": np.round(shapely.length(pieces[kept]), 1),
        }
    )
    middle = shapely.get_coordinates(middles[kept])
    order = np.lexsort((middle[:, 0], middle[:, 1]))
    roads = gpd.GeoDataFrame(table.iloc[order].reset_index(drop=True), geometry=pieces[kept][order], crs=METRIC_EPSG)
    roads.insert(0, "道路编号", [f"D{row + 1:05d}" for row in range(len(roads))])
    return roads
