"""Cells of a raster on the ground of the units: which part of each lies in which unit, and where its people walk from.

A cell that a border passes through is shared out by area. With cells of 100 m and villages of one or two square kilometres whole cells
would make the people of a village wrong by percents, and every quota per head with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from layers.cell_shares import ROUNDING, cell_shares, counted
from layers.sources.raster import KEYS_PER_ROW, CellGrid
from layers.unit_grid import OUTSIDE, UnitGrid
from layers.units import Ground

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
BorderCells = Literal["share", "middle"]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Parts of cells, each in one unit or outside all; the shares of a cell add up to 1."""

    cell: Longs
    """(p,) position among the cells"""
    unit_row: NDArray[np.intp]
    """(p,) row in `Ground.finest`, -1 outside"""
    share: Floats
    """(p,) of the cell, above 0, at most 1"""

    def taken(self, which: NDArray[np.bool_]) -> Pieces:
        """Some of them."""
        return Pieces(self.cell[which], self.unit_row[which], self.share[which])


@dataclass(frozen=True, eq=False)
class CellsOnGround:
    """Some cells of a raster, and the units."""

    key: Longs
    """(n,) rising, as in `layers.sources.raster.Cells`"""
    grid: CellGrid
    ground: Ground

    def pieces(self, border_cells: BorderCells) -> Pieces:
        """The cells parted by the units, or whole in the unit that covers their middle."""
        return self._by_area() if border_cells == "share" else self._by_middle()

    def xy_m(self, pieces: Pieces) -> Floats:
        """(p, 2) where the people of each piece walk from: the middle of a whole cell, a point inside of a part of one."""
        at = self._middles()[pieces.cell]
        cut = np.flatnonzero(pieces.share < 1 - ROUNDING)
        corner = at[cut] - 0.5
        cells = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 1, corner[:, 1] + 1)
        parts = shapely.intersection(self._units[pieces.unit_row[cut]], cells)
        at[cut] = shapely.get_coordinates(_points_in(parts, cells))
        return np.column_stack(self._to_ground(at[:, 0], at[:, 1]))

    def _by_area(self) -> Pieces:
        row, column = np.divmod(self.key, KEYS_PER_ROW)
        shares = cell_shares(self._units, int(row.max(initial=-1)) + 1, int(column.max(initial=-1)) + 1)
        start, stop = (np.searchsorted(self.key, shares.row * KEYS_PER_ROW + edge) for edge in (shares.start, shares.stop))
        run, cell = counted(start, stop)
        outside = 1.0 - np.bincount(cell, shares.share[run], minlength=len(self.key))
        beyond = np.flatnonzero(outside > ROUNDING)
        return Pieces(
            np.concatenate([cell, beyond]),
            np.concatenate([shares.unit[run], np.full(len(beyond), OUTSIDE)]),
            np.concatenate([shares.share[run], outside[beyond]]),
        )

    def _by_middle(self) -> Pieces:
        middles = self._middles()
        units = UnitGrid(self.ground.finest.geometry.to_numpy(), len(middles))
        unit_row = units.rows_at(*self._to_ground(middles[:, 0], middles[:, 1]))
        return Pieces(np.arange(len(middles)), unit_row.astype(np.intp), np.ones(len(middles)))

    def _middles(self) -> Floats:
        """(n, 2) column and row of the middle of each cell."""
        row, column = np.divmod(self.key, KEYS_PER_ROW)
        return np.column_stack([column + 0.5, row + 0.5])

    @cached_property
    def _units(self) -> NDArray[np.object_]:
        """The ground of each unit in columns and rows of the raster."""
        to_raster = _moves(self.ground.crs, self.grid.crs)

        def moved(xy_m: Floats) -> Floats:
            return np.column_stack(self.grid.cells_at(*to_raster.transform(xy_m[:, 0], xy_m[:, 1])))

        units: NDArray[np.object_] = shapely.transform(self.ground.own_ground, moved)
        return units

    def _to_ground(self, column: Floats, row: Floats) -> tuple[Floats, Floats]:
        """Eastings and northings [m] of places in columns and rows."""
        x, y = _moves(self.grid.crs, self.ground.crs).transform(*self.grid.places(column, row))
        return x, y


def _moves(start: CRS, stop: CRS) -> Transformer:
    return Transformer.from_crs(start, stop, always_xy=True)


def _points_in(parts: NDArray[np.object_], cells: NDArray[np.object_]) -> NDArray[np.object_]:
    """A point in each part; in the middle of its cell where the part is too small to have one."""
    points = shapely.point_on_surface(parts)
    return np.where(shapely.is_empty(points), shapely.centroid(cells), points)
