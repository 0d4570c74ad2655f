"""The square lattice that terrain, boundaries and roads are worked out on, and its graph of neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from scenarios.demo.chance import Floats, Ints

STEPS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Half of the eight neighbours; the other half are their opposites."""


@dataclass(frozen=True)
class Grid:
    """Square cells; rows run from north to south, cells are numbered row by row. Metres in EPSG:4546."""

    west_m: float
    north_m: float
    cell_m: float
    n_rows: int
    n_cols: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.n_rows, self.n_cols

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.n_rows * self.n_cols

    def centres(self) -> Floats:
        """(size, 2) middles of the cells [m]."""
        rows, cols = np.divmod(np.arange(self.size), self.n_cols)
        return np.column_stack([self.west_m + (cols + 0.5) * self.cell_m, self.north_m - (rows + 0.5) * self.cell_m])

    def cells_at(self, xy_m: Floats) -> Ints:
        """(n,) the cell each point lies in; points outside go to the nearest border cell."""
        cols = np.clip(((xy_m[:, 0] - self.west_m) / self.cell_m).astype(np.int64), 0, self.n_cols - 1)
        rows = np.clip(((self.north_m - xy_m[:, 1]) / self.cell_m).astype(np.int64), 0, self.n_rows - 1)
        return np.asarray(rows * self.n_cols + cols, dtype=np.int64)

    def pairs(self) -> tuple[Ints, Ints, Floats]:
        """All pairs of neighbouring cells, each once: from, to, distance between the middles [m]."""
        cells = np.arange(self.size).reshape(self.shape)
        starts, ends, lengths = [], [], []
        for down, right in STEPS:
            a = cells[: self.n_rows - down, max(0, -right) : self.n_cols - max(0, right)]
            b = cells[down:, max(0, right) : self.n_cols + min(0, right)]
            starts.append(a.ravel())
            ends.append(b.ravel())
            lengths.append(np.full(a.size, self.cell_m * np.sqrt(down * down + right * right)))
        return np.concatenate(starts), np.concatenate(ends), np.concatenate(lengths)


def graph(size: int, start: Ints, end: Ints, cost: Floats) -> csr_array:
    """An undirected graph in the form that scipy searches; costs must be above 0."""
    both = (np.concatenate([cost, cost]), (np.concatenate([start, end]), np.concatenate([end, start])))
    return csr_array(both, shape=(size, size))


def steps_back(ways: csr_array, source: int) -> Ints:
    """(n,) the node before each node on the cheapest way from the source; below 0 where there is none."""
    _, before = dijkstra(ways, indices=np.array([source]), return_predecessors=True)
    return np.asarray(before[0], dtype=np.int64)


def nearest_source(ways: csr_array, sources: Ints) -> tuple[Ints, Ints]:
    """(n,) the node before each node on the way from its nearest source, and that source; below 0 where there is none."""
    _, before, source = dijkstra(ways, indices=sources, min_only=True, return_predecessors=True)
    return np.asarray(before, dtype=np.int64), np.asarray(source, dtype=np.int64)
