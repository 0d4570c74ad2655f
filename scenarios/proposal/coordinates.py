"""What the coordinates of a table are: told from how many of its rows lie in the unit that they state, under each system in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.cells import plain, position_of
from layers.levels import short_name, without_zeros
from layers.offsets import COORDINATES
from layers.saying import Said, say
from layers.shapes import corners_are_numbers
from layers.tables import UNIT_NAME_HEADINGS
from scenarios.proposal.roles import Guess

SYSTEMS = ("cgcs2000", "gcj02", "bd09")
"""wgs84 cannot be told from cgcs2000 in this way, nor need it be"""
_LEAST_ROWS = 5
_RIGHT_SHARE, _AHEAD_SHARE = 0.9, 0.05
"""A system is taken when this share of the rows lies where it says, and the next best is this much behind."""


@dataclass(frozen=True)
class Reading:
    """A system of coordinates and how it was found; `system` "" when it stays open, "metres" when the numbers are no degrees."""

    system: str
    why: Said


def read_coordinates(guess: Guess, units: Sequence[Guess]) -> Reading:
    """What the coordinate columns of a table are; open when its rows do not tell."""
    matching, frame = guess.matching, guess.sheet.frame
    try:
        x, y = ([position_of(cell) for cell in frame[matching.theirs(ours)]] for ours in ("x", "y"))
    except ValueError:
        return Reading("", say("some are no numbers"))
    known = np.array([a is not None and b is not None for a, b in zip(x, y, strict=True)])
    points = np.array([(a, b) for a, b in zip(x, y, strict=True) if a is not None and b is not None], dtype=np.float64).reshape(-1, 2)
    if (np.abs(points) > 180).any():
        return Reading("metres", say("the numbers are no degrees"))
    column = matching.theirs("unit_id") or next((name for name in UNIT_NAME_HEADINGS if name in frame), "")
    if not column:
        return Reading("", say("nothing tells: the rows do not state their unit"))
    stated = [_key(str(cell)) for cell in frame[column][known]]
    shares = _shares(points, stated, [shape for shape in map(_by_key, units) if shape])
    if shares is None:
        return Reading("", say("nothing tells: too few rows state a unit of the boundaries"))
    ranked = sorted(SYSTEMS, key=lambda system: -shares[system])
    told = [f"{system} {100 * shares[system]:.0f} %" for system in SYSTEMS]
    why = say("rows that lie in the unit they state: {shares}", shares=told)
    is_clear = shares[ranked[0]] >= _RIGHT_SHARE and shares[ranked[0]] - shares[ranked[1]] >= _AHEAD_SHARE
    return Reading(ranked[0] if is_clear else "", why)


def _key(text: str) -> str:
    """A code without the zeros behind it, a name without its committee."""
    return without_zeros(short_name(plain(text)))


def _by_key(guess: Guess) -> dict[str, shapely.Geometry]:
    """The ground of every unit of a sheet in degrees, by its code and, where no other is called so, by its name."""
    frame, code, name = guess.sheet.frame, guess.matching.theirs("unit_id"), guess.matching.theirs("name")
    if not code or not isinstance(frame, gpd.GeoDataFrame) or not guess.sheet.states_crs:
        return {}
    moved = frame.to_crs(4490).geometry.to_numpy()
    sound = corners_are_numbers(moved)  # the others are for `check` to tell
    shapes = shapely.make_valid(moved[sound])
    names = pd.Series([_key(str(cell)) for cell in frame[name][sound]] if name else [], dtype=object)
    by_name = {key: shapes[i] for i, key in names[~names.duplicated(keep=False)].items()}
    return {**by_name, **{_key(str(cell)): shape for cell, shape in zip(frame[code][sound], shapes, strict=True)}}


def _shares(points: np.ndarray, stated: Sequence[str], levels: Sequence[dict[str, shapely.Geometry]]) -> dict[str, float] | None:
    """Share of the rows that lie in the unit they state, by system; of the level that most rows state. None when too few rows state one."""
    level = max(levels, key=lambda shapes: sum(key in shapes for key in stated), default={})
    rows = [i for i, key in enumerate(stated) if key in level]
    if len(rows) < _LEAST_ROWS:
        return None
    grounds = np.array([level[stated[i]] for i in rows], dtype=object)
    moved = {system: COORDINATES[system][1](points[rows]) for system in SYSTEMS}
    return {system: float(shapely.covers(grounds, shapely.points(xy)).mean()) for system, xy in moved.items()}
