"""The charts of the page: drawn from the digits that stand beneath them, told in words, and following every switch."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from maps.numbers import shown
from maps.page import write_page
from maps.page.marks import BINS, bands_of, bins_of
from maps.page.plans import alternatives, curve, proposal_details
from maps.tables.place_tables import proposals
from planner.siting.model import Siting
from tests.browser import Page, needs_chromium
from tests.small_assessment import small_assessment
from tests.switched_pages import inside, told_by_python, with_sites, write_opened_page
from tests.switched_towns import planned_town

SITING = Siting(goal="relieve", budget_yuan=1_200_000.0, method="heuristic", rules=("test.land", "test.reach"), weights={"test.reach": 3.0})
SEED = 180
"""a town where nothing is replaced, every candidate has its cost, and the plan leaves some of them out"""

BOTH_SEED = 198
"""a town whose plan has a site that the circle counts, and one that it does not"""


def a_town() -> Any:  # noqa: ANN401 - an assessment
    return planned_town(SEED, siting=SITING)


def rows_of(browser: Page, table: str) -> list[list[str]]:
    found: list[list[str]] = browser.evaluate(
        f"Array.from(document.querySelectorAll('#{table} tbody tr')).map(function (r) {{ return Array.from(r.cells).map(function (c) {{ return c.textContent; }}); }})"
    )
    return found


def test_the_bins_of_minutes_are_fifths_of_the_bands() -> None:
    minutes = np.array([0.0, 1.0, 1.1, 5.0, 5.1, 10.0, 14.9, 15.0, math.inf, math.inf])
    stray = np.array([False] * 9 + [True])
    assert bins_of(minutes, stray, 15.0).tolist() == [0, 0, 1, 4, 5, 9, 14, 14, BINS, BINS + 1]
    inside_ = minutes <= 15.0
    assert (bins_of(minutes, stray, 15.0)[inside_] // 5).tolist() == bands_of(minutes, stray, 15.0)[inside_].tolist()


def test_the_curve_and_the_near_best_plans_are_those_of_the_choice() -> None:
    assessment = a_town()
    found = assessment.choice.curve
    told: Any = curve(assessment)
    assert [step["cost"] for step in told["steps"]] == found.steps["cost"].tolist()
    assert [point["share_digits"] for point in told["points"]] == [shown(100 * share, "%") for share in found.points["relieved_share"]]
    assert [other["rows"] for other in alternatives(assessment)] == [list(a.opened) for a in assessment.choice.alternatives]  # type: ignore[index, call-overload]


def test_a_site_tells_its_groups_where_it_is_counted_in_the_circle() -> None:
    assessment = planned_town(BOTH_SEED, siting=SITING)
    details: Any = proposal_details(assessment)
    gained = assessment.proposals["gained_pop60"]
    assert gained.notna().tolist() == [True, False]
    assert [dict(d["groups"]).get("pop60") for d in details] == [shown(gained[0], "people"), None]


def test_every_group_that_gains_has_one_column_of_its_own_that_names_it() -> None:
    assessment = planned_town(BOTH_SEED, siting=SITING)
    shown_table = proposals(assessment)
    columns = {h.name: h for h in shown_table.headings if "gained" in h.name}
    groups = [str(name) for name in assessment.proposals.columns if str(name).startswith("gained_")]
    assert assessment.circle_base == "pop60"
    assert set(columns) == {"people_gained", *groups} - {"gained_pop60"}
    of_circle = assessment.proposals["gained_pop60"].notna()
    assert of_circle.any()
    assert shown_table.frame["people_gained"][of_circle].tolist() == assessment.proposals["gained_pop60"][of_circle].tolist()
    titles = [h.zh for h in columns.values()]
    assert len(set(titles)) == len(titles)
    assert columns["people_gained"].zh == "新增覆盖"
    assert "gained_pop_u3" not in columns  # elders and children are never of one circle


def test_without_a_choice_there_is_no_curve() -> None:
    small = small_assessment()
    assert curve(small) is None
    assert alternatives(small) == []


@needs_chromium
def test_the_point_of_the_plan_lies_where_the_choice_says(browser: Page, tmp_path: Path) -> None:
    """The page adds the share up from the measured figures; the choice states it as its objective."""
    assessment = a_town()
    write_opened_page(assessment, tmp_path / "town.html")
    browser.open(tmp_path / "town.html")
    whole = sum(assessment.siting.weights.get(str(rule_id), 1.0) for rule_id in assessment.choice.claimed["rule_id"])
    assert assessment.choice.objective > 0
    share = inside(browser, "(ready(), relievedShare(ready().plan))")
    assert share == pytest.approx(assessment.choice.objective / whole, rel=1e-9)
    assert inside(browser, "relievedShare(today())") == 0


@needs_chromium
def test_every_chart_has_a_title_words_and_its_digits_beneath(browser: Page, tmp_path: Path) -> None:
    assessment = a_town()
    write_page(assessment, tmp_path / "town.html")
    browser.open(tmp_path / "town.html")
    browser.click("#tab-charts")
    found: list[str] = browser.evaluate("Array.from(document.querySelectorAll('#charts svg.chart')).map(function (s) { return s.id; })")
    assert {"chart-curve", "chart-township", "chart-minutes"} <= set(found)
    for name in found:
        labels = browser.evaluate(f"document.getElementById({json.dumps(name)}).getAttribute('aria-labelledby')").split(" ")
        assert all(browser.text(f"#{label}").strip() for label in labels)
        assert rows_of(browser, f"{name}-table")
    python = told_by_python(assessment)
    minutes = rows_of(browser, "chart-minutes-table")
    assert [row[2] for row in minutes] == python["spread"]
    town = rows_of(browser, "chart-township-table")
    assert [row[2].removesuffix(" %") for row in town] == [share for _, share in python["balance"][1 : 1 + len(town)]]
    chinese = browser.text("#charts")
    browser.click("#language")
    english = browser.text("#charts")
    assert "Needs relieved" in english
    assert "补足" not in english
    assert "补足" in chinese
    assert browser.complaints == []


@needs_chromium
def test_the_charts_follow_a_switch(browser: Page, tmp_path: Path) -> None:
    assessment = a_town()
    write_opened_page(assessment, tmp_path / "town.html")
    browser.open(tmp_path / "town.html")
    opened = list(assessment.choice.opened)[1:]
    inside(browser, f"switchTo(opened({opened})), null")
    python = told_by_python(with_sites(assessment, opened))
    assert [row[2] for row in rows_of(browser, "chart-minutes-table")] == python["spread"]
    assert "试算" in browser.text("#chart-curve-told")


@needs_chromium
def test_a_place_without_candidates_still_has_its_charts(browser: Page, tmp_path: Path) -> None:
    write_page(small_assessment(), tmp_path / "small.html")
    browser.open(tmp_path / "small.html")
    browser.click("#tab-charts")
    assert [row[1:3] for row in rows_of(browser, "chart-township-table")] == [["100.0 %", "100.0 %"], ["0.0 %", "100.0 %"]]
    assert browser.evaluate("document.getElementById('chart-curve') === null")
    assert browser.complaints == []
