"""`quarterhour init`: headings in Traditional characters, coded ages, hidden sheets, and choices that stand once above the entries."""

from __future__ import annotations

import csv
import io
import tomllib
from pathlib import Path
from typing import Any, cast

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from layers.columns import known_columns, name_columns
from layers.problems import Findings
from layers.tables import FACILITIES, TABLES
from layers.traditional import _PAIRS, simplified
from scenarios.checking import check
from scenarios.proposal.matching import match
from scenarios.proposal.propose import propose
from scenarios.proposal.roles import Role, columns_of, guess_all
from scenarios.proposal.sheets import Sheet
from scenarios.proposal.writing import layers_text
from scenarios.template import write_template


def table(text: str, path: str = "list.csv") -> Sheet:
    header, *rows = csv.reader(io.StringIO(text))
    return Sheet(path, "", "none", pd.DataFrame(rows, columns=header, dtype=object))


def matched(text: str, role: str) -> dict[str, str]:
    sheet = table(text)
    return {m.ours: m.theirs for m in match(sheet, columns_of(cast("Role", role), sheet)).found}


# ---------------------------------------------------------------- Traditional headings


def test_the_pairs_are_pairs_and_each_traditional_character_stands_once() -> None:
    traditional, ours = _PAIRS[::2], _PAIRS[1::2]
    assert len(traditional) == len(ours) == len(set(traditional))
    assert all(a != b for a, b in zip(traditional, ours, strict=True))
    assert not set(traditional) & set(ours)
    assert all(simplified(text) == text for columns in TABLES.values() for c in columns for text in (c.zh, *c.aliases) if text != "里別")


@pytest.mark.parametrize(
    ("heading", "ours"),
    [
        ("機構名稱", "name"), ("據點名稱", "name"), ("單位名稱", "name"), ("服務單位名稱", "name"), ("機關名稱", "name"), ("編號", "facility_id"),
        ("序號", "facility_id"), ("開放床數", "beds_total"), ("機構類別", "kind"), ("運營狀態", "status"), ("佔地面積", "land_area_m2"),
        ("樓層", ""), ("行政區", ""), ("收託量", ""), ("評鑑資訊", ""),
    ],
)  # fmt: skip
def test_headings_in_traditional_characters_are_known_and_strange_ones_are_not_taken(heading: str, ours: str) -> None:
    found = matched(f"{heading},lon,lat\n甲,121.5,25.1\n乙,121.6,25.2\n", "facilities")
    assert found == {"x": "lon", "y": "lat", **({ours: heading} if ours else {})}


def test_a_list_in_traditional_characters_is_read_by_its_headings() -> None:
    findings = Findings()
    frame = pd.DataFrame({"編號": ["1"], "機構名稱": ["頤園護理之家"], "開放床數": ["69"], "設施類別": ["護理之家"]}, dtype=object)
    named = name_columns(frame, FACILITIES, {}, "homes.csv", findings)
    assert named.theirs == {"facility_id": "編號", "name": "機構名稱", "beds_total": "開放床數", "kind": "設施類別"}
    assert findings.problems == []
    assert known_columns(FACILITIES[0], ["编号", "編號"]) == ["编号"]  # two columns that say the same: the first


# ---------------------------------------------------------------- coded ages

_LOWS = [*range(0, 100, 5)]
AGES = [f"A{low}A{low + 4}_CNT" for low in _LOWS] + ["A100UP_5_CNT"]


def villages() -> gpd.GeoDataFrame:
    """Three villages with coded classes of age, of all, men and women; row r has r + 1 people in every class."""
    columns: dict[str, list[Any]] = {
        "COUNTY_ID": ["63000"] * 3,
        "TOWN_ID": ["63000020"] * 3,
        "V_ID": [f"63000020-00{i}" for i in (1, 2, 3)],
        "VILLAGE": ["雅祥里", "介壽里", "三玉里"],
    }
    for name in AGES:
        columns |= {name: [1, 2, 3], name.replace("_CNT", "_M_CNT"): [0, 1, 1], name.replace("_CNT", "_F_CNT"): [1, 1, 2]}
    return gpd.GeoDataFrame(
        columns, geometry=[shapely.box(121.5 + i / 100, 25, 121.51 + i / 100, 25.01) for i in range(3)], crs="EPSG:4326"
    )


def test_villages_that_state_coded_ages_are_units_and_people(tmp_path: Path) -> None:
    villages().to_file(tmp_path / "villages.gpkg", driver="GPKG")
    proposal = propose(tmp_path, [tmp_path / "villages.gpkg"], {})
    layers = tomllib.loads(proposal.layers)["layers"]
    assert layers["units"] == [{"level": "village", "path": "villages.gpkg", "columns": {"unit_id": "V_ID", "name": "VILLAGE"}}]
    people = layers["population"]["columns"]
    assert layers["population"]["path"] == "villages.gpkg"
    assert people["pop_total"] == " + ".join(AGES)
    assert people["pop60"] == " + ".join(AGES[12:])
    assert people["pop65"] == " + ".join(AGES[13:])
    assert people["pop80"] == " + ".join(AGES[16:])
    write_template(tmp_path, proposal.layers)
    found = check(tmp_path / "scenario.toml").checked
    assert [str(p) for p in found.problems if p.severity == "error" and p.where.startswith(("units", "population"))] == []


def test_a_class_that_is_open_by_itself_says_its_age_and_a_gap_stops_the_sum() -> None:
    codes = "V_ID,A0A14_CNT,A15A64_CNT,A65UP_CNT\nA,1,2,3\nB,4,5,6\n"
    assert matched(codes, "population") == {"unit_id": "V_ID", "pop_total": "A0A14_CNT + A15A64_CNT + A65UP_CNT", "pop65": "A65UP_CNT"}
    assert matched(codes.replace("A15A64", "A16A64"), "population") == {"unit_id": "V_ID", "pop65": "A65UP_CNT"}
    assert matched(codes.replace("_CNT", "_M_CNT"), "population") == {"unit_id": "V_ID"}


# ---------------------------------------------------------------- hidden sheets, choices


def test_a_hidden_sheet_comes_last_and_says_so_and_reading_it_is_noted(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = (("代码", "总人口", "60岁及以上"), ("431299100001", 10, 2), ("431299100201", 20, 5))
    for at, name in enumerate(("旧人口", "人口")):
        sheet = book.create_sheet(name, at)
        for row in rows:
            sheet.append(row)
    book["旧人口"].sheet_state = "hidden"
    del book["Sheet"]
    book.save(tmp_path / "ledger.xlsx")
    proposal = propose(tmp_path, [tmp_path / "ledger.xlsx"], {})
    lines = proposal.layers.splitlines()
    assert tomllib.loads(proposal.layers)["layers"]["population"]["layer"] == "人口"
    assert [line.startswith("# [layers.population]") for line in lines if "the sheet is hidden in the workbook" in line] == [True]
    write_template(tmp_path, proposal.layers.replace('layer = "人口"', 'layer = "旧人口"', 1))
    assert "sheet 旧人口 is hidden in the workbook" in {str(p.what) for p in check(tmp_path / "scenario.toml").checked.problems}


def test_what_there_is_to_choose_from_stands_once_and_no_line_is_without_end() -> None:
    columns = [f"列{i}" for i in range(80)]
    header = ",".join(["lon", "lat", *columns])
    sheets = [table(f"{header}\n{','.join(['121.5', '25.1', *('x' * 80)])}\n", f"list{i}.csv") for i in range(3)]
    text = layers_text(guess_all(sheets, {sheet.path: "facilities" for sheet in sheets}))
    assert text.count("county_guidance_centre") == 1
    assert text.count("bd09 (Baidu)") == 1
    assert text.count('# kind = "day_care"') == text.count('# coordinates = "gcj02"') == 3
    assert text.count("列79") == 3  # once for each file
    assert max(map(len, text.splitlines())) < 250
