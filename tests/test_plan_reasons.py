"""The console tells how far a goal was reached, why nothing was chosen, and which rules have no data for want of which column."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from layers.saying import in_language
from maps.tables.plan_reasons import goal_lines, told_of_plan, why_nothing
from planner.assessment import Assessment
from scenarios.line import run
from scenarios.reading import read_scenario
from scenarios.summary import summary
from scenarios.without_data import without_data
from tests.small_scenario import write_small_scenario

CANDIDATES = '[[layers.candidates]]\npath = "candidates.csv"\ncoordinates = "cgcs2000"\n'
LAND = 'max_sites = 2\nrules = ["huitong.land_per_capita"]\n[rules."huitong.land_per_capita"]\n'

Changed = Callable[[str, str], Assessment]


@pytest.fixture
def changed(tmp_path: Path) -> Changed:
    path = write_small_scenario(tmp_path)

    def run_changed(old: str, new: str) -> Assessment:
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        return run(read_scenario(path))

    return run_changed


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (CANDIDATES, "", "there are no candidates: add [[layers.candidates]], or write search_areas = 10 under [siting]"),
        ("max_sites = 2", "max_sites = 0", "no candidate that mends what is short can be opened within the budget and number of sites"),
        ('"relieve"', '"none"', 'no site was to be chosen: goal = "none" under [siting]'),
        ("max_sites = 2", LAND + 'base = "pop_resident"', "rules that sites are chosen for: 1 without data"),
        ("max_sites = 2", LAND + "value = 0", "rules that sites are chosen for: 1 met"),
        ('goal = "relieve"', 'goal = "share"\ntarget_share = 0.5', "what the goal asks for is reached without any"),
        ("max_sites = 2", 'max_sites = 2\nrules = ["huitong.social_workers_elders"]', "rules that sites are chosen for: 1 without data"),
        (CANDIDATES, CANDIDATES + "where = \"candidate_id = 'c2'\"\n", ""),
    ],
)
def test_why_nothing_is_chosen(changed: Changed, old: str, new: str, told: str) -> None:
    found = changed(old, new)
    why = why_nothing(found)
    if told:
        assert why is not None
        assert found.choice.opened == ()
        assert told in why.in_full
        assert any(line in (why.in_full, in_language(why.in_full, "zh")) for line in summary(found, []))
        assert told_of_plan(found)[-1] == why.reason
        assert "[" not in why.reason
        assert "=" not in why.reason
    else:
        assert found.choice.opened
        assert why is None


def test_candidates_that_may_not_be_opened_are_the_reason(changed: Changed, tmp_path: Path) -> None:
    path = tmp_path / "candidates.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    at = header.split(",").index("role") if "role" in header.split(",") else None
    if at is None:
        header, rows = f"{header},role", [f"{row},forbidden" for row in rows]
    else:
        rows = [",".join("forbidden" if i == at else cell for i, cell in enumerate(row.split(","))) for row in rows]
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    why = why_nothing(changed("max_sites = 2", "max_sites = 2"))
    assert why is not None
    line = why.in_full
    assert line == "none of the 3 candidates may be opened: its role is forbidden"
    assert in_language(line, "zh").startswith("3 个候选点均不可开设：")


def test_goal_serve_tells_how_many_have_a_place_before_and_after(changed: Changed) -> None:
    """f1 has 10 beds, f3 has 40, and more than 50 people reach them; c2 has 12, and 9 people reach it who reach no other."""
    (line,) = goal_lines(changed('goal = "relieve"', 'goal = "serve"\ncapacity = "beds_total"'))
    assert line == "people aged 60 and over with a place (beds): 50 of 650 -> 59"
    assert in_language(line, "zh") == "60岁及以上人口有位可去（床位数）：共 650，现状 50，实施方案后 59"


def test_goal_share_tells_the_share_reached_of_the_share_asked_for(changed: Changed) -> None:
    """445 of 650 are inside today, 591 with both sites, 90.9 %."""
    (line,) = goal_lines(changed('goal = "relieve"', 'goal = "share"'))
    assert line == "people aged 60 and over inside the circle: 90.0 % asked for, 90.9 % reached"
    (line,) = goal_lines(changed('goal = "share"', 'goal = "share"\ntarget_share = 0.95'))
    assert line == "people aged 60 and over inside the circle: 95.0 % asked for, NOT reached: 90.9 %"
    assert list(goal_lines(changed('goal = "share"\ntarget_share = 0.95', 'goal = "relieve"'))) == []


def test_rules_without_data_are_told_by_what_is_missing(changed: Changed) -> None:
    lines = list(without_data(changed("[siting]", '[rules."huitong.land_per_capita"]\nbase = "pop_resident"\n[siting]')))
    assert in_language(lines[0], "zh") == "1 条规则无数据，原因：常住人口不详。规则：村（居）社区养老服务设施人均用地"
    assert "1 条规则无数据，原因：社会工作者人数不详。规则：每千名老年人社会工作者" in [in_language(line, "zh") for line in lines]
    assert lines[-1] == 'Say what pop_total counts: total_is = "resident" or "registered" under [layers.population].'
    said = list(without_data(changed('path = "people.csv"', 'path = "people.csv"\ntotal_is = "resident"')))
    assert not any("pop_resident" in line or "total_is" in line for line in said)


def test_resident_people_without_a_total_are_told_how_to_stand_for_it(changed: Changed) -> None:
    found = changed('path = "people.csv"', 'path = "people.csv"\ncolumns = { pop_resident = "总人口" }')
    (line,) = [line for line in without_data(found) if "take that column as pop_total too" in line]
    assert "total_is" in in_language(line, "zh")
