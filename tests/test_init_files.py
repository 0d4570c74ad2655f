"""`quarterhour init` from a planner's own files: what is certain is written down, what is not stays open, and every scenario can be read."""

from __future__ import annotations

import csv
import io
import os
import tomllib
import warnings
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from layers.offsets import gcj02_to_bd09, wgs84_to_gcj02
from scenarios.checking import check
from scenarios.cli import app
from scenarios.proposal.matching import match
from scenarios.proposal.propose import propose
from scenarios.proposal.roles import columns_of, guess_all
from scenarios.proposal.sheets import Sheet
from scenarios.proposal.writing import layers_text
from scenarios.reading import read_scenario
from scenarios.template import write_template
from scenarios.toml_file import ScenarioFaultsError
from tests.corpus.cases import Case
from tests.corpus.place import Spoilt, write_clean
from tests.corpus.themes import THEMES
from tests.place_files import write_place
from tests.small_scenario import write_small_scenario


def cli(*words: object, language: str = "en") -> Result:
    return CliRunner().invoke(app, [str(word) for word in words], env={"QUARTERHOUR_LANGUAGE": language})


def table(text: str, path: str = "list.csv") -> Sheet:
    header, *rows = csv.reader(io.StringIO(text))
    return Sheet(path, "", "none", pd.DataFrame(rows, columns=header, dtype=object))


def matched(text: str, role: Any = "population") -> dict[str, str]:  # noqa: ANN401 - a role
    sheet = table(text)
    return {m.ours: m.theirs for m in match(sheet, columns_of(role, sheet)).found}


def written(sheet: Sheet, role: Any) -> dict[str, Any]:  # noqa: ANN401 - a role
    layers: dict[str, Any] = tomllib.loads(layers_text(guess_all([sheet], {sheet.path: role})))["layers"]
    return layers


def test_another_column_that_could_be_meant_is_named_beside_the_one_taken() -> None:
    sheet = table("代码,总人口,人口\n431299100001,10,10\n431299100201,20,21\n")
    (total,) = (m for m in match(sheet, columns_of("population", sheet)).found if m.ours == "pop_total")
    assert (total.theirs, total.why) == ("总人口", "a known heading; 人口 could be it too: choose")
    same = table("代码,总人口,人口\n431299100001,10,10\n431299100201,20,20\n")
    assert [m.why for m in match(same, columns_of("population", same)).found if m.ours == "pop_total"] == ["a known heading"]


# ---------------------------------------------------------------- whole places


def test_a_place_with_a_gbk_ledger_a_workbook_and_a_geopackage_is_read_as_its_own_scenario_reads_it(tmp_path: Path) -> None:
    write_place(tmp_path)
    (tmp_path / "people.csv").rename(tmp_path / "村级台账.csv")
    files = [
        tmp_path / name for name in ("units.gpkg", "村级台账.csv", "facilities.xlsx", "candidates.csv", "estates.geojson", "streets.gpkg")
    ]
    done = cli("init", tmp_path, *files)
    assert done.exit_code == 0, done.output
    layers = tomllib.loads((tmp_path / "scenario.toml").read_text(encoding="utf-8"))["layers"]
    assert [(unit["level"], unit["layer"]) for unit in layers["units"]] == [(level, level) for level in ("county", "township", "village")]
    assert layers["population"]["columns"] == {"unit_id": "代码", "name": "村名", "pop_total": "总人口", "pop60": "60岁及以上"}
    assert layers["facilities"][0]["columns"]["beds_total"] == "床位总数"
    assert layers["streets"]["path"] == "streets.gpkg"
    assert layers["residential"][0]["columns"]["built_status"] == "built_status"
    fault = check(tmp_path / "scenario.toml").fault
    assert fault is not None
    faults = [(str(p.where), str(p.what)) for p in fault.problems if p.severity == "error"]
    open_question = "the scenario does not say what its coordinates are"  # four rows are too few to tell; metres may be of any zone
    assert faults == [("facilities: facilities.xlsx", open_question), ("candidates: candidates.csv", open_question)]


def test_files_elsewhere_are_named_from_the_folder_of_the_scenario_and_nothing_is_written_beside_them(tmp_path: Path) -> None:
    data, folder = tmp_path / "data of the bureau", tmp_path / "new" / "county"
    data.mkdir()
    write_small_scenario(data)
    (data / "scenario.toml").unlink()
    before = sorted(path.name for path in data.iterdir())
    assert (
        cli(
            "init", folder, "--units", data / "units.gpkg", "--population", data / "people.csv", "--facilities", data / "facilities.csv"
        ).exit_code
        == 0
    )
    scenario = read_scenario(folder / "scenario.toml")
    assert scenario.file.layers.population.path == "../../data of the bureau/people.csv"
    assert (folder / scenario.file.layers.population.path).resolve() == data / "people.csv"
    assert sorted(path.name for path in data.iterdir()) == before
    found = check(folder / "scenario.toml")
    assert {problem.where for problem in found.checked.problems if problem.severity == "error"} == {
        "facilities: ../../data of the bureau/facilities.csv"
    }


def test_a_scenario_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    scenario = write_small_scenario(tmp_path)
    before = scenario.read_bytes()
    done = cli("init", tmp_path, tmp_path / "people.csv")
    assert "is there already" in str(done.exception)
    assert scenario.read_bytes() == before


def test_a_layer_that_none_of_the_files_is_becomes_an_entry_to_fill_in(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("代码,总人口\n431225100203,5\n", encoding="utf-8")
    assert cli("init", tmp_path, tmp_path / "people.csv").exit_code == 0
    found = check(tmp_path / "scenario.toml")
    missing = {problem.where for problem in found.checked.problems if problem.what == "there is no such file"}
    assert missing == {
        "units: units.gpkg",
        "facilities: facilities.csv",
    }
    assert "fill this in" in (tmp_path / "scenario.toml").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_used(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("代码,总人口\n431225100203,5\n", encoding="utf-8")
    (tmp_path / "homes.xlsx").write_bytes(b"PK\x03\x04 cut")
    (tmp_path / "notes.docx").write_bytes(b"PK")
    done = cli("init", tmp_path, *(tmp_path / name for name in ("people.csv", "homes.xlsx", "notes.docx")))
    assert done.exit_code == 0
    for told in ("homes.xlsx: is damaged", "notes.docx: `.docx` is no ending", "people.csv: population"):
        assert told in done.output
    assert done.output.count("warning: files") == 2


def test_a_file_that_is_not_there_stops_it_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("代码,总人口\n431225100203,5\n", encoding="utf-8")
    stopped = cli("init", tmp_path / "x", tmp_path / "people.csv", tmp_path / "poeple.csv")
    assert isinstance(stopped.exception, ScenarioFaultsError)  # exit code 2
    assert [str(problem.what) for problem in stopped.exception.problems] == ["there is no such file"]
    assert not (tmp_path / "x").exists()


def test_a_shapefile_that_states_no_system_leaves_it_open(tmp_path: Path) -> None:
    write_place(tmp_path)
    villages = gpd.read_file(tmp_path / "units.gpkg", layer="village")
    villages[["unit_id", "name", "geometry"]].to_file(tmp_path / "村界.shp", encoding="gb18030")
    for ending in (".cpg", ".prj"):
        (tmp_path / "村界.shp").with_suffix(ending).unlink()
    proposal = propose(tmp_path, [tmp_path / "村界.shp"], {})
    assert '# crs = "EPSG:4490"' in proposal.layers
    assert tomllib.loads(proposal.layers)["layers"]["units"][0]["level"] == "village"


# ---------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("heading", "ours"),
    [
        ("65周岁及以上老年人口数", "pop65"),
        ("60岁（含）以上人数", "pop60"),
        ("８０岁以上老人", "pop80"),
        ("3周岁以下婴幼儿数", "pop_u3"),
        ("户籍总人口", "pop_hukou"),
        ("常住人口数（万人）", "pop_resident"),
        ("人口总数/人", "pop_total"),
        ("总户数(户)", "households"),
    ],
)
def test_headings_of_people_are_known_in_the_forms_that_bureaus_write(heading: str, ours: str) -> None:
    assert matched(f"村代码,{heading}\n431225100203,5\n") == {"unit_id": "村代码", ours: heading}


@pytest.mark.parametrize(
    "heading",
    ["60岁以上失能老人", "65-69岁", "60岁以上男性", "80岁", "60岁老人", "65岁以上占比", "0-3岁", "户均人口", "流动人口", "60岁以上独居"],
)
def test_a_heading_that_says_something_else_is_not_taken(heading: str) -> None:
    assert matched(f"村代码,{heading}\n431225100203,5\n") == {"unit_id": "村代码"}


def test_classes_of_age_that_follow_one_another_are_added_up_and_others_are_not() -> None:
    cells = "431225100203,1,2,3,4\n"
    whole = matched(f"村代码,60-64岁,65-69岁,70—79岁,80岁以上老人\n{cells}")
    assert whole["pop60"] == "60-64岁 + 65-69岁 + 70—79岁 + 80岁以上老人"
    assert whole["pop65"] == "65-69岁 + 70—79岁 + 80岁以上老人"
    assert whole["pop80"] == "80岁以上老人"
    gap = matched(f"村代码,60-64岁,66-69岁,70-79岁,80岁以上老人\n{cells}")
    assert set(gap) == {"unit_id", "pop80"}


def test_what_is_only_alike_stays_open_as_a_comment() -> None:
    text = layers_text(guess_all([table("村代码,60岁以上失能老人\n431225100203,5\n")], {"list.csv": "population"}))
    assert "60岁以上失能老人" not in str(tomllib.loads(text)["layers"]["population"]["columns"])
    [line] = [line for line in text.splitlines() if line.startswith("# pop60 =")]
    assert '"60岁以上失能老人"' in line


def test_codes_are_known_by_their_cells_and_running_numbers_are_not_codes() -> None:
    assert matched("代码,统计用,总人口\n1,431225100203,5\n2,431225100204,6\n") == {"unit_id": "统计用", "pop_total": "总人口"}


def test_a_guess_stands_with_its_reason_in_both_languages() -> None:
    text = layers_text(guess_all([table("统计用,总人口\n431225100203,5\n")], {"list.csv": "population"}))
    [line] = [line for line in text.splitlines() if line.startswith("unit_id =")]
    assert "据内容判断：单元格为 12 位区划代码 / its cells are division codes of 12 digits" in line
    assert "# total_is" in text


def test_a_table_with_units_in_its_headings_is_read_with_them(tmp_path: Path) -> None:
    scenario = write_small_scenario(tmp_path)
    scenario.unlink()
    (tmp_path / "people.csv").write_text(
        "村代码,村（社区）名称,户籍总人口（千人）\n431299100001,一,1.286\n431299100201,二,0.8\n", encoding="gb18030"
    )
    cli(
        "init",
        tmp_path,
        "--population",
        tmp_path / "people.csv",
        "--units",
        tmp_path / "units.gpkg",
        "--facilities",
        tmp_path / "facilities.csv",
    )
    text = (tmp_path / "scenario.toml").read_text(encoding="utf-8")
    (tmp_path / "scenario.toml").write_text(text.replace('# coordinates = "gcj02"', 'coordinates = "cgcs2000"'), encoding="utf-8")
    area = check(tmp_path / "scenario.toml").area
    assert area is not None
    assert area.demand["pop_hukou"].sum() == pytest.approx(2086, abs=1e-6)


# ---------------------------------------------------------------- facilities


def test_words_of_kinds_that_tell_are_written_and_the_others_stay_open() -> None:
    layers = written(table("编号,名称,设施类别\n1,a,敬老院\n2,b,养老超市\n3,c,日间照料中心\n"), "facilities")
    assert layers["facilities"][0]["kinds"] == {"敬老院": "township_home"}
    text = layers_text(guess_all([table("编号,名称,设施类别\n2,b,养老超市\n")], {"list.csv": "facilities"}))
    assert '# "养老超市" = "day_care"' in text


def test_names_that_all_tell_their_kind_are_used_and_a_part_of_them_is_not() -> None:
    assert written(table("编号,名称\n1,东村敬老院\n2,西村日间照料中心\n"), "facilities")["facilities"][0]["kind_from_name"] is True
    assert "kind_from_name" not in written(table("编号,名称\n1,东村敬老院\n2,西村之家\n"), "facilities")["facilities"][0]


@pytest.mark.parametrize("system", ["cgcs2000", "gcj02", "bd09"])
def test_the_system_of_coordinates_is_told_by_where_the_rows_lie(tmp_path: Path, system: str) -> None:
    write_grid_of_villages(tmp_path, system)
    proposal = propose(tmp_path, [tmp_path / "units.gpkg", tmp_path / "homes.csv"], {})
    assert tomllib.loads(proposal.layers)["layers"]["facilities"][0]["coordinates"] == system


def test_rows_whose_units_are_too_wide_to_tell_leave_the_system_open(tmp_path: Path) -> None:
    write_grid_of_villages(tmp_path, "gcj02", side_deg=1.0)
    proposal = propose(tmp_path, [tmp_path / "units.gpkg", tmp_path / "homes.csv"], {})
    assert "coordinates" not in tomllib.loads(proposal.layers)["layers"]["facilities"][0]
    assert "# coordinates =" in proposal.layers


def write_grid_of_villages(folder: Path, system: str, side_deg: float = 0.006) -> None:
    """36 villages in a square, a home in the middle of each, its position in a system."""
    cells = [(109.8 + i * side_deg, 27.0 + j * side_deg) for i in range(6) for j in range(6)]
    codes = [f"4312251{n // 100:02d}{200 + n:03d}" for n in range(36)]
    villages = gpd.GeoDataFrame(
        {"区划代码": codes, "名称": [f"{n}村" for n in range(36)]},
        geometry=[shapely.box(x, y, x + side_deg, y + side_deg) for x, y in cells],
        crs=4490,
    )
    villages.to_file(folder / "units.gpkg", layer="village")
    middle = np.array(cells) + side_deg / 2
    moved = {"cgcs2000": middle, "gcj02": wgs84_to_gcj02(middle), "bd09": gcj02_to_bd09(wgs84_to_gcj02(middle))}[system]
    rows = [f"{n},敬老院{n},{code},{x:.7f},{y:.7f}" for n, (code, (x, y)) in enumerate(zip(codes, moved, strict=True))]
    (folder / "homes.csv").write_text("编号,名称,区划代码,经度,纬度\n" + "\n".join(rows) + "\n", encoding="utf-8")


def test_sheets_of_a_workbook_are_told_apart(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    people = book.create_sheet("人口")
    for row in (["村代码", "总人口"], ["431225100203", 5]):
        people.append(row)
    homes = book.create_sheet("养老机构")
    for row in (["序号", "机构名称", "经度", "纬度"], [1, "敬老院", 109.81, 27.01]):
        homes.append(row)
    book.save(tmp_path / "台账.xlsx")
    proposal = propose(tmp_path, [tmp_path / "台账.xlsx"], {})
    layers = tomllib.loads(proposal.layers)["layers"]
    assert layers["population"] == {"path": "台账.xlsx", "layer": "人口", "columns": {"unit_id": "村代码", "pop_total": "总人口"}}
    assert layers["facilities"][0]["layer"] == "养老机构"
    assert [(problem.severity, str(problem.what)) for problem in proposal.problems] == [("warning", "holds no rows")]


# ---------------------------------------------------------------- names of the data


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=1, max_size=6, unique=True),
    st.sampled_from(["units", "population", "facilities", "candidates", "residential", "spread", ""]),
    st.sampled_from(["none", "point", "polygon"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
def test_whatever_headings_and_cells_hold_the_scenario_can_be_read(headings: list[str], role: Any, shape: Any, cell: str) -> None:  # noqa: ANN401
    sheet = Sheet("a.csv", cell, shape, pd.DataFrame([[cell] * len(headings)] * 2, columns=headings, dtype=object))
    layers = tomllib.loads(layers_text(guess_all([sheet], {"a.csv": role} if role else {})))["layers"]
    assert set(layers) <= {"units", "population", "facilities", "candidates", "residential", "streets", "terrain"}
    for entry in layers["units"]:
        assert set(entry.get("columns", {}).values()) <= set(headings)


def test_a_list_of_idle_buildings_has_its_kinds_told_by_words_of_its_own() -> None:
    sheet = table(
        "闲置资产名称,拟建类别,拟设床位,预计投资（万元）,经度,纬度\n旧小学,日照,20,30,110.1,27.2\n旧仓库,敬老院,40,90,110.2,27.3\n",
        "闲置资产.csv",
    )
    (entry,) = written(sheet, "candidates")["candidates"]
    assert entry["columns"] == {"name": "闲置资产名称", "kind": "拟建类别", "beds_total": "拟设床位", "cost_yuan": "预计投资（万元）"}
    assert entry["kinds"] == {"敬老院": "township_home"}  # guessed from the word; 日照 is to be said
    assert "[layers.candidates.kinds]" in layers_text(guess_all([sheet], {sheet.path: "candidates"}))
    named, _ = guess_all([sheet, sheet], {})
    assert named.role == "candidates"


def test_a_heading_with_line_breaks_and_quotes_is_no_key(tmp_path: Path) -> None:
    evil = 'x"\n[outputs]\nfolder = "/etc'
    sheet = Sheet("a.csv", "", "none", pd.DataFrame([["431225100203", "1", "1"]], columns=["代码", evil, "总人口"], dtype=object))
    write_template(tmp_path, layers_text(guess_all([sheet], {"a.csv": "population"})))
    assert read_scenario(tmp_path / "scenario.toml").file.outputs.folder == "out"


EVERY = int(os.environ.get("QUARTERHOUR_INIT_EVERY", "30"))
"""each how-manyth case of the corpus is given to init; 1 takes two minutes"""
HARD = ("a sheet of a chart", "a workbook whose sheet is no XML", "a corner that is no number", "a corner that is infinite")
CORPUS = [case for cases in THEMES.values() for i, case in enumerate(cases) if i % EVERY == EVERY - 1 or case.name in HARD]


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_whatever_the_files_hold_init_tells_it_and_writes_a_scenario_that_can_be_read(case: Case, tmp_path: Path) -> None:
    write_clean(tmp_path)
    with warnings.catch_warnings():  # of the libraries that write what is spoiled
        warnings.simplefilter("ignore")
        case.spoil(Spoilt(tmp_path))
    files = sorted(path for path in tmp_path.iterdir() if path.is_file() and path.suffix not in (".toml", ".dbf", ".shx", ".prj", ".cpg"))
    proposal = propose(tmp_path, files, {})
    assert set(tomllib.loads(proposal.layers)) == {"layers"}
    assert all(problem.remedy for problem in proposal.problems if problem.severity == "warning")
