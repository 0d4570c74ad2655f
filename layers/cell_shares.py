"""What part of each cell of a raster lies in which unit, exactly.

By Green's theorem the part of a cell that lies in a polygon is a sum over the pieces of border in the cells of its row, up to this one:
a piece that runs down by h, at a share f of its cell's width, with the polygon to its east, adds h (1 - f) to its own cell and h to every
cell east of it; with the polygon to its west it takes the same away. So borders are cut where they pass from cell to cell, and the cells
between two pieces are alike. Polygons are in columns and rows of the raster, where a cell is a square of side 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
ROUNDING = 1e-9
"""a share of a cell that is less is none: what rounding leaves where it should cancel"""


@dataclass(frozen=True, eq=False)
class CellShares:
    """Runs of cells along a row of which the same share lies in a polygon, by polygon, row and column; none stands twice for one polygon."""

    unit: Longs
    """(r,) polygon"""
    row: Longs
    """(r,)"""
    start: Longs
    """(r,) first column"""
    stop: Longs
    """(r,) the column after the last one"""
    share: Floats
    """(r,) above 0, at most 1"""


def cell_shares(polygons: NDArray[np.object_], n_rows: int, n_columns: int) -> CellShares:
    """The shares of polygons in the cells of a raster of this size; what lies beyond the raster is left out."""
    line, column, height, own = _cells_with_border(polygons, n_rows, n_columns)
    so_far, first = np.cumsum(height), np.flatnonzero(np.diff(line, prepend=-1))
    before_line = np.repeat((so_far - height)[first], np.diff(first, append=len(line)))
    beyond = so_far - before_line  # the share of the cells from here to the next piece; 0 after the last one of a line
    share = np.column_stack([beyond - height + own, beyond]).ravel()
    start = np.column_stack([column, column + 1]).ravel()
    stop = np.column_stack([column + 1, np.append(column[1:], n_columns)[: len(column)]]).ravel()
    start, stop = np.maximum(start, 0), np.minimum(stop, n_columns)
    kept = np.flatnonzero((share > ROUNDING) & (start < stop))
    unit, row = np.divmod(line[kept // 2], n_rows)
    return CellShares(unit, row, start[kept], stop[kept], np.minimum(share[kept], 1.0))


def _cells_with_border(polygons: NDArray[np.object_], n_rows: int, n_columns: int) -> tuple[Longs, Longs, Floats, Floats]:
    """`_pieces` in the order of lines and columns, those of a line in the same column added up."""
    line, column, height, own = _pieces(polygons, n_rows, n_columns)
    key = line * (n_columns + 2) + column + 1
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.diff(key[order], prepend=-1))
    at = order[first]
    return line[at], column[at], np.add.reduceat(height[order], first), np.add.reduceat(own[order], first)


def _pieces(polygons: NDArray[np.object_], n_rows: int, n_columns: int) -> tuple[Longs, Longs, Floats, Floats]:
    """Of every piece of border: the line it is in (polygon x `n_rows` + row), its column, how far it runs down (below 0 where the polygon is
    to its west), and that times the part of its cell east of it. Pieces west of the raster have column -1, those east of it `n_columns`."""
    (x0, y0, x1, y1), sign, unit = _sides(polygons)
    side, row = counted(_whole(np.floor(y0), 0, n_rows), _whole(np.ceil(y1), 0, n_rows))
    slope = ((x1 - x0) / (y1 - y0))[side]
    x0, y0, x1, y1 = x0[side], y0[side], x1[side], y1[side]
    top, bottom = np.maximum(y0, row), np.minimum(y1, row + 1)
    x_top, x_bottom = np.where(top > y0, x0 + slope * (top - y0), x0), np.where(bottom < y1, x0 + slope * (bottom - y0), x1)
    west, east = np.minimum(x_top, x_bottom), np.maximum(x_top, x_bottom)
    height, line = (bottom - top) * sign[side], unit[side] * n_rows + row
    last = np.maximum(np.ceil(east), np.floor(west) + 1)
    part, column = counted(_whole(np.floor(west), -1, n_columns), _whole(last, 0, n_columns + 1))
    west, east, height = west[part], east[part], height[part]
    low, high = np.where(column < 0, west, np.maximum(west, column)), np.where(column < n_columns, np.minimum(east, column + 1), east)
    is_wide = east > west
    height = height * np.where(is_wide, (high - low) / np.where(is_wide, east - west, 1.0), 1.0)
    return line[part], column, height, height * (column + 1 - (low + high) / 2)


def _sides(polygons: NDArray[np.object_]) -> tuple[Floats, Floats, Longs]:
    """The straight pieces of borders that do not run along a row: (4, k) column and row of the upper and the lower end, 1 where the polygon
    is to the east and -1 where it is to the west, and which polygon it is."""
    parts, unit = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    kept = (ring[1:] == ring[:-1]) & (xy[1:, 1] != xy[:-1, 1])
    start, stop = xy[:-1][kept], xy[1:][kept]
    goes_down = start[:, 1] < stop[:, 1]  # with the polygon on its left as y rises, which is to the west
    ends = np.where(goes_down[:, None], np.hstack([start, stop]), np.hstack([stop, start]))
    return ends.T, np.where(goes_down, -1.0, 1.0), unit[part[ring[1:]]][kept].astype(np.int64)


def _whole(values: Floats, least: int, most: int) -> Longs:
    whole: Longs = np.clip(values, least, most).astype(np.int64)
    return whole


def counted(first: Longs, stop: Longs) -> tuple[Longs, Longs]:
    """For every i the whole numbers from `first[i]` to `stop[i] - 1`, one after the other: (i, number)."""
    n = np.maximum(stop - first, 0)
    i = np.repeat(np.arange(len(n)), n)
    return i, np.arange(len(i)) - np.repeat(np.cumsum(n) - n - first, n)
