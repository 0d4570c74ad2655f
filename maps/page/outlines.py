"""Outlines of units, thin enough for a page: neighbours keep one common border, and upper levels are the union of what lies below."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.study_area import StudyArea

Shapes = NDArray[np.object_]

GRID_M = 1.0
"""Borders are laid on a grid of this size first: two sides of one border that differ by less become one."""
DETAIL = 2500
"""The page tells about so many steps across the place; finer turns of a border are left out."""


def outlines(area: StudyArea) -> dict[str, Shapes]:
    """Level -> its outlines, coarse to fine, in the order of the units of that level; "residential_area" -> those of `area.residential`."""
    west, south, east, north = area.units.total_bounds
    tolerance_m = float(np.clip(max(east - west, north - south) / DETAIL, 1.0, 100.0))
    finest = area.units[area.units["level"] == area.finest_level]
    thin = _simplified(np.asarray(finest.geometry, dtype=object), tolerance_m)
    drawn = {level: _united(area, level, finest, thin, tolerance_m) for level in area.levels[:-1]}
    drawn[area.finest_level] = thin
    if len(area.residential):
        drawn["residential_area"] = np.asarray(shapely.simplify(np.asarray(area.residential.geometry, dtype=object), 1.0), dtype=object)
    return drawn


def _simplified(shapes: Shapes, tolerance_m: float) -> Shapes:
    """Fewer points. A layer whose polygons do not fit edge to edge is simplified one by one, and only slightly."""
    on_grid = np.asarray(shapely.set_precision(shapes, GRID_M), dtype=object)
    if shapely.coverage_is_valid(on_grid):
        return np.asarray(shapely.coverage_simplify(on_grid, tolerance_m), dtype=object)
    return np.asarray(shapely.simplify(shapes, min(tolerance_m, 2 * GRID_M)), dtype=object)


def _united(area: StudyArea, level: str, finest: gpd.GeoDataFrame, drawn: Shapes, tolerance_m: float) -> Shapes:
    """The units of an upper level as unions of the drawn finest units in them; one without any keeps its own shape."""
    owner = area.unit_at(level, finest["unit_id"]).to_numpy()
    own = area.units[area.units["level"] == level]
    unions = []
    for unit_id, shape in zip(own["unit_id"], own.geometry, strict=True):
        below = drawn[owner == unit_id]
        unions.append(shapely.union_all(below) if len(below) else shapely.simplify(shape, tolerance_m))
    united = np.empty(len(unions), dtype=object)
    united[:] = unions
    return united
