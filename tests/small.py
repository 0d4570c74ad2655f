"""A place small enough to work out on paper: two townships, four villages in a row, one straight street along them.

Villages are squares of 1000 m; the street runs through their middles (y = 500) with a junction every 100 m. Coordinates are metres
from (500000, 3000000) in CGCS2000 / 3-degree zone, central meridian 111 (EPSG:4546).
"""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from layers.streets import StreetNetwork
from layers.study_area import StudyArea

METRIC = CRS.from_epsg(4546)
X0, Y0 = 500_000.0, 3_000_000.0


def frame(points: list[tuple[float, float]], **columns: object) -> gpd.GeoDataFrame:
    """A GeoDataFrame of points given in metres from the corner of the place."""
    xy = np.asarray(points, dtype=float).reshape(-1, 2) + (X0, Y0)
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=METRIC)


def straight_street(length_m: float = 4000.0, step_m: float = 100.0, y_m: float = 500.0) -> StreetNetwork:
    """One street from x = 0 with a junction every `step_m`."""
    x = np.arange(0.0, length_m + step_m / 2, step_m)
    nodes = np.column_stack([x + X0, np.full(len(x), y_m + Y0)])
    m = len(x) - 1
    ends = np.stack([nodes[:-1], nodes[1:]], axis=1).reshape(-1, 2)
    return StreetNetwork(
        node_xy_m=nodes,
        edge_from=np.arange(m, dtype=np.int32),
        edge_to=np.arange(1, m + 1, dtype=np.int32),
        edge_length_m=np.full(m, step_m),
        edge_rise_m=np.zeros(m),
        edge_oneway=np.zeros(m, dtype=np.int8),
        edge_class=np.zeros(m, dtype=np.int16),
        class_names=("residential",),
        shape_start=np.arange(m + 1, dtype=np.int64) * 2,
        shape_xy_m=ends,
    )


def units() -> gpd.GeoDataFrame:
    """One county, two townships (a town and a rural township), four villages of which the first is a community."""
    village = ["431299100001", "431299100201", "431299200201", "431299200202"]
    boxes = [shapely.box(X0 + 1000 * i, Y0, X0 + 1000 * (i + 1), Y0 + 1000) for i in range(4)]
    rows = [
        ("431299", "小县", "county", "", "", "", [0, 1, 2, 3]),
        ("431299100", "东镇", "township", "431299", "town", "", [0, 1]),
        ("431299200", "西乡", "township", "431299", "rural_township", "", [2, 3]),
        (village[0], "一社区", "village", "431299100", "community", "121", [0]),
        (village[1], "二村", "village", "431299100", "admin_village", "220", [1]),
        (village[2], "三村", "village", "431299200", "admin_village", "220", [2]),
        (village[3], "四村", "village", "431299200", "admin_village", "220", [3]),
    ]
    people = np.array([1286.0, 800.0, 500.0, 0.0])
    pop60 = np.array([300.0, 200.0, 150.0, 0.0])
    table = pd.DataFrame([row[:6] for row in rows], columns=["unit_id", "name", "level", "parent_id", "subtype", "urban_class"])
    table["pop_total"] = [people[row[6]].sum() for row in rows]
    table["pop60"] = [pop60[row[6]].sum() for row in rows]
    geometry = [shapely.union_all([boxes[i] for i in row[6]]) for row in rows]
    return gpd.GeoDataFrame(table, geometry=geometry, crs=METRIC)


def small_area(**changes: object) -> StudyArea:
    """The place; keyword arguments replace fields of the `StudyArea`."""
    village = list(units().query("level == 'village'")["unit_id"])
    demand = frame(
        [(200, 500), (800, 500), (1500, 500), (2500, 700)],
        demand_id=["d1", "d2", "d3", "d4"],
        unit_id=[village[0], village[0], village[1], village[2]],
        pop_total=[1000.0, 286.0, 800.0, 500.0],
        pop60=[250.0, 50.0, 200.0, 150.0],
    )
    facilities = frame(
        [(300, 500), (1400, 500), (500, 600)],
        facility_id=["f1", "f2", "f3"],
        name=["一社区日间照料中心", "二村互助点", "东镇综合养老服务中心"],
        unit_id=[village[0], village[1], village[0]],
        kind=["day_care", "mutual_aid_point", "township_centre"],
        status=["open", "open", "open"],
        land_area_m2=[120.0, 96.0, 900.0],
        floor_area_m2=[240.0, np.nan, 1500.0],
        beds_total=[10.0, np.nan, 40.0],
        beds_nursing=[0.0, np.nan, 20.0],
        serves=["", "", ""],
        functions=["", "", ""],
        residential_id=["", "", ""],
    )
    candidates = frame(
        [(2400, 500), (3500, 500), (1600, 500)],
        candidate_id=["c1", "c2", "c3"],
        name=["三村旧小学", "四村仓库", "二村旧村部"],
        unit_id=[village[2], village[3], village[1]],
        kind=["mutual_aid_point", "day_care", "mutual_aid_point"],
        role=["candidate", "candidate", "candidate"],
        site_id=["c1", "c2", "c3"],
        land_area_m2=[200.0, 300.0, 60.0],
        floor_area_m2=[180.0, 400.0, 60.0],
        beds_total=[0.0, 12.0, 0.0],
        beds_nursing=[0.0, 4.0, 0.0],
        cost_yuan=[300_000.0, 800_000.0, 150_000.0],
        tenure=["collective", "collective", "collective"],
        asset_type=["school", "warehouse", "village_office"],
        idle=[True, True, True],
        hazard=["", "landslide", ""],
        serves=["", "", ""],
        functions=["", "", ""],
        residential_id=["", "", ""],
    )
    residential = gpd.GeoDataFrame(
        {
            "residential_id": ["r1"],
            "name": ["东苑小区"],
            "unit_id": [village[0]],
            "built_status": ["new"],
            "old_estate": [False],
            "households": [650.0],
            "pop_total": [1000.0],
        },
        geometry=[shapely.box(X0 + 100, Y0 + 400, X0 + 400, Y0 + 600)],
        crs=METRIC,
    )
    fields: dict[str, object] = {
        "name": "小县",
        "crs": METRIC,
        "units": units(),
        "demand": demand,
        "facilities": facilities,
        "candidates": candidates,
        "residential": residential,
        "streets": straight_street(),
    }
    return StudyArea(**{**fields, **changes})  # type: ignore[arg-type]
