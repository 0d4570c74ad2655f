"""The units of the three levels with code, name and urban-rural class.

The county code 439901 is invented: no county bears it.
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.spatial import cKDTree

from scenarios.demo.boundaries import Boundaries
from scenarios.demo.chance import Flags, Ints
from scenarios.demo.names import COUNTY, TOWN_COMMUNITIES, township_names, village_names
from scenarios.demo.roads import METRIC_EPSG
from scenarios.demo.settlements import N_TOWNS, Settlements
from scenarios.demo.terrain import Ground

COUNTY_CODE = "439901"
HILLS_FROM_M = 560.0
"""height from which a village counts as lying in the hills"""


def county_units(bounds: Boundaries) -> gpd.GeoDataFrame:
    """The county."""
    return _layer({"区划代码": [COUNTY_CODE], "名称": [COUNTY]}, [bounds.county])


def township_units(bounds: Boundaries) -> gpd.GeoDataFrame:
    """Two streets, eight towns, four rural townships."""
    codes = [township_code(t) for t in range(len(bounds.townships))]
    return _layer({"区划代码": codes, "名称": township_names(), "上级代码": COUNTY_CODE}, bounds.townships)


def village_units(ground: Ground, places: Settlements, bounds: Boundaries) -> gpd.GeoDataFrame:
    """Communities and villages, in the order of `Settlements.village_m`; `township` is the row of the township, `hill` 0 to 1."""
    height_m = ground.height_m[ground.grid.cells_at(places.village_m)]
    codes = _village_codes(places.village_place, bounds.township_of)
    columns = {
        "区划代码": codes,
        "名称": _names(places, bounds.township_of, height_m > HILLS_FROM_M),
        "上级代码": [code[:9] for code in codes],
        "城乡分类代码": _urban_class(places, bounds.township_of),
        "township": bounds.township_of,
        "place": places.village_place,
        "hill": np.round(np.clip((height_m - 300.0) / 500.0, 0.0, 1.0), 3),
    }
    return _layer(columns, bounds.villages)


def township_code(township: int) -> str:
    """Nine digits: 001 and 002 the streets, from 100 the towns, from 200 the rural townships."""
    if township < 2:
        number = township + 1
    elif township < 2 + N_TOWNS:
        number = 100 + township - 2
    else:
        number = 200 + township - 2 - N_TOWNS
    return f"{COUNTY_CODE}{number:03d}"


def _layer(columns: dict[str, object], polygons: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=np.asarray(polygons, dtype=object), crs=METRIC_EPSG)


def _village_codes(place: Ints, township_of: Ints) -> list[str]:
    """Twelve digits: communities from 001, villages from 200, numbered within their township."""
    used: dict[tuple[int, bool], int] = {}
    codes = []
    for where, township in zip(place, township_of, strict=True):
        key = (int(township), bool(where < 99))
        used[key] = used.get(key, 0) + 1
        codes.append(f"{township_code(int(township))}{used[key] if where < 99 else 199 + used[key]:03d}")
    return codes


def _names(places: Settlements, township_of: Ints, in_hills: Flags) -> list[str]:
    stock = [iter(names) for names in TOWN_COMMUNITIES]
    villages = iter(village_names(in_hills[places.village_place == 99]))
    townships, named = township_names(), set()
    names = []
    for where, township in zip(places.village_place, township_of, strict=True):
        if where == -1:
            name = next(stock[int(township)])
        elif where < 99:
            seat = str(townships[township])[:-1]
            name = f"{seat}新街社区" if f"{seat}社区" in named else f"{seat}社区"
        else:
            name = next(villages)
        named.add(name)
        names.append(name)
    return names


def _urban_class(places: Settlements, township_of: Ints) -> list[str]:
    """Three-digit urban-rural class: 111 town, 112 its fringe, 121 and 122 those of the market towns, 210 seats of 乡, 220 villages."""
    to_town_m = np.hypot(*(places.village_m - places.town_m).T)
    to_seat_m = cKDTree(places.seat_m).query(places.village_m)[0]
    is_rural_township = township_of >= 2 + N_TOWNS
    return list(
        np.select(
            [
                places.village_place == -1,
                (places.village_place < 99) & is_rural_township,
                places.village_place < 99,
                to_town_m < 3_200.0,
                (to_seat_m < 1_400.0) & ~is_rural_township,
            ],
            ["111", "210", "121", "112", "122"],
            "220",
        )
    )
