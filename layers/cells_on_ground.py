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

from layers.cell_kernels import ROUNDING, Runs
from layers.cell_shares import cell_shares
from layers.sources.raster import KEYS_PER_ROW, CellGrid
from layers.unit_grid import UnitGrid
from layers.units import Ground

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
BorderCells = Literal["share", "middle"]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Parts of cells, each in one unit or outside all; the shares of a cell add up to 1."""

    runs: Runs
    """they lie in, unit by unit; those outside at the end"""
    run: Ints
    """(p,) position among the runs"""
    cell: Ints
    """(p,) position among the cells"""

    @cached_property
    def unit_row(self) -> NDArray[np.intp]:
        """(p,) row in `Ground.finest`, -1 outside."""
        return self.runs.unit[self.run].astype(np.intp)

    @cached_property
    def share(self) -> Floats:
        """(p,) of the cell, above 0, at most 1."""
        return self.runs.share[self.run]

    @property
    def is_cut(self) -> NDArray[np.bool_]:
        """(p,) whether it is less than the whole cell."""
        return self.share < 1 - ROUNDING

    def taken(self, which: NDArray[np.bool_]) -> Pieces:
        """Some of them."""
        return Pieces(self.runs, self.run[which], self.cell[which])


def pieces_of(runs: Runs) -> Pieces:
    """Every cell of the runs by itself."""
    order = np.argsort(runs.unit.astype(np.uint32), kind="stable").astype(np.int32)  # so that -1 comes last
    n, first = (runs.stop - runs.first)[order], runs.first[order]
    cell = np.arange(n.sum(), dtype=np.int32)
    cell += np.repeat(first - (np.cumsum(n, dtype=np.int32) - n), n)
    return Pieces(runs, np.repeat(order, n), cell)


@dataclass(frozen=True, eq=False)
class CellsOnGround:
    """Some cells of a raster, and the units."""

    key: Longs
    """(n,) rising, as in `layers.sources.raster.Cells`"""
    grid: CellGrid
    ground: Ground

    def runs(self, border_cells: BorderCells) -> Runs:
        """The cells parted by the units, or whole in the unit that covers their middle; as runs of cells alike."""
        return cell_shares(self._units, self.key) if border_cells == "share" else self._runs_by_middle()

    def xy_m(self, pieces: Pieces) -> Floats:
        """(p, 2) where the people of each piece walk from: the middle of a whole cell, the centroid of a part of one, or a point inside of it
        where the centroid is not."""
        row, column = np.divmod(self.key[pieces.cell], KEYS_PER_ROW)
        corner = np.column_stack([column, row]).astype(np.float64)
        at = corner + 0.5
        cut = np.flatnonzero(pieces.is_cut)
        at[cut] = corner[cut] + pieces.runs.middle[pieces.run[cut]]
        shapely.prepare(self._units)
        units = self._units[pieces.unit_row[cut]]
        is_beside = ~shapely.contains_xy(units, at[cut, 0], at[cut, 1])
        beside = cut[is_beside]
        at[beside] = _points_in(units[is_beside], corner[beside])
        return np.column_stack(self._to_ground(at[:, 0], at[:, 1]))

    def _runs_by_middle(self) -> Runs:
        row, column = np.divmod(self.key, KEYS_PER_ROW)
        units = UnitGrid(self.ground.finest.geometry.to_numpy(), len(self.key))
        unit = units.rows_at(*self._to_ground(column + 0.5, row + 0.5))
        first = np.flatnonzero(np.diff(unit, prepend=unit[:1] + 1))
        n = len(first)
        return Runs(unit[first], first.astype(np.int32), np.append(first[1:], len(unit)).astype(np.int32), np.ones(n), np.full((n, 2), 0.5))

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


def _points_in(units: NDArray[np.object_], corner: Floats) -> Floats:
    """(n, 2) a point in what each unit has of the cell at a corner; the middle of the cell where that is too small to have one."""
    cells = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 1, corner[:, 1] + 1)
    points = shapely.point_on_surface(shapely.intersection(units, cells))
    at = corner + 0.5
    at[~shapely.is_empty(points)] = shapely.get_coordinates(points)
    return at
