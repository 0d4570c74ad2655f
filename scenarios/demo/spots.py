"""Spots for facilities and sites: beside a house, in the middle of a village, or in one of its other hamlets."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from scipy.spatial import cKDTree

from scenarios.demo.boundaries import Boundaries
from scenarios.demo.chance import Floats, Ints
from scenarios.demo.settlements import Settlements

CLEAR_OF_BORDER_M = 12.0
CROWD_M = 250.0
FAR_M = 420.0
"""A second spot in a village lies at least this far from the first where it can."""


@dataclass(frozen=True, eq=False)
class Spots:
    """Houses of every village, the first one nearest to its middle."""

    xy_m: Floats
    """(n, 2) houses, village by village"""
    crowd: Floats
    """(n,) houses within 250 m of each, itself included"""
    first: Ints
    """(v + 1,) where the houses of each village start"""

    def of(self, village: int, count: int, rng: np.random.Generator, *, middle: bool = True) -> list[tuple[float, float]]:
        """`count` spots [m] well apart; the first one in the middle of the village unless told otherwise, the others where
        many houses stand close together."""
        houses = self.xy_m[self.first[village] : self.first[village + 1]]
        chosen: list[Floats] = [houses[0]] if middle else []
        while len(chosen) < count:
            rows = np.arange(len(houses))
            if chosen or not middle:
                away_m = np.min([np.hypot(*(houses - at).T) for at in (chosen or [houses[0]])], axis=0)
                rows = np.flatnonzero(away_m > FAR_M) if (away_m > FAR_M).any() else np.flatnonzero(away_m >= np.quantile(away_m, 0.7))
            weight = self.crowd[self.first[village] + rows] ** 2.0
            chosen.append(houses[int(rng.choice(rows, p=weight / weight.sum()))])
        shift = rng.uniform(-6.0, 6.0, (len(chosen), 2))
        return [(round(float(x), 2), round(float(y), 2)) for x, y in np.array(chosen) + shift]


def make_spots(places: Settlements, bounds: Boundaries, dwellings: gpd.GeoDataFrame) -> Spots:
    """The houses sorted by village and by distance from its middle: a village's first place, a community's middle house.

    Houses close to a border are left out, so that every spot lies in its village.
    """
    points, village = dwellings.geometry.to_numpy(), dwellings["village"].to_numpy()
    well_inside = shapely.distance(points, shapely.boundary(bounds.villages)[village]) > CLEAR_OF_BORDER_M
    xy_m, village = shapely.get_coordinates(points[well_inside]), village[well_inside]
    n_villages = len(places.village_m)
    count = np.bincount(village, minlength=n_villages)
    mean_m = np.column_stack([np.bincount(village, weights=xy_m[:, k], minlength=n_villages) / count for k in (0, 1)])
    middle_m = np.where((places.village_place < 99)[:, None], mean_m, places.village_m)
    away_m = np.hypot(*(xy_m - middle_m[village]).T)
    order = np.lexsort((away_m, village))
    tree = cKDTree(xy_m[order])
    crowd = np.asarray(tree.query_ball_point(tree.data, CROWD_M, return_length=True), dtype=np.float64)
    return Spots(xy_m[order], crowd, np.concatenate([[0], np.cumsum(count)]))
