"""How fast exact sums can be: those of a raster by units and nothing more, compiled, to measure the line against and to check it by.

The line has to say which people live where, not only how many (`layers.cell_shares`). By Green's theorem a sum over a unit is an integral
along its border alone: of F(x, y) dy, where F is what the row of cells at y holds west of x. F is the sum of the cells before and a part of
the own cell; it is linear within a cell, so a straight piece of border in one cell adds its height times F at its middle. Every cell is read
once, and none is asked for its unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.compiled import allocating, inner

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
LEAST_CELLS = 1e-6
"""less ground with data than this is none: what rounding leaves where it should cancel"""


@dataclass(frozen=True, eq=False)
class CellSums:
    """What each of n units holds of a raster."""

    total: Floats
    """(n,) sum of the cells with data; NaN where there are none"""
    known_cells: Floats
    """(n,) ground with data, in cells"""


class Sides(NamedTuple):
    """The straight pieces of borders, from north to south, in columns and rows of the raster."""

    ends: Floats
    """(s, 4) column and row of the northern end, column and row of the southern end"""
    sign: Floats
    """(s,) 1 where the inside is to the west, -1 where it is to the east"""
    unit: Longs
    """(s,)"""


def cell_sums(units: NDArray[np.object_], values: Floats, corner_m: tuple[float, float], cell_m: tuple[float, float]) -> CellSums:
    """The sums of `values` (rows, columns), of which NaN is no data, over polygons. `corner_m` is the north-western corner of the raster,
    in the system of the polygons, `cell_m` the width and height of a cell. Ground beyond the raster has no data."""
    sides = _sides(units, corner_m, cell_m)
    n_rows = len(values)
    top = np.clip(np.floor(sides.ends[:, 1]), 0, n_rows).astype(np.int64)
    n_crossed = np.clip(np.ceil(sides.ends[:, 3]), 0, n_rows).astype(np.int64) - top
    side = np.repeat(np.arange(len(top)), n_crossed)
    row = np.arange(len(side)) + np.repeat(top - (np.cumsum(n_crossed) - n_crossed), n_crossed)
    first = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n_rows))]).astype(np.int64)
    total, known = np.zeros(len(units)), np.zeros(len(units))
    add_rows(np.ascontiguousarray(values, dtype=np.float64), sides, first, side[np.argsort(row, kind="stable")], total, known)
    has_data = known > LEAST_CELLS
    return CellSums(np.where(has_data, total, np.nan), np.where(has_data, known, 0.0))


def _sides(units: NDArray[np.object_], corner_m: tuple[float, float], cell_m: tuple[float, float]) -> Sides:
    """The borders of some polygons, but for what runs along the rows."""
    parts, unit = shapely.get_parts(units, return_index=True)
    rings, part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    xy_m, ring = shapely.get_coordinates(rings, return_index=True)
    at = (xy_m - corner_m) / (cell_m[0], -cell_m[1])
    start, stop, kept = at[:-1], at[1:], (ring[1:] == ring[:-1]) & (at[1:, 1] != at[:-1, 1])
    goes_north = stop[kept, 1] < start[kept, 1]  # with the inside on its left
    southwards, northwards = np.hstack([start, stop])[kept], np.hstack([stop, start])[kept]
    ends = np.where(goes_north[:, None], northwards, southwards)
    return Sides(np.ascontiguousarray(ends), np.where(goes_north, 1.0, -1.0), unit[part[ring[1:]]][kept].astype(np.int64))


@inner
def along_row(west: float, east: float, cells: Floats, before: Floats) -> float:
    """The mean of F along a straight piece of border in one row, between two columns; `before` (n + 1,) are the sums of the n `cells`
    west of each."""
    n, whole = len(cells), float(before[-1])
    if east <= 0.0:
        return 0.0
    if west >= n:
        return whole
    if west >= 0.0 and int(west) == int(east):
        mean: float = before[int(west)] + (0.5 * (west + east) - int(west)) * cells[int(west)]
        return mean
    total, x = max(0.0, east - max(west, n)) * whole, max(west, 0.0)
    for column in range(int(x), min(n, int(east) + 1)):
        until = min(east, column + 1.0)
        total += (until - x) * (before[column] + (0.5 * (x + until) - column) * cells[column])
        x = until
    return total / (east - west)


@inner
def sum_up(cells: Floats, before: Floats) -> None:
    """The sums before each of some cells, and that of all."""
    total = 0.0
    for i in range(len(cells)):
        before[i] = total
        total += cells[i]
    before[len(cells)] = total


@allocating
def add_rows(values: Floats, sides: Sides, first: Longs, listed: Longs, total: Floats, known: Floats) -> None:
    """Add, row by row, what the borders hold to the west of them; row j is crossed by the sides `listed[first[j]]` to
    `listed[first[j + 1] - 1]`."""
    n, n_summed = values.shape[1], -1
    cells, has_data, before, n_before = np.empty(n), np.empty(n), np.empty(n + 1), np.empty(n + 1)
    for j in range(len(values)):
        if first[j] == first[j + 1]:
            continue
        n_known = 0
        for i in range(n):
            is_known = not np.isnan(values[j, i])
            cells[i], has_data[i] = values[j, i] if is_known else 0.0, 1.0 if is_known else 0.0
            n_known += is_known
        sum_up(cells, before)
        if n_known < n or n_summed < n:  # most rows have data everywhere, as the one before had
            sum_up(has_data, n_before)
            n_summed = n_known
        for k in range(first[j], first[j + 1]):
            x0, y0, x1, y1 = sides.ends[listed[k]]
            low, high = max(y0, float(j)), min(y1, j + 1.0)
            a = x0 + (x1 - x0) * (low - y0) / (y1 - y0) if low > y0 else x0
            b = x0 + (x1 - x0) * (high - y0) / (y1 - y0) if high < y1 else x1
            unit, height = sides.unit[listed[k]], sides.sign[listed[k]] * (high - low)
            total[unit] += height * along_row(min(a, b), max(a, b), cells, before)
            known[unit] += height * along_row(min(a, b), max(a, b), has_data, n_before)
