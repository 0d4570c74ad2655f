"""Scenarios side by side: differences worked out by hand, laws of gain and loss, and nothing differenced in silence."""

from __future__ import annotations

import json
import math
import re
import runpy
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from layers.problems import InputFaultsError
from maps.comparison import tables as comparison_tables
from maps.comparison.model import Comparison, proposals_side_by_side
from maps.comparison.notes import notes
from maps.comparison.people import people_differences
from maps.comparison.result import comparison_result, published_schema, schema_text
from maps.comparison.rules import standings, unit_differences
from maps.comparison_export import export_comparison
from maps.numbers import shown_difference
from maps.page.island import Json
from maps.page.scenarios import change
from maps.publishing.manifest import changed_files
from maps.publishing.record import run_record
from planner.assessment import Assessment
from planner.balance import OUTSIDE, balance_of_people
from planner.travel.model import Travel
from scenarios import read_scenario
from scenarios.cli import app
from scenarios.compare import compare, names_of
from tests.comparisons import small_comparison, with_higher_land_rule, without_sites
from tests.small_assessment import VILLAGES, small_assessment
from tests.small_scenario import write_small_scenario

EXAMPLES = Path(__file__).parents[1] / "scenarios" / "examples"
V1, V2, V3, V4 = VILLAGES


def _people(comparison: Comparison) -> pd.DataFrame:
    return people_differences(comparison, 1).set_index(["level", "unit_id"])


# People


def test_without_the_plan_the_150_of_village_3_lose_and_nobody_gains() -> None:
    people = _people(small_comparison())
    columns = ["served_reference", "served_scenario", "served_difference", "gained", "lost"]
    assert people.loc[("village", V3), columns].tolist() == [150.0, 0.0, -150.0, 0.0, 150.0]
    assert people.loc[("township", "431299200"), columns].tolist() == [150.0, 0.0, -150.0, 0.0, 150.0]
    assert people.loc[("village", V1), columns].tolist() == [300.0, 300.0, 0.0, 0.0, 0.0]
    assert people.loc[("", ""), columns].tolist() == [650.0, 500.0, -150.0, 0.0, 150.0]
    assert people.loc[("", ""), "total_scenario"] == 660.0
    assert people.loc[("village", V4), columns].isna().all()  # nobody lives there
    assert people.loc[("", OUTSIDE), columns].tolist() == [0.0, 0.0, 0.0, 0.0, 0.0]


def _with_reach(assessment: Assessment, reached: list[bool]) -> Assessment:
    """The assessment, its demand points within the circle or not as told."""
    minutes = np.where(reached, 5.0, np.inf)
    balance = balance_of_people(assessment.after.area, "pop60", minutes, assessment.off_network)
    return replace(assessment, after=replace(assessment.after, minutes=minutes, balance=balance))


masks = st.lists(st.booleans(), min_size=4, max_size=4)


@settings(deadline=None, max_examples=15)
@given(masks, masks)
def test_gain_less_loss_is_the_difference_in_every_unit_and_levels_add_up(one: list[bool], other: list[bool]) -> None:
    small = small_assessment()
    plans = [_with_reach(small, one), _with_reach(small, other)]
    table = people_differences(Comparison(("a", "b"), tuple(plans)), 1)
    turned = people_differences(Comparison(("b", "a"), tuple(plans[::-1])), 1)
    known = table.dropna()
    assert np.allclose(known["gained"] - known["lost"], known["served_difference"])
    for level in ("county", "township", "village"):
        added = table.loc[table["level"] == level, ["gained", "lost"]].sum()
        assert added.tolist() == [float(table.loc[0, "gained"]), float(table.loc[0, "lost"])]
    assert np.array_equal(table["gained"], turned["lost"], equal_nan=True)
    assert np.array_equal(table["served_difference"], -turned["served_difference"], equal_nan=True)


def test_another_circle_is_told_and_its_people_are_not_differenced() -> None:
    comparison = Comparison(("a", "b"), (small_assessment(), replace(without_sites(), circle_minutes=10.0)))
    people = _people(comparison)
    assert people.loc[("", ""), ["served_reference", "served_scenario"]].tolist() == [650.0, 500.0]
    assert people[["served_difference", "gained", "lost"]].isna().all(axis=None)
    assert any("minutes of the circle 15 / 10" in note["en"] for note in notes(comparison))


def test_with_other_demand_points_only_the_net_is_told() -> None:
    other = without_sites()
    area = other.after.area
    moved = area.demand.assign(geometry=area.demand.geometry.translate(5.0))
    finding = replace(other.after, area=replace(area, demand=gpd.GeoDataFrame(moved, crs=area.crs)))
    comparison = Comparison(("a", "b"), (small_assessment(), replace(other, after=finding)))
    people = _people(comparison)
    assert people.loc[("village", V3), "served_difference"] == -150.0
    assert people[["gained", "lost"]].isna().all(axis=None)
    assert any("other demand points" in note["en"] for note in notes(comparison))


def test_the_same_scenario_twice_differs_in_nothing() -> None:
    comparison = Comparison(("a", "b"), (small_assessment(), small_assessment()))
    assert (people_differences(comparison, 1)[["served_difference", "gained", "lost"]].fillna(0.0) == 0.0).all(axis=None)
    assert (unit_differences(comparison, 1)[["value_difference", "shortfall_difference"]].fillna(0.0) == 0.0).all(axis=None)
    assert notes(comparison) == []
    assert proposals_side_by_side(comparison)["n_scenarios"].tolist() == [2.0]


# Rules


def _unit(comparison: Comparison, rule_id: str, unit_id: str, reading: str = "") -> pd.Series:
    table = unit_differences(comparison, 1)
    return table[(table["rule_id"] == rule_id) & (table["unit_id"] == unit_id) & (table["reading"] == reading)].iloc[0]


def test_the_land_of_village_3_falls_by_two_fifths_of_a_square_metre_and_is_50_square_metres_short() -> None:
    row = _unit(small_comparison(), "small.land", V3)
    assert (row["value_reference"], row["value_scenario"], row["value_difference"]) == (0.4, 0.0, -0.4)
    assert (row["shortfall_reference"], row["shortfall_scenario"], row["shortfall_difference"]) == (0.0, 50.0, 50.0)
    assert (row["verdict_reference"], row["verdict_scenario"]) == ("pass", "fail")


def test_no_data_in_either_scenario_is_no_difference_and_never_zero() -> None:
    row = _unit(small_comparison(), "small.land", V2, "floor")
    assert math.isnan(row["value_difference"])
    assert math.isnan(row["shortfall_difference"])


def test_a_rule_with_another_number_keeps_its_figures_and_is_not_differenced() -> None:
    comparison = Comparison(("plan", "stricter"), (small_assessment(), with_higher_land_rule()))
    row = _unit(comparison, "small.land", V3)
    assert (row["value_reference"], row["value_scenario"]) == (0.4, 0.4)
    assert math.isnan(row["value_difference"])
    assert row["why"] == "limit 0.1 / 0.12"
    table = comparison_tables.rules(comparison).frame.set_index(["rule_id", "reading"])
    assert math.isnan(table.loc[("small.land", ""), "value_difference_1"])
    assert table.loc[("small.circle", ""), "value_difference_1"] == 0.0
    assert any("3 rules or readings" in note["en"] for note in notes(comparison))  # land, its reading, and the centres


def test_what_two_rules_ask_otherwise_is_told_in_words() -> None:
    small = small_assessment()
    other = {"facilities": ("elderly",), "weight": "pop65", "profile": "general_walk"}
    rules = tuple(rule.model_copy(update=other) if rule.id == "circle" else rule for rule in small.rules)
    standing = standings(Comparison(("plan", "other"), (small, replace(small, rules=rules))), 1)["small.circle", ""]
    zh, en = standing.why("zh"), standing.why("en")
    assert "步行方式 老年人步行" in zh
    assert "65岁及以上人口" in zh
    assert "/ 养老设施" in zh
    assert "people counted people aged 60 and over / people aged 65 and over" in en
    assert re.search("[a-z]+_[a-z]+|pop[0-9]", zh + en) is None


def test_another_pace_of_travel_is_told_in_words() -> None:
    small = small_assessment()
    comparison = Comparison(("a", "b"), (small, replace(small, travel=Travel(profile="general_walk", slope=False))))
    told = [note["zh"] for note in notes(comparison)]
    assert any("步行方式" in text and "老年人步行" in text for text in told)
    assert any("坡道减速" in text and "是 / 否" in text for text in told)


def test_a_rule_that_one_scenario_has_alone_is_said_to_be_so() -> None:
    comparison = Comparison(("plan", "stricter"), (small_assessment(), with_higher_land_rule()))
    standing = standings(comparison, 1)["small.centre", ""]
    assert standing.why("en") == "only plan has this rule"
    assert standing.why("zh") == "仅 plan 有此规则"
    table = comparison_tables.rules(comparison).frame.set_index(["rule_id", "reading"])
    assert table.loc[("small.centre", ""), ["verdict_0", "verdict_1"]].tolist() == ["fail", ""]
    assert math.isnan(table.loc[("small.centre", ""), "shortfall_difference_1"])


def test_a_shortfall_that_is_a_lower_bound_is_not_differenced() -> None:
    table = comparison_tables.rules(small_comparison()).frame.set_index(["rule_id", "reading"])
    assert table.loc[("small.land", "floor"), "shortfall_1"] > 0
    assert math.isnan(table.loc[("small.land", "floor"), "shortfall_difference_1"])  # village 2 has no data
    assert table.loc[("small.land", ""), "shortfall_difference_1"] == pytest.approx(50.0)


def test_the_texts_of_a_rule_do_not_keep_it_from_being_compared() -> None:
    small = small_assessment()
    renamed = tuple(rule.model_copy(update={"title": "另一标题", "clause": "三", "ambiguity": ()}) for rule in small.rules)
    comparison = Comparison(("a", "b"), (small, replace(small, rules=renamed)))
    assert all(standing.is_comparable for standing in standings(comparison, 1).values())


# Key figures, proposals, places


def test_cost_and_sites_stand_side_by_side_with_their_difference() -> None:
    table = comparison_tables.summary(small_comparison()).frame.set_index("figure_en")
    assert table.loc["cost", ["after_0", "after_1", "difference_1"]].tolist() == [300_000.0, 0.0, -300_000.0]
    assert table.loc["proposed facilities", ["after_0", "after_1"]].tolist() == [1.0, 0.0]
    assert shown_difference(-300_000.0, "yuan") == "-300,000"
    assert shown_difference(12.0, "people") == "+12"
    assert shown_difference(0.0, "%") == "0.0"


def test_proposals_in_common_and_alone_and_the_same_code_for_another_place() -> None:
    small = small_assessment()
    row = small.proposals
    moved = gpd.GeoDataFrame(row.assign(geometry=row.geometry.translate(300.0)), crs=row.crs)
    comparison = Comparison(("a", "b", "c"), (small, small, replace(small, proposals=moved)))
    table = proposals_side_by_side(comparison)
    assert table["candidate_id"].tolist() == ["c1", "c1"]
    assert table["same_id"].tolist() == [False, True]
    assert table["n_scenarios"].tolist() == [2.0, 1.0]
    assert table[["rank_0", "rank_1", "rank_2"]].isna().to_numpy().tolist() == [[False, False, True], [True, True, False]]


def test_scenarios_of_other_places_are_refused_with_what_differs() -> None:
    other = small_assessment()
    units = other.before.area.units
    renamed = units.assign(unit_id=units["unit_id"].replace(V4, "431299200203"))
    candidates = other.before.area.candidates
    area = replace(
        other.before.area,
        units=gpd.GeoDataFrame(renamed, crs=units.crs),
        candidates=candidates[candidates["unit_id"] != V4].reset_index(drop=True),
    )
    with pytest.raises(
        InputFaultsError, match=r"a: 1 of its units are not in b.*431299200202.*\n.*b: 1 of its units are not in a.*431299200203"
    ):
        Comparison(("a", "b"), (small_assessment(), replace(other, before=replace(other.before, area=area))))


# Changes of the page's content

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.text(alphabet="AB", min_size=101, max_size=140),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4),
)


def applied(was: Json, what: dict[str, Json]) -> Json:
    """What `patched` of the page makes of a change."""
    if "is" in what:
        return what["is"]
    if "at" in what:
        text, stretches = str(was), list(what["at"])  # type: ignore[arg-type]
        for place, new in zip(stretches[::2], stretches[1::2], strict=True):
            text = text[:place] + new + text[place + len(new) :]  # type: ignore[operator]
        return text
    if "of" in what:
        parts = [was[part[0] : part[1]] if isinstance(part, list) else [part["is"]] for part in what["of"]]  # type: ignore[union-attr,index,call-overload]
        return [member for part in parts for member in part]
    members = what.get("in", {})
    if isinstance(was, list):
        return [applied(member, members.get(str(i), {})) for i, member in enumerate(was)]  # type: ignore[union-attr]
    return {key: applied(member, members.get(key, {})) for key, member in was.items()} if isinstance(was, dict) else was  # type: ignore[union-attr]


@given(json_values, json_values)
def test_a_change_makes_the_second_content_of_the_first(was: Json, now: Json) -> None:
    assert applied(was, change(was, now)) == now


def test_what_is_the_same_is_not_told_again() -> None:
    long = "A" * 5000
    assert change({"a": long, "b": {"c": 1}}, {"a": long, "b": {"c": 2}}) == {"in": {"b": {"is": {"c": 2}}}}
    assert change({"a": long, "b": {"c": long}}, {"a": long, "b": {"c": "B" + long[1:]}}) == {"in": {"b": {"in": {"c": {"at": [0, "B"]}}}}}
    assert change(long, long) == {}
    assert change([long, "other" + long, "a"], [long, "new", "other" + long]) == {"of": [[0, 1], {"is": "new"}, [1, 2]]}


# Files


def _exported(comparison: Comparison, folder: Path) -> list[Path]:
    records = [run_record(assessment, "name = 'x'") for assessment in comparison.assessments]
    return export_comparison(comparison, records, folder, language="zh", progress=lambda _: None)


def test_the_result_holds_to_its_published_schema_and_is_the_tables(tmp_path: Path) -> None:
    comparison = small_comparison()
    _exported(comparison, tmp_path)
    assert changed_files(tmp_path) == []
    assert published_schema() == schema_text()
    result = json.loads((tmp_path / "result.json").read_bytes())
    Draft202012Validator(json.loads(published_schema())).validate(result)
    assert result == json.loads(json.dumps(comparison_result(comparison)))
    village = next(row for row in result["people"] if row["unit_id"] == V3)
    assert (village["served"], village["served_difference"], village["lost"]) == ([150.0, 0.0], [None, -150.0], [None, 150.0])
    land = next(row for row in result["units"] if row["rule_id"] == "small.land" and row["unit_id"] == V3 and not row["reading"])
    assert land["value_difference"] == [None, -0.4]
    assert [s["name"] for s in json.loads((tmp_path / "run.json").read_bytes())["scenarios"]] == ["plan", "nothing"]


def test_the_workbook_has_the_differences_by_rule_unit_and_proposal(tmp_path: Path) -> None:
    _exported(small_comparison(), tmp_path)
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames == ["对照", "规则对照", "圈内人口对照", "逐单元对照", "建议设施对照"]
    rows = list(book["圈内人口对照"].iter_rows(values_only=True))
    heads = next(row for row in rows if row[0] and str(row[0]).startswith("层级"))
    village = next(row for row in rows if row[1] == V3)
    told = {str(head).split("\n")[0]: cell for head, cell in zip(heads, village, strict=True) if head}
    assert told["plan：圈内人口 [人]"] == 150
    assert told["nothing − plan：圈内人口 [人]"] == -150
    assert told["nothing − plan：退出圈外 [人]"] == 150


def test_two_comparisons_of_the_same_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        _exported(small_comparison(), tmp_path / name)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


# From the scenario files


@pytest.fixture(scope="module")
def variants(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("variants")
    path = write_small_scenario(folder)
    path.write_text(path.read_text(encoding="utf-8").replace("max_sites = 2", "budget_yuan = 300_000"), encoding="utf-8")
    one = folder / "one-site.toml"
    one.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    return [one, path]


def test_the_example_compares_two_budgets_and_lists_what_is_set_otherwise(variants: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["compare_two_plans.py", str(variants[1]), "150000", "450000"])
    done = runpy.run_path(str(EXAMPLES / "compare_two_plans.py"))
    comparison: Comparison = done["comparison"]
    assert comparison.names == ("budget-150000", "budget-450000")  # they have one name: told by their files
    assert comparison.settings.to_numpy().tolist() == [["siting.budget_yuan", "150000.0", "450000.0"]]
    folder = variants[1].with_name("compared")
    assert sorted(path.name for path in folder.iterdir()) == ["index.html", "manifest.json", "result.json", "run.json", "tables.xlsx"]
    assert [assessment.choice.cost_yuan for assessment in comparison.assessments] == [150_000.0, 450_000.0]
    whole = comparison_tables.people(comparison).frame.iloc[0]
    for i, assessment in enumerate(comparison.assessments):
        sheet = assessment.after.balance
        assert whole[f"served_{i}"] == float(sheet.loc[sheet["unit_id"] == "", "served"].iloc[0])


def test_scenarios_have_names_of_their_own(variants: list[Path]) -> None:
    first, second = (read_scenario(path) for path in variants)
    assert names_of([first, replace(second, file=second.file.model_copy(update={"name": "other"}))]) == ("small", "other")
    assert names_of([first, second]) == ("one-site", "scenario")
    assert names_of([first, first]) == ("one-site (1)", "one-site (2)")


def test_the_command_refuses_one_scenario_and_another_place(variants: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputFaultsError, match="two scenarios or more"):
        compare([read_scenario(variants[0])])
    other = write_small_scenario(tmp_path)
    units = gpd.read_file(tmp_path / "units.gpkg", layer="village")
    units["unit_id"] = units["unit_id"].replace(V4, "431299200203")
    units.to_file(tmp_path / "units.gpkg", layer="village", driver="GPKG")
    (tmp_path / "people.csv").write_text((tmp_path / "people.csv").read_text("utf-8").replace(V4, "431299200203"), encoding="utf-8")
    for name in ("candidates.csv", "facilities.csv"):
        (tmp_path / name).write_text((tmp_path / name).read_text("utf-8").replace(V4, "431299200203"), encoding="utf-8")
    result = CliRunner().invoke(app, ["compare", str(variants[1]), str(other), "--folder", str(tmp_path / "out")])
    assert isinstance(result.exception, InputFaultsError)
    assert "431299200203" in str(result.exception)
    assert not (tmp_path / "out").exists()
