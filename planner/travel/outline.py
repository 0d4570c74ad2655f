"""Compiled drawing: from streets with minutes to the outline of all places within reach of them.

A grid of 5 m holds how far each of its points is from being within reach [m], negative inside. The outline is its zero line (marching
squares, Lorensen and Cline 1987 in two dimensions), interpolated between grid points: exact to about a metre along a street, and to a
cell where two streets meet that are reached at different times. Its rings never touch, so the polygons are valid as they come.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.travel.compiled import compiled

CELL_M = 5.0
FAR_M = 2 * CELL_M
"""what is farther than this inside or outside needs no exact value"""
SAME_M2 = 1e-5
"""streets are equally near when the squares of their distances differ by less: by a ten-thousandth of a millimetre at 50 m"""

BOTTOM, RIGHT, TOP, LEFT, NO_SIDE = 0, 1, 2, 3, -1
Floats = NDArray[np.float64]

STEPS = np.array(
    [
        [NO_SIDE, NO_SIDE, NO_SIDE, NO_SIDE],
        [BOTTOM, LEFT, NO_SIDE, NO_SIDE],
        [RIGHT, BOTTOM, NO_SIDE, NO_SIDE],
        [RIGHT, LEFT, NO_SIDE, NO_SIDE],
        [TOP, RIGHT, NO_SIDE, NO_SIDE],
        [BOTTOM, LEFT, TOP, RIGHT],
        [TOP, BOTTOM, NO_SIDE, NO_SIDE],
        [TOP, LEFT, NO_SIDE, NO_SIDE],
        [LEFT, TOP, NO_SIDE, NO_SIDE],
        [BOTTOM, TOP, NO_SIDE, NO_SIDE],
        [RIGHT, BOTTOM, LEFT, TOP],
        [RIGHT, TOP, NO_SIDE, NO_SIDE],
        [LEFT, RIGHT, NO_SIDE, NO_SIDE],
        [BOTTOM, RIGHT, NO_SIDE, NO_SIDE],
        [LEFT, BOTTOM, NO_SIDE, NO_SIDE],
        [NO_SIDE, NO_SIDE, NO_SIDE, NO_SIDE],
    ],
    dtype=np.int8,
)
"""Through which sides the outline crosses a square whose corners inside are the bits 1 (bottom left), 2 (bottom right), 4 (top right) and
8 (top left): from, to, and where two corners face each other a second from, to. What is inside lies on the left."""


class Nearest(NamedTuple):
    """The street nearest to each point of a grid: rows northwards, columns eastwards, `CELL_M` apart."""

    square_m2: Floats
    """(rows, columns) square of the metres to it; inf where none is near"""
    minutes: Floats
    """(rows, columns) from where the point meets the street"""


@compiled
def paint(xy_m: Floats, minutes: Floats, corner: tuple[float, float], margin_m: float, nearest: Nearest) -> None:
    """Enter streets (k, 4), with the minutes at both ends (k, 2), into a grid at `corner` [m], for the points at most `margin_m` away.

    Of streets equally near the one with fewer minutes counts: at a junction, and where a street is there once for either end.
    """
    square_m2, at_minutes = nearest.square_m2, nearest.minutes
    n_rows, n_columns = square_m2.shape
    for s in range(len(xy_m)):
        ax, ay, bx, by = xy_m[s, 0] - corner[0], xy_m[s, 1] - corner[1], xy_m[s, 2] - corner[0], xy_m[s, 3] - corner[1]
        start, change = minutes[s, 0], minutes[s, 1] - minutes[s, 0]
        dx, dy = bx - ax, by - ay
        length_m2 = dx * dx + dy * dy
        ux, uy = (dx / length_m2, dy / length_m2) if length_m2 > 0.0 else (0.0, 0.0)
        west, east = max(0, int((min(ax, bx) - margin_m) / CELL_M)), min(n_columns, int((max(ax, bx) + margin_m) / CELL_M) + 2)
        south, north = max(0, int((min(ay, by) - margin_m) / CELL_M)), min(n_rows, int((max(ay, by) + margin_m) / CELL_M) + 2)
        for j in range(south, north):
            for i in range(west, east):
                x, y = i * CELL_M - ax, j * CELL_M - ay
                t = min(1.0, max(0.0, x * ux + y * uy))
                x, y = x - t * dx, y - t * dy
                off_m2, best_m2 = x * x + y * y, square_m2[j, i]
                if off_m2 <= best_m2 + SAME_M2:
                    here = start + t * change
                    if off_m2 < best_m2 - SAME_M2 or here < at_minutes[j, i]:
                        at_minutes[j, i] = here
                    square_m2[j, i] = min(off_m2, best_m2)


@compiled
def lack(nearest: Nearest, limit_minutes: float, pace_m_per_min: float, half_width_m: float) -> Floats:
    """(rows, columns) how far each point is from being within reach [m], negative where it is: at most `half_width_m` from its nearest
    street, and there within the limit, the walk to it at `pace_m_per_min` counted. Cut off at `FAR_M` either way."""
    n_rows, n_columns = nearest.square_m2.shape
    field = np.empty((n_rows, n_columns))
    for j in range(n_rows):
        for i in range(n_columns):
            off = math.sqrt(nearest.square_m2[j, i])
            late = (nearest.minutes[j, i] - limit_minutes) * pace_m_per_min + off
            field[j, i] = min(FAR_M, max(-FAR_M, off - half_width_m, late))
    return field


@compiled
def crossing(field: Floats, j: int, i: int, side: int) -> int:
    """Number of the grid line that forms one side of square (j, i): even along a row, odd along a column."""
    if side == TOP:
        j += 1
    if side == RIGHT:
        i += 1
    line: int = 2 * (j * field.shape[1] + i) + (1 if side in (LEFT, RIGHT) else 0)
    return line


@compiled
def crossing_point(field: Floats, line: int) -> tuple[float, float]:
    """Where a grid line is cut by the outline [m from the corner]: kept off its ends, so that rings do not touch at a grid point."""
    j, i = line // 2 // field.shape[1], line // 2 % field.shape[1]
    here = field[j, i]
    there = field[j + 1, i] if line % 2 else field[j, i + 1]
    t = min(0.999, max(0.001, here / (here - there)))
    if line % 2:
        return i * CELL_M, (j + t) * CELL_M
    return (i + t) * CELL_M, j * CELL_M


@compiled
def steps_between_lines(field: Floats) -> tuple[NDArray[np.int32], int]:
    """(2 x points,) the grid line that the outline crosses after each one, -1 where it does not pass; how many it crosses."""
    n_rows, n_columns = field.shape
    after = np.full(2 * n_rows * n_columns, NO_SIDE, dtype=np.int32)
    n = 0
    for j in range(n_rows - 1):
        for i in range(n_columns - 1):
            inside = (field[j, i] <= 0) + 2 * (field[j, i + 1] <= 0) + 4 * (field[j + 1, i + 1] <= 0) + 8 * (field[j + 1, i] <= 0)
            for step in range(0, 4, 2):
                if STEPS[inside, step] != NO_SIDE:
                    after[crossing(field, j, i, STEPS[inside, step])] = crossing(field, j, i, STEPS[inside, step + 1])
                    n += 1
    return after, n


@compiled
def trace(field: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """(k, 2) corners of all rings of the outline [m from the corner of the field], each ring closed; (k,) the ring of each corner."""
    after, n = steps_between_lines(field)
    xy, ring = np.empty((2 * n, 2)), np.empty(2 * n, dtype=np.int64)
    k, rings = 0, 0
    for first in range(len(after)):
        line, begin = first, k
        while after[line] != NO_SIDE:
            xy[k, 0], xy[k, 1] = crossing_point(field, line)
            ring[k] = rings
            k += 1
            following = after[line]
            after[line] = NO_SIDE
            line = following
        if k > begin:
            xy[k, 0], xy[k, 1], ring[k] = xy[begin, 0], xy[begin, 1], rings
            k, rings = k + 1, rings + 1
    return xy[:k], ring[:k]
