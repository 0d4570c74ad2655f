"""Compiled snapping: the nearest straight piece of street of every point, looked up in a grid.

Every cell of a square grid lists the segments that pass through it. A point looks at its own cell and then at ring after ring around it,
until what is not yet seen must be farther than what has been found; so the answer is exact, whatever the size of the cells.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from layers.streets import StreetNetwork

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
SLACK = 1e-9
"""of a cell: segments that pass a cell's corner by less are listed in it too"""


class Segments(NamedTuple):
    """`s` straight pieces of edges, in the order of the edges and along them."""

    xy_m: Floats
    """(s, 4) x and y of the start, x and y of the end"""
    edge: Ints
    """(s,) position of the edge, rising"""
    first: NDArray[np.int64]
    """(m + 1,) where the pieces of each edge start"""


class Grid(NamedTuple):
    """Cells northwards, then eastwards; cell c lists `segment[first[c]]` to `segment[first[c + 1] - 1]`."""

    west_m: float
    south_m: float
    cell_m: float
    n_rows: int
    n_columns: int
    first: NDArray[np.int64]
    segment: Ints


class Ways(NamedTuple):
    """Some streets as they are looked up by place."""

    pieces: Segments
    grid: Grid


@inner
def columns_in_row(segments: Segments, s: int, grid: Grid, j: int) -> tuple[int, int]:
    """First column and column after the last that a segment passes through within a row of the grid."""
    x0, y0 = (segments.xy_m[s, 0] - grid.west_m) / grid.cell_m, (segments.xy_m[s, 1] - grid.south_m) / grid.cell_m
    x1, y1 = (segments.xy_m[s, 2] - grid.west_m) / grid.cell_m, (segments.xy_m[s, 3] - grid.south_m) / grid.cell_m
    low, high = min(x0, x1), max(x0, x1)
    if y0 != y1:
        at_bottom, at_top = x0 + (x1 - x0) * (j - y0) / (y1 - y0), x0 + (x1 - x0) * (j + 1 - y0) / (y1 - y0)
        low, high = max(low, min(at_bottom, at_top)), min(high, max(at_bottom, at_top))
    return max(0, int(low - SLACK)), min(grid.n_columns, int(high + SLACK) + 1)


@compiled
def list_segments(segments: Segments, grid: Grid) -> None:
    """Enter the segments into their cells, `first[c]` being the place of the next; without room only count those of c in `first[c + 1]`."""
    only_count = len(grid.segment) == 0
    for s in range(len(segments.edge)):
        y0, y1 = (segments.xy_m[s, 1] - grid.south_m) / grid.cell_m, (segments.xy_m[s, 3] - grid.south_m) / grid.cell_m
        for j in range(max(0, int(min(y0, y1) - SLACK)), min(grid.n_rows, int(max(y0, y1) + SLACK) + 1)):
            start, stop = columns_in_row(segments, s, grid, j)
            for c in range(j * grid.n_columns + start, j * grid.n_columns + stop):
                if only_count:
                    grid.first[c + 1] += 1
                else:
                    grid.segment[grid.first[c]] = s
                    grid.first[c] += 1


def segment_grid(segments: Segments) -> Grid:
    """The grid of some segments (at least one), with about as many cells as segments."""
    points = segments.xy_m.reshape(-1, 2)
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    cell_m = max(math.sqrt((east - west) * (north - south) / len(segments.edge)), (east - west + north - south) / len(segments.edge), 1.0)
    n_columns, n_rows = int((east - west) / cell_m) + 1, int((north - south) / cell_m) + 1
    counts = Grid(west, south, cell_m, n_rows, n_columns, np.zeros(n_rows * n_columns + 1, dtype=np.int64), np.zeros(0, dtype=np.int32))
    list_segments(segments, counts)
    first = np.cumsum(counts.first)
    entered = counts._replace(first=first.copy(), segment=np.empty(first[-1], dtype=np.int32))
    list_segments(segments, entered)
    return entered._replace(first=first)


def ways_of(streets: StreetNetwork, edge_rows: Ints) -> Ways:
    """The straight pieces of some edges (rows of the network, at least one), in their order, and the grid that lists them."""
    begin, n_pieces = streets.shape_start[edge_rows], np.diff(streets.shape_start)[edge_rows] - 1
    first = np.concatenate([[0], np.cumsum(n_pieces)])
    edge = np.repeat(np.arange(len(edge_rows), dtype=np.int32), n_pieces)
    at = np.repeat(begin - first[:-1], n_pieces) + np.arange(len(edge))
    pieces = Segments(np.hstack([streets.shape_xy_m[at], streets.shape_xy_m[at + 1]]), edge, first)
    return Ways(pieces, segment_grid(pieces))


@inner
def nearest_on_segment(segments: Segments, s: int, x: float, y: float) -> tuple[float, float]:
    """Square of the metres from a point to a segment, and metres along the segment to where they meet."""
    dx, dy = segments.xy_m[s, 2] - segments.xy_m[s, 0], segments.xy_m[s, 3] - segments.xy_m[s, 1]
    px, py = x - segments.xy_m[s, 0], y - segments.xy_m[s, 1]
    length_m2 = dx * dx + dy * dy
    if length_m2 == 0.0 or px * dx + py * dy <= 0.0:
        return px * px + py * py, 0.0
    if px * dx + py * dy >= length_m2:
        qx, qy = x - segments.xy_m[s, 2], y - segments.xy_m[s, 3]
        return qx * qx + qy * qy, math.sqrt(length_m2)
    off_m2 = (px * dy - py * dx) ** 2 / length_m2
    return off_m2, (px * dx + py * dy) / math.sqrt(length_m2)


@inner
def unseen_m(grid: Grid, x: float, y: float, i: int, j: int, ring: int) -> float:
    """No segment that is in none of the cells up to a ring around cell (j, i) is nearer to x, y than this; infinite when all are seen."""
    nearest = np.inf
    if i - ring > 0:
        nearest = min(nearest, x - grid.west_m - (i - ring) * grid.cell_m)
    if i + ring < grid.n_columns - 1:
        nearest = min(nearest, grid.west_m + (i + ring + 1) * grid.cell_m - x)
    if j - ring > 0:
        nearest = min(nearest, y - grid.south_m - (j - ring) * grid.cell_m)
    if j + ring < grid.n_rows - 1:
        nearest = min(nearest, grid.south_m + (j + ring + 1) * grid.cell_m - y)
    return nearest


@inner
def share_of_edge(segments: Segments, s: int, at_m: float) -> float:
    """How far along its edge a place is, from 0 to 1, given the piece and the metres along it."""
    before_m, whole_m, edge = 0.0, 0.0, segments.edge[s]
    for piece in range(segments.first[edge], segments.first[edge + 1]):
        if piece == s:
            before_m = whole_m
        whole_m += math.hypot(segments.xy_m[piece, 2] - segments.xy_m[piece, 0], segments.xy_m[piece, 3] - segments.xy_m[piece, 1])
    return min(1.0, (before_m + at_m) / whole_m) if whole_m > 0.0 else 0.0


@compiled
def nearest_segments(
    xy_m: Floats, order: NDArray[np.int64], segments: Segments, grid: Grid, edge: Ints, share: Floats, off_m: Floats
) -> None:
    """For every point (n, 2) the position of the nearest edge, the share of it where they meet and the metres to it; of edges equally near
    the first. Points are looked up in an `order` in which neighbours follow each other: what they read is then at hand."""
    for p in order:
        x, y = xy_m[p, 0], xy_m[p, 1]
        i = min(grid.n_columns - 1, max(0, int((x - grid.west_m) / grid.cell_m)))
        j = min(grid.n_rows - 1, max(0, int((y - grid.south_m) / grid.cell_m)))
        best, ring = int(-1), int(0)  # noqa: UP018, RUF046 -- plain numbers are types of their own to numba: callees would be compiled twice
        best_m2, best_at_m, unseen = np.inf, 0.0, 0.0
        while unseen < np.inf and unseen * unseen <= best_m2:
            for row in range(max(0, j - ring), min(grid.n_rows, j + ring + 1)):
                step = 1 if abs(row - j) == ring else 2 * ring
                for column in range(i - ring, i + ring + 1, max(1, step)):
                    if 0 <= column < grid.n_columns:
                        c = row * grid.n_columns + column
                        for k in range(grid.first[c], grid.first[c + 1]):
                            s = grid.segment[k]
                            off_m2, at_m = nearest_on_segment(segments, s, x, y)
                            if off_m2 < best_m2 or (off_m2 == best_m2 and s < best):
                                best_m2, best, best_at_m = off_m2, s, at_m
            unseen = unseen_m(grid, x, y, i, j, ring)
            ring += 1
        edge[p], off_m[p] = segments.edge[best], math.sqrt(best_m2)
        share[p] = share_of_edge(segments, best, best_at_m)
