"""Boundaries: villages grown over the ground from their first places, smoothed line by line, and the townships and county they make up.

Every border is one line that both neighbours share, so the polygons of a level meet without gap or overlap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import shapes
from scipy import ndimage
from scipy.sparse import coo_array

from scenarios.demo.chance import Floats, Ints, stream, value_noise
from scenarios.demo.grid import Grid, graph, nearest_source
from scenarios.demo.settlements import Settlements
from scenarios.demo.terrain import Ground

Polygons = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Boundaries:
    """Polygons in EPSG:4546, rounded to 0.01 m; villages in the order of `Settlements.village_m`."""

    villages: Polygons
    township_of: Ints
    """(v,) township of each village: 0 and 1 the streets of the county town, then the seats"""
    townships: Polygons
    county: shapely.Geometry
    village_of_cell: Ints
    """(cells,) village each cell of the ground was given to, -1 outside"""


def make_boundaries(ground: Ground, places: Settlements) -> Boundaries:
    """The three levels of units."""
    label = _grow(ground, places)
    township_of = _townships(ground, places, label)
    villages = _outlines(ground.grid, label, len(places.village_m))
    townships = np.array([shapely.coverage_union_all(villages[township_of == t]) for t in range(township_of.max() + 1)], dtype=object)
    return Boundaries(villages, township_of, townships, shapely.coverage_union_all(townships), label)


def _grow(ground: Ground, places: Settlements) -> Ints:
    """(cells,) the village whose first place is nearest over the ground: climbing and crossing the river cost most."""
    grid = ground.grid
    start, end, length_m = grid.pairs()
    both = ground.inside[start] & ground.inside[end]
    start, end, length_m = start[both], end[both], length_m[both]
    wet = ground.river_distance_m < 90.0
    climb_m = np.abs(ground.height_m[start] - ground.height_m[end])
    roughness = 0.4 + 1.4 * value_noise(stream(20), grid.shape, 12.0, octaves=3).ravel()
    cost = length_m * (roughness[start] + roughness[end]) + 16.0 * climb_m + 900.0 * (wet[start] | wet[end])
    seeds = grid.cells_at(places.village_m)
    _, source = nearest_source(graph(grid.size, start, end, cost), seeds)
    number = np.full(grid.size + 1, -1)
    number[seeds] = np.arange(len(seeds))
    label = np.where(source >= 0, number[np.clip(source, 0, grid.size)], -1)
    return _in_one_piece(np.where(ground.inside, label, -1).reshape(grid.shape)).ravel()


def _in_one_piece(label: Ints) -> Ints:
    """Labels with every cell that hangs on by a corner only given to the neighbour next to it."""
    out = label.copy()
    boxes = ndimage.find_objects(label + 1)
    for number, box in enumerate(boxes):
        parts, n_parts = ndimage.label(out[box] == number)
        if n_parts > 1:
            sizes = np.bincount(parts.ravel())[1:]
            stray = (parts > 0) & (parts != np.argmax(sizes) + 1)
            out[box][stray] = -2
    if (out == -2).any():
        near = ndimage.distance_transform_edt(out < 0, return_distances=False, return_indices=True)
        out = np.where(out == -2, out[tuple(near)], out)
    return out


def _townships(ground: Ground, places: Settlements, label: Ints) -> Ints:
    """(v,) township of each village: the seat that is nearest from village to village, so that townships hang together."""
    grid = ground.grid
    start, end, _ = grid.pairs()
    a, b = label[start], label[end]
    meets = (a >= 0) & (b >= 0) & (a != b)
    touching = np.unique(np.sort(np.column_stack([a[meets], b[meets]]), axis=1), axis=0)
    count = len(places.village_m)
    wet = _across_river(ground, places, touching)
    step_m = np.hypot(*(places.village_m[touching[:, 0]] - places.village_m[touching[:, 1]]).T) + 3_000.0 * wet
    is_seat = places.village_place < 99
    _, source = nearest_source(graph(count, touching[:, 0], touching[:, 1], step_m), np.flatnonzero(is_seat))
    north = _is_north(ground, places.village_m)
    own = np.where(places.village_place == -1, np.where(north, 0, 1), places.village_place + 2)
    return np.asarray(own[source], dtype=np.int64)


def _across_river(ground: Ground, places: Settlements, pairs: Ints) -> NDArray[np.bool_]:
    lines = shapely.linestrings(places.village_m[pairs.ravel()], indices=np.repeat(np.arange(len(pairs)), 2))
    return np.asarray(shapely.intersects(lines, ground.river), dtype=bool)


def _is_north(ground: Ground, xy_m: Floats) -> NDArray[np.bool_]:
    """Whether points lie on the right bank (north-west) of the river, which flows from the north-east to the south-west."""
    corner = (ground.grid.west_m, ground.grid.north_m)
    bank = shapely.Polygon([*shapely.get_coordinates(ground.river), corner])
    return np.asarray(shapely.contains_xy(bank, xy_m), dtype=bool)


def _outlines(grid: Grid, label: Ints, count: int) -> Polygons:
    """(count,) polygons of the labelled cells with smooth shared borders."""
    place = Affine(grid.cell_m, 0, grid.west_m, 0, -grid.cell_m, grid.north_m)
    raster = label.reshape(grid.shape).astype(np.int32)
    outlines = np.empty(count, dtype=object)
    for shape, number in shapes(raster, mask=raster >= 0, connectivity=4, transform=place):
        outlines[int(number)] = shapely.Polygon(shape["coordinates"][0], shape["coordinates"][1:])
    stepped = shapely.segmentize(outlines, grid.cell_m)
    smooth = shapely.set_coordinates(stepped, _smoothed(np.round(shapely.get_coordinates(stepped), 2), stepped))
    simple = shapely.coverage_simplify(smooth, 14.0)
    return np.asarray(shapely.set_coordinates(simple, np.round(shapely.get_coordinates(simple), 2)), dtype=object)


def _smoothed(xy_m: Floats, outlines: Polygons) -> Floats:
    """Every vertex moved towards the middle of its neighbours, four times; where three borders meet it stays.

    Works on the vertices themselves, not on the polygons: a vertex that two polygons share moves once for both.
    """
    corners, number = np.unique(xy_m, axis=0, return_inverse=True)
    _, ring = shapely.get_coordinates(shapely.get_rings(outlines), return_index=True)
    joined = ring[1:] == ring[:-1]
    side = np.unique(np.sort(np.column_stack([number[:-1][joined], number[1:][joined]]), axis=1), axis=0)
    both = np.concatenate([side, side[:, ::-1]])
    meet = coo_array((np.ones(len(both)), (both[:, 0], both[:, 1])), shape=(len(corners), len(corners))).tocsr()
    degree = np.asarray(meet.sum(axis=1)).ravel()
    moving = (degree == 2)[:, None]
    corners = corners + 0.0
    for _ in range(4):
        corners = np.where(moving, 0.4 * corners + 0.6 * (meet @ corners) / degree[:, None], corners)
    return np.asarray(corners[number], dtype=np.float64)
