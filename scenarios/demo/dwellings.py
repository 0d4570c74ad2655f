"""Where people live: one point for every farmstead along the lanes and every building in the blocks of the towns."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from scenarios.demo.boundaries import Boundaries
from scenarios.demo.chance import Floats, Ints, stream
from scenarios.demo.hamlets import Hamlets
from scenarios.demo.river import WIDTH_M
from scenarios.demo.roads import METRIC_EPSG
from scenarios.demo.terrain import Ground
from scenarios.demo.town_streets import TownStreets

HOUSES_PER_LANE_M = 1 / 24.5


def make_dwellings(ground: Ground, bounds: Boundaries, streets: TownStreets, hamlets: Hamlets) -> gpd.GeoDataFrame:
    """Dwellings with households and floor area, in EPSG:4546; `village` is the row of the unit they lie in."""
    rng = stream(50)
    farm_m = _farmsteads(hamlets, rng)
    town_m, town = _buildings(streets, rng)
    xy_m = np.round(np.concatenate([farm_m, town_m]), 2)
    where = np.concatenate([np.full(len(farm_m), 99), town])
    tight = cKDTree(xy_m).query_pairs(7.5, output_type="ndarray")
    points = np.asarray(shapely.points(xy_m), dtype=object)
    dry = shapely.distance(points, ground.river) > WIDTH_M / 2 + 10.0
    out_of_town = (where < 99) | ~shapely.contains_xy(streets.outline, xy_m)
    village = _unit_of(points, bounds)
    kept = ~np.isin(np.arange(len(xy_m)), tight.max(axis=1, initial=-1)) & dry & out_of_town & (village >= 0)
    where, village = where[kept], village[kept]
    households = _households(where, rng)
    storeys = np.where(where == 99, rng.integers(1, 4, len(where)), np.where(where == -1, rng.integers(4, 8, len(where)), 3))
    floor_m2 = np.round(households * np.where(where == 99, rng.uniform(95, 160, len(where)), rng.uniform(80, 115, len(where))))
    table = pd.DataFrame({"户数": households, "层数": storeys, "建筑面积": floor_m2, "place": where, "village": village})
    order = np.lexsort((xy_m[kept, 0], xy_m[kept, 1], village))
    return gpd.GeoDataFrame(table.iloc[order].reset_index(drop=True), geometry=points[kept][order], crs=METRIC_EPSG)


def _farmsteads(hamlets: Hamlets, rng: np.random.Generator) -> Floats:
    """(n, 2) on both sides of the lanes, 8 to 20 m off."""
    ends = shapely.get_coordinates(hamlets.lanes).reshape(-1, 2, 2)
    length_m = shapely.length(hamlets.lanes)
    dense = np.clip(0.7 + 0.35 * hamlets.size[hamlets.lane_hamlet], 0.6, 1.5)
    count = rng.poisson(length_m * HOUSES_PER_LANE_M * dense)
    lane = np.repeat(np.arange(len(ends)), count)
    ahead = (ends[lane, 1] - ends[lane, 0]) / length_m[lane][:, None]
    side = rng.choice([-1.0, 1.0], len(lane)) * rng.uniform(8.0, 20.0, len(lane))
    along = rng.uniform(0.0, 1.0, len(lane)) * length_m[lane]
    return np.asarray(
        ends[lane, 0] + along[:, None] * ahead + side[:, None] * np.column_stack([-ahead[:, 1], ahead[:, 0]]), dtype=np.float64
    )


def _buildings(streets: TownStreets, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """(n, 2) in two rows in every block, and the town of each."""
    corners = shapely.get_coordinates(streets.blocks).reshape(-1, 5, 2)[:, :4]
    points, towns = [], []
    for row in (0.22, 0.78):
        for step in np.linspace(0.14, 0.86, 4):
            shift = rng.uniform(-0.05, 0.05, (2, len(corners)))
            p, q = (step + shift[0])[:, None], (row + shift[1])[:, None]
            low = corners[:, 0] * (1 - p) + corners[:, 1] * p
            high = corners[:, 3] * (1 - p) + corners[:, 2] * p
            there = rng.random(len(corners)) < np.where(streets.block_town == -1, 0.86, 0.8)
            points.append((low * (1 - q) + high * q)[there])
            towns.append(streets.block_town[there])
    return np.concatenate(points), np.concatenate(towns)


def _unit_of(points: NDArray[np.object_], bounds: Boundaries) -> Ints:
    """(n,) row of the village polygon each point lies in, the first one on a border, -1 outside."""
    which, polygon = shapely.STRtree(bounds.villages).query(points, predicate="intersects")
    unit = np.full(len(points), -1)
    order = np.argsort(-polygon, kind="stable")
    unit[which[order]] = polygon[order]
    return unit


def _households(where: Ints, rng: np.random.Generator) -> Ints:
    """Households under one roof: farmsteads 1 to 6, town houses 2 to 8, blocks of flats 4 to 14."""
    farm = 1 + rng.binomial(5, 0.4, len(where))
    market = rng.integers(2, 9, len(where))
    flats = rng.integers(4, 15, len(where))
    return np.where(where == 99, farm, np.where(where == -1, flats, market))
