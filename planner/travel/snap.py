"""Where doors meet the streets: every point joins the nearest edge at a point along its true shape, within a stated limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.streets import StreetNetwork
from planner.travel.z_curve import along_z_curve


@dataclass(frozen=True, eq=False)
class Snapped:
    """Where each of n points meets the streets."""

    edge: NDArray[np.int32]
    """(n,) edge row, -1 for a point off the network"""
    share: NDArray[np.float64]
    """(n,) how far along the edge, from 0 at its start to 1 at its end"""
    leg_m: NDArray[np.float64]
    """(n,) straight metres from the point to the nearest open street, also beyond the limit; NaN where there is no open street at all"""

    @property
    def is_on(self) -> NDArray[np.bool_]:
        """(n,) whether the point is on the network."""
        return self.edge >= 0

    def part(self, start: int, stop: int) -> Snapped:
        """The points from row `start` up to `stop`."""
        return Snapped(self.edge[start:stop], self.share[start:stop], self.leg_m[start:stop])


def open_edges(streets: StreetNetwork, classes_closed: tuple[str, ...]) -> NDArray[np.int32]:
    """Rows of the edges that people may walk on: those whose class is not closed."""
    closed = np.isin(np.asarray(streets.class_names, dtype=str), np.asarray(classes_closed, dtype=str))
    return np.flatnonzero(~closed[streets.edge_class]).astype(np.int32)


def snap(points_xy_m: NDArray[np.float64], streets: StreetNetwork, walkable: NDArray[np.int32], *, limit_m: float) -> Snapped:
    """Join each point (n, 2) to the nearest of the `walkable` edges, at most `limit_m` away (the limit included).

    Of edges equally near (at a junction) the one with the lowest row is taken.
    """
    n = len(points_xy_m)
    edge, share, leg_m = np.full(n, -1, dtype=np.int32), np.zeros(n), np.full(n, np.nan)
    if not n or not len(walkable):
        return Snapped(edge, share, leg_m)
    points: NDArray[np.object_] = np.asarray(shapely.points(points_xy_m), dtype=object)
    lines = streets.lines()[walkable]
    row, leg_m = _nearest(lines, points, along_z_curve(points_xy_m))
    on = np.flatnonzero(leg_m <= limit_m)
    edge[on] = walkable[row[on]]
    line = lines[row[on]]
    length = shapely.length(line)
    along = shapely.line_locate_point(line, points[on])
    share[on] = np.clip(np.divide(along, length, out=np.zeros(len(on)), where=length > 0), 0.0, 1.0)
    return Snapped(edge, share, leg_m)


def _nearest(
    lines: NDArray[np.object_], points: NDArray[np.object_], order: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """(n,) lowest row of the lines nearest to each point; (n,) metres to it. Asked in an `order` in which neighbours follow each other:
    three times as fast as a random one."""
    row, metres = np.empty(len(points), dtype=np.int64), np.empty(len(points))
    (asked, line), found = shapely.STRtree(lines).query_nearest(points[order], return_distance=True, all_matches=True)
    backwards = np.lexsort((line, asked))[::-1]  # so that the lowest line of a point is written last
    row[order[asked[backwards]]], metres[order[asked[backwards]]] = line[backwards], found[backwards]
    return row, metres
