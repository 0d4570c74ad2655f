"""Compiled drawing, second half: the outline of all points of a sheet that are within reach.

A field holds how far each point is from being within reach [m], negative inside. The outline is its zero line (marching squares, Lorensen
and Cline 1987 in two dimensions), interpolated between points: exact to about a metre along a street, and to a cell where two streets meet
that are reached at different times. Its rings never touch, so the polygons are valid as they come. Rows are traced one after the other, so
that a sheet too large for the memory can be traced in strips.

Change this file too when functions or tables of `sheet` or `segment_grid` change: numba's cache on disk looks at the date of this file only.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import allocating, compiled, inner
from planner.travel.segment_grid import Segments, nearest_on_segment
from planner.travel.sheet import NOWHERE, Sheet, Singles

FAR_CELLS = 1.0
"""what is farther than this inside or outside needs no exact value"""
JUMP_CELLS = 2.0
"""along one street a walk changes less from one point of the grid to the next"""
LEAST_M = 1e-6
"""stands for no difference"""
RIM = 0.001
"""share of a line of the grid that the outline leaves free at either end"""
NONE = -1
UPRIGHT, OPENS, SHUTS = 0, 1, 2
"""where a ring crosses the grid: a line along a column; a line along a row, at whose eastern end, or western end, the inside is"""
BOTTOM, RIGHT, TOP, LEFT = 0, 1, 2, 3
ALL_OUTSIDE, ALL_INSIDE = np.uint64(0), np.uint64(0x0101010101010101)
"""eight bytes of 0, eight bytes of 1"""
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

STEPS = np.array(
    [
        [NONE, NONE, NONE, NONE],
        [BOTTOM, LEFT, NONE, NONE],
        [RIGHT, BOTTOM, NONE, NONE],
        [RIGHT, LEFT, NONE, NONE],
        [TOP, RIGHT, NONE, NONE],
        [BOTTOM, LEFT, TOP, RIGHT],
        [TOP, BOTTOM, NONE, NONE],
        [TOP, LEFT, NONE, NONE],
        [LEFT, TOP, NONE, NONE],
        [BOTTOM, TOP, NONE, NONE],
        [RIGHT, BOTTOM, LEFT, TOP],
        [RIGHT, TOP, NONE, NONE],
        [LEFT, RIGHT, NONE, NONE],
        [BOTTOM, RIGHT, NONE, NONE],
        [LEFT, BOTTOM, NONE, NONE],
        [NONE, NONE, NONE, NONE],
    ],
    dtype=np.int8,
)
"""Through which sides the outline crosses a square whose corners inside are the bits 1 (bottom left), 2 (bottom right), 4 (top right) and
8 (top left): from, to, and where two corners face each other a second from, to. What is inside lies on the left."""


class Traced(NamedTuple):
    """Where the outline crosses the lines of the grid: k points, from south to north and in a row of squares from west to east."""

    xy_m: Floats
    """(k, 2)"""
    gate_m: Floats
    """(k, 4) how far along its line each point may be moved: x and y of the place towards the inside, and towards the outside"""
    kind: NDArray[np.int8]
    """(k,) UPRIGHT, OPENS or SHUTS"""
    step: Ints
    """(k, 2) point after point along the outline"""


class Rings(NamedTuple):
    """r closed rings; those of shells run against the clock."""

    xy_m: Floats
    first: NDArray[np.int64]
    """(r + 1,) where the corners of each ring start; its last corner is its first again"""
    is_shell: NDArray[np.bool_]
    """(r,) each shell comes just before its holes"""


class Field(NamedTuple):
    """How far each point of a sheet is from being within reach, as large as the sheet."""

    lack_m: Singles
    """negative inside, cut off at `FAR_CELLS` either way"""
    is_inside: NDArray[np.uint8]
    """1 where it is 0 or less"""
    words: NDArray[np.uint64]
    """the same bytes, eight to a word"""


def blank_field(sheet: Sheet) -> Field:
    """Room for the field of a sheet."""
    is_inside = np.empty(sheet.piece.shape, dtype=np.uint8)
    return Field(np.empty(sheet.piece.shape, dtype=np.float32), is_inside, is_inside.view(np.uint64))


def blank_outline(field: Field) -> Traced:
    """Room for the outline of a field."""
    inside, n_columns = field.is_inside, field.is_inside.shape[1]
    n = np.count_nonzero(inside[:, 1:] != inside[:, :-1]) + np.count_nonzero(inside[1:] != inside[:-1])
    steps = np.empty((n + n_columns, 2), dtype=np.int32)  # those of the strip before lead on from its last row
    return Traced(np.empty((n, 2)), np.empty((n, 4)), np.empty(n, dtype=np.int8), steps)


@compiled
def enter_field(sheet: Sheet, walk_m: Singles, limit_m: float, half_width_m: float, field: Field) -> None:
    """A point is within reach that is at most `half_width_m` from its nearest street, and whose walk is at most `limit_m`."""
    n_rows, n_columns = walk_m.shape
    far, limit, half = np.float32(FAR_CELLS * sheet.cell_m), np.float32(limit_m), np.float32(half_width_m)
    for j in range(n_rows):
        for i in range(n_columns):
            lack = max(np.float32(math.sqrt(sheet.square_m2[j, i])) - half, walk_m[j, i] - limit)
            field.lack_m[j, i] = min(far, max(-far, lack))
            field.is_inside[j, i] = lack <= 0


@inner
def crossing(here: float, there: float, tolerance_m: float) -> tuple[float, float, float]:
    """Where a field is 0 on its way from one point of the grid to the next, as a share of it; where towards the inside, and where towards
    the outside, it is off by the tolerance.

    All are kept off both ends, so that rings do not touch at a point of the grid.
    """
    share, more = here / (here - there), tolerance_m / (there - here)
    return min(1.0 - RIM, max(RIM, share)), min(1.0 - RIM, max(RIM, share - more)), min(1.0 - RIM, max(RIM, share + more))


@inner
def nearer_m(pieces: Segments, first: int, second: int, x: float, y: float) -> float:
    """How much nearer a point is to the second of two pieces of street than to the first [m]."""
    to_first_m2, _ = nearest_on_segment(pieces, first, x, y)
    to_second_m2, _ = nearest_on_segment(pieces, second, x, y)
    return math.sqrt(to_first_m2) - math.sqrt(to_second_m2)


@inner
def values_between(
    lack_m: Singles, walk_m: Singles, sheet: Sheet, pieces: Segments, j: int, i: int, to_north: int, to_east: int
) -> tuple[float, float]:
    """The field at point (j, i) of the grid and at a neighbour; where the walk jumps between them, how much nearer the inner street is than
    the outer one [m], which is 0 just half-way between two streets: there, and not at a band, the ground within reach ends."""
    here, there = float(lack_m[j, i]), float(lack_m[j + to_north, i + to_east])
    first, second = sheet.piece[j, i], sheet.piece[j + to_north, i + to_east]
    jump_m = abs(walk_m[j, i] - walk_m[j + to_north, i + to_east])
    if NOWHERE in (first, second) or not jump_m > JUMP_CELLS * sheet.cell_m:
        return here, there
    x, y = sheet.west_m + i * sheet.cell_m, sheet.south_m + (sheet.first_row + j) * sheet.cell_m
    to_x, to_y = sheet.west_m + (i + to_east) * sheet.cell_m, sheet.south_m + (sheet.first_row + j + to_north) * sheet.cell_m
    nearer_here, nearer_there = nearer_m(pieces, first, second, x, y), nearer_m(pieces, first, second, to_x, to_y)
    inwards = -1.0 if here > 0.0 else 1.0
    return inwards * min(nearer_here, -LEAST_M), inwards * max(nearer_there, LEAST_M)


@inner
def are_alike(words: NDArray[np.uint64], j: int, word: int) -> bool:
    """Whether eight squares and their neighbours to the east lie wholly inside, or wholly outside."""
    here = words[j, word]
    same = here == words[j, word + 1] and here == words[j + 1, word] and here == words[j + 1, word + 1]
    return same and here in (ALL_OUTSIDE, ALL_INSIDE)


@allocating
def trace(
    field: Field, walk_m: Singles, sheet: Sheet, pieces: Segments, tolerance_m: float, below: Ints, n_before: int, out: Traced
) -> tuple[int, int]:
    """Where the outline crosses the sheet, into `out`; returns how many points and steps there are. Nothing is within reach on the rim.

    Points may be moved by the tolerance. For strips `below` (columns,) holds the points on the first row of the strip, and those on its
    last row in the end; `n_before` counts all points of the strips before. Eight squares at a time are passed over where the words around
    them say that nothing changes.
    """
    (n_rows, n_columns), cell, is_inside, words = walk_m.shape, sheet.cell_m, field.is_inside, field.words
    xy_m, gate_m, kind, step = out.xy_m, out.gate_m, out.kind, out.step
    n, n_steps, side = 0, 0, np.empty(4, dtype=np.int32)
    for j in range(n_rows - 1):
        side[RIGHT] = NONE
        i = 0
        while i < n_columns - 1:
            if i % 8 == 0 and i + 8 < n_columns and are_alike(words, j, i // 8):
                side[RIGHT] = NONE
                i += 8
                continue
            corners = is_inside[j, i] + 2 * is_inside[j, i + 1] + 4 * is_inside[j + 1, i + 1] + 8 * is_inside[j + 1, i]
            if corners in (0, 15):
                side[RIGHT] = NONE
                i += 1
                continue
            side[LEFT], side[BOTTOM], side[TOP], side[RIGHT] = side[RIGHT], below[i], NONE, NONE
            for up in (1, 0):  # the side above, then the one to the east
                north, east = j + up, i + 1 - up
                if is_inside[north, east] == is_inside[j + 1, i + 1]:
                    continue
                here, there = values_between(field.lack_m, walk_m, sheet, pieces, north, east, 1 - up, up)
                at, inwards, outwards = crossing(here, there, tolerance_m)
                x, y = sheet.west_m + east * cell, sheet.south_m + (sheet.first_row + north) * cell
                xy_m[n, 0], xy_m[n, 1] = x + up * at * cell, y + (1 - up) * at * cell
                gate_m[n, 0], gate_m[n, 1] = x + up * inwards * cell, y + (1 - up) * inwards * cell
                gate_m[n, 2], gate_m[n, 3] = x + up * outwards * cell, y + (1 - up) * outwards * cell
                kind[n] = UPRIGHT if not up else SHUTS if is_inside[north, east] else OPENS
                side[TOP if up else RIGHT] = n_before + n
                n += 1
            for turn in range(0, 4, 2):
                if STEPS[corners, turn] != NONE:
                    step[n_steps, 0], step[n_steps, 1] = side[STEPS[corners, turn]], side[STEPS[corners, turn + 1]]
                    n_steps += 1
            below[i] = side[TOP]
            i += 1
    return n, n_steps


@compiled
def join(traced: Traced, after: Ints, ring: Ints, order: Ints, first: NDArray[np.int64], shell: Ints) -> int:
    """The points in the `order` (k,) of their rings, where each ring is `first` in it (k + 1,), and its `shell` (k,); returns how many rings
    there are. `after` (k,) is any room, `ring` (k,) and `shell` are NONE.

    Along a row of the grid inside and outside alternate. So the point before the first at which a hole meets a row is on the shell of
    that hole, or on another hole of the same shell that is known already.
    """
    n, n_rings, place, before = len(traced.kind), 0, 0, 0
    for k in range(len(traced.step)):
        after[traced.step[k, 0]] = traced.step[k, 1]
    for start in range(n):
        point = start
        while ring[point] == NONE:
            ring[point], order[place] = n_rings, point
            place, point = place + 1, after[point]
        if place > first[n_rings]:
            n_rings += 1
            first[n_rings] = place
    for point in range(n):
        if traced.kind[point] != UPRIGHT:
            own = ring[point]
            if shell[own] == NONE:
                shell[own] = own if traced.kind[point] == OPENS else shell[ring[before]]
            before = point
    return n_rings


@inner
def thin(traced: Traced, ring: Ints, out: Floats) -> int:
    """The corners of a ring (k,) that are needed, closed, into `out`; returns how many.

    Sleeve fitting (Zhao and Saalfeld 1997): a point is left out as long as one straight line from the last corner kept passes through the
    gates of all those left out. Such a line crosses the lines of the grid that the outline crosses, no others, and each of them is crossed
    once at most; so rings still do not touch, and hold the same points of the grid. The sleeve is held as the directions of its two sides.
    """
    xy_m, gate_m, n = traced.xy_m, traced.gate_m, 1
    x, y = xy_m[ring[0], 0], xy_m[ring[0], 1]
    out[0, 0], out[0, 1] = x, y
    left_x, left_y, right_x, right_y, is_open = 0.0, 0.0, 0.0, 0.0, True
    for k in range(1, len(ring) + 1):
        point, before = ring[k % len(ring)], ring[k - 1]
        to_x, to_y = xy_m[point, 0] - x, xy_m[point, 1] - y
        if not is_open and (left_x * to_y - left_y * to_x > 0.0 or right_x * to_y - right_y * to_x < 0.0):
            x, y, is_open = xy_m[before, 0], xy_m[before, 1], True
            out[n, 0], out[n, 1] = x, y
            n += 1
        in_x, in_y, out_x, out_y = gate_m[point, 0] - x, gate_m[point, 1] - y, gate_m[point, 2] - x, gate_m[point, 3] - y
        if is_open or left_x * in_y - left_y * in_x < 0.0:
            left_x, left_y = in_x, in_y
        if is_open or right_x * out_y - right_y * out_x > 0.0:
            right_x, right_y = out_x, out_y
        is_open = False
    out[n, 0], out[n, 1] = out[0, 0], out[0, 1]
    return n + 1


@compiled
def thin_rings(
    traced: Traced, order: Ints, start: NDArray[np.int64], rings: NDArray[np.int64], xy_m: Floats, first: NDArray[np.int64]
) -> None:
    """The corners of the `rings` (r,), one after the other, and where each of them starts."""
    for at in range(len(rings)):
        ring = rings[at]
        first[at + 1] = first[at] + thin(traced, order[start[ring] : start[ring + 1]], xy_m[first[at] :])


def rings_of(traced: Traced) -> Rings:
    """The rings of an outline, thinned as far as its gates allow."""
    n = len(traced.kind)
    after, order = np.empty((2, n), dtype=np.int32)
    ring, shell = np.full((2, n), NONE, dtype=np.int32)
    start = np.zeros(n + 1, dtype=np.int64)
    n_rings = join(traced, after, ring, order, start, shell)
    by_shell = np.argsort(shell[:n_rings], kind="stable")
    xy_m, first = np.empty((n + n_rings, 2)), np.zeros(n_rings + 1, dtype=np.int64)
    thin_rings(traced, order, start, by_shell, xy_m, first)
    return Rings(xy_m[: first[-1]], first, shell[by_shell] == by_shell)
