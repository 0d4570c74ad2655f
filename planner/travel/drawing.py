"""From searches to polygons: the ground within reach of each site, and of all sites together.

All sheets lie on one grid, so that equal borders are equal. The ground of all sites together is drawn by one search from all of them: a
point is within reach of some site when it is within reach of its nearest. So it takes no union of polygons.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.travel.kernels import Desk, Floats, Ints, Task, desk, search
from planner.travel.outline import FAR_CELLS, Band, Outline
from planner.travel.rings import Polygons, Rings, polygons_of, rings_of
from planner.travel.sheet import NOWHERE, RUN, Palette, Sheet, StreetMap, paint, palette
from planner.travel.street_map import Extent, widened

STRIP_POINTS = 4_000_000
"""of a sheet are in memory together: 48 MB"""
SITES_AT_ONCE = 64
"""whose outlines become polygons together"""


@dataclass(frozen=True)
class Style:
    """What is within reach, and how finely that is drawn."""

    limits: tuple[float, ...]
    """minutes, the limit included; one outline each"""
    half_width_m: float
    """to either side of a street"""
    cell_m: float
    """step of the grid"""
    smoothing_m: float
    """corners are left out as long as the outline moves less than this"""


class Paper:
    """Room for sheets, used for one after the other, so that it stays in the processor's cache."""

    def __init__(self) -> None:
        self._room = np.zeros((3, 0), dtype=np.float32)

    def blank(self, n: int) -> tuple[NDArray[np.float32], NDArray[np.float32], Ints]:
        """`off_m`, `walk_m` and `piece` of n points that nothing is painted on."""
        if n > self._room.shape[1]:
            self._room = np.empty((3, n + n // 4), dtype=np.float32)
        off_m, walk_m, piece = self._room[0, :n], self._room[1, :n], self._room[2, :n].view(np.int32)
        off_m[:], walk_m[:], piece[:] = np.inf, np.inf, NOWHERE
        return off_m, walk_m, piece


class Table(NamedTuple):
    """Where one thread works."""

    desk: Desk
    palette: Palette
    paper: Paper
    outlines: tuple[Outline, ...]
    """one for each limit"""
    numbers: Iterator[int]
    """of the sheets"""


@dataclass(frozen=True, eq=False)
class Drawing:
    """The searches of a task, and the streets on which they are drawn."""

    task: Task
    streets: StreetMap
    extent: Extent
    style: Style

    def of_sites(self, sites: Sequence[int] | NDArray[np.int_]) -> Polygons:
        """(sites, limits) the ground within reach of each of these doors of the task."""
        table, grounds = self._table(), np.full((len(sites), len(self.style.limits)), shapely.MultiPolygon(), dtype=object)
        for begin in range(0, len(sites), SITES_AT_ONCE):
            some = sites[begin : begin + SITES_AT_ONCE]
            drawn = [rings for site in some for rings in self._rings_around(int(site), int(site) + 1, table)]
            grounds[begin : begin + len(some)] = polygons_of(drawn).reshape(len(some), -1)
        return grounds

    def of_all(self) -> Polygons:
        """(limits,) the ground within reach of any door of the task."""
        return polygons_of(self._rings_around(0, len(self.task.doors.edge), self._table()))

    def _table(self) -> Table:
        return Table(desk(self.task), palette(self.streets), Paper(), tuple(Outline() for _ in self.style.limits), count(1))

    def _rings_around(self, first_site: int, stop: int, table: Table) -> list[Rings]:
        """The rings of each limit around the nearest of some sites."""
        style, minutes, sites = self.style, table.desk.minutes, (first_site, stop)
        nodes = table.desk.reached[: search(self.task, first_site, stop, table.desk)]
        reach_m = self.extent.reach_m(minutes, nodes, self.task.doors.leg, sites, self.task.limit)
        margin_m = style.half_width_m + FAR_CELLS * style.cell_m
        near_m = widened(reach_m, 2 * margin_m)
        for outline in table.outlines:
            outline.begin()
        for sheet in _sheets(reach_m, margin_m + style.cell_m, style.cell_m, table.paper):
            paint(self.streets, sites, minutes, sheet, near_m, margin_m, table.palette, next(table.numbers))
            for limit, outline in zip(style.limits, table.outlines, strict=True):
                band = Band(np.float32(style.half_width_m), np.float32(limit * self.streets.pace_m_per_min), style.smoothing_m)
                outline.add(sheet, band, self.streets.xy_m)
        minutes[nodes] = np.inf
        return [rings_of(outline.traced()) for outline in table.outlines]


def _sheets(reach_m: Floats, margin_m: float, cell_m: float, paper: Paper) -> Iterator[Sheet]:
    """Blank sheets over what is within reach and the margin around it, from south to north; each begins on the last row of the one before."""
    if not np.isfinite(reach_m).all():
        return
    (west, south), (east, north) = reach_m[0, :2].tolist(), reach_m[1, :2].tolist()
    first_column, first_row = math.floor((west - margin_m) / cell_m), math.floor((south - margin_m) / cell_m)
    n_columns = math.ceil((math.ceil((east + margin_m) / cell_m) - first_column + 1) / RUN) * RUN
    n_rows = math.ceil((north + margin_m) / cell_m) - first_row + 1
    at_once = max(2, STRIP_POINTS // n_columns)
    for row in range(0, n_rows - 1, at_once - 1):
        points = paper.blank(min(at_once, n_rows - row) * n_columns)
        yield Sheet(first_column * cell_m, first_row * cell_m, cell_m, row, n_columns, *points)
