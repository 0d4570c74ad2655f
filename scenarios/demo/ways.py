"""Ways over the land: one graph of all the lines a road could take, and the routes that were built along it.

Its junctions are the cells of the ground, moved off their lattice, and the junctions of the town streets; every route is a cheapest
way in this graph, so routes that meet share their junctions. Only the bridges cross the river.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay, cKDTree

from scenarios.demo.chance import Flags, Floats, Ints, stream
from scenarios.demo.grid import graph, nearest_source, steps_back
from scenarios.demo.river import WIDTH_M
from scenarios.demo.settlements import Settlements
from scenarios.demo.terrain import Ground
from scenarios.demo.town_streets import TownStreets

UNUSED, PATH, VILLAGE_ROAD, COUNTY_ROAD, STREET, BRIDGE = range(6)
"""What is built along an edge, the higher the stronger."""
BRIDGES_M = (-17_500.0, -8_200.0, -620.0, 640.0, 9_300.0)
"""where the river is bridged: metres along it from the county town, upstream negative"""
N_CUT_OFF = 16
"""hamlets that no path leads to"""


@dataclass(frozen=True, eq=False)
class Ways:
    """All possible edges and what is built along each."""

    node_m: Floats
    """(n, 2) cells of the ground first, then the town junctions"""
    start: Ints
    end: Ints
    built: Ints
    """(m,) UNUSED ... BRIDGE"""
    cut_off: Flags
    """(h,) hamlets without a path"""


def make_ways(ground: Ground, places: Settlements, streets: TownStreets, hamlets: Ints) -> Ways:
    """County roads between the seats, roads to the villages, paths to the hamlets; hamlets are cells."""
    node_m, start, end, cost, built = _possible(ground, places, streets)
    village = ground.grid.cells_at(places.village_m[places.village_place == 99])
    first_street = ground.grid.size
    seats = _middles(streets, places) + first_street
    for a, b in _links(node_m[seats], ground):
        route = _route(node_m, start, end, np.where(built >= COUNTY_ROAD, 0.4 * cost, cost), seats[a], seats[b])
        built[route] = np.maximum(built[route], COUNTY_ROAD)
    built = _join(node_m, start, end, cost, built, village, VILLAGE_ROAD)
    built = _loops(node_m, start, end, cost, built, village)
    cut_off = np.zeros(len(hamlets), dtype=bool)
    alone = np.flatnonzero(~np.isin(hamlets, village))
    cut_off[stream(31).choice(alone, N_CUT_OFF, replace=False)] = True
    built = _join(node_m, start, end, cost, built, hamlets[~cut_off], PATH)
    return Ways(node_m, start, end, built, cut_off)


def _possible(ground: Ground, places: Settlements, streets: TownStreets) -> tuple[Floats, Ints, Ints, Floats, Ints]:
    """Junctions, edges, the cost of each edge and what stands already (streets and bridges)."""
    grid = ground.grid
    land_m = np.round(grid.centres() + stream(32).uniform(-34.0, 34.0, (grid.size, 2)), 2)
    node_m = np.concatenate([land_m, streets.node_m])
    free = ground.inside & (ground.river_distance_m > WIDTH_M / 2 + 14.0) & ~shapely.contains_xy(streets.outline, land_m)
    start, end, _ = grid.pairs()
    both = free[start] & free[end]
    start, end = start[both], end[both]
    near = cKDTree(land_m[free]).query(streets.node_m, k=2, distance_upper_bound=190.0)
    near_m, nearest = np.asarray(near[0]), np.asarray(near[1])
    rim, which = np.nonzero(np.isfinite(near_m))
    link_start, link_end = np.flatnonzero(free)[nearest[rim, which]], rim + grid.size
    start, end = np.concatenate([start, link_start]), np.concatenate([end, link_end])
    dry = _dry(ground, node_m, start, end)
    start, end = start[dry], end[dry]
    bridges = _bridges(ground, places, node_m, np.concatenate([np.flatnonzero(free), np.arange(grid.size, len(node_m))]))
    built = np.repeat([UNUSED, STREET, BRIDGE], [len(start), len(streets.edges), len(bridges)])
    start = np.concatenate([start, streets.edges[:, 0] + grid.size, bridges[:, 0]])
    end = np.concatenate([end, streets.edges[:, 1] + grid.size, bridges[:, 1]])
    return node_m, start, end, _cost(ground, node_m, start, end, built), built


def _cost(ground: Ground, node_m: Floats, start: Ints, end: Ints, built: Ints) -> Floats:
    """Length [m], made dearer by grade and by steep ground."""
    cell = ground.grid.cells_at(node_m)
    length_m = np.hypot(*(node_m[start] - node_m[end]).T)
    grade = np.abs(ground.height_m[cell[start]] - ground.height_m[cell[end]]) / length_m
    steep = (ground.slope[cell[start]] + ground.slope[cell[end]]) / 2
    return np.asarray(np.where(built >= STREET, 0.8 * length_m, length_m * (1.0 + 60.0 * grade**2 + 5.0 * steep)), dtype=np.float64)


def _dry(ground: Ground, node_m: Floats, start: Ints, end: Ints) -> Flags:
    """Edges that keep clear of the water."""
    lines = shapely.linestrings(np.stack([node_m[start], node_m[end]], axis=1))
    water = ground.river.buffer(WIDTH_M / 2 + 8.0, quad_segs=4)
    shapely.prepare(water)
    return ~np.asarray(shapely.intersects(water, lines), dtype=bool)


def _bridges(ground: Ground, places: Settlements, node_m: Floats, usable: Ints) -> Ints:
    """(5, 2) the pair of junctions that lie opposite each other at every bridge site."""
    tree = cKDTree(node_m[usable])
    town = shapely.line_locate_point(ground.river, shapely.Point(places.town_m))
    pairs = []
    for along in BRIDGES_M:
        at, ahead = shapely.get_coordinates(shapely.line_interpolate_point(ground.river, [town + along, town + along + 60.0]))
        near = usable[tree.query_ball_point(at, 420.0)]
        near.sort()
        normal = np.array([ahead[1] - at[1], at[0] - ahead[0]]) / np.hypot(*(ahead - at))
        side = (node_m[near] - at) @ normal
        banks = [near[(side * sign > 0)] for sign in (1.0, -1.0)]
        a, b = (g.ravel() for g in np.meshgrid(*banks, indexing="ij"))
        length_m = np.hypot(*(node_m[a] - node_m[b]).T)
        middle_m = np.hypot(*((node_m[a] + node_m[b]) / 2 - at).T)
        for row in np.argsort(length_m + 0.5 * middle_m, kind="stable"):
            line = shapely.LineString([node_m[a[row]], node_m[b[row]]])
            if shapely.get_num_geometries(line.intersection(ground.river)) == 1 and line.crosses(ground.river):
                pairs.append((a[row], b[row]))
                break
    return np.array(pairs, dtype=np.int64)


def _middles(streets: TownStreets, places: Settlements) -> Ints:
    """The junction in the middle of the county town and of each market town."""
    middles = []
    for town, centre in enumerate([places.town_m, *places.seat_m], start=-1):
        rows = np.flatnonzero(streets.node_town == town)
        middles.append(rows[np.argmin(np.hypot(*(streets.node_m[rows] - centre).T))])
    return np.array(middles, dtype=np.int64)


def _links(seat_m: Floats, ground: Ground) -> Ints:
    """Pairs of seats that a county road joins: those with no third seat in the circle over them (Gabriel 1969), shortest first."""
    sides = Delaunay(seat_m).simplices[:, [[0, 1], [1, 2], [0, 2]]].reshape(-1, 2)
    sides = np.unique(np.sort(sides, axis=1), axis=0)
    middle, length_m = (seat_m[sides[:, 0]] + seat_m[sides[:, 1]]) / 2, np.hypot(*(seat_m[sides[:, 0]] - seat_m[sides[:, 1]]).T)
    nearest_m = cKDTree(seat_m).query(middle)[0]
    kept = (nearest_m > length_m / 2 - 1.0) & (length_m < 0.5 * ground.grid.cell_m * ground.grid.n_cols)
    return np.asarray(sides[kept][np.argsort(length_m[kept], kind="stable")], dtype=np.int64)


def _edge_rows(start: Ints, end: Ints, a: Ints, b: Ints, size: int) -> Ints:
    """Rows of the edges between the nodes a and b, whichever way they are stored."""
    keys = np.minimum(start, end) * size + np.maximum(start, end)
    order = np.argsort(keys, kind="stable")
    return np.asarray(order[np.searchsorted(keys[order], np.minimum(a, b) * size + np.maximum(a, b))], dtype=np.int64)


def _route(node_m: Floats, start: Ints, end: Ints, cost: Floats, source: int, target: int) -> Ints:
    """Edge rows of the cheapest way from one node to another."""
    before = steps_back(graph(len(node_m), start, end, cost), source)
    nodes = [target]
    while nodes[-1] != source:
        nodes.append(int(before[nodes[-1]]))
    way = np.array(nodes)
    return _edge_rows(start, end, way[1:], way[:-1], len(node_m))


def _join(node_m: Floats, start: Ints, end: Ints, cost: Floats, built: Ints, targets: Ints, what: int) -> Ints:
    """`built` with the cheapest way from every target to what is built already."""
    on = np.unique(np.concatenate([start[built > UNUSED], end[built > UNUSED]]))
    before, _ = nearest_source(graph(len(node_m), start, end, cost), on)
    wanted = np.zeros(len(node_m), dtype=bool)
    at = targets
    while len(at):
        at = np.unique(at[(before[at] >= 0) & ~wanted[at]])
        wanted[at] = True
        at = before[at]
    nodes = np.flatnonzero(wanted)
    rows = _edge_rows(start, end, nodes, before[nodes], len(node_m))
    out = built.copy()
    out[rows] = np.maximum(out[rows], what)
    return out


def _loops(node_m: Floats, start: Ints, end: Ints, cost: Floats, built: Ints, village: Ints) -> Ints:
    """`built` with some direct roads between neighbouring villages, so that not every valley is a dead end."""
    pairs = cKDTree(node_m[village]).query_pairs(1_900.0, output_type="ndarray")
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    pairs = pairs[stream(33).random(len(pairs)) < 0.16]
    eased = np.where(built > UNUSED, 0.7 * cost, cost)
    out = built.copy()
    lattice = graph(len(node_m), start, end, eased)
    sources = np.unique(pairs[:, 0])
    far, before = dijkstra(lattice, indices=village[sources], return_predecessors=True, limit=6_000.0)
    for a, b in pairs:
        row, at = int(np.searchsorted(sources, a)), int(village[b])
        if not np.isfinite(far[row, at]):
            continue
        nodes = [at]
        while nodes[-1] != village[a]:
            nodes.append(int(before[row, nodes[-1]]))
        way = np.array(nodes)
        rows = _edge_rows(start, end, way[1:], way[:-1], len(node_m))
        out[rows] = np.maximum(out[rows], VILLAGE_ROAD)
    return out
