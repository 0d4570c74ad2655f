"""Residential areas of the towns: groups of blocks under one name, new ones on the rim, old ones in the middle."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from scenarios.demo.boundaries import Boundaries
from scenarios.demo.chance import Flags, Ints, stream
from scenarios.demo.roads import METRIC_EPSG
from scenarios.demo.settlements import N_TOWNS, Settlements
from scenarios.demo.town_streets import TownStreets

_FIRST = tuple(
    "锦华锦绣春江滨江怡和怡景金桂银杏翠竹翠湖阳光书香和润御景东方世纪幸福康乐安居嘉和丽景凤栖云顶兰亭紫薇桃源玉泉明珠江畔龙腾祥和"
)
_WORDS = tuple("".join(pair) for pair in zip(_FIRST[::2], _FIRST[1::2], strict=True))
_LAST = ("小区", "花园", "家园", "苑", "新村")
N_COUNTY_TOWN, N_PER_TOWN = 62, 3


def make_estates(places: Settlements, bounds: Boundaries, streets: TownStreets, dwellings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Residential areas with households and people; `village` is the row of the unit they lie in, `is_new` and `is_old` their age."""
    rng = stream(80)
    groups = _groups(streets.blocks[streets.block_town == -1], N_COUNTY_TOWN, 4, rng)
    for town in range(N_TOWNS):
        groups += _groups(streets.blocks[streets.block_town == town], N_PER_TOWN, 3, rng)
    polygons = np.array([shapely.buffer(group, -5.0, join_style="mitre") for group in groups], dtype=object)
    polygons = np.asarray(shapely.set_coordinates(polygons, np.round(shapely.get_coordinates(polygons), 2)), dtype=object)
    point, area = shapely.STRtree(polygons).query(dwellings.geometry.to_numpy(), predicate="intersects")
    households = np.bincount(area, weights=dwellings["户数"].to_numpy()[point], minlength=len(polygons))
    inner = np.asarray(shapely.point_on_surface(polygons), dtype=object)
    at, unit = shapely.STRtree(bounds.villages).query(inner, predicate="intersects")
    village = np.zeros(len(polygons), dtype=np.int64)
    village[at[::-1]] = unit[::-1]
    is_new, is_old = _ages(places, inner, rng)
    table = pd.DataFrame(
        {
            "名称": _names(len(polygons), rng),
            "户数": np.where(is_new, np.rint(households * 1.15), households),
            "人口": np.rint(households * 2.7),
            "village": village,
            "is_new": is_new,
            "is_old": is_old,
        }
    )
    there = households >= 20
    estates = gpd.GeoDataFrame(table[there].reset_index(drop=True), geometry=polygons[there], crs=METRIC_EPSG)
    estates.insert(0, "小区编号", [f"XQ{row + 1:03d}" for row in range(len(estates))])
    return estates


def _groups(blocks: NDArray[np.object_], count: int, largest: int, rng: np.random.Generator) -> list[shapely.Geometry]:
    """`count` groups of up to `largest` blocks that lie side by side."""
    tree = shapely.STRtree(blocks)
    free = np.ones(len(blocks), dtype=bool)
    groups: list[shapely.Geometry] = []
    for seed in rng.permutation(len(blocks)):
        if len(groups) == count:
            break
        if not free[seed]:
            continue
        members: Ints = np.array([seed])
        for _ in range(int(rng.integers(1, largest + 1)) - 1):
            near = np.unique(tree.query(blocks[members], predicate="touches")[1])
            beside = [
                b for b in near if free[b] and b not in members and shapely.length(blocks[b].intersection(blocks[members[-1]])) > 20.0
            ]
            members = np.append(members, beside[0]) if beside else members
        together = shapely.coverage_union_all(blocks[members])
        if together.geom_type == "Polygon":
            free[members] = False
            free[np.unique(tree.query(together, predicate="touches"))] &= rng.random() < 0.6
            groups.append(together)
    return groups


def _ages(places: Settlements, inner: NDArray[np.object_], rng: np.random.Generator) -> tuple[Flags, Flags]:
    """Which areas are new (mostly far from the middle of the county town) and which are old estates (mostly near it)."""
    away_m = np.hypot(*(shapely.get_coordinates(inner) - places.town_m).T)
    order = away_m + rng.uniform(0.0, 900.0, len(away_m))
    is_new = (order > 1_500.0) & (rng.random(len(away_m)) < 0.45)
    return is_new, ~is_new & (rng.random(len(away_m)) < np.where(order < 1_300.0, 0.7, 0.3))


def _names(count: int, rng: np.random.Generator) -> list[str]:
    every = [word + last for word in _WORDS for last in _LAST]
    return [every[row] for row in rng.permutation(len(every))[:count]]
