"""What part of each cell of a raster lies in which unit, exactly: runs of cells alike, found along the borders (`layers.cell_kernels`).

Polygons are in columns and rows of the raster, where a cell is a square of side 1.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.cell_kernels import Cells, Pieces, Runs, Sides, add_up, find_runs, list_by_row
from layers.sources.raster import KEYS_PER_ROW

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]


def cell_shares(polygons: NDArray[np.object_], key: Longs) -> Runs:
    """The shares of polygons, and of what lies in none, in the cells of these rising keys: row by row, by polygon and column; no cell
    stands twice for one polygon."""
    cells = _cells(key)
    sides, n_rows = _sides(polygons, cells), len(cells.first) - 1
    ends, n_pieces = np.zeros(n_rows + 1, dtype=np.int64), np.zeros(n_rows, dtype=np.int64)
    listed = np.empty(int((sides.bottom - sides.top).sum()), dtype=np.int32)
    list_by_row(sides, ends, n_pieces, listed)
    runs = _room_for_runs(sides, n_rows, len(key))
    n = find_runs(sides, ends, listed, cells, *_room_in_a_row(int(n_pieces.max(initial=0)), cells), runs)
    return Runs(runs.unit[:n], runs.first[:n], runs.stop[:n], runs.share[:n], runs.middle[:n])


def sums_of(runs: Runs, values: Floats, n_units: int) -> Floats:
    """(n_units,) what each unit holds of the values of the cells: every cell's, times its share. NaN where a cell has none, or a unit no cell."""
    total, rest = np.zeros(n_units), np.zeros(n_units)
    add_up(runs, values, total, rest)
    return np.where(np.bincount(runs.unit + 1, minlength=n_units + 1)[1:] > 0, total + rest, np.nan)


def _cells(key: Longs) -> Cells:
    if not len(key):
        return Cells(key, np.zeros(1, dtype=np.int64), 0, 0, 0)
    first_row, last_row = int(key[0]) // KEYS_PER_ROW, int(key[-1]) // KEYS_PER_ROW
    first = np.searchsorted(key, np.arange(first_row, last_row + 2) * KEYS_PER_ROW)
    is_there = first[1:] > first[:-1]
    west = int((key[first[:-1][is_there]] % KEYS_PER_ROW).min())
    east = int((key[first[1:][is_there] - 1] % KEYS_PER_ROW).max())
    return Cells(key, first, first_row, west, east - west + 1)


def _room_for_runs(sides: Sides, n_rows: int, n_cells: int) -> Runs:
    """Room for all runs there can be; memory is taken by those that are written."""
    n_inside = 2 * int((sides.bottom - sides.top + sides.n_passed)[sides.bottom > sides.top].sum())  # two for each piece of border
    n = n_inside + min(2 * n_inside + n_rows, n_cells)  # one outside begins where one inside begins or stops
    unit, first, stop = (np.empty(n, dtype=np.int32) for _ in range(3))
    return Runs(unit, first, stop, np.empty(n), np.empty((n, 2)))


def _room_in_a_row(n_pieces: int, cells: Cells) -> tuple[Pieces, Ints, Floats]:
    """Room for so many pieces, and for the columns and the cover of the cells in any row."""
    n_cells = int(np.diff(cells.first).max(initial=0))
    pieces = Pieces(np.empty(n_pieces, dtype=np.int32), np.empty((n_pieces, 5)), np.empty(n_pieces, dtype=np.int32))
    return pieces, np.empty(n_cells, dtype=np.int32), np.empty(n_cells)


def _sides(polygons: NDArray[np.object_], cells: Cells) -> Sides:
    """The borders of polygons."""
    parts, unit = shapely.get_parts(polygons, return_index=True)
    rings, part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    xy -= cells.first_column, cells.first_row
    kept = (ring[1:] == ring[:-1]) & (xy[1:, 1] != xy[:-1, 1])
    start, stop = xy[:-1][kept], xy[1:][kept]
    goes_down = start[:, 1] < stop[:, 1]  # with the polygon on its left as y rises, which is to the west
    ends = np.where(goes_down[:, None], np.hstack([start, stop]), np.hstack([stop, start]))
    top, bottom = np.clip((np.floor(ends[:, 1]), np.ceil(ends[:, 3])), 0, len(cells.first) - 1).astype(np.int32)
    west, east = np.sort(np.floor(np.clip(ends[:, ::2], -1, cells.n_columns)), axis=1).astype(np.int32).T
    return Sides(ends, np.where(goes_down, -1.0, 1.0), unit[part[ring[1:]]][kept].astype(np.int32), top, bottom, east - west)
