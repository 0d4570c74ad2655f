"""What `quarterhour init` calls a scenario, and what it reads below title lines and from the names of villages."""

from __future__ import annotations

import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pytest
import shapely

from layers.offsets import gcj02_to_bd09, wgs84_to_gcj02
from scenarios.proposal.propose import propose
from scenarios.template import write_template

SIDE_DEG = 0.006


def name_written(folder: Path, place: str = "") -> str:
    write_template(folder, place=place)
    return str(tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))["name"])


@pytest.mark.parametrize(
    ("folder", "name"), [("会同县", "会同县"), ("武汉 试点", "武汉-试点"), ("a(b) c", "a-b-c"), ("v2.1", "v2.1"), ("（）", "my-county")]
)
def test_a_scenario_is_called_like_its_folder(tmp_path: Path, folder: str, name: str) -> None:
    assert name_written(tmp_path / folder) == name


def test_a_scenario_is_called_like_the_only_county_of_its_files(tmp_path: Path) -> None:
    county = gpd.GeoDataFrame({"区划代码": ["431225"], "名称": ["会同县"]}, geometry=[shapely.box(109.8, 27, 109.9, 27.1)], crs=4490)
    county.to_file(tmp_path / "county.gpkg")
    proposal = propose(tmp_path, [tmp_path / "county.gpkg"], {})
    assert proposal.place == "会同县"
    assert name_written(tmp_path / "x", proposal.place) == "会同县"
    assert title_written(tmp_path / "x") == {"zh": "会同县养老托育设施布局", "en": "Elderly-care and childcare facilities of 会同县"}


def title_written(folder: Path) -> dict[str, str]:
    return dict(tomllib.loads((folder / "scenario.toml").read_text(encoding="utf-8"))["title"])


def test_a_title_names_no_place_where_none_is_known_and_takes_any_name(tmp_path: Path) -> None:
    name_written(tmp_path / "x")
    assert title_written(tmp_path / "x")["zh"] == "某县养老托育设施布局"
    name_written(tmp_path / "y", '甲"县\\\x7f\n')
    assert title_written(tmp_path / "y")["zh"] == '甲"县\\养老托育设施布局'


def boundaries(folder: Path, **columns: list[str]) -> str:
    """What is proposed for three units with these columns."""
    shapes = [shapely.box(109.8 + i, 27, 109.9 + i, 27.1) for i in range(3)]
    gpd.GeoDataFrame(columns, geometry=shapes, crs=4490).to_file(folder / "units.gpkg")
    return propose(folder, [folder / "units.gpkg"], {}).layers


def test_of_several_columns_of_codes_the_one_that_tells_the_units_apart_is_taken(tmp_path: Path) -> None:
    codes = {"adm1_psgc": ["500000000"] * 3, "adm3_psgc": ["500506000"] * 3, "adm4_psgc": ["500506001", "500506002", "500506003"]}
    layers = boundaries(tmp_path, **codes, adm3_en=["Legazpi"] * 3, adm4_en=["Rawis", "Bitano", "Taysan"])
    assert tomllib.loads(layers)["layers"]["units"][0]["columns"] == {"unit_id": "adm4_psgc", "name": "adm4_en"}


def test_a_code_that_all_units_have_is_not_taken_for_their_own(tmp_path: Path) -> None:
    layers = boundaries(tmp_path, adm1_psgc=["500000000"] * 3, label=["x", "y", "z"])
    assert (
        "columns" not in tomllib.loads(layers)["layers"]["units"][0]
        or "unit_id" not in tomllib.loads(layers)["layers"]["units"][0]["columns"]
    )
    assert '# unit_id = "' in layers


def write_villages_and_homes(folder: Path, names: list[str], system: str) -> None:
    """36 villages in a square, and a home in the middle of each that says the name of its village."""
    cells = [(109.8 + i * SIDE_DEG, 27.0 + j * SIDE_DEG) for i in range(6) for j in range(6)]
    villages = gpd.GeoDataFrame(
        {"区划代码": [f"4312251{200 + n:05d}" for n in range(36)], "名称": names},
        geometry=[shapely.box(x, y, x + SIDE_DEG, y + SIDE_DEG) for x, y in cells],
        crs=4490,
    )
    villages.to_file(folder / "villages.gpkg")
    middle = np.array(cells) + SIDE_DEG / 2
    moved = {"cgcs2000": middle, "gcj02": wgs84_to_gcj02(middle), "bd09": gcj02_to_bd09(wgs84_to_gcj02(middle))}[system]
    rows = [f"{n},敬老院,{name}民委员会,{x:.7f},{y:.7f}" for n, (name, (x, y)) in enumerate(zip(names, moved, strict=True))]
    (folder / "homes.csv").write_text("编号,名称,所在村,经度,纬度\n" + "\n".join(rows) + "\n", encoding="utf-8")


@pytest.mark.parametrize("system", ["cgcs2000", "gcj02", "bd09"])
def test_the_names_of_villages_tell_what_the_coordinates_are(tmp_path: Path, system: str) -> None:
    write_villages_and_homes(tmp_path, [f"{n}村" for n in range(36)], system)
    layers = tomllib.loads(propose(tmp_path, [tmp_path / "villages.gpkg", tmp_path / "homes.csv"], {}).layers)["layers"]
    assert layers["facilities"][0]["coordinates"] == system


def test_names_that_many_villages_bear_tell_nothing(tmp_path: Path) -> None:
    write_villages_and_homes(tmp_path, ["东村"] * 36, "gcj02")
    layers = tomllib.loads(propose(tmp_path, [tmp_path / "villages.gpkg", tmp_path / "homes.csv"], {}).layers)["layers"]
    assert "coordinates" not in layers["facilities"][0]


def test_a_ledger_below_a_title_and_with_two_lines_of_column_names_is_read(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["会同县2026年老年人口台账", "", "", ""],
        ["填报单位：民政局", "", "", "单位：人"],
        ["区划代码", "名称", "总人口", "其中"],
        ["", "", "", "60岁及以上"],
        ["431225100203", "东村", 500, 120],
    ):
        book.active.append(row)
    for area in ("A1:D1", "A3:A4", "B3:B4", "C3:C4"):
        book.active.merge_cells(area)
    book.save(tmp_path / "台账.xlsx")
    proposal = propose(tmp_path, [tmp_path / "台账.xlsx"], {})
    assert proposal.problems == ()
    assert tomllib.loads(proposal.layers)["layers"]["population"]["columns"] == {
        "unit_id": "区划代码",
        "name": "名称",
        "pop_total": "总人口",
        "pop60": "60岁及以上",
    }
