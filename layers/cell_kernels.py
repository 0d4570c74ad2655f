"""The compiled search for the shares of cells in polygons; `layers.cell_shares` prepares what it reads and where it writes.

By Green's theorem the part of a cell that lies in a polygon is a sum over the pieces of border in the cells of its row, up to this one:
a piece that runs down by h, at a share f of its cell's width, with the polygon to its east, adds h (1 - f) to its own cell and h to every
cell east of it; with the polygon to its west it takes the same away. The moments of that part, which tell its middle, add up alike. So
borders are cut where they pass from cell to cell, and the cells between two pieces are alike. No cell is asked for its polygon.

It goes row by row, so that what is looked at stays in the processor's cache.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from layers.sources.raster import KEYS_PER_ROW
from layers.unit_grid import OUTSIDE

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]
Ints = NDArray[np.int32]
ROUNDING = 1e-9
"""a share of a cell that is less is none: what rounding leaves where it should cancel"""
THIRD = 1 / 3  # a product is quicker than a quotient
AREA, AREA_X, AREA_Y, HEIGHT, HEIGHT_Y = range(5)
"""what a piece of border adds: area and moments to its own cell, height and its moment to every cell east of it; about the cell's north-west"""


class Sides(NamedTuple):
    """The straight pieces of borders that do not run along a row, in columns and rows from the first ones on that are asked for."""

    ends: Floats
    """(s, 4) column and row of the upper end, column and row of the lower end"""
    sign: Floats
    """(s,) 1 where the polygon is to the east, -1 where it is to the west"""
    unit: Ints
    """(s,) polygon, rising"""
    top: Ints
    """(s,) the first row that it reaches"""
    bottom: Ints
    """(s,) the row after the last one; none of them lies beyond the rows asked for"""
    n_passed: Ints
    """(s,) how often it passes from column to column, at most"""


class Cells(NamedTuple):
    """The cells that are asked for."""

    key: Longs
    """(n,) rising, as in `layers.sources.raster.Cells`"""
    first: Longs
    """(rows + 1,) position of the first cell of each row"""
    first_row: int
    first_column: int
    n_columns: int


class Pieces(NamedTuple):
    """Room for the border of one polygon in one row, cut where it passes from cell to cell; west of the raster is column -1."""

    column: Ints
    adds: Floats
    """(p, 5) by AREA, AREA_X ..."""
    order: Ints
    """from west to east"""


class Runs(NamedTuple):
    """Cells one after the other in a row, of which the same share lies in the same unit."""

    unit: Ints
    """(r,) OUTSIDE for what lies in none"""
    first: Ints
    """(r,) position of the first cell"""
    stop: Ints
    """(r,) position after the last one"""
    share: Floats
    """(r,) above 0, at most 1"""
    middle: Floats
    """(r, 2) the centroid of that part of each cell, in columns and rows from its north-western corner; not of what lies outside"""


@compiled
def list_by_row(sides: Sides, ends: Longs, n_pieces: Longs, listed: Ints) -> None:
    """The sides that reach each row, in their order: those of row j are `listed[ends[j - 1]:ends[j]]`; and how many pieces they are cut to
    there, at most. `ends` (rows + 1,) and `n_pieces` (rows,) are all 0 at first."""
    for side in range(len(sides.unit)):
        for row in range(sides.top[side], sides.bottom[side]):
            ends[row + 1] += 1
            n_pieces[row] += sides.n_passed[side] + 1
    for row in range(1, len(ends)):
        ends[row] += ends[row - 1]
    for side in range(len(sides.unit)):
        for row in range(sides.top[side], sides.bottom[side]):
            listed[ends[row]] = side
            ends[row] += 1


@compiled
def find_runs(sides: Sides, ends: Longs, listed: Ints, cells: Cells, pieces: Pieces, columns: Ints, covered: Floats, runs: Runs) -> int:
    """The runs of all polygons row by row, at the end of each row what lies outside; how many there are. `columns` and `covered` are room for
    the columns of the cells of a row, and for how much of each lies in any polygon."""
    n = i = 0
    for row in range(len(cells.first) - 1):
        first, n_cells, n_before = cells.first[row], cells.first[row + 1] - cells.first[row], n
        west = (cells.first_row + row) * KEYS_PER_ROW + cells.first_column
        for cell in range(n_cells):
            columns[cell], covered[cell] = cells.key[first + cell] - west, 0.0
        while i < ends[row]:
            unit, n_pieces = sides.unit[listed[i]], 0
            while i < ends[row] and sides.unit[listed[i]] == unit:
                n_pieces = _cut(sides, listed[i], row, cells.n_columns, pieces, n_pieces)
                i += 1
            _put_in_order(pieces, n_pieces)
            n = _runs_along(pieces, n_pieces, unit, columns[:n_cells], cells.n_columns, covered, runs, n)
        n = _runs_outside(covered[:n_cells], runs, n)
        for run in range(n_before, n):
            runs.first[run] += first
            runs.stop[run] += first
    return n


@inner
def _cut(sides: Sides, side: int, row: int, n_columns: int, pieces: Pieces, n: int) -> int:
    """Cut what of a side runs through a row where it passes from column to column; how many pieces there are then."""
    x0, y0, x1, y1 = sides.ends[side]
    slope, top, bottom = (x1 - x0) / (y1 - y0), max(y0, float(row)), min(y1, row + 1.0)
    a = _between(x0, x1, x0 + slope * (top - y0)) if top > y0 else x0
    b = _between(x0, x1, x0 + slope * (bottom - y0)) if bottom < y1 else x1
    west, east, per_column = min(a, b), max(a, b), (bottom - top) / (b - a) if a != b else 0.0
    first = math.floor(min(max(west, -1.0), float(n_columns)))
    for column in range(first, min(max(math.ceil(min(max(east, 0.0), float(n_columns))), first + 1), n_columns)):
        low, high = west if column < 0 else max(west, float(column)), min(east, column + 1.0)
        upper, lower = (low, high) if a <= b else (high, low)
        y_upper = top if upper == a else top + (upper - a) * per_column
        y_lower = bottom if lower == b else top + (lower - a) * per_column
        pieces.column[n] = column
        _add(pieces.adds[n], sides.sign[side], upper - column, y_upper - row, lower - column, y_lower - row)
        n += 1
    return n


@inner
def _between(a: float, b: float, x: float) -> float:
    """x, which rounding does not carry beyond the ends: there would be a piece more than there is room for."""
    return min(max(x, min(a, b)), max(a, b))


@inner
def _add(adds: Floats, sign: float, x0: float, y0: float, x1: float, y1: float) -> None:
    """What a piece adds that runs from (x0, y0) down to (x1, y1)."""
    height = sign * (y1 - y0)
    adds[HEIGHT], adds[HEIGHT_Y] = height, height * (y0 + y1) / 2
    adds[AREA] = height * (1 - (x0 + x1) / 2)
    adds[AREA_X] = height * (1 - (x0 * x0 + x0 * x1 + x1 * x1) * THIRD) / 2
    adds[AREA_Y] = adds[HEIGHT_Y] - height * (y0 * (2 * x0 + x1) + y1 * (x0 + 2 * x1)) * THIRD / 2


@inner
def _put_in_order(pieces: Pieces, n: int) -> None:
    """Pieces from west to east, by columns (Shell 1959: mostly there are four or five, rarely thousands)."""
    for i in range(n):
        pieces.order[i] = i
    gap = n // 2
    while gap > 0:
        for i in range(gap, n):
            moved, j = pieces.order[i], i
            while j >= gap and pieces.column[pieces.order[j - gap]] > pieces.column[moved]:
                pieces.order[j] = pieces.order[j - gap]
                j -= gap
            pieces.order[j] = moved
        gap //= 2


@inner
def _runs_along(pieces: Pieces, n_pieces: int, unit: int, columns: Ints, n_columns: int, covered: Floats, runs: Runs, n: int) -> int:
    """The runs of one polygon in one row from its pieces there, positions from the row's first cell on; how many runs there are then."""
    i, at, height, height_y = 0, 0, 0.0, 0.0
    while i < n_pieces:
        column = pieces.column[pieces.order[i]]
        area, area_x, area_y = height, height / 2, height_y
        while i < n_pieces and pieces.column[pieces.order[i]] == column:
            adds = pieces.adds[pieces.order[i]]
            area, area_x, area_y = area + adds[AREA], area_x + adds[AREA_X], area_y + adds[AREA_Y]
            height, height_y = height + adds[HEIGHT], height_y + adds[HEIGHT_Y]
            i += 1
        at = _seek(columns, at, column)
        if at < len(columns) and columns[at] == column:
            if area > ROUNDING:
                n = _write_run(runs, n, unit, at, at + 1, area, area_x / area, area_y / area)
                covered[at] += area
            at += 1
        following = pieces.column[pieces.order[i]] if i < n_pieces else n_columns
        if height > ROUNDING and following > column + 1:
            stop = _seek(columns, at, following)
            if stop > at:
                n = _write_run(runs, n, unit, at, stop, height, 0.5, height_y / height)
            for cell in range(at, stop):
                covered[cell] += height
            at = stop
    return n


@inner
def _seek(columns: Ints, at: int, column: int) -> int:
    """The first position from `at` on whose column is not below this one; mostly it is `at`."""
    if at == len(columns) or columns[at] >= column:
        return at
    stop = len(columns)
    while at < stop:
        half = (at + stop) >> 1
        if columns[half] < column:
            at = half + 1
        else:
            stop = half
    return at


@inner
def _runs_outside(covered: Floats, runs: Runs, n: int) -> int:
    """The runs of the cells of a row that no unit covers, or only in part."""
    n_open = 0
    for cell in range(len(covered)):
        n_open += covered[cell] < 1.0 - ROUNDING
    cell = 0 if n_open else len(covered)  # mostly the units have the whole row
    while cell < len(covered):
        share, first = 1.0 - covered[cell], cell
        cell += 1
        if share > ROUNDING:
            while cell < len(covered) and 1.0 - covered[cell] == share:
                cell += 1
            n = _write_run(runs, n, OUTSIDE, first, cell, share, math.nan, math.nan)
    return n


@inner
def _write_run(runs: Runs, n: int, unit: int, first: int, stop: int, share: float, x: float, y: float) -> int:
    """One more run; how many there are then."""
    runs.unit[n], runs.first[n], runs.stop[n], runs.share[n] = unit, first, stop, min(share, 1.0)
    runs.middle[n, 0], runs.middle[n, 1] = x, y
    return n + 1


@compiled
def add_up(runs: Runs, values: Floats, total: Floats, rest: Floats) -> None:
    """Add what the runs of every unit hold of the values of the cells to its `total`, and to `rest` what rounding takes from that sum
    (Neumaier 1974)."""
    for run in range(len(runs.unit)):
        unit, held = runs.unit[run], 0.0
        if unit == OUTSIDE:
            continue
        for cell in range(runs.first[run], runs.stop[run]):
            held += values[cell]
        held *= runs.share[run]
        before = total[unit]
        total[unit] = before + held
        larger, smaller = (before, held) if abs(before) >= abs(held) else (held, before)
        rest[unit] += (larger - total[unit]) + smaller
