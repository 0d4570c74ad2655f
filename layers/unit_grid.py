"""Which unit a point lies in, for millions of points: a grid that knows it for all but the cells on borders.

Every cell of the grid that no border comes near lies wholly in one unit, or in none; its points need no further test. The points of the
other cells are tested against the polygons, so that the answer is the same as point by point: the unit that covers a point, its border
included, on a border the first unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize

Floats = NDArray[np.float64]
Rows = NDArray[np.int32]
FEWEST_CELLS, MOST_CELLS = 1 << 16, 1 << 22
"""of the grid; the most take 16 MB"""
OUTSIDE, BORDER = -1, -2


@dataclass(frozen=True, eq=False)
class UnitGrid:
    """A grid over some polygons."""

    units: NDArray[np.object_]
    n_cells: int
    """about; as many as there are points is a good measure"""

    @cached_property
    def _place(self) -> rasterio.Affine:
        """From columns and rows, southwards, to metres; there is a cell to spare on every side."""
        west, south, east, north = shapely.total_bounds(self.units)
        cell_m = max(math.sqrt((east - west) * (north - south) / min(max(self.n_cells, FEWEST_CELLS), MOST_CELLS)), 1e-3)
        return rasterio.Affine(cell_m, 0.0, west - 2 * cell_m, 0.0, -cell_m, north + 2 * cell_m)

    @cached_property
    def _row_of_cell(self) -> NDArray[np.int32]:
        """(rows, columns) the unit of each cell, OUTSIDE where there is none, BORDER where a border passes through it or a neighbour."""
        _, south, east, _ = shapely.total_bounds(self.units)
        place = self._place
        shape = math.ceil((south - place.f) / place.e) + 2, math.ceil((east - place.c) / place.a) + 2
        numbered = [(unit, row) for row, unit in reversed(list(enumerate(self.units)))]  # so that of several the first is written last
        cells: Rows = rasterize(numbered, shape, fill=OUTSIDE, transform=place, dtype=np.int32)
        passed = rasterize(list(shapely.boundary(self.units)), shape, transform=place, all_touched=True, dtype=np.uint8) == 1
        wide = np.pad(passed, 1)
        near = [wide[i : i + shape[0], j : j + shape[1]] for i in range(3) for j in range(3)]
        cells[np.logical_or.reduce(near)] = BORDER  # a cell more, since a border along a cell's edge may be written to either side
        return cells

    def rows_at(self, x: Floats, y: Floats) -> Rows:
        """The row of the unit at each place, OUTSIDE where there is none; `x` and `y` [m] may be (columns,) and (rows, 1) of a raster."""
        place, cells = self._place, self._row_of_cell
        column = np.clip((x - place.c) / place.a, 0, cells.shape[1] - 1).astype(np.intp)
        row = np.clip((y - place.f) / place.e, 0, cells.shape[0] - 1).astype(np.intp)
        found: Rows = cells[row, column]
        tested = np.unravel_index(np.flatnonzero(found == BORDER), found.shape)  # half the time of nonzero
        found[tested] = self._tested(np.broadcast_to(x, found.shape)[tested], np.broadcast_to(y, found.shape)[tested])
        return found

    def _tested(self, x: Floats, y: Floats) -> Rows:
        """The same, each point tested against the units whose rectangle it lies in."""
        order = np.argsort(x, kind="stable")
        sorted_x, sorted_y = x[order], y[order]
        shapely.prepare(self.units)
        west, south, east, north = shapely.bounds(self.units).T
        first, stop = np.searchsorted(sorted_x, west, side="left"), np.searchsorted(sorted_x, east, side="right")
        found = np.full(len(x), OUTSIDE, dtype=np.int32)
        for row in reversed(range(len(self.units))):  # so that on a border the first is written last
            part = slice(first[row], stop[row])
            near = np.flatnonzero((sorted_y[part] >= south[row]) & (sorted_y[part] <= north[row])) + first[row]
            found[near[shapely.intersects_xy(self.units[row], sorted_x[near], sorted_y[near])]] = row
        unsorted = np.empty(len(x), dtype=np.int32)
        unsorted[order] = found
        return unsorted
