"""Where numbered sites crowd: that part of the place at a larger scale, in a corner that is kept free of land."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.study_area import StudyArea
from maps.report.drawing import SITE_POINTS, Bounds, bounds_of, diameter_points

ZOOM = 2.5
"""times the largest scale of the main map"""
SIDE = 0.27
"""of the inset, in heights of the main map"""
CROWD = 3
"""so many sites that touch another make a crowd"""
SCALES = (1.0, 0.95, 0.9, 0.85, 0.8)
"""of the main map, in its largest scale: the first that leaves a corner free"""


@dataclass(frozen=True)
class Inset:
    """Squares in metres of the place's coordinate system."""

    view: Bounds
    """what the main map shows, in the proportions of its paper"""
    window: Bounds
    """what the inset shows"""
    corner: Bounds
    """where it stands on the main map: upper left or lower right, for scale and north have the other corners"""

    def corner_in(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """The corner as left, bottom, width and height, for a main map in such a box of the figure."""
        left, bottom, width, height = box
        west, south, east, north = self.view
        per_x, per_y = width / (east - west), height / (north - south)
        return (
            left + per_x * (self.corner[0] - west), bottom + per_y * (self.corner[1] - south),
            per_x * (self.corner[2] - self.corner[0]), per_y * (self.corner[3] - self.corner[1]),
        )  # fmt: skip


def inset_of(area: StudyArea, sites_xy_m: NDArray[np.float64], paper_points: tuple[float, float]) -> Inset | None:
    """The inset of a main map of this width and height; None where sites do not crowd.

    The main map shrinks in steps until a corner holds no land; where none helps, the corner with the least land is taken.
    """
    west, south, east, north = bounds_of(area)
    width, height = paper_points
    points_per_m = min(width / (east - west), height / (north - south))
    side_m = SIDE * height / points_per_m
    window = crowd(sites_xy_m, side_m / ZOOM, diameter_points(SITE_POINTS) / points_per_m)
    if window is None:
        return None
    land = shapely.union_all(area.places(area.levels[0]).geometry.to_numpy())
    places = [place for scale in SCALES for place in _corners(bounds_of(area), width / points_per_m / scale, height / points_per_m / scale)]
    view, corner = min(places, key=lambda place: float(land.intersection(shapely.box(*place[1])).area))
    return Inset(view, window, corner)


def crowd(xy_m: NDArray[np.float64], side_m: float, apart_m: float) -> Bounds | None:
    """The square that holds most sites, these in its middle; the most western and southern of equal ones. None where fewer than `CROWD` of them
    stand nearer than `apart_m` to another."""
    if len(xy_m) < CROWD:
        return None
    between = np.hypot(*(xy_m[:, None, :] - xy_m[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(between, np.inf)
    is_near = between.min(axis=1) < apart_m
    held = [_held(xy_m, west, south, side_m) for west in np.unique(xy_m[:, 0]) for south in np.unique(xy_m[:, 1])]
    inside = max(held, key=np.count_nonzero)
    if np.count_nonzero(inside & is_near) < CROWD:
        return None
    middle_x, middle_y = (xy_m[inside].min(axis=0) + xy_m[inside].max(axis=0)) / 2
    half = side_m / 2
    return (float(middle_x - half), float(middle_y - half), float(middle_x + half), float(middle_y + half))


def _held(xy_m: NDArray[np.float64], west: float, south: float, side_m: float) -> NDArray[np.bool_]:
    x, y = xy_m.T
    held: NDArray[np.bool_] = (x >= west) & (x <= west + side_m) & (y >= south) & (y <= south + side_m)
    return held


def _corners(whole: Bounds, width_m: float, height_m: float) -> Iterator[tuple[Bounds, Bounds]]:
    """View and corner: the place moved away from the upper left, then from the lower right."""
    west, south, east, north = whole
    side = SIDE * height_m
    left, top = east - width_m, south + height_m
    yield (left, south, east, top), (left, top - side, left + side, top)
    right, bottom = west + width_m, north - height_m
    yield (west, bottom, right, north), (right - side, bottom, right, bottom + side)
