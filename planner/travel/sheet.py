"""Compiled drawing, first half: a sheet of points that know the street nearest to them, and how far one walks by it to a facility.

Pieces of street are painted row by row in runs of `RUN` points: a loop of fixed length without branches, which becomes vector code. Along a
piece the walk is the lesser of two straight lines, one by either end of its street, so it is painted together with the distance. On the
street that a door stands on itself, points are asked once more, one by one.

Change this file too when functions or tables of `kernels` or `segment_grid` change: numba's cache on disk looks at the date of this file only.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.travel.kernels import Floats, Ints
from planner.travel.segment_grid import Grid

RUN = 16
"""points of a row that are painted at once; a loop of 8 is unrolled and does not become vector code"""
TOGETHER = 128
"""pieces that are looked up before they are painted"""
NOWHERE = -1
"""stands for the piece of street where none is near"""

Singles = NDArray[np.float32]
Sites = tuple[int, int]
"""first door and door after the last: one site, or all of them"""


class Own(NamedTuple):
    """The pieces of the edges that doors stand on: those of door d are entries `first[d]` to `first[d + 1]`."""

    first: Ints
    """(s + 1,)"""
    piece: Ints
    """(k,)"""
    at: Floats
    """(k, 2) where the door is, metres along the piece from its start (less than 0 or more than its length where it is on another piece of
    the edge); minutes between street and door"""


class StreetMap(NamedTuple):
    """What drawing reads of the open streets and of the doors on them; pieces are numbered as in `Ways`."""

    xy_m: Floats
    """(s, 4) x and y of the start of each piece, x and y of its end"""
    grid: Grid
    ends: Ints
    """(s, 2) junctions where its edge starts and ends"""
    way: Floats
    """(s, 4) minutes from where it starts back to the start of its edge, and along it that way; from where it ends on to the end of its edge,
    and along it that way"""
    own: Own
    pace_m_per_min: float
    """of the walk to the street; walks are drawn as metres at this pace"""


class Sheet(NamedTuple):
    """A grid of points `cell_m` apart, row after row northwards, each from west to east, or some rows of it; columns that make whole runs."""

    west_m: float
    south_m: float
    """of the whole grid"""
    cell_m: float
    first_row: int
    """number in the whole grid of the first row: places are worked out from it, so that a row is the same on all sheets that have it"""
    n_columns: int
    off_m: Singles
    """(points,) metres to the nearest street (while it is painted their square); inf where none is near"""
    walk_m: Singles
    """(points,) the walk by that street to the nearest of some sites, metres at the pace of the walk to the street; inf where none
    leads there"""
    piece: Ints
    """(points,) piece of that street, NOWHERE where none is near"""


class Palette(NamedTuple):
    """Working memory of one thread that paints."""

    seen: Ints
    """(pieces,) number of the last sheet that each piece was painted on"""
    piece: Ints
    """(k,) pieces that are looked up one after the other: so the next is on its way from memory already"""
    shape: Floats
    """(k, 9) of each, as `look_up` finds it"""


def palette(streets: StreetMap) -> Palette:
    """Working memory for the streets of a map."""
    return Palette(np.zeros(len(streets.way), dtype=np.int32), np.empty(TOGETHER, dtype=np.int32), np.empty((TOGETHER, 9)))


@inner
def look_up(streets: StreetMap, piece: int, minutes: Floats, sheet: Sheet, shape: Floats) -> None:
    """What painting reads of a piece: x and y of its start on the sheet, the direction in which it goes, east and north, and how many metres;
    the walk from its start by the start of its edge, and how much more each metre along it adds; the same for the other way."""
    xy_m, way, ends = streets.xy_m[piece], streets.way[piece], streets.ends[piece]
    dx, dy = xy_m[2] - xy_m[0], xy_m[3] - xy_m[1]
    length_m, pace = math.sqrt(dx * dx + dy * dy), streets.pace_m_per_min
    over_m = 1.0 / max(length_m, 1e-9)
    shape[0], shape[1] = xy_m[0] - sheet.west_m, xy_m[1] - sheet.south_m
    shape[2], shape[3], shape[4] = dx * over_m if length_m > 0.0 else 1.0, dy * over_m, length_m  # a point has any direction
    shape[5], shape[6] = (minutes[ends[0]] + way[0]) * pace, way[1] * pace * over_m
    shape[7], shape[8] = (minutes[ends[1]] + way[2]) * pace, way[3] * pace * over_m


@inner
def rows_of(shape: Floats, sheet: Sheet, margin_m: float) -> tuple[int, int]:
    """First row of a sheet, and row after the last, that come near a piece."""
    n_rows, last_m = len(sheet.piece) // sheet.n_columns, shape[1] + shape[3] * shape[4]
    south, north = (min(shape[1], last_m) - margin_m) / sheet.cell_m, (max(shape[1], last_m) + margin_m) / sheet.cell_m
    return max(0, int(south) - sheet.first_row), min(n_rows, int(north) + 1 - sheet.first_row)


@inner
def paint_piece(shape: Floats, piece: int, sheet: Sheet, margin_m: float) -> None:
    """Enter one piece for the points at most `margin_m` away, and some more of their rows.

    Points are seen from the start of the piece: so far along it, and so far off to its left.
    """
    n_columns, cell, per_cell = sheet.n_columns, sheet.cell_m, 1.0 / sheet.cell_m
    square_m2, walk_m, label = sheet.off_m, sheet.walk_m, sheet.piece
    ax, ay, to_east, to_north, length_m = shape[0], shape[1], shape[2], shape[3], shape[4]
    by_start, back, by_end, onward = np.float32(shape[5]), np.float32(shape[6]), np.float32(shape[7]), np.float32(shape[8])
    zero, whole, number = np.float32(0.0), np.float32(length_m), np.int32(piece)
    ahead, aside = np.float32(cell * to_east), np.float32(cell * to_north)
    is_slanted = abs(to_north) > 1e-3
    shift, half = (to_east / to_north, margin_m / abs(to_north)) if is_slanted else (0.0, np.inf)
    west, width = min(0.0, to_east * length_m) - margin_m, min(abs(to_east) * length_m + 2.0 * margin_m, 2.0 * half)
    start, stop = rows_of(shape, sheet, margin_m)
    for later in range(0, int(width * per_cell) + 2, RUN):
        for j in range(start, stop):
            y = (sheet.first_row + j) * cell - ay
            i = min(n_columns - RUN, max(0, int((ax + max(west, y * shift - half)) * per_cell) + later))  # a point twice changes nothing
            x, first = i * cell - ax, np.uint64(j * n_columns + i)
            along_first, left_first = np.float32(x * to_east + y * to_north), np.float32(y * to_east - x * to_north)
            for k in range(RUN):
                at, along, left = first + np.uint64(k), along_first + np.float32(k) * ahead, left_first - np.float32(k) * aside
                on = min(whole, max(zero, along))
                walk = min(by_start + on * back, by_end + (whole - on) * onward)
                here, best, before, longer = (along - on) * (along - on) + left * left, square_m2[at], label[at], walk_m[at]
                is_nearer = (here < best) | ((here == best) & (number < before))  # whatever the order they are painted in
                square_m2[at], label[at], walk_m[at] = min(best, here), number if is_nearer else before, walk if is_nearer else longer


@inner
def walk_straight(shape: Floats, piece: int, door_m: float, leg_m: float, sheet: Sheet, margin_m: float) -> None:
    """Where the nearest piece is one of a door's own edge, it may be nearer to walk along it straight to the door."""
    n_columns, cell, length_m = sheet.n_columns, sheet.cell_m, shape[4]
    last_m = shape[0] + shape[2] * length_m
    west, east = int((min(shape[0], last_m) - margin_m) / cell), int((max(shape[0], last_m) + margin_m) / cell) + 1
    start, stop = rows_of(shape, sheet, margin_m)
    for j in range(start, stop):
        for i in range(max(0, west), min(n_columns, east)):
            point = j * n_columns + i
            if sheet.piece[point] == piece:
                along = (i * cell - shape[0]) * shape[2] + ((sheet.first_row + j) * cell - shape[1]) * shape[3]
                on = min(length_m, max(0.0, along))
                straight = max((door_m - on) * shape[8], (on - door_m) * shape[6])
                sheet.walk_m[point] = min(sheet.walk_m[point], np.float32(leg_m + straight))


@compiled
def paint(
    streets: StreetMap, sites: Sites, minutes: Floats, sheet: Sheet, near_m: Floats, margin_m: float, room: Palette, number: int
) -> None:
    """Enter all streets on and around a blank sheet, the `number` of which is new, for the points at most `margin_m` from them.

    `minutes` (n,) are those of the junctions. `near_m` (2, 4) are the least and the most of x, y, x + y and x - y of the streets that may be
    nearest to a point within reach; others are left out.
    """
    grid, south = streets.grid, sheet.south_m + sheet.first_row * sheet.cell_m - margin_m - streets.grid.south_m
    north = south + len(sheet.piece) // sheet.n_columns * sheet.cell_m + 2 * margin_m
    for row in range(max(0, int(south / grid.cell_m)), min(grid.n_rows, max(0, int(north / grid.cell_m) + 1))):
        low = grid.south_m + row * grid.cell_m
        high = low + grid.cell_m
        west = max(near_m[0, 0], near_m[0, 2] - high, near_m[0, 3] + low) - grid.west_m
        east = min(near_m[1, 0], near_m[1, 2] - low, near_m[1, 3] + high) - grid.west_m
        first = row * grid.n_columns + min(grid.n_columns, max(0, int(west / grid.cell_m)))
        stop = row * grid.n_columns + min(grid.n_columns, max(0, int(east / grid.cell_m) + 1))
        k, end = grid.first[first], grid.first[max(first, stop)]
        while k < end:
            n = 0
            while k < end and n < TOGETHER:
                piece = grid.segment[k]
                if room.seen[piece] != number:
                    room.seen[piece], room.piece[n] = number, piece
                    look_up(streets, piece, minutes, sheet, room.shape[n])
                    n += 1
                k += 1
            for together in range(n):
                paint_piece(room.shape[together], room.piece[together], sheet, margin_m)
    for entry in range(streets.own.first[sites[0]], streets.own.first[sites[1]]):
        piece = streets.own.piece[entry]
        look_up(streets, piece, minutes, sheet, room.shape[0])
        walk_straight(room.shape[0], piece, streets.own.at[entry, 0], streets.own.at[entry, 1] * streets.pace_m_per_min, sheet, margin_m)
    zero, cell = np.float32(0.0), np.float32(sheet.cell_m)
    for point in range(len(sheet.piece)):
        # The way to the street is 0 on it and grows to both sides. Interpolated between points on either side it would be too long there, by a
        # third of a cell on the average; so up to a cell from the street it is taken shorter, which leaves a twelfth.
        off = np.float32(math.sqrt(sheet.off_m[point]))
        sheet.off_m[point] = off
        sheet.walk_m[point] += max(zero, min(off, off + off - cell))
