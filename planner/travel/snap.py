"""Where doors meet the streets: every point joins the nearest edge at a point along its true shape, within a stated limit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.streets import StreetNetwork
from planner.travel.segment_grid import Ways, nearest_segments, ways_of
from planner.travel.z_curve import along_z_curve

AT_JUNCTION = 1e-12
"""Doors so near to an end of their edge, as a share of it, stand at the junction: against a one-way even a rounding error would count."""


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


def snap(
    points_xy_m: NDArray[np.float64], streets: StreetNetwork, walkable: NDArray[np.int32], *, limit_m: float, ways: Ways | None = None
) -> Snapped:
    """Join each point (n, 2) to the nearest of the `walkable` edges, at most `limit_m` away (the limit included).

    Of edges equally near (at a junction) the one with the lowest row is taken. `ways` are those of the `walkable` edges, where they are
    at hand already.
    """
    n = len(points_xy_m)
    share, leg_m = np.zeros(n), np.full(n, np.nan)
    if not n or not len(walkable):
        return Snapped(np.full(n, -1, dtype=np.int32), share, leg_m)
    pieces, grid = ways or ways_of(streets, walkable)
    position = np.empty(n, dtype=np.int32)
    nearest_segments(points_xy_m, along_z_curve(points_xy_m), pieces, grid, position, share, leg_m)
    share[share < AT_JUNCTION], share[share > 1.0 - AT_JUNCTION] = 0.0, 1.0
    off = leg_m > limit_m
    return Snapped(np.where(off, -1, walkable[position]).astype(np.int32), np.where(off, 0.0, share), leg_m)
