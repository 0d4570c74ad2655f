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

from layers.compiled import compiled, inner
from planner.travel.segment_grid import nearest_on_segment
from planner.travel.sheet import NOWHERE, Sheet

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
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Places = NDArray[np.int64]
Bytes = NDArray[np.uint8]

STEPS = np.array(
    [
        [NONE, NONE, NONE, NONE],
        [BOTTOM, LEFT, NONE, NONE],
        [RIGHT, BOTTOM, NONE, NONE],
        [RIGHT, LEFT, NONE, NONE],
        [LEFT, TOP, NONE, NONE],
        [BOTTOM, TOP, NONE, NONE],
        [RIGHT, BOTTOM, LEFT, TOP],
        [RIGHT, TOP, NONE, NONE],
        [TOP, RIGHT, NONE, NONE],
        [BOTTOM, LEFT, TOP, RIGHT],
        [TOP, BOTTOM, NONE, NONE],
        [TOP, LEFT, NONE, NONE],
        [LEFT, RIGHT, NONE, NONE],
        [BOTTOM, RIGHT, NONE, NONE],
        [LEFT, BOTTOM, NONE, NONE],
        [NONE, NONE, NONE, NONE],
    ],
    dtype=np.int8,
)
"""Through which sides the outline crosses a square whose corners inside are the bits 1 (bottom left), 2 (bottom right), 4 (top left) and
8 (top right): from, to, and where two corners face each other a second from, to. What is inside lies on the left."""


class Band(NamedTuple):
    """A point is within reach that is at most so far from its nearest street, and whose walk is at most so long."""

    half_width_m: np.float32
    limit_m: np.float32
    tolerance_m: float
    """by which the outline may be off"""


class Crossed(NamedTuple):
    """The squares of a sheet that the outline crosses."""

    point: Places
    """(q,) the place of their bottom left corner among all points of the sheet"""
    corners: Bytes
    """(q,) which of their corners are within reach, as in `STEPS`"""


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


def crossed_by(sheet: Sheet, band: Band) -> Crossed:
    """The squares that the outline of a band crosses. Nothing is within reach on the rim of a sheet."""
    inside = ((sheet.off_m <= band.half_width_m) & (sheet.walk_m <= band.limit_m)).view(np.uint8)
    pair = inside[:-1] + 2 * inside[1:]
    corners = pair[: -sheet.n_columns] + 4 * pair[sheet.n_columns :]
    point = np.flatnonzero(corners - np.uint8(1) < 14)  # neither 0 nor 15: one less than 0 is 255
    return Crossed(point, corners[point])


@inner
def lack_m(sheet: Sheet, band: Band, point: int) -> float:
    """How far a point of the grid is from being within reach; negative inside, cut off at `FAR_CELLS` either way."""
    far = np.float32(FAR_CELLS * sheet.cell_m)
    lack: float = min(far, max(-far, sheet.off_m[point] - band.half_width_m, sheet.walk_m[point] - band.limit_m))
    return lack


@inner
def crossing(here: float, there: float, tolerance_m: float) -> tuple[float, float, float]:
    """Where a field is 0 on its way from one point of the grid to the next, as a share of it; where towards the inside, and where towards
    the outside, it is off by the tolerance.

    All are kept off both ends, so that rings do not touch at a point of the grid.
    """
    share, more = here / (here - there), tolerance_m / (there - here)
    return min(1.0 - RIM, max(RIM, share)), min(1.0 - RIM, max(RIM, share - more)), min(1.0 - RIM, max(RIM, share + more))


@inner
def nearer_m(xy_m: Floats, first: int, second: int, x: float, y: float) -> float:
    """How much nearer a point is to the second of two pieces of street than to the first [m]."""
    to_first_m2, _ = nearest_on_segment(xy_m, first, x, y)
    to_second_m2, _ = nearest_on_segment(xy_m, second, x, y)
    return math.sqrt(to_first_m2) - math.sqrt(to_second_m2)


@inner
def enter_point(sheet: Sheet, band: Band, pieces_xy_m: Floats, point: int, other: int, out: Traced, n: int) -> None:
    """Where the outline crosses the line from a point of the grid to the next to the east or north, as point n of `out`.

    Where the walk jumps between them, the field is how much nearer the inner street is than the outer one [m], which is 0 just half-way
    between two streets: there, and not at a band, the ground within reach ends.
    """
    row = sheet.first_row + point // sheet.n_columns
    x, y = sheet.west_m + point % sheet.n_columns * sheet.cell_m, sheet.south_m + row * sheet.cell_m
    east_m, north_m = (sheet.cell_m, 0.0) if other == point + 1 else (0.0, sheet.cell_m)
    here, there = float(lack_m(sheet, band, point)), float(lack_m(sheet, band, other))
    first, second, jump_m = sheet.piece[point], sheet.piece[other], abs(sheet.walk_m[point] - sheet.walk_m[other])
    if NOWHERE not in (first, second) and jump_m > JUMP_CELLS * sheet.cell_m:
        inwards = -1.0 if here > 0.0 else 1.0
        here = inwards * min(nearer_m(pieces_xy_m, first, second, x, y), -LEAST_M)
        there = inwards * max(nearer_m(pieces_xy_m, first, second, x + east_m, y + north_m), LEAST_M)
    at, inwards, outwards = crossing(here, there, band.tolerance_m)
    out.xy_m[n, 0], out.xy_m[n, 1] = x + at * east_m, y + at * north_m
    out.gate_m[n, 0], out.gate_m[n, 1] = x + inwards * east_m, y + inwards * north_m
    out.gate_m[n, 2], out.gate_m[n, 3] = x + outwards * east_m, y + outwards * north_m


@compiled
def trace(
    crossed: Crossed, sheet: Sheet, band: Band, pieces_xy_m: Floats, below: Ints, n: int, n_steps: int, out: Traced
) -> tuple[int, int]:
    """Where the outline crosses the sheet into `out`, after the n points and steps that are there from the strips before; returns how many
    there are now.

    Unless the outline crosses a side of a square, whatever stands for it is not looked at. `below` (columns,) holds the points on the first
    row of the strip, and those on its last row in the end.
    """
    right, n_columns = NONE, sheet.n_columns
    for k in range(len(crossed.point)):
        point, inside = crossed.point[k], crossed.corners[k]
        column, left, top = point % n_columns, right, NONE
        bottom = np.int64(below[column])
        if (inside >> 2 & 1) != inside >> 3:
            enter_point(sheet, band, pieces_xy_m, point + n_columns, point + n_columns + 1, out, n)
            out.kind[n], top = SHUTS if inside & 4 else OPENS, n
            n += 1
        if (inside >> 1 & 1) != inside >> 3:
            enter_point(sheet, band, pieces_xy_m, point + 1, point + 1 + n_columns, out, n)
            out.kind[n], right = UPRIGHT, n
            n += 1
        below[column], side = top, (bottom, right, top, left)
        for turn in range(0, 4, 2):
            if STEPS[inside, turn] != NONE:
                out.step[n_steps, 0], out.step[n_steps, 1] = side[STEPS[inside, turn]], side[STEPS[inside, turn + 1]]
                n_steps += 1
    return n, n_steps


class Outline:
    """The outline of one band as it grows from sheet to sheet. Its room is used for one site after the other, and so stays in the cache."""

    def __init__(self) -> None:
        self._room, self._below = _room_for(0), np.zeros(0, dtype=np.int32)
        self._n = self._n_steps = 0

    def begin(self) -> None:
        """Forget what was traced."""
        self._n = self._n_steps = 0

    def add(self, sheet: Sheet, band: Band, pieces_xy_m: Floats) -> None:
        """Trace the next sheet, which begins on the last row of the one before."""
        crossed = crossed_by(sheet, band)
        if self._n + 2 * len(crossed.point) > len(self._room.kind):
            self._grow(2 * (self._n + 2 * len(crossed.point)))
        if len(self._below) < sheet.n_columns:
            self._below = np.empty(sheet.n_columns, dtype=np.int32)
        so_far = self._n, self._n_steps
        self._n, self._n_steps = trace(crossed, sheet, band, pieces_xy_m, self._below, *so_far, self._room)

    def traced(self) -> Traced:
        """All that was traced; the next site writes over it."""
        room, n = self._room, self._n
        return Traced(room.xy_m[:n], room.gate_m[:n], room.kind[:n], room.step[: self._n_steps])

    def _grow(self, n: int) -> None:
        so_far, self._room = self.traced(), _room_for(n)
        self._room.xy_m[: self._n], self._room.gate_m[: self._n] = so_far.xy_m, so_far.gate_m
        self._room.kind[: self._n], self._room.step[: self._n_steps] = so_far.kind, so_far.step


def _room_for(n: int) -> Traced:
    return Traced(np.empty((n, 2)), np.empty((n, 4)), np.empty(n, dtype=np.int8), np.empty((n, 2), dtype=np.int32))
