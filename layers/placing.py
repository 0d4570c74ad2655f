"""People as points or cells, each in the unit it lies in, and where they walk from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.population import People
from layers.problems import Findings
from layers.projection import into_place
from layers.reading import Layer
from layers.saying import say
from layers.sources.raster import CellGrid
from layers.spread import Spots, points_at
from layers.units import Ground

if TYPE_CHECKING:
    from layers.cells_on_ground import BorderCells

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Placed:
    """People at `n` places, each in one unit or outside all: points, or pieces of cells."""

    people: Floats
    """(n, bases) NaN for no data"""
    unit_row: NDArray[np.intp]
    """(n,) row in `Ground.finest`, -1 outside"""
    row: NDArray[np.int32]
    """(n,) row in `People.frame`"""
    has_people: NDArray[np.bool_]
    """(n,) somebody, or no data"""
    points: NDArray[np.object_]
    """(k,) of those that have people and lie in a unit"""
    sums: Floats
    """(units, bases) the people of each unit, NaN where a place has no data, or where there is none"""

    def table(self, people: People) -> pd.DataFrame:
        """A row for each place, named as in the file."""
        names = pd.Index(people.layer.names_of(people.frame.index[self.row]), dtype=object)
        named = people.frame["name"].to_numpy()[self.row] if "name" in people.frame else ""
        return pd.DataFrame(self.people, columns=list(people.bases), index=names).assign(name=named)


def place_people(people: People, ground: Ground, findings: Findings) -> Placed | None:
    """The points or cells of the population layer in their units; None after telling that they do not lie in the place."""
    counts = people.frame[list(people.bases)].to_numpy(dtype=np.float64)
    if people.layer.grid is not None:
        return _placed_cells(people, people.layer.grid, counts, ground, findings)
    if not isinstance(people.frame, gpd.GeoDataFrame):
        return None
    moved = into_place(people.frame, ground.crs, ground.box_m, people.layer.where, findings)
    if moved is None:
        return None
    points = moved.geometry.to_numpy()
    unit_row = ground.rows_at(points)
    has_people = _has_people(counts)
    sums = np.column_stack([_sums(of_base, unit_row, len(ground.finest)) for of_base in counts.T])
    return Placed(counts, unit_row, np.arange(len(points), dtype=np.int32), has_people, points[has_people & (unit_row >= 0)], sums)


def _sums(values: Floats, unit_row: NDArray[np.intp], n_units: int) -> Floats:
    """(n_units,) sums of the values in each unit, exactly rounded."""
    order = np.argsort(unit_row, kind="stable")
    first, ordered = np.searchsorted(unit_row[order], np.arange(n_units + 1)), values[order]
    return np.array([math.fsum(ordered[start:stop]) if stop > start else math.nan for start, stop in pairwise(first)])


def _placed_cells(people: People, grid: CellGrid, counts: Floats, ground: Ground, findings: Findings) -> Placed:
    from layers.cell_shares import sums_of  # noqa: PLC0415 - numba, which only rasters need here
    from layers.cells_on_ground import CellsOnGround, pieces_of  # noqa: PLC0415

    cells = CellsOnGround(people.frame.index.to_numpy(), grid, ground)
    runs = cells.runs(people.source.border_cells)
    sums = np.column_stack([sums_of(runs, of_base, len(ground.finest)) for of_base in counts.T.copy()])  # a base's people beside each other
    pieces = pieces_of(runs)
    parted = counts[pieces.cell] * pieces.share[:, None]
    has_people = _has_people(parted)
    n_shared = len(np.unique(pieces.cell[has_people & pieces.is_cut]))
    if n_shared:
        what = say("{n} cell(s) lie on borders of units; what they hold is shared out by area", n=n_shared)
        findings.note(people.layer.where, what)
    points = points_at(cells.xy_m(pieces.taken(has_people & (pieces.unit_row >= 0))))
    return Placed(parted, pieces.unit_row, pieces.cell, has_people, points, sums)


def _has_people(people: Floats) -> NDArray[np.bool_]:
    return np.asarray((np.isnan(people) | (people > 0)).any(axis=1))


def spots_of_cells(layer: Layer, grid: CellGrid, border_cells: BorderCells, ground: Ground) -> Spots:
    """Where people live by the cells of a raster, or their pieces in the units, each with its part of the cell's weight."""
    from layers.cells_on_ground import CellsOnGround, pieces_of  # noqa: PLC0415 - numba, which only rasters need here

    cells = CellsOnGround(layer.frame.index.to_numpy(), grid, ground)
    pieces = pieces_of(cells.runs(border_cells))
    weight = layer.frame["weight"].to_numpy(dtype=np.float64)[pieces.cell] * pieces.share
    taken = (pieces.unit_row >= 0) & (weight > 0)
    pieces = pieces.taken(taken)
    return Spots(pieces.unit_row, cells.xy_m(pieces), weight[taken])
