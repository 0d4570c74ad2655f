"""The ground: heights shaped by a network of streams, and the county as the land that drains to its river.

Heights follow a landscape in balance, in which a stream is the flatter the more land it drains (Flint's law: slope = k * area^-0.45);
streams find their way by steepest descent over the heights of the round before. So ridges, side valleys and river plains hang together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from scipy import ndimage
from scipy.spatial import cKDTree

from scenarios.demo.chance import Flags, Floats, Ints, stream, value_noise
from scenarios.demo.grid import Grid, graph, steps_back
from scenarios.demo.river import river_line

FRAME = Grid(west_m=355_000.0, north_m=3_011_000.0, cell_m=120.0, n_rows=380, n_cols=430)
ENTRY_M, EXIT_M = (406_600.0, 3_000_500.0), (355_000.0, 2_974_500.0)
TOWN_M = (380_600.0, 2_987_700.0)
"""about where the county town lies; the plain of the river is widest here"""
ROUNDS = 8
CONCAVITY = 0.45


@dataclass(frozen=True, eq=False)
class Ground:
    """What the other parts of the county need to know of the land; arrays are flat, one value per cell of `grid`."""

    grid: Grid
    height_m: Floats
    slope: Floats
    """rise over run"""
    drained_cells: Floats
    """cells whose water passes here, itself included"""
    inside: Flags
    """whether the cell belongs to the county"""
    river: shapely.LineString
    river_distance_m: Floats


def make_ground() -> Ground:
    """The ground of the county and of the land around it."""
    grid = FRAME
    river = river_line(ENTRY_M, EXIT_M)
    centres = grid.centres()
    river_distance_m, along = _place_on(river, centres)
    base_m, is_outlet, is_river = _outlets(grid, river_distance_m, along)
    steepness = _steepness(grid)
    pairs = grid.pairs()
    receiver = _first_streams(grid, pairs, is_outlet, base_m)
    height_m, drained = base_m, np.ones(grid.size)
    for round_ in range(ROUNDS):
        order = _levels(receiver)
        drained = _drained(order, receiver)
        height_m = _heights(order, receiver, grid, base_m, steepness * drained**-CONCAVITY)
        if round_ < ROUNDS - 1:
            receiver = _steepest(grid, pairs, height_m, is_outlet)
    inside = _county(grid, _roots(receiver), is_river, centres)
    height_m = ndimage.gaussian_filter(height_m.reshape(grid.shape), 0.7).ravel()
    height_m = _with_plains(grid, height_m, drained, river_distance_m)
    height_m = ndimage.gaussian_filter(height_m.reshape(grid.shape), 0.8).ravel()
    slope = _slope(grid, height_m)
    return Ground(grid, np.round(height_m, 1), np.round(slope, 4), drained, inside, river, river_distance_m)


def _outlets(grid: Grid, river_distance_m: Floats, along: Floats) -> tuple[Floats, Flags, Flags]:
    """Heights of the cells that all water ends in (the river, the border of the frame), which they are, and which are river."""
    is_river = river_distance_m <= 0.75 * grid.cell_m
    rows, cols = np.divmod(np.arange(grid.size), grid.n_cols)
    is_edge = (rows == 0) | (rows == grid.n_rows - 1) | (cols == 0) | (cols == grid.n_cols - 1)
    edge_m = 340.0 + 300.0 * value_noise(stream(2), grid.shape, 90.0, octaves=3).ravel()
    base = np.where(is_river, 318.0 - 112.0 * along, np.where(is_edge, edge_m, 0.0))
    return np.asarray(base, dtype=np.float64), is_river | is_edge, is_river


def _place_on(line: shapely.LineString, points: Floats) -> tuple[Floats, Floats]:
    """(n,) distance of points from a line [m] and the share of its length up to there, from points some 20 m apart along it."""
    stops = shapely.get_coordinates(shapely.segmentize(line, 20.0))
    distance_m, nearest = cKDTree(stops).query(points)
    return np.asarray(distance_m, dtype=np.float64), np.asarray(nearest / (len(stops) - 1), dtype=np.float64)


def _steepness(grid: Grid) -> Floats:
    """The k of Flint's law for every cell [rise per run at one cell drained]: massifs and basins."""
    rng = stream(3)
    massifs = value_noise(rng, grid.shape, 150.0, octaves=2)
    rough = value_noise(rng, grid.shape, 40.0, octaves=4)
    return np.asarray((0.17 + 1.1 * massifs**1.6 + 0.28 * rough).ravel(), dtype=np.float64)


def _first_streams(grid: Grid, pairs: tuple[Ints, Ints, Floats], is_outlet: Flags, base_m: Floats) -> Ints:
    """The cell each cell drains to at first: the least climb from an outlet, starting at the outlet's height, over random ground."""
    start, end, length_m = pairs
    toll = 1.0 + 9.0 * value_noise(stream(4), grid.shape, 24.0, octaves=5, gain=0.8).ravel() ** 2
    climb_m = 0.008 * length_m * (toll[start] + toll[end])
    outlets = np.flatnonzero(is_outlet)
    sky = np.full(len(outlets), grid.size)
    ways = graph(grid.size + 1, np.concatenate([start, sky]), np.concatenate([end, outlets]), np.concatenate([climb_m, base_m[outlets]]))
    before = steps_back(ways, grid.size)[:-1]
    return np.where((before == grid.size) | is_outlet, np.arange(grid.size), before)


def _levels(receiver: Ints) -> list[Ints]:
    """Cells grouped by the number of steps to their outlet, outlets first."""
    depth = (receiver != np.arange(len(receiver))).astype(np.int64)
    jump = receiver.copy()
    while True:
        further = depth[jump]
        if not further.any():
            break
        depth, jump = depth + further, jump[jump]
    order = np.argsort(depth, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(depth[order])) + 1)


def _drained(levels: list[Ints], receiver: Ints) -> Floats:
    """Number of cells whose water passes each cell."""
    drained = np.ones(len(receiver))
    for cells in reversed(levels[1:]):
        np.add.at(drained, receiver[cells], drained[cells])
    return drained


def _heights(levels: list[Ints], receiver: Ints, grid: Grid, base_m: Floats, slope: Floats) -> Floats:
    """Heights from the outlets upwards, each step rising by its slope."""
    height_m = base_m.copy()
    rows, cols = np.divmod(np.arange(grid.size), grid.n_cols)
    down = receiver
    run_m = grid.cell_m * np.sqrt((rows - rows[down]) ** 2 + (cols - cols[down]) ** 2)
    rise_m = run_m * np.minimum(slope, 0.75)
    for cells in levels[1:]:
        height_m[cells] = height_m[down[cells]] + rise_m[cells]
    return height_m


def _steepest(grid: Grid, pairs: tuple[Ints, Ints, Floats], height_m: Floats, is_outlet: Flags) -> Ints:
    """The neighbour of steepest descent; outlets keep to themselves."""
    best = np.zeros(grid.size)
    receiver = np.arange(grid.size)
    fall = (height_m[pairs[0]] - height_m[pairs[1]]) / pairs[2]
    n, m = grid.shape
    for part in np.split(np.arange(len(fall)), np.cumsum([n * (m - 1), (n - 1) * m, (n - 1) * (m - 1)])):
        for high, low, drop in ((pairs[0][part], pairs[1][part], fall[part]), (pairs[1][part], pairs[0][part], -fall[part])):
            steeper = drop > best[high]
            best[high[steeper]] = drop[steeper]
            receiver[high[steeper]] = low[steeper]
    return np.where(is_outlet, np.arange(grid.size), receiver)


def _roots(receiver: Ints) -> Ints:
    """The outlet of every cell."""
    root = receiver
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def _county(grid: Grid, root: Ints, is_river: Flags, centres: Floats) -> Flags:
    """The land that drains to the river between two gates, without hair-thin tongues."""
    gate_west_m, gate_east_m = grid.west_m + 8_500.0, grid.west_m + grid.n_cols * grid.cell_m - 5_500.0
    x = centres[root, 0]
    basin = (is_river[root] & (x > gate_west_m) & (x < gate_east_m)).reshape(grid.shape)
    disc = np.hypot(*np.mgrid[-7:8, -7:8]) <= 7
    opened = ndimage.binary_opening(ndimage.binary_closing(basin, disc), disc)
    labels, _ = ndimage.label(opened)
    largest = labels == np.argmax(np.bincount(labels.ravel())[1:]) + 1
    return np.asarray(ndimage.binary_fill_holes(largest), dtype=bool).ravel()


def _with_plains(grid: Grid, height_m: Floats, drained: Floats, river_distance_m: Floats) -> Floats:
    """Valley floors: near a large stream the ground comes down to it, further out the wider the stream."""
    width_m = np.where(drained > 250, np.minimum(110.0 * (drained / 250.0) ** 0.33, 420.0), 0.0)
    town_m = np.hypot(*(grid.centres() - TOWN_M).T)
    plain_m = 650.0 + 1500.0 / (1.0 + (town_m / 2600.0) ** 4)
    out = height_m
    for least in (0.0, 240.0, 360.0):
        on_stream = ((width_m > least) & (drained > 250)) | (river_distance_m < 0.75 * grid.cell_m)
        away, nearest = ndimage.distance_transform_edt(~on_stream.reshape(grid.shape), return_indices=True)
        stream_cell = (nearest[0] * grid.n_cols + nearest[1]).ravel()
        reach_m = np.where(river_distance_m[stream_cell] < grid.cell_m, plain_m[stream_cell], width_m[stream_cell])
        share = np.clip(away.ravel() * grid.cell_m / (2.2 * reach_m), 0.0, 1.0)
        share = share * share * (3 - 2 * share)
        out = np.minimum(out, out[stream_cell] + (out - out[stream_cell]) * share)
    return np.asarray(out, dtype=np.float64)


def _slope(grid: Grid, height_m: Floats) -> Floats:
    down, right = np.gradient(height_m.reshape(grid.shape), grid.cell_m)
    return np.asarray(np.hypot(down, right).ravel(), dtype=np.float64)
