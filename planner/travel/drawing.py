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

from planner.travel.graph import StreetGraph
from planner.travel.kernels import Desk, Doors, Floats, Ints, Task, desk, search
from planner.travel.nearest import doors_by_edge
from planner.travel.outline import FAR_CELLS, NONE, Field, Traced, blank_field, blank_outline, enter_field, rings_of, trace
from planner.travel.segment_grid import Segments, Ways
from planner.travel.sheet import NOWHERE, RUN, Extent, Minutes, Sheet, Singles, Sites, StreetMap, enter_walks, paint, widen

Polygons = NDArray[np.object_]
STRIP_POINTS = 4_000_000
"""of a sheet are in memory together: 64 MB"""
SITES_AT_ONCE = 64
"""whose outlines become polygons together"""


@dataclass(frozen=True)
class Style:
    """What is within reach, and how finely that is drawn."""

    limits: tuple[float, ...]
    """minutes, the limit included; one outline each"""
    pace_m_per_min: float
    """of the walk to the street"""
    half_width_m: float
    """to either side of a street"""
    cell_m: float
    """step of the grid"""
    smoothing_m: float
    """corners are left out as long as the outline moves less than this"""


class Table(NamedTuple):
    """Where one thread works."""

    desk: Desk
    seen: Ints
    """(pieces,) number of the last sheet on which each piece of street was painted"""
    numbers: Iterator[int]


def street_map(ways: Ways, edge_rows: Ints, graph: StreetGraph, doors: Doors) -> StreetMap:
    """The open streets, given as `ways` of some edges (rows of the network), and the doors on them, for drawing."""
    xy_m, first, place = ways.pieces.xy_m, ways.pieces.first, ways.pieces.edge
    along_m = np.append(0.0, np.cumsum(np.hypot(xy_m[:, 2] - xy_m[:, 0], xy_m[:, 3] - xy_m[:, 1])))
    before_m, whole_m = along_m[first[:-1]], np.maximum(np.diff(along_m[first]), 1e-12)
    share = (np.column_stack([along_m[:-1], along_m[1:]]) - before_m[place, None]) / whole_m[place, None]
    share[first[:-1], 0], share[first[1:] - 1, 1] = 0.0, 1.0
    edge = graph.edge_position[edge_rows]
    place_of_edge = np.empty(len(edge), dtype=np.int32)
    place_of_edge[edge] = np.arange(len(edge), dtype=np.int32)
    on_edge = doors_by_edge(doors, len(graph.start))
    return StreetMap(ways, place_of_edge, edge[place], np.clip(share, 0.0, 1.0), graph.start, graph.end, on_edge)


def extent_of(streets: StreetMap, n_nodes: int) -> Extent:
    """How far the streets of a map go, which has so many junctions."""
    xy_m, first = streets.ways.pieces.xy_m, streets.ways.pieces.first
    node_xy_m, place = np.zeros((n_nodes, 2)), streets.place
    node_xy_m[streets.start], node_xy_m[streets.end] = xy_m[first[place], :2], xy_m[first[place + 1] - 1, 2:]
    along_m = np.append(0.0, np.cumsum(np.hypot(xy_m[:, 2] - xy_m[:, 0], xy_m[:, 3] - xy_m[:, 1])))
    low = np.minimum.reduceat(np.minimum(xy_m[:, :2], xy_m[:, 2:]), first[:-1])
    high = np.maximum.reduceat(np.maximum(xy_m[:, :2], xy_m[:, 2:]), first[:-1])
    return Extent(node_xy_m, np.diff(along_m[first])[place], np.hstack([low, high])[place])


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
            traced = [outline for site in some for outline in self._traced_of(int(site), int(site) + 1, table)]
            grounds[begin : begin + len(some)] = polygons_of(traced).reshape(len(some), -1)
        return grounds

    def of_all(self) -> Polygons:
        """(limits,) the ground within reach of any door of the task."""
        return polygons_of(self._traced_of(0, len(self.task.doors.edge), self._table()))

    def _table(self) -> Table:
        return Table(desk(self.task), np.zeros(len(self.streets.edge), dtype=np.int32), count(1))

    def _traced_of(self, first_site: int, stop: int, table: Table) -> list[Traced]:
        """The outline of each limit around the nearest of some sites."""
        nodes = table.desk.reached[: search(self.task, first_site, stop, table.desk)]
        traced = self._traced((first_site, stop), nodes, table)
        table.desk.minutes[nodes] = np.inf
        return traced

    def _traced(self, sites: Sites, nodes: Ints, table: Table) -> list[Traced]:
        """The outline of each limit around some sites, given the junctions reached and their minutes."""
        style, minutes, roads, doors = self.style, table.desk.minutes, self.task.roads, self.task.doors
        known = Minutes(minutes, roads.forward, roads.backward, doors.share, doors.leg)
        margin_m = style.half_width_m + FAR_CELLS * style.cell_m
        box = self._box_of_reach(sites, minutes, nodes)
        strips: list[list[Traced]] = [[] for _ in style.limits]
        below: list[Ints] = []
        for sheet in _sheets(box, margin_m + style.cell_m, style.cell_m):
            below = below or [np.full(sheet.piece.shape[1], NONE, dtype=np.int32) for _ in style.limits]
            walk_m, field = np.empty_like(sheet.square_m2), blank_field(sheet)
            paint(self.streets.ways, sheet, margin_m, table.seen, next(table.numbers), np.empty(5, dtype=np.float32))
            enter_walks(self.streets, known, sites, sheet, style.pace_m_per_min, walk_m)
            for limit, parts, under in zip(style.limits, strips, below, strict=True):
                enter_field(sheet, walk_m, limit * style.pace_m_per_min, style.half_width_m, field)
                parts.append(traced_on(sheet, walk_m, field, self.streets.ways.pieces, style.smoothing_m, under, parts))
        return [one_after_the_other(parts) for parts in strips]

    def _box_of_reach(self, sites: Sites, minutes: Floats, nodes: Ints) -> Floats:
        """(4,) west, south, east and north of the parts of streets within the limit of some sites; inf and -inf where there are none.

        No part of an edge is farther from a junction than its length; of the edges of the doors all is taken.
        """
        doors, limit, bounds_m = self.task.doors, self.task.limit, self.extent.bounds_m
        own = bounds_m[doors.edge[sites[0] : sites[1]][doors.leg[sites[0] : sites[1]] <= limit]]
        box = np.concatenate([own[:, :2].min(axis=0, initial=np.inf), own[:, 2:].max(axis=0, initial=-np.inf)])
        widen(self.task.roads, minutes, nodes, limit, self.extent, box)
        return box


def _sheets(box: Floats, margin_m: float, cell_m: float) -> Iterator[Sheet]:
    """Blank sheets over a box (west, south, east, north) and the margin around it, from south to north; each begins on the last row of the
    one before."""
    if not np.isfinite(box).all():
        return
    west, south = (math.floor((edge - margin_m) / cell_m) for edge in box[:2])
    n_columns = math.ceil((math.ceil((box[2] + margin_m) / cell_m) - west + 1) / RUN) * RUN
    n_rows = math.ceil((box[3] + margin_m) / cell_m) - south + 1
    at_once = max(2, STRIP_POINTS // n_columns)
    for row in range(0, n_rows - 1, at_once - 1):
        size = min(at_once, n_rows - row), n_columns
        yield Sheet(west * cell_m, south * cell_m, cell_m, row, np.full(size, np.inf, np.float32), np.full(size, NOWHERE, np.int32))


def traced_on(
    sheet: Sheet, walk_m: Singles, field: Field, pieces: Segments, tolerance_m: float, below: Ints, before: Sequence[Traced]
) -> Traced:
    """The outline on one sheet, as `trace` finds it; `before` are those of the strips before."""
    out = blank_outline(field)
    n, n_steps = trace(field, walk_m, sheet, pieces, tolerance_m, below, sum(len(part.kind) for part in before), out)
    return Traced(out.xy_m[:n], out.gate_m[:n], out.kind[:n], out.step[:n_steps])


def one_after_the_other(parts: list[Traced]) -> Traced:
    """The outline of some strips as one."""
    if len(parts) == 1:
        return parts[0]
    nothing = Traced(np.zeros((0, 2)), np.zeros((0, 4)), np.zeros(0, dtype=np.int8), np.zeros((0, 2), dtype=np.int32))
    return Traced(*(np.concatenate(columns) for columns in zip(nothing, *parts, strict=True)))


def polygons_of(outlines: Sequence[Traced]) -> Polygons:
    """(n,) the ground that each outline encloses, as a MultiPolygon."""
    grounds = np.full(len(outlines), shapely.MultiPolygon(), dtype=object)
    drawn = [rings_of(outline) for outline in outlines]
    n_rings = np.array([len(rings.is_shell) for rings in drawn], dtype=np.int64)
    if not n_rings.sum():
        return grounds
    corners = np.concatenate([rings.xy_m for rings in drawn])
    is_shell = np.concatenate([rings.is_shell for rings in drawn])
    ring = np.concatenate([[0], np.cumsum(np.concatenate([np.diff(rings.first) for rings in drawn]))])
    polygon = np.append(np.flatnonzero(is_shell), len(is_shell))
    ground = np.searchsorted(polygon, np.concatenate([[0], np.cumsum(n_rings)]))
    grounds[:] = shapely.from_ragged_array(shapely.GeometryType.MULTIPOLYGON, corners, (ring, polygon, ground))
    return grounds
