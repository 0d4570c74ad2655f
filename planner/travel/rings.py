"""From a traced outline to rings and polygons: points put in order, rings given to their shells, and thinned.

Change this file too when the tables of `outline` change: numba's cache on disk looks at the date of this file only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.travel.outline import NONE, OPENS, UPRIGHT, Floats, Ints, Traced

Polygons = NDArray[np.object_]
Places = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Rings(NamedTuple):
    """r closed rings; those of shells run against the clock."""

    xy_m: Floats
    first: Places
    """(r + 1,) where the corners of each ring start; its last corner is its first again"""
    is_shell: Bools
    """(r,) each shell comes just before its holes"""


@inner
def thin(traced: Traced, after: Ints, start: int, out: Floats) -> int:
    """The corners that are needed of the ring through the point `start`, closed, into `out`; returns how many.

    Sleeve fitting (Zhao and Saalfeld 1997): a point is left out as long as one straight line from the last corner kept passes through the
    gates of all those left out. Such a line crosses the lines of the grid that the outline crosses, no others, and each of them is crossed
    once at most; so rings still do not touch, and hold the same points of the grid. The sleeve is held as the directions of its two sides.
    """
    xy_m, gate_m, n, point = traced.xy_m, traced.gate_m, 1, after[start]
    x, y, before, is_open = xy_m[start, 0], xy_m[start, 1], start, True
    out[0, 0], out[0, 1] = x, y
    left_x, left_y, right_x, right_y = 0.0, 0.0, 0.0, 0.0
    while True:
        to_x, to_y = xy_m[point, 0] - x, xy_m[point, 1] - y
        if not is_open and (left_x * to_y - left_y * to_x > 0.0 or right_x * to_y - right_y * to_x < 0.0):
            x, y, is_open = xy_m[before, 0], xy_m[before, 1], True
            out[n, 0], out[n, 1] = x, y
            n += 1
        if point == start:
            out[n, 0], out[n, 1] = out[0, 0], out[0, 1]
            return n + 1
        in_x, in_y, out_x, out_y = gate_m[point, 0] - x, gate_m[point, 1] - y, gate_m[point, 2] - x, gate_m[point, 3] - y
        if is_open or left_x * in_y - left_y * in_x < 0.0:
            left_x, left_y = in_x, in_y
        if is_open or right_x * out_y - right_y * out_x > 0.0:
            right_x, right_y = out_x, out_y
        is_open, before, point = False, point, after[point]


@inner
def join(traced: Traced, after: Ints, ring: Ints, start: Ints, shell: Ints) -> int:
    """The point `after` each (k,), the `ring` (k,) of each, where each ring has its `start` and which is its `shell` (k,), all NONE so far;
    returns how many rings there are.

    Along a row of the grid inside and outside alternate. So the point before the first at which a hole meets a row is on the shell of
    that hole, or on another hole of the same shell that is known already.
    """
    n_rings, before = 0, 0
    for k in range(len(traced.step)):
        after[traced.step[k, 0]] = traced.step[k, 1]
    for point in range(len(traced.kind)):
        on = point
        while ring[on] == NONE:
            ring[on], on = n_rings, after[on]
        if ring[point] == n_rings:
            start[n_rings] = point
            n_rings += 1
        if traced.kind[point] != UPRIGHT:
            own = ring[point]
            if shell[own] == NONE:
                shell[own] = own if traced.kind[point] == OPENS else shell[ring[before]]
            before = point
    return n_rings


@compiled
def draw_rings(traced: Traced, room: Ints, xy_m: Floats, first: Places, is_shell: Bools) -> int:
    """The rings of an outline, thinned, into the tables of `Rings`; returns how many there are. `room` (5, k) is NONE."""
    after, start, shell, next_hole, n, place = room[0], room[1], room[2], room[3], 0, 0
    n_rings = join(traced, after, room[4], start, shell)
    for ring in range(n_rings - 1, -1, -1):
        if shell[ring] != ring:
            next_hole[ring], next_hole[shell[ring]] = next_hole[shell[ring]], ring
    for ring in range(n_rings):
        drawn = ring if shell[ring] == ring else NONE
        while drawn != NONE:
            place += thin(traced, after, start[drawn], xy_m[place:])
            is_shell[n], n = drawn == ring, n + 1
            first[n], drawn = place, next_hole[drawn]
    return n


def rings_of(traced: Traced) -> Rings:
    """The rings of an outline, thinned as far as its gates allow."""
    n = len(traced.kind)
    # of four points at least, and one more to close it
    xy_m, first, is_shell = np.empty((n + n // 4, 2)), np.zeros(n // 4 + 1, dtype=np.int64), np.empty(n // 4, dtype=np.bool_)
    n_rings = draw_rings(traced, np.full((5, n), NONE, dtype=np.int32), xy_m, first, is_shell)
    return Rings(xy_m[: first[n_rings]].copy(), first[: n_rings + 1], is_shell[:n_rings])


def polygons_of(drawn: Sequence[Rings]) -> Polygons:
    """(n,) the ground that the rings of each outline enclose, as a MultiPolygon."""
    grounds = np.full(len(drawn), shapely.MultiPolygon(), dtype=object)
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
