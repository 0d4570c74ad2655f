"""Minutes on foot to the nearest facility of the shown circle from everywhere in the place, on a square grid: for maps, and for whoever
has people of his own to lay over it. People of the scenario are counted at their doors, never by this grid.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from layers.study_area import StudyArea
from planner.measures import open_of_kind
from planner.travel.model import PROFILES, Travel
from planner.travel.nearest import nearest_sites

CELL_M = 50.0
MOST_CELLS = 4_000_000
"""a larger place has larger cells: 100 m, 200 m and so on"""
FARTHEST_M = 100_000.0
"""of level walking; what is farther counts as out of reach"""


@dataclass(frozen=True, eq=False)
class Surface:
    """Cells of a north-up grid; every cell stands for its middle."""

    minutes: NDArray[np.float64]
    """(rows, columns) from north to south and west to east; NaN outside the units, off the network, and where nothing is in reach"""
    west_m: float
    north_m: float
    cell_m: float


def minutes_surface(area: StudyArea, travel: Travel, *, kinds: tuple[str, ...], profile: str) -> Surface:
    """The minutes from the middle of each cell to the nearest open facility of these kinds, by the ways and legs of `measure_times`."""
    west, south, east, north = area.units.total_bounds
    cell_m = CELL_M
    while math.ceil((east - west) / cell_m) * math.ceil((north - south) / cell_m) > MOST_CELLS:
        cell_m *= 2
    west, north = math.floor(west / cell_m) * cell_m, math.ceil(north / cell_m) * cell_m
    n_columns, n_rows = math.ceil((east - west) / cell_m), math.ceil((north - south) / cell_m)
    x, y = np.meshgrid(west + (np.arange(n_columns) + 0.5) * cell_m, north - (np.arange(n_rows) + 0.5) * cell_m)
    ground = shapely.union_all(area.units.geometry[area.units["level"] == area.levels[0]].to_numpy())
    shapely.prepare(ground)
    inside = shapely.contains_xy(ground, x, y)
    sites = area.site_xy_m[: area.n_facilities][open_of_kind(area.facilities, kinds)]
    limit = FARTHEST_M / PROFILES[profile].speed_m_per_min
    points = np.column_stack([x[inside], y[inside]])
    found = nearest_sites(area.streets, travel, points, sites, profile=profile, limit_minutes=limit).minutes[:, 0]
    minutes = np.full((n_rows, n_columns), np.nan)
    minutes[inside] = np.where(np.isfinite(found), found, np.nan)
    return Surface(minutes, west, north, cell_m)
