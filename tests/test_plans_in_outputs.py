"""What is found about plans, closures and districts stands in every output with the same figures: result, workbook, GeoPackage, command line."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from typer.testing import CliRunner

from layers.saying import in_language
from maps.gis.qgis_style import looks
from maps.result import result_of
from maps.tables import closure_tables, district_tables, plan_tables
from maps.tables.place_tables import demand, proposals
from maps.tables.plan_lines import plan_lines
from maps.tables.shown import ShownTable
from maps.words import words
from planner.access import BALANCE_PARTS
from planner.assessment import Assessment
from planner.measures import open_of_kind
from planner.siting.actions import CLOSE
from scenarios import read_scenario, run, write
from scenarios.cli import app
from tests.small_assessment import small_assessment
from tests.small_scenario import write_small_scenario

ASKED = '[siting]\ngoal = "relieve"\nmax_sites = 2\n'
MORE = """[siting]
goal = "relieve"
[[siting.phases]]
year = 2027
budget_yuan = 300_000
[[siting.phases]]
year = 2028
budget_yuan = 900_000

[[closures]]
facilities = ["f1"]
[[closures]]
facilities = ["f2"]
into = "f1"
[[closures]]
facilities = ["f3", "f2"]

[districts]
kinds = ["day_care", "township_centre", "mutual_aid_point"]
capacity = "beds_total"
persons_per_place = 5
"""


@pytest.fixture(scope="module")
def scenario_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = write_small_scenario(tmp_path_factory.mktemp("plans"))
    text = path.read_text(encoding="utf-8")
    assert ASKED in text
    path.write_text(text.replace(ASKED, MORE), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def assessment(scenario_path: Path) -> Assessment:
    scenario = read_scenario(scenario_path)
    found = run(scenario)
    write(scenario, found)
    return found


@pytest.fixture(scope="module")
def out(scenario_path: Path, assessment: Assessment) -> Path:  # noqa: ARG001 - written by it
    return scenario_path.parent / "out"


@pytest.fixture(scope="module")
def result(out: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((out / "result.json").read_text(encoding="utf-8"))
    return read


def tables_of(assessment: Assessment) -> list[ShownTable]:
    found = [*plan_tables.plan_tables(assessment), *closure_tables.closure_tables(assessment), *district_tables.district_tables(assessment)]
    assert {t.id for t in found} >= {"phases", "curve", "curve_steps", "closures", "closure_losses", "districts", "district_balance"}
    return found


def figures(values: pd.Series) -> list[float | None]:
    return [None if math.isnan(n) else n for n in values.astype(float)]


def test_every_table_reads_the_same_in_the_geopackage(assessment: Assessment, out: Path) -> None:
    for table in (*tables_of(assessment), district_tables.district_flows(assessment)):
        found = pyogrio.read_dataframe(out / "plan.gpkg", layer=table.id, read_geometry=False)
        assert list(found.columns) == [h.name for h in table.headings]
        for heading in table.headings:
            expected, got = table.frame[heading.name], found[heading.name]
            if heading.is_number:
                assert figures(got) == figures(expected), (table.id, heading.name)
            elif len(expected) and isinstance(expected.iloc[0], bool):
                assert got.astype(bool).tolist() == expected.tolist()
            else:
                assert got.fillna("").tolist() == expected.tolist(), (table.id, heading.name)


def cells_below(sheet: Worksheet, title: str, n_rows: int) -> dict[str, list[object]]:
    """Heading -> the cells below it, of the table that bears a title."""
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    top = next(i for i, row in enumerate(rows) if row[0] == title) + 1
    return {str(head): [row[i] for row in rows[top + 1 : top + 1 + n_rows]] for i, head in enumerate(rows[top]) if head}


def test_every_table_reads_the_same_in_the_workbook(assessment: Assessment, out: Path) -> None:
    book = openpyxl.load_workbook(out / "tables.xlsx")
    sheet_of = {"phases": "分期与备选", "closures": "关停设问", "districts": "服务片区"}
    sheet = ""
    for table in tables_of(assessment):
        sheet = sheet_of.get(table.id, sheet)
        cells = cells_below(book[sheet], table.zh, len(table.frame))
        for heading in (h for h in table.headings if h.is_number):
            head = next(h for h in cells if h.split("\n")[0].split(" [")[0] == heading.zh)
            expected = table.frame[heading.name].to_numpy(dtype=float)
            np.testing.assert_allclose(np.array(cells[head], dtype=float), expected, rtol=1e-15, err_msg=f"{table.id}, {heading.name}")


def test_the_result_holds_the_same_figures(assessment: Assessment, result: dict[str, Any]) -> None:
    of = {t.id: t.frame for t in tables_of(assessment)}
    for key, id_ in (("phases", "phases"), ("curve", "curve"), ("curve_steps", "curve_steps"), ("closure_losses", "closure_losses")):
        for name in result[key][0]:
            assert [row[name] for row in result[key]] == [None if x != x else x for x in of[id_][name]], (key, name)  # noqa: PLR0124 - NaN
    assert [row["closure"] for row in result["closures"]] == ["f1", "f2>f1", "f3;f2"]
    loads = result["districts"]["loads"]
    assert [row["load_before"] for row in loads] == figures(of["districts"]["load_before"])
    assert len(result["districts"]["flows"]) == len(district_tables.district_flows(assessment).frame)
    again = result_of(assessment)
    assert again["districts"] == result["districts"]


def test_proposals_say_when_they_are_built_and_what_is_done(assessment: Assessment, result: dict[str, Any]) -> None:
    frame = proposals(assessment).frame.set_index("candidate_id")
    phases = assessment.choice.phases.set_index("candidate_id")["year"]
    assert frame["phase"].to_dict() == {id_: str(year) for id_, year in phases.items()}
    assert set(frame["action"]) == {"convert"}  # they stand idle
    assert {row["candidate_id"]: row["phase"] for row in result["proposals"]} == frame["phase"].to_dict()
    assert [row["action"] for row in result["proposals"]] == ["convert"] * len(frame)


def test_phases_spend_no_more_than_there_is(result: dict[str, Any]) -> None:
    assert result["phases"]
    assert all(row["spent_yuan"] <= row["granted_yuan"] for row in result["phases"])
    assert result["phases"][-1]["spent_yuan"] == result["choice"]["cost_yuan"]


def test_closures_lose_whom_nothing_else_reaches(assessment: Assessment, result: dict[str, Any]) -> None:
    # By another road: a place of people is lost when every open facility of the circle within 15 minutes of it closes.
    finding, people = assessment.before, assessment.before.area.demand["pop60"].to_numpy()
    arcs = finding.times.by_profile[assessment.circle_profile]
    ids, of_circle = finding.area.facilities["facility_id"], open_of_kind(finding.area.facilities, assessment.circle_kinds)
    near: dict[int, set[str]] = {}
    for row, site, minutes in zip(arcs.demand_row, arcs.site_row, arcs.minutes, strict=True):
        if site < len(ids) and of_circle[site] and minutes <= assessment.circle_minutes:
            near.setdefault(int(row), set()).add(str(ids[site]))
    for row in result["closures"]:
        closes = set(row["closure"].split(">")[0].split(";"))
        lost = sum(people[point] for point, sites in near.items() if sites <= closes)
        assert row["people_lost_before"] == pytest.approx(lost)
    assert [row["people_lost_before"] > 0 for row in result["closures"]] == [True, True, True]
    land = next(
        r for r in result["closure_losses"] if (r["closure"], r["rule_id"], r["state"]) == ("f1", "huitong.land_per_capita", "before")
    )
    assert land["shortfall_added"] == pytest.approx(120.0)  # all the land of village 1, which is short already


def test_the_balance_of_districts_adds_up_in_every_output(result: dict[str, Any], out: Path) -> None:
    for row in result["districts"]["balance"]:
        assert sum(row[part] for part in BALANCE_PARTS) == pytest.approx(row["total"], abs=1e-9)
    whole = next(row for row in result["districts"]["balance"] if row["unit_id"] == "" and row["state"] == "before")
    assert whole["total"] == 650.0
    flows = [row for row in result["districts"]["flows"] if row["state"] == "before"]
    assert sum(row["people"] for row in flows) == pytest.approx(whole["served"])
    told = pyogrio.read_dataframe(out / "plan.gpkg", layer="district_balance", read_geometry=False).set_index("unit_id")
    assert told.loc[told["unit_name_en"] == "all", "served_before"].tolist() == [whole["served"]]


def test_each_demand_point_names_the_facility_that_most_of_it_go_to(assessment: Assessment) -> None:
    points = demand(assessment).frame.set_index("demand_id")
    assert assessment.districts is not None
    flows = assessment.districts.before.flows
    for id_, mine in flows.groupby("demand_id"):
        assert points.loc[id_, "district_before"] in set(mine.loc[mine["people"] == mine["people"].max(), "facility_id"])
    assert (points.loc[~points.index.isin(flows["demand_id"]), "district_before"] == "").all()
    names = {h.name for h in demand(small_assessment()).headings}
    assert "district_before" not in names  # where nobody asked


def test_districts_can_be_drawn_in_qgis(assessment: Assessment) -> None:
    layer = demand(assessment)
    drawn = {look.name: {category.value for category in look.categories} for look in looks(assessment, layer, "zh")}
    for state, name in (("before", "服务片区（设施编号）（现状）"), ("after", "服务片区（设施编号）（规划后）")):
        assert drawn[name] >= set(layer.frame[f"district_{state}"])


def test_a_facility_that_the_plan_replaces_is_no_question_any_more(assessment: Assessment) -> None:
    one_state = assessment.closures[(assessment.closures["state"] == "before") | (assessment.closures["closure"] != "f1")]
    row = closure_tables.closures(replace(assessment, closures=one_state)).frame.set_index("closure").loc["f1"]
    assert np.isnan(row["people_lost_after"])
    assert row["people_lost_before"] > 0
    lines = [line for line in plan_lines(replace(assessment, closures=one_state)) if line.startswith("if 一社区")]
    assert "once the plan stands" not in lines[0]


def test_the_command_line_tells_phases_closures_and_districts(scenario_path: Path) -> None:
    said = CliRunner().invoke(app, ["run", str(scenario_path)], env={"QUARTERHOUR_LANGUAGE": "en"}).stdout
    assert "2027: " in said
    assert "if 二村互助点 moved into 一社区日间照料中心: " in said
    assert "people aged 60 and over, today: " in said
    assert " of 650 have a place" in said


def test_the_lines_can_be_told_in_chinese(assessment: Assessment) -> None:
    told = [in_language(line, "zh") for line in plan_lines(assessment)]
    assert any(line.startswith("若二村互助点并入一社区日间照料中心：") for line in told)
    assert any(line.startswith("60岁及以上人口，现状：650 人中 ") for line in told)


def test_where_nothing_is_asked_no_table_stands() -> None:
    found = small_assessment()
    assert plan_tables.plan_tables(found) == closure_tables.closure_tables(found) == district_tables.district_tables(found) == ()
    assert list(plan_lines(found)) == []
    told = result_of(found)
    assert (told["phases"], told["curve"], told["closures"], told["districts"]) == ([], [], [], None)


def test_every_action_and_the_year_without_money_have_words() -> None:
    for language in ("zh", "en"):
        known = words(language)
        assert {f"action.{action}" for action in ("build", "enlarge", "convert", "upgrade", CLOSE)} <= set(known)
        assert f"phase.{plan_tables.UNFUNDED}" in known
    assert plan_tables.phase_code(0) == plan_tables.UNFUNDED
    assert plan_tables.phase_code(2027) == "2027"


def test_a_zero_that_a_site_does_not_bring_is_kept_and_not_shown(out: Path) -> None:
    sheet = openpyxl.load_workbook(out / "tables.xlsx")["候选点"]
    (row,) = [row for row in sheet.iter_rows() if row[0].value == "c1"]
    zero = [cell for cell in row if cell.value == 0 and isinstance(cell.value, int | float)]
    assert zero
    assert all(cell.number_format.endswith(";") for cell in zero)
