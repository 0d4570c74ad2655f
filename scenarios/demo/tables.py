"""The tables of the county under the Chinese headings that a bureau's lists have, ready to be written.

Positions of the elderly-care list are those of a web map (GCJ-02), as in lists collected by telephone; the others are CGCS2000.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.offsets import wgs84_to_gcj02
from scenarios.demo.chance import Floats
from scenarios.demo.county import County
from scenarios.demo.river import WIDTH_M
from scenarios.demo.roads import METRIC_EPSG
from scenarios.demo.units import township_units

GEOGRAPHIC_EPSG = 4490


def dwellings_table(county: County) -> gpd.GeoDataFrame:
    """One point per farmstead or building: storeys, households, floor area [m2]."""
    frame = county.dwellings.drop(columns=["place", "village"])
    frame.insert(0, "房屋编号", [f"F{row + 1:05d}" for row in range(len(frame))])
    return frame


def _codes(county: County, rows: Sequence[int]) -> list[str]:
    return list(county.villages["区划代码"].to_numpy()[np.asarray(rows, dtype=np.int64)])


def estates_table(county: County) -> gpd.GeoDataFrame:
    """Residential areas of the towns."""
    estates = county.estates
    return gpd.GeoDataFrame(
        {
            "小区编号": estates["小区编号"],
            "名称": estates["名称"],
            "区划代码": _codes(county, estates["village"]),
            "建设状态": np.where(estates["is_new"], "新建", "已建"),
            "老旧小区": np.where(estates["is_old"], "是", "否"),
            "户数": estates["户数"].astype(int),
            "人口": estates["人口"].astype(int),
        },
        geometry=estates.geometry,
        crs=METRIC_EPSG,
    )


def candidates_table(county: County) -> gpd.GeoDataFrame:
    """Sites that could be opened; kinds, tenure and the other words that rules compare are those of quarterhour."""
    rows = county.candidates
    old = set(county.estates.loc[county.estates["is_old"], "小区编号"])
    table = {
        "候选编号": [f"HX{number + 1:03d}" for number in range(len(rows))],
        "名称": [c.name for c in rows],
        "区划代码": _codes(county, [c.village for c in rows]),
        "可建类别": [c.use.kind for c in rows],
        "取舍": [c.use.role for c in rows],
        "地块编号": [f"DK{c.site:03d}" for c in rows],
        "占地面积": [c.land_m2 for c in rows],
        "建筑面积": [c.floor_m2 for c in rows],
        "床位数": [c.use.beds for c in rows],
        "护理型床位数": [c.use.nursing_beds for c in rows],
        "托位数": [c.use.places for c in rows],
        "普惠托位数": [c.use.inclusive_places for c in rows],
        "社工人数": [c.use.workers for c in rows],
        "投资估算": [c.cost_yuan for c in rows],
        "功能": [c.use.functions for c in rows],
        "服务范围": [c.use.serves for c in rows],
        "小区编号": [c.use.estate for c in rows],
        "权属": [c.asset.tenure for c in rows],
        "资产类型": [c.asset.asset_type for c in rows],
        "产权单位类型": [c.asset.owner_type for c in rows],
        "用地性质": [c.asset.land_use for c in rows],
        "灾害隐患": [c.hazard for c in rows],
        "是否闲置": ["是" if c.asset.idle else "否" for c in rows],
        "楼层": [c.storey for c in rows],
        "in_old_estate": ["true" if c.use.estate in old else "false" for c in rows],
    }
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*zip(*(c.xy_m for c in rows), strict=True)), crs=METRIC_EPSG)


def river_table(county: County) -> gpd.GeoDataFrame:
    """The middle line of the river, for looking at; no rule reads it."""
    near = shapely.buffer(county.bounds.county, 4_000.0)
    line = county.ground.river.intersection(near)
    return gpd.GeoDataFrame({"名称": ["示范江（合成）"], "宽度_m": [WIDTH_M]}, geometry=[line], crs=METRIC_EPSG)


def _lon_lat(xy_m: Floats) -> Floats:
    points = gpd.GeoSeries(gpd.points_from_xy(xy_m[:, 0], xy_m[:, 1]), crs=METRIC_EPSG).to_crs(GEOGRAPHIC_EPSG)
    return np.column_stack([points.x, points.y])


def facilities_table(county: County) -> pd.DataFrame:
    """The list of elderly care, positions in GCJ-02 [degrees]."""
    rows = county.elderly_care
    lon_lat = np.round(wgs84_to_gcj02(_lon_lat(np.array([f.xy_m for f in rows]))), 6)
    return pd.DataFrame(
        {
            "设施编号": [f"YL{number + 1:04d}" for number in range(len(rows))],
            "单位名称": [f.name for f in rows],
            "设施类别": [f.kind for f in rows],
            "区划代码": _codes(county, [f.village for f in rows]),
            "占地面积": [f.land_m2 for f in rows],
            "建筑面积": [f.floor_m2 for f in rows],
            "床位总数": [f.beds for f in rows],
            "护理型床位数": [f.nursing_beds for f in rows],
            "社工人数": [f.workers for f in rows],
            "功能": [f.functions for f in rows],
            "服务范围": [f.serves for f in rows],
            "机构生存状态": [f.status for f in rows],
            "兴办主体": [f.owner for f in rows],
            "机构等级": [f.grade for f in rows],
            "小区编号": [f.estate for f in rows],
            "经度": lon_lat[:, 0],
            "纬度": lon_lat[:, 1],
        }
    )


def childcare_table(county: County) -> pd.DataFrame:
    """Childcare with its places."""
    rows = county.childcare
    lon_lat = np.round(_lon_lat(np.array([f.xy_m for f in rows])), 6)
    return pd.DataFrame(
        {
            "编号": [f"TY{number + 1:03d}" for number in range(len(rows))],
            "机构名称": [f.name for f in rows],
            "区划代码": _codes(county, [f.village for f in rows]),
            "占地面积": [f.land_m2 for f in rows],
            "建筑面积": [f.floor_m2 for f in rows],
            "托位数": [f.places for f in rows],
            "普惠托位数": [f.inclusive_places for f in rows],
            "经度": lon_lat[:, 0],
            "纬度": lon_lat[:, 1],
        }
    )


def clinics_table(county: County) -> pd.DataFrame:
    """Hospital, health centres and community stations."""
    lon_lat = np.round(_lon_lat(np.array([f.xy_m for f in county.clinics])), 6)
    return pd.DataFrame(
        {
            "编号": [f"WS{number + 1:03d}" for number in range(len(county.clinics))],
            "机构名称": [f.name for f in county.clinics],
            "区划代码": _codes(county, [f.village for f in county.clinics]),
            "经度": lon_lat[:, 0],
            "纬度": lon_lat[:, 1],
        }
    )


def ledger_table(county: County) -> pd.DataFrame:
    """The village ledger, by code."""
    townships = township_units(county.bounds)["名称"].to_numpy()
    head = pd.DataFrame(
        {
            "区划代码": county.villages["区划代码"],
            "名称": county.villages["名称"],
            "乡镇": townships[county.villages["township"].to_numpy()],
        }
    )
    return pd.concat([head, county.people], axis=1).sort_values("区划代码")
