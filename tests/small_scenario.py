"""The small place as files on disk, with a scenario that reads them: what the tests of the whole line run on."""

from __future__ import annotations

import csv
from pathlib import Path

import geopandas as gpd

from tests.small import METRIC, small_area, straight_street

UNIT_LAYERS = """\
[[layers.units]]
level = "county"
path = "units.gpkg"
layer = "county"
[[layers.units]]
level = "township"
path = "units.gpkg"
layer = "township"
[[layers.units]]
level = "village"
path = "units.gpkg"
layer = "village"
"""
"""three levels in one file"""

SCENARIO = f"""name = "small"
title = {{ zh = "小县", en = "Small county" }}
as_of = 2026-11-25
standards = ["huitong"]

[layers]
crs = "EPSG:4546"
synthetic = true

{UNIT_LAYERS}
[layers.population]
path = "people.csv"

[[layers.facilities]]
path = "facilities.csv"
coordinates = "cgcs2000"

[[layers.candidates]]
path = "candidates.csv"
coordinates = "cgcs2000"

[layers.streets]
path = "streets.gpkg"

[siting]
goal = "relieve"
max_sites = 2

[outputs]
folder = "out"
"""

PEOPLE = [
    ("区划代码", "名称", "总人口", "60岁及以上"),
    ("431299100001", "一社区", "1286", "300"),
    ("431299100201", "二村", "800", "200"),
    ("431299200201", "三村", "500", "150"),
    ("431299200202", "四村", "0", "0"),
]


def write_small_scenario(folder: Path) -> Path:
    """The path of the scenario file; its layers lie beside it."""
    area = small_area()
    for level in area.levels:
        area.places(level)[["unit_id", "name", "geometry"]].to_file(folder / "units.gpkg", layer=level, driver="GPKG")
    _write_csv(folder / "people.csv", PEOPLE)
    for table, key in (("facilities", "facility_id"), ("candidates", "candidate_id")):
        frame = getattr(area, table).to_crs(4490)
        given = frame.drop(columns=["geometry", "status"], errors="ignore")
        given.insert(0, "lon", frame.geometry.x.map("{:.9f}".format))
        given.insert(1, "lat", frame.geometry.y.map("{:.9f}".format))
        assert given[key].is_unique
        rows = given.astype(object).where(given.notna(), "").astype(str)
        _write_csv(folder / f"{table}.csv", [tuple(rows.columns), *rows.itertuples(index=False, name=None)])
    streets = gpd.GeoDataFrame({"highway": "residential"}, index=range(40), geometry=straight_street().lines(), crs=METRIC)
    streets.to_file(folder / "streets.gpkg", driver="GPKG")
    path = folder / "scenario.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def _write_csv(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)
