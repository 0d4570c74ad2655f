"""Whether points were read with a wrong map offset: 0.4 to 1.5 km, which nothing in the numbers shows and everything around them does.

Two witnesses are asked. The units that the rows state: with the offset put right many rows lie where they say, and hardly one that lay right
does no longer. And the streets: the points come to lie along them. Points that are right are silent before both, as any shift spoils them.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.offsets import MISTAKEN
from layers.projection import WGS84
from layers.saying import Said, say
from layers.streets import StreetNetwork
from layers.units import Ground

Floats = NDArray[np.float64]

LEAST_ROWS, LEAST_SHARE = 1, 0.08
"""So many rows, and such a share of all, must come to lie in their stated units."""
GAINS_PER_LOSS = 4
"""Rows that come to lie right for each one that does no longer."""
LEAST_POINTS = 8
"""Fewer points are not compared with the streets."""
ALONG_M, OFF_M = 40.0, 60.0
"""Points lie along the streets up to the first and off them from the second distance [m], in the middle of all."""
NEARER_SHARE = 0.75
"""Such a share of the points must come nearer to a street."""

_SAID = {
    "gcj02": say("GCJ-02, the maps of AMap and Tencent"),
    "bd09": say("BD-09, the maps of Baidu"),
    "wgs84": say("no offset"),
}


@dataclass(frozen=True)
class Shift:
    """A suspicion: the points are of another `system`, and lie `shift_m` off in the middle; `was_m` is how far they lie from the streets."""

    system: str
    shift_m: float
    was_m: float = 0.0

    def told(self) -> Said:
        """What to write in the scenario."""
        return say(
            'They look shifted by about {shift_m:.0f} m ({which}?): try coordinates = "{system}".',
            shift_m=self.shift_m,
            which=_SAID[self.system],
            system=self.system,
        )


def shift_by_units(frame: gpd.GeoDataFrame, read_as: str, ground: Ground) -> Shift | None:
    """The offset by which rows that state a unit (`unit_id`) lie outside it."""
    here = frame.geometry.representative_point()
    is_right = _lies_right(here, frame["unit_id"], ground)
    best, best_gain = None, 0
    for system, moved in _elsewhere(here, read_as).items():
        then = _lies_right(moved, frame["unit_id"], ground)
        won, lost = int((then & ~is_right).sum()), int((is_right & ~then).sum())
        enough = won >= max(LEAST_ROWS, LEAST_SHARE * len(frame)) and won >= GAINS_PER_LOSS * lost
        if enough and won - lost > best_gain:
            best, best_gain = Shift(system, _middle_m(here, moved)), won - lost
    return best


def _lies_right(points: gpd.GeoSeries, stated: pd.Series, ground: Ground) -> NDArray[np.bool_]:
    """(n,) whether each point lies in the unit that is stated for it, of any level."""
    return np.array([ground.lies_under(*pair) for pair in zip(ground.ids_at(points.to_numpy()), stated, strict=True)], dtype=bool)


def shift_by_streets(frame: gpd.GeoDataFrame, read_as: str, streets: StreetNetwork) -> Shift | None:
    """The offset by which points lie off the streets."""
    if len(frame) < LEAST_POINTS:
        return None
    tree, here = shapely.STRtree(streets.lines()), frame.geometry.representative_point()
    now_m = _to_streets_m(here, tree)
    was_m = float(np.median(now_m))
    if was_m < OFF_M:
        return None
    found = {}
    for system, moved in _elsewhere(here, read_as).items():
        then_m = _to_streets_m(moved, tree)
        if float(np.median(then_m)) <= min(ALONG_M, was_m / 3) and float((then_m < now_m).mean()) >= NEARER_SHARE:
            found[float(np.median(then_m)), system] = Shift(system, _middle_m(here, moved), was_m)
    return found[min(found)] if found else None


def _elsewhere(here: gpd.GeoSeries, read_as: str) -> dict[str, gpd.GeoSeries]:
    """Where the points would stand if they were of another system than they were read as."""
    degrees = here.to_crs(WGS84)
    lon_lat: Floats = np.column_stack([degrees.x, degrees.y])
    moved = {system: move(lon_lat) for system, move in MISTAKEN[read_as].items()}
    return {system: gpd.GeoSeries(gpd.points_from_xy(*xy.T), index=here.index, crs=WGS84).to_crs(here.crs) for system, xy in moved.items()}


def _middle_m(here: gpd.GeoSeries, moved: gpd.GeoSeries) -> float:
    return float(np.median(here.distance(moved)))


def _to_streets_m(points: gpd.GeoSeries, tree: shapely.STRtree) -> Floats:
    """(n,) distance to the nearest street [m]."""
    _, distance_m = tree.query_nearest(points.to_numpy(), return_distance=True, all_matches=False)
    return np.asarray(distance_m, dtype=np.float64)
