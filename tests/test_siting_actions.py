"""Actions on what stands: enlarge, upgrade, close, merge; worked on paper, and against every plan measured from scratch."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.problems import LayerFaultsError
from layers.study_area import StudyArea
from planner.assess import Question, assess
from planner.assessment import Assessment
from planner.closures import with_closed
from planner.rules import Rule
from planner.siting.actions import staged
from planner.siting.choose import choose_sites
from planner.siting.model import Choice, Siting
from planner.travel.model import Travel
from planner.travel.times import TravelTimes
from tests.siting_place import CIRCLE, LAND, REACH, times_of
from tests.small import small_area


def with_actions(**columns: list[Any]) -> StudyArea:
    """The small place whose three candidates have other columns: `action`, `replaces` ..."""
    area = small_area()
    plain = {"action": ["build"] * 3, "replaces": [""] * 3}
    return small_area(candidates=area.candidates.assign(**{**plain, **columns}))


def choose(area: StudyArea, rules: list[Rule], /, **siting: object) -> Choice:
    return choose_sites(area, rules, times_of(area), Siting.model_validate(siting), CIRCLE)


def planned(area: StudyArea, rules: list[Rule], /, **siting: object) -> Assessment:
    question = Question({"zh": "", "en": ""}, date(2026, 11, 25), tuple(rules), Travel(), CIRCLE, Siting.model_validate(siting))
    return assess(area, question, progress=lambda _: None)


# c1 enlarges f1 (village 1, 120 m2) to 200 m2 where it stands; the row's own point is moved there for the tests.
def enlarged(**more: list[Any]) -> StudyArea:
    area = with_actions(action=["enlarge", "build", "build"], replaces=["f1", "", ""], **more)
    points = area.candidates.geometry.to_numpy().copy()
    points[0] = area.facilities.geometry.iloc[0]
    moved = area.candidates.assign(
        geometry=points, unit_id=["431299100001", *area.candidates["unit_id"].iloc[1:]], kind=["day_care", "day_care", "mutual_aid_point"]
    )
    return small_area(candidates=moved)


def test_enlarging_a_home_counts_what_it_has_more() -> None:
    # Village 1 lacks 8.6 m2 of 128.6; f1 with 200 instead of 120 m2 mends it. Nothing is lost in reach.
    result = planned(enlarged(), [LAND, REACH], goal="relieve", max_sites=1, rules=["test.land"])
    assert result.proposals["candidate_id"].tolist() == ["c1"]
    after = result.after.area.facilities.set_index("facility_id")["status"]
    assert after.to_dict() == {"f1": "closed", "f2": "open", "f3": "open", "c1": "proposed"}
    village = result.after.measures.query("rule_id == 'test.land' and unit_id == '431299100001'").iloc[0]
    assert (village["have"], village["verdict"]) == (200.0, "pass")
    assert result.choice.reasons.set_index("rule_id").loc["test.land", "relieved"] == pytest.approx(8.6)
    assert set(result.before.circles["facility_id"]) == {"f1", "f2", ""}
    assert set(result.after.circles["facility_id"]) == {"c1", "f2", ""}
    assert any("counted without f1" in note for note in result.choice.notes)


def test_a_facility_that_nothing_replaces_stays() -> None:
    # No money: nothing is built, and f1 stays although the choice began without it.
    choice = choose(enlarged(), [LAND, REACH], goal="relieve", budget_yuan=0)
    assert (choice.opened, choice.yardstick_closed, choice.cost_yuan) == ((), (0,), 0.0)
    assert choice.reasons.empty
    assert choice.next_best.empty


def test_a_worse_replacement_is_not_taken() -> None:
    # c1 would put 50 m2 in place of 120 for 300,000 yuan.
    choice = choose(enlarged(land_area_m2=[50.0, 300.0, 60.0]), [LAND], goal="relieve", rules=["test.land"])
    assert 0 not in choice.opened


def test_an_upgrade_that_moves_away_loses_whom_the_old_one_reached() -> None:
    # c3 (x = 1600) replaces f2 (x = 1400): d3 (x = 1500) is 100 m from both. d2 (x = 800): 600 m from f2, 500 m from f1. Nobody is lost.
    # c1 (x = 2400) replaces f1 (x = 300): it gains d4 (150) and loses d1 (250): not worth it; c2 (x = 3500) cannot reach d4 (1000 m + 200).
    area = with_actions(action=["upgrade", "build", "upgrade"], replaces=["f1", "", "f2"])
    choice = choose(area, [REACH], goal="relieve", rules=["test.reach"])
    assert choice.opened == ()
    lone = choose(with_actions(), [REACH], goal="relieve", rules=["test.reach"])
    assert lone.opened == (0,)  # as a new site c1 reaches d4 and takes nothing away


def test_a_closure_is_taken_only_where_it_is_decided() -> None:
    area = with_actions(action=["build", "close", "build"], replaces=["", "f2", ""])
    offered = choose(area, [REACH], goal="relieve", rules=["test.reach"])
    assert offered.excluded[["candidate_id", "code"]].to_numpy().tolist() == [["c2", "not_decided"]]
    decided = with_actions(
        action=["build", "close", "build"],
        replaces=["", "f2", ""],
        role=["candidate", "required", "candidate"],
        cost_yuan=[3e5, 0.0, 1.5e5],
    )
    result = planned(decided, [REACH], goal="relieve", rules=["test.reach"])
    # without f2 d3 (200 people) needs c3 (x = 1600), d4 needs c1 (x = 2400): both are built
    assert sorted(result.proposals["candidate_id"]) == ["c1", "c2", "c3"]
    assert set(result.after.area.facilities["facility_id"]) == {"f1", "f2", "f3", "c1", "c3"}
    assert np.isfinite(result.after.minutes).all()


def test_goals_on_people_see_replacements_too() -> None:
    # c3 (1600) for f2 (1400): minutes of d3 stay 2, d2 has f1 at 10: no gain. c1 for f1: d4 gains, d1 loses more.
    area = with_actions(action=["upgrade", "build", "upgrade"], replaces=["f1", "", "f2"])
    result = planned(area, [], goal="mean_minutes", max_sites=1)
    assert result.proposals.empty
    assert result.choice.objective == pytest.approx((250 * 2 + 50 * 10 + 200 * 2 + 150 * 30) / 650)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        ({"replaces": ["f9", "", ""]}, "does not exist"),
        ({"replaces": ["f1;f2", "", ""]}, "several facilities"),
        ({"replaces": ["f1", "f2", ""], "site_id": ["p", "p", ""]}, "one plot replaces different facilities"),
    ],
)
def test_a_replacement_that_cannot_be_is_refused(columns: dict[str, list[Any]], told: str) -> None:
    area = with_actions(**columns)
    with pytest.raises(LayerFaultsError, match=told):
        staged(area, times_of(small_area()))


def test_a_closed_facility_cannot_be_replaced() -> None:
    area = with_actions(replaces=["f1", "", ""])
    shut = with_closed(area, (0,))
    with pytest.raises(LayerFaultsError, match="not open"):
        staged(shut, times_of(small_area()))


def shortfall(area: StudyArea, rules: list[Rule], times: TravelTimes) -> dict[str, float]:
    return {rule.full_id: float(rule.measure(area, times)["shortfall"].sum()) for rule in rules}


@given(
    st.lists(st.sampled_from(["", "f1", "f2"]), min_size=3, max_size=3),
    st.lists(st.integers(0, 4), min_size=3, max_size=3),
    st.lists(st.sampled_from(["431299100001", "431299100201", "431299200201"]), min_size=3, max_size=3),
    st.integers(0, 6),
    st.one_of(st.none(), st.integers(0, 2)),
)
@settings(max_examples=40, deadline=None)
def test_the_plan_is_the_best_of_all_plans_measured_from_scratch(
    replaces: list[str], land: list[int], units: list[str], budget: int, sites: int | None
) -> None:
    area = with_actions(replaces=replaces, land_area_m2=[30.0 * n for n in land], unit_id=units, cost_yuan=[1.0, 2.0, 3.0], hazard=[""] * 3)
    times = times_of(area)
    rules = [LAND, REACH]
    choice = choose(area, rules, goal="relieve", budget_yuan=budget, max_sites=sites, curve=True, alternatives=2)
    stage = staged(area, times)
    whole = shortfall(with_closed(area, stage.replaced), rules, times)

    def worth(opened: tuple[int, ...]) -> float:
        stands = area.with_opened(opened)
        left = shortfall(stands, rules, times_of(stands))
        return sum((whole[id_] - left[id_]) / whole[id_] for id_ in whole if whole[id_] > 0)

    plans = [
        plan
        for n in range(4 if sites is None else sites + 1)
        for plan in combinations(range(3), n)
        if sum(j + 1.0 for j in plan) <= budget and pd.Series([replaces[j] for j in plan if replaces[j]]).is_unique
    ]
    assert choice.opened in plans
    assert worth(choice.opened) == pytest.approx(max(worth(plan) for plan in plans), abs=1e-9)
    for other in choice.alternatives:
        assert other.opened in plans
        assert other.opened != choice.opened


def test_people_gained_add_up_to_the_gain_of_the_plan_also_where_a_home_moves() -> None:
    # Decided: c1 (x = 2400) stands for f2 (x = 1400). d4 (150) is gained and d3 (200, 900 m away) lost.
    area = with_actions(action=["upgrade", "build", "build"], replaces=["f2", "", ""], role=["required", "forbidden", "forbidden"])
    result = planned(area, [REACH], goal="relieve", max_sites=1)
    row = result.proposals.iloc[0]
    assert (row["candidate_id"], row["people_gained"], row["gained_pop60"], row["gained_pop_total"]) == ("c1", -50.0, -50.0, -300.0)
    served = [finding.balance.set_index("unit_id").loc["", "served"] for finding in (result.before, result.after)]
    assert served[1] - served[0] == result.proposals["people_gained"].sum()
