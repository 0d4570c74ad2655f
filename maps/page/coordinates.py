"""Display coordinates: whole steps of 0.00001 degree (about 1 m) of WGS 84 from the south-west corner, and lines packed as steps.

For drawing only. Every figure was counted in the metric system of the place before anything came here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from maps.page.island import Json, packed

STEPS_PER_DEGREE = 100_000

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class DisplayGrid:
    """From metres in the system of the place to whole steps east and north of its south-west corner."""

    to_degrees: Transformer
    west_degrees: float
    south_degrees: float

    @classmethod
    def of(cls, crs: CRS, bounds_m: NDArray[np.float64]) -> DisplayGrid:
        """The grid of a place that lies within `bounds_m` = (west, south, east, north) [m]."""
        to_degrees = Transformer.from_crs(crs, CRS.from_epsg(4326), always_xy=True)
        west, south, _, _ = to_degrees.transform_bounds(*bounds_m)
        return cls(to_degrees, math.floor(100 * west) / 100, math.floor(100 * south) / 100)

    def steps(self, xy_m: NDArray[np.float64]) -> Ints:
        """(k, 2) metres to (k, 2) whole steps.

        Raises
        ------
        ValueError
            when a point has no place in WGS 84
        """
        east, north = self.to_degrees.transform(xy_m[:, 0], xy_m[:, 1])
        steps = np.column_stack([np.asarray(east) - self.west_degrees, np.asarray(north) - self.south_degrees]) * STEPS_PER_DEGREE
        if not np.isfinite(steps).all():
            raise ValueError("a coordinate cannot be shown in WGS 84")
        rounded: Ints = np.rint(steps).astype(np.int64)
        return rounded

    def points(self, xy_m: NDArray[np.float64]) -> dict[str, Json]:
        """Points as the columns x and y."""
        return _columns(self.steps(xy_m.reshape(-1, 2)))

    def lines(self, lines: NDArray[np.object_]) -> dict[str, Json]:
        """Lines or rings: `n` points of each, and the columns x and y of all points in turn (points that fall together are drawn once)."""
        xy_m, owner = shapely.get_coordinates(lines, return_index=True)
        steps = self.steps(xy_m)
        keep = np.ones(len(owner), dtype=bool)
        keep[1:] = (owner[1:] != owner[:-1]) | (steps[1:] != steps[:-1]).any(axis=1)
        return {"n": packed(np.bincount(owner[keep], minlength=len(lines)), "i"), **_columns(steps[keep])}

    def areas(self, polygons: NDArray[np.object_]) -> dict[str, Json]:
        """Polygons: how many `rings` each has, and the rings as lines; drawn even-odd, holes stay open."""
        parts, part_owner = shapely.get_parts(polygons, return_index=True)
        rings, ring_owner = shapely.get_rings(parts, return_index=True)
        owner = part_owner[ring_owner]
        return {"rings": packed(np.bincount(owner, minlength=len(polygons)), "i"), **self.lines(np.asarray(rings, dtype=object))}


def _columns(steps: Ints) -> dict[str, Json]:
    return {"x": packed(steps[:, 0], "i"), "y": packed(steps[:, 1], "i")}
