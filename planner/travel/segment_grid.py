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
Places = NDArray[np.int64]
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


@compiled
def list_segments(xy: Floats, n_rows: int, n_columns: int, first: Places, segment: Ints) -> None:
    """Enter segments (s, 4), given from the corner of the grid in cells, into the cells that they pass through, `first[c]` being the place of
    the next; without room for them only count those of c in `first[c + 1]`."""
    for s in range(len(xy)):
        x, y, dx, dy = xy[s, 0], xy[s, 1], xy[s, 2] - xy[s, 0], xy[s, 3] - xy[s, 1]
        for j in range(max(0, int(y + min(0.0, dy) - SLACK)), min(n_rows, int(y + max(0.0, dy) + SLACK) + 1)):
            west, east = x + min(0.0, dx), x + max(0.0, dx)
            if dy != 0.0:
                at_bottom, at_top = x + dx * (j - y) / dy, x + dx * (j + 1 - y) / dy
                west, east = max(west, min(at_bottom, at_top)), min(east, max(at_bottom, at_top))
            for c in range(j * n_columns + max(0, int(west - SLACK)), j * n_columns + min(n_columns, int(east + SLACK) + 1)):
                if len(segment):
                    segment[first[c]] = s
                    first[c] += 1
                else:
                    first[c + 1] += 1


def segment_grid(segments: Segments) -> Grid:
    """The grid of some segments (at least one), with about as many cells as segments."""
    points = segments.xy_m.reshape(-1, 2)
    (west, south), (east, north) = points.min(axis=0), points.max(axis=0)
    cell_m = max(math.sqrt((east - west) * (north - south) / len(segments.edge)), (east - west + north - south) / len(segments.edge), 1.0)
    n_columns, n_rows = int((east - west) / cell_m) + 1, int((north - south) / cell_m) + 1
    xy, first = (points - (west, south)).reshape(-1, 4), np.zeros(n_rows * n_columns + 1, dtype=np.int64)
    xy /= cell_m
    list_segments(xy, n_rows, n_columns, first, np.zeros(0, dtype=np.int32))
    np.cumsum(first, out=first)
    segment = np.empty(first[-1], dtype=np.int32)
    list_segments(xy, n_rows, n_columns, first.copy(), segment)
    return Grid(west, south, cell_m, n_rows, n_columns, first, segment)


def ways_of(streets: StreetNetwork, edge_rows: Ints) -> Ways:
    """The straight pieces of some edges (rows of the network, at least one), in their order, and the grid that lists them."""
    begin, n_pieces = streets.shape_start[edge_rows], np.diff(streets.shape_start)[edge_rows] - 1
    first = np.concatenate([[0], np.cumsum(n_pieces)])
    edge = np.repeat(np.arange(len(edge_rows), dtype=np.int32), n_pieces)
    at = np.repeat(begin - first[:-1], n_pieces) + np.arange(len(edge))
    pieces = Segments(np.hstack([streets.shape_xy_m[at], streets.shape_xy_m[at + 1]]), edge, first)
    return Ways(pieces, segment_grid(pieces))


def along_segments_m(segments: Segments) -> Floats:
    """(s + 1,) metres along all segments, one after the other, up to where each starts, and in all."""
    xy_m = segments.xy_m
    return np.append(0.0, np.cumsum(np.hypot(xy_m[:, 2] - xy_m[:, 0], xy_m[:, 3] - xy_m[:, 1])))


@inner
def nearest_on_segment(xy_m: Floats, s: int, x: float, y: float) -> tuple[float, float]:
    """Square of the metres from a point to a segment, and metres along the segment to where they meet."""
    dx, dy = xy_m[s, 2] - xy_m[s, 0], xy_m[s, 3] - xy_m[s, 1]
    px, py = x - xy_m[s, 0], y - xy_m[s, 1]
    length_m2 = dx * dx + dy * dy
    if length_m2 == 0.0 or px * dx + py * dy <= 0.0:
        return px * px + py * py, 0.0
    if px * dx + py * dy >= length_m2:
        qx, qy = x - xy_m[s, 2], y - xy_m[s, 3]
        return qx * qx + qy * qy, math.sqrt(length_m2)
    off_m2 = (px * dy - py * dx) ** 2 / length_m2
    return off_m2, (px * dx + py * dy) / math.sqrt(length_m2)


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
    most = max(grid.n_rows, grid.n_columns)
    for p in order:
        x, y = xy_m[p, 0], xy_m[p, 1]
        i = min(grid.n_columns - 1, max(0, int((x - grid.west_m) / grid.cell_m)))
        j = min(grid.n_rows - 1, max(0, int((y - grid.south_m) / grid.cell_m)))
        best, ring = int(-1), int(0)  # noqa: UP018, RUF046 -- plain numbers are types of their own to numba: callees would be compiled twice
        best_m2, best_at_m, unseen_m = np.inf, 0.0, 0.0
        east_m, north_m = x - grid.west_m - i * grid.cell_m, y - grid.south_m - j * grid.cell_m
        to_side_m = min(east_m, grid.cell_m - east_m, north_m, grid.cell_m - north_m)  # negative outside the grid
        while ring <= most and (unseen_m < 0.0 or unseen_m * unseen_m <= best_m2):
            for row in range(max(0, j - ring), min(grid.n_rows, j + ring + 1)):
                step = 1 if abs(row - j) == ring else 2 * ring
                for column in range(i - ring, i + ring + 1, max(1, step)):
                    if 0 <= column < grid.n_columns:
                        c = row * grid.n_columns + column
                        for k in range(grid.first[c], grid.first[c + 1]):
                            s = grid.segment[k]
                            off_m2, at_m = nearest_on_segment(segments.xy_m, s, x, y)
                            if off_m2 < best_m2 or (off_m2 == best_m2 and s < best):
                                best_m2, best, best_at_m = off_m2, s, at_m
            unseen_m = to_side_m + ring * grid.cell_m  # what is in none of the cells up to this ring is farther
            ring += 1
        edge[p], off_m[p] = segments.edge[best], math.sqrt(best_m2)
        share[p] = share_of_edge(segments, best, best_at_m)
