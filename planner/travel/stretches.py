"""The streets within reach of one site, as straight stretches with the minutes at both of their ends: what service circles are drawn from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.streets import StreetNetwork
from planner.travel.graph import StreetGraph
from planner.travel.kernels import Task, desk, search

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


UNREACHED_MINUTES = 1e9
"""stands for "no way" where minutes are interpolated; more than any limit"""


class Stretches(NamedTuple):
    """k straight pieces of street along which the minutes to one site change evenly. A street stands here once for every way that may be
    the shortest from some point of it, and streets out of reach as well: who lives beside one of those is not in reach either."""

    xy_m: Floats
    """(k, 4) x and y of the start, x and y of the end"""
    minutes: Floats
    """(k, 2) at the start and at the end"""

    def reached_xy_m(self, limit_minutes: float) -> Floats:
        """(r, 2) ends of all parts within the limit."""
        ends = []
        for near, far in ((0, 1), (1, 0)):
            within = self.minutes[:, near] <= limit_minutes
            start, end = self.xy_m[within, 2 * near : 2 * near + 2], self.xy_m[within, 2 * far : 2 * far + 2]
            more = np.maximum(self.minutes[within, far] - self.minutes[within, near], 1e-12)
            share = np.clip((limit_minutes - self.minutes[within, near]) / more, 0.0, 1.0)
            ends += [start, start + share[:, None] * (end - start)]
        return np.concatenate(ends)


@dataclass(frozen=True, eq=False)
class ReachedStreets:
    """The streets that the searches of a task can reach."""

    streets: StreetNetwork
    graph: StreetGraph
    task: Task
    around_m: float
    """streets so far from those reached are wanted too"""

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The edges of the graph by where they are."""
        return shapely.STRtree(self.streets.lines()[self.graph.edge_row])

    @cached_property
    def edge_bounds_m(self) -> Floats:
        """(m, 4) west, south, east, north of each edge of the graph."""
        bounds: Floats = shapely.bounds(self.tree.geometries)
        return bounds

    @cached_property
    def shape_share(self) -> Floats:
        """(shape points,) how far along its edge each shape point is, from 0 to 1."""
        xy, start = self.streets.shape_xy_m, self.streets.shape_start
        step = np.zeros(len(xy))
        step[1:] = np.hypot(*np.diff(xy, axis=0).T)
        step[start[:-1]] = 0.0
        along = np.cumsum(step)
        n_points = np.diff(start)
        from_start = along - np.repeat(along[start[:-1]], n_points)
        whole = np.repeat(along[start[1:] - 1] - along[start[:-1]], n_points)
        return np.clip(np.divide(from_start, whole, out=np.zeros(len(xy)), where=whole > 0), 0.0, 1.0)

    def of_each_site(self) -> Iterator[Stretches]:
        """The stretches in and around what each door of the task reaches, in their order."""
        work = desk(self.task)
        for site in range(len(self.task.doors.edge)):
            nodes = work.reached[: search(self.task, site, work)]
            own, straight = self._along_own_edge(site)
            others = self._by_junctions(self._edges_around(site, nodes), work.minutes)
            work.minutes[nodes] = np.inf
            yield Stretches(np.concatenate([own, others.xy_m]), np.concatenate([straight, others.minutes]))

    def _edges_around(self, site: int, nodes: NDArray[np.int32]) -> Rows:
        """Positions of all edges that may lie in the box around the edges reached."""
        first = self.graph.first
        reached = np.append(self.graph.edge[_ranges(first[nodes], first[nodes + 1])], self.task.doors.edge[site])
        bounds = self.edge_bounds_m[reached]
        low, high = bounds[:, :2].min(axis=0) - self.around_m, bounds[:, 2:].max(axis=0) + self.around_m
        edges: Rows = self.tree.query(shapely.box(*low, *high))
        return np.sort(edges)

    def _by_junctions(self, edge: Rows, minutes: Floats) -> Stretches:
        """The edges at these positions, with the minutes by either of their ends, given the minutes of all junctions."""
        row = self.graph.edge_row[edge]
        first, last = self.streets.shape_start[row], self.streets.shape_start[row + 1] - 1
        at, owner = _ranges(first, last), np.repeat(np.arange(len(edge)), last - first)
        share = np.column_stack([self.shape_share[at], self.shape_share[at + 1]])
        xy_m = np.hstack([self.streets.shape_xy_m[at], self.streets.shape_xy_m[at + 1]])
        start, end = (np.minimum(minutes[node[edge]], UNREACHED_MINUTES)[owner, None] for node in (self.graph.start, self.graph.end))
        by_start = start + share * self.task.roads.backward[edge][owner, None]
        by_end = end + (1.0 - share) * self.task.roads.forward[edge][owner, None]
        from_start, from_end = (by_start <= by_end).any(axis=1), (by_end < by_start).any(axis=1)
        return Stretches(np.concatenate([xy_m[from_start], xy_m[from_end]]), np.concatenate([by_start[from_start], by_end[from_end]]))

    def _along_own_edge(self, site: int) -> tuple[Floats, Floats]:
        """The site's own edge, straight along it to the door; cut at the door, from where the minutes grow to both sides."""
        roads, doors = self.task.roads, self.task.doors
        edge, door, leg = doors.edge[site], doors.share[site], doors.leg[site]
        row = self.graph.edge_row[edge]
        points = slice(self.streets.shape_start[row], self.streets.shape_start[row + 1])
        share, xy = self.shape_share[points], self.streets.shape_xy_m[points]
        before = np.searchsorted(share, door, side="left")
        at_door = [np.interp(door, share, xy[:, 0]), np.interp(door, share, xy[:, 1])]
        share, xy = np.insert(share, before, door), np.insert(xy, before, at_door, axis=0)
        ahead = door - share
        minutes = leg + np.where(ahead >= 0, ahead * roads.forward[edge], -ahead * roads.backward[edge])
        return np.hstack([xy[:-1], xy[1:]]), np.column_stack([minutes[:-1], minutes[1:]])


def _ranges(first: Rows, stop: Rows) -> Rows:
    """The whole numbers from first[i] up to stop[i], one range after the other."""
    n = stop - first
    return np.repeat(first - (np.cumsum(n) - n), n) + np.arange(n.sum())
