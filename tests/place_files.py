"""The place of `tests.small` as a planner would have it: a GeoPackage, a CSV, a workbook with AMap coordinates, a GeoJSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import shapely

from layers.assemble import read_study_area
from layers.layer_sources import LayerSources
from layers.offsets import wgs84_to_gcj02
from layers.study_area import StudyArea
from tests.small import METRIC, small_area, straight_street, units

PEOPLE = "代码,村名,总人口,60岁及以上\n431299100001,一社区,1286,300\n431299100201,二村,800,200\n431299200201,三村,500,150\n431299200202,四村,0,0\n"
FACILITY_HEADER = ["编号", "机构名称", "区划代码", "设施类别", "机构生存状态", "占地面积", "建筑面积", "床位总数", "经度", "纬度"]
CANDIDATES = (
    "编号,名称,设施类别,占地面积,投资,是否闲置,资产类型,E,N\n"
    "c1,三村旧小学,养老互助点,200,30万,是,school,502400,3000500\n"
    "c2,四村仓库,日间照料中心,300,80万,是,warehouse,503500,3000500\n"
)


def facility_rows() -> list[list[Any]]:
    """The three facilities, one closed one more, with coordinates as AMap shows them."""
    frame = small_area().facilities
    degrees = frame.geometry.to_crs(4326)
    amap = wgs84_to_gcj02(np.column_stack([degrees.x, degrees.y]))
    kinds = ["日间照料中心", "养老互助点", "街道(乡镇)养老服务中心"]
    rows = [
        [
            row.facility_id,
            row.name,
            int(row.unit_id),
            kind,
            "正常",
            row.land_area_m2,
            None if np.isnan(row.floor_area_m2) else row.floor_area_m2,
            "—",
            lon,
            lat,
        ]
        for row, kind, (lon, lat) in zip(frame.drop(columns="geometry").itertuples(index=False), kinds, amap, strict=True)
    ]
    return [*rows, ["f4", "旧敬老院", 431299100201, "乡镇敬老院", "停业", None, None, 40, amap[1][0], amap[1][1]]]


def write_workbook(path: Path, rows: list[list[Any]]) -> None:
    """One sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    book.close()


def write_place(folder: Path) -> None:
    """All files of the place."""
    for level in ("county", "township", "village"):
        rows = units().query("level == @level").drop(columns=["level", "parent_id", "subtype", "pop_total", "pop60"])
        rows.to_file(folder / "units.gpkg", layer=level, driver="GPKG")
    (folder / "people.csv").write_text(PEOPLE, encoding="gb18030")
    write_workbook(folder / "facilities.xlsx", [FACILITY_HEADER, *facility_rows()])
    (folder / "candidates.csv").write_text(CANDIDATES, encoding="utf-8-sig")
    estate = small_area().residential.drop(columns="unit_id").assign(built_status="新建", old_estate="否")
    estate.to_crs(4326).to_file(folder / "estates.geojson", driver="GeoJSON")
    street = shapely.LineString(straight_street().node_xy_m)
    gpd.GeoDataFrame({"highway": ["residential"]}, geometry=[street], crs=METRIC).to_file(folder / "streets.gpkg", driver="GPKG")


def sources(**changes: Any) -> LayerSources:  # noqa: ANN401 - fields of the scenario
    """The `[layers]` part for these files; keyword arguments replace entries."""
    layers: dict[str, Any] = {
        "units": [{"path": "units.gpkg", "layer": level, "level": level} for level in ("county", "township", "village")],
        "population": {"path": "people.csv", "total_is": "resident"},
        "facilities": [{"path": "facilities.xlsx", "coordinates": "gcj02"}],
        "candidates": [{"path": "candidates.csv", "crs": "EPSG:4546", "x": "E", "y": "N"}],
        "residential": [{"path": "estates.geojson"}],
        "streets": {"path": "streets.gpkg"},
    }
    return LayerSources.model_validate({**layers, **changes})


def read_place(folder: Path, **changes: Any) -> StudyArea:  # noqa: ANN401 - fields of the scenario
    """The place read from its files."""
    return read_study_area(sources(**changes), name="小县", base_folder=folder)
