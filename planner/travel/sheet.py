"""Compiled drawing, first half: a sheet of points that know the street nearest to them, and how far one walks from there to a facility.

Which street is nearest depends on no facility, so a sheet is painted once and read for as many searches and bands as are drawn on it.
Pieces of street are painted row by row in runs of `RUN` points: a loop of fixed length without branches, which becomes vector code (measured:
0.7 ns a point, against 2.3 ns for a loop over just the points that matter).

Change this file too when functions or tables of `kernels` or `segment_grid` change: numba's cache on disk looks at the date of this file only.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.travel.kernels import Floats, Ints, Roads, along_own_edge, edge_minutes_at
from planner.travel.nearest_kernels import DoorsByEdge
from planner.travel.segment_grid import Segments, Ways

RUN = 16
NOWHERE = -1
"""stands for the piece of street where none is near"""

Singles = NDArray[np.float32]
Sites = tuple[int, int]
"""first door and door after the last: one site, or all of them"""


class StreetMap(NamedTuple):
    """What drawing reads of the open streets; edges are numbered as in `StreetGraph`, but for those of `ways`."""

    ways: Ways
    place: Ints
    """(m,) number among `ways` of each edge"""
    edge: Ints
    """(s,) edge of each piece of `ways`"""
    share: Floats
    """(s, 2) of its edge, where each piece starts and ends"""
    start: Ints
    """(m,) junction where the edge starts"""
    end: Ints
    """(m,) junction where it ends"""
    on_edge: DoorsByEdge


class Sheet(NamedTuple):
    """A grid of points `cell_m` apart, rows northwards, columns eastwards, or some rows of it; as many columns as make whole runs."""

    west_m: float
    south_m: float
    """of the whole grid"""
    cell_m: float
    first_row: int
    """number in the whole grid of the first row: places are worked out from it, so that a row is the same on all sheets that have it"""
    square_m2: Singles
    """(rows, columns) square of the metres to the nearest street; inf where none is near, or painted yet"""
    piece: Ints
    """(rows, columns) piece of that street, NOWHERE where none is near"""


class Extent(NamedTuple):
    """How far the streets go; junctions and edges are numbered as in `StreetGraph`."""

    node_xy_m: Floats
    """(n, 2) of the junctions that any edge joins"""
    length_m: Floats
    """(m,) along the shape"""
    bounds_m: Floats
    """(m, 4) west, south, east, north"""


class Minutes(NamedTuple):
    """What is known of the minutes along streets, on edges numbered as in `StreetGraph`, and of doors: parts of a `Task` and its `Desk`."""

    junction: Floats
    """(n,) from each junction to the nearest of some sites, inf where it is not reached"""
    forward: Floats
    """(m,) of each whole edge, from its start to its end"""
    backward: Floats
    """(m,) from its end to its start"""
    share: Floats
    """(s,) where on its edge each door is"""
    leg: Floats
    """(s,) minutes between street and door"""


@compiled
def widen(roads: Roads, minutes: Floats, nodes: Ints, limit: float, extent: Extent, box: Floats) -> None:
    """Widen a `box` (west, south, east, north) so that it holds what is within the limit from the junctions reached, `nodes` (n,)."""
    for node in nodes:
        x, y, left = extent.node_xy_m[node, 0], extent.node_xy_m[node, 1], limit - minutes[node]
        for way in range(roads.first[node], roads.first[node + 1]):
            edge = roads.edge[way]
            around_m = min(1.0, left / max(roads.minutes[way], 1e-12)) * extent.length_m[edge]
            box[0] = min(box[0], max(extent.bounds_m[edge, 0], x - around_m))
            box[1] = min(box[1], max(extent.bounds_m[edge, 1], y - around_m))
            box[2] = max(box[2], min(extent.bounds_m[edge, 2], x + around_m))
            box[3] = max(box[3], min(extent.bounds_m[edge, 3], y + around_m))


@inner
def paint_run(first_x: float, y: float, piece: int, shape: Singles, square_m2: Singles, label: Ints) -> None:
    """One run of points, the first of them `first_x` and `y` from the start of a piece; `shape` is (step, dx, dy, dx / length^2,
    dy / length^2)."""
    step, dx, dy, over_x, over_y = shape[0], shape[1], shape[2], shape[3], shape[4]
    zero, one, number = np.float32(0.0), np.float32(1.0), np.int32(piece)
    west, off, shift = np.float32(first_x), np.float32(y), np.float32(y) * over_y
    for k in range(RUN):
        x = west + np.float32(k) * step
        along = min(one, max(zero, x * over_x + shift))
        off_x, off_y = x - along * dx, off - along * dy
        here, best, before = off_x * off_x + off_y * off_y, square_m2[k], label[k]
        label[k] = number if here < best or (here == best and number < before) else before  # whatever the order they are painted in
        square_m2[k] = min(best, here)


@inner
def paint_piece(pieces: Segments, piece: int, sheet: Sheet, margin_m: float, shape: Singles) -> None:
    """Enter one piece for the points at most `margin_m` away, and some more of their rows; `shape` is room for `paint_run`."""
    (n_rows, n_columns), cell = sheet.square_m2.shape, sheet.cell_m
    ax, ay = pieces.xy_m[piece, 0] - sheet.west_m, pieces.xy_m[piece, 1] - sheet.south_m
    dx, dy = pieces.xy_m[piece, 2] - pieces.xy_m[piece, 0], pieces.xy_m[piece, 3] - pieces.xy_m[piece, 1]
    length_m2 = dx * dx + dy * dy
    over_m2 = 1.0 / length_m2 if length_m2 > 0.0 else 0.0
    shape[0], shape[1], shape[2], shape[3], shape[4] = cell, dx, dy, dx * over_m2, dy * over_m2
    is_slanted = abs(dy) > 1e-3 * abs(dx)
    shift, half = (dx / dy, margin_m * math.sqrt(length_m2) / abs(dy)) if is_slanted else (0.0, np.inf)
    south, north = ay + min(0.0, dy) - margin_m, ay + max(0.0, dy) + margin_m
    first_row = sheet.first_row
    for j in range(max(first_row, int(south / cell)) - first_row, min(n_rows, max(0, int(north / cell) + 1 - first_row))):
        y = (first_row + j) * cell - ay
        west, east = max(min(0.0, dx) - margin_m, y * shift - half), min(max(0.0, dx) + margin_m, y * shift + half)
        stop = min(n_columns, max(0, int((ax + east) / cell) + 1))
        for begin in range(max(0, int((ax + west) / cell)), stop, RUN):
            i = min(begin, n_columns - RUN)  # to paint a point twice changes nothing
            paint_run(i * cell - ax, y, piece, shape, sheet.square_m2[j, i : i + RUN], sheet.piece[j, i : i + RUN])


@compiled
def paint(ways: Ways, sheet: Sheet, margin_m: float, seen: Ints, number: int, shape: Singles) -> None:
    """Enter all streets on and around a blank sheet, for the points at most `margin_m` from them. `seen` (pieces,) holds for each piece the
    number of the last sheet that it was painted on, `shape` (5,) is any room."""
    n_rows, n_columns = sheet.square_m2.shape
    grid = ways.grid
    west = sheet.west_m - margin_m - grid.west_m
    south = sheet.south_m + sheet.first_row * sheet.cell_m - margin_m - grid.south_m
    east, north = west + n_columns * sheet.cell_m + 2 * margin_m, south + n_rows * sheet.cell_m + 2 * margin_m
    for row in range(max(0, int(south / grid.cell_m)), min(grid.n_rows, max(0, int(north / grid.cell_m) + 1))):
        for column in range(max(0, int(west / grid.cell_m)), min(grid.n_columns, max(0, int(east / grid.cell_m) + 1))):
            cell = row * grid.n_columns + column
            for k in range(grid.first[cell], grid.first[cell + 1]):
                piece = grid.segment[k]
                if seen[piece] != number:
                    seen[piece] = number
                    paint_piece(ways.pieces, piece, sheet, margin_m, shape)


@compiled
def enter_walks(streets: StreetMap, known: Minutes, sites: Sites, sheet: Sheet, pace_m_per_min: float, walk_m: Singles) -> None:
    """The walk from every point of the sheet to the nearest of some sites, by its nearest street, into `walk_m` (rows, columns): metres at
    `pace_m_per_min`; inf where no street is near or none leads there.

    The way to the street is 0 on the street and grows to both sides. Interpolated between points on either side it would be too long there,
    by a third of a cell on the average; so up to a cell from the street it is taken shorter, which leaves a twelfth.
    """
    n_rows, n_columns = sheet.square_m2.shape
    last, edge, reached, first_door, stop_door = NOWHERE, 0, False, 0, 0
    ax, ay, over_x, over_y, share, span = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    start, end, forward, backward = np.inf, np.inf, 0.0, 0.0
    for j in range(n_rows):
        for i in range(n_columns):
            piece = sheet.piece[j, i]
            if piece != last:
                last, reached = piece, piece != NOWHERE
                if not reached:
                    walk_m[j, i] = np.inf
                    continue
                edge = streets.edge[piece]
                xy_m = streets.ways.pieces.xy_m[piece]
                dx, dy = xy_m[2] - xy_m[0], xy_m[3] - xy_m[1]
                length_m2 = max(dx * dx + dy * dy, 1e-12)
                ax, ay, over_x, over_y = xy_m[0] - sheet.west_m, xy_m[1] - sheet.south_m, dx / length_m2, dy / length_m2
                share, span = streets.share[piece, 0], streets.share[piece, 1] - streets.share[piece, 0]
                start, end = known.junction[streets.start[edge]], known.junction[streets.end[edge]]
                forward, backward = known.forward[edge], known.backward[edge]
                first_door, stop_door = streets.on_edge.first[edge], streets.on_edge.first[edge + 1]
                reached = min(start, end) < np.inf or first_door < stop_door
            if not reached:
                walk_m[j, i] = np.inf
                continue
            along = min(1.0, max(0.0, (i * sheet.cell_m - ax) * over_x + ((sheet.first_row + j) * sheet.cell_m - ay) * over_y))
            at = edge_minutes_at(share + along * span, start, end, forward, backward)
            for k in range(first_door, stop_door):
                door = streets.on_edge.door[k]
                if sites[0] <= door < sites[1]:
                    straight = along_own_edge(share + along * span, known.share[door], forward, backward)
                    at = min(at, known.leg[door] + straight)
            off_m = math.sqrt(sheet.square_m2[j, i])
            walk_m[j, i] = at * pace_m_per_min + (off_m if off_m > sheet.cell_m else max(0.0, 2.0 * off_m - sheet.cell_m))
