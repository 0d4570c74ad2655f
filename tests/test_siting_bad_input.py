"""What cannot be is refused with its name; what cannot be met is told by village, and the rest is still offered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from layers.problems import LayerFaultsError
from layers.saying import in_language
from layers.study_area import StudyArea
from planner.siting.choose import choose_sites
from planner.siting.model import Choice, Siting
from tests.small import small_area
from tests.test_siting_choose import NO_TIMES, Short

LAND = Short(
    "small.land",
    {
        "431299100001": ("431299100001", 10.0, {"c1": 10.0, "c2": 10.0}),
        "431299200201": ("431299200201", 5.0, {}),
        "431299100201": ("431299100201", 30.0, {"c3": 20.0}),
    },
)


def candidates_with(**columns: list[Any]) -> StudyArea:
    area = small_area()
    return small_area(candidates=area.candidates.assign(**columns))


def choose(area: StudyArea, **siting: object) -> Choice:
    return choose_sites(area, [LAND], NO_TIMES, Siting.model_validate(siting))


@pytest.mark.parametrize("method", ["auto", "exact", "heuristic"])
def test_a_mandatory_rule_that_cannot_be_met_names_the_villages_and_the_rest_is_offered(method: str) -> None:
    choice = choose(small_area(), goal="meet", method=method)
    assert choice.notes[0] == (
        "land too small cannot be met by any choice of these candidates: 二村, 三村 (2 place(s)) stay short; the rest is met as far as possible. "
        "Add candidates within reach of them"
    )
    assert in_language(choice.notes[0], "zh").startswith("用地不足")
    assert choice.opened == (0,)  # village 1, for 300,000 yuan
    assert set(choice.unmet["code"]) == {"in_part", "out_of_reach"}


def test_mandatory_beside_goal_relieve_is_told_too() -> None:
    choice = choose(small_area(), goal="relieve", mandatory=["small.land"], budget_yuan=450_000)
    assert "cannot be met by any choice" in choice.notes[0]
    assert choice.opened == (0, 2)


def test_negative_costs_are_refused_with_the_candidate() -> None:
    with pytest.raises(LayerFaultsError, match=r"candidates, cost_yuan: is below 0 \[c2\]"):
        choose(candidates_with(cost_yuan=[1.0, -5.0, 2.0]))
    with pytest.raises(LayerFaultsError, match=r"candidates, land_area_m2: is below 0 \[c1\]"):
        choose(candidates_with(land_area_m2=[-1.0, 5.0, 2.0]))


def test_duplicate_ids_are_refused() -> None:
    with pytest.raises(ValueError, match="candidate_id is not unique"):
        candidates_with(candidate_id=["c1", "c1", "c3"])


def test_a_budget_below_the_cheapest_useful_site_says_so() -> None:
    choice = choose(small_area(), budget_yuan=149_999)
    assert choice.opened == ()
    (note,) = choice.notes
    assert note.startswith("the budget left, 149,999 yuan, is below the cheapest site that mends anything, 150,000 yuan: raise it")
    assert choose(small_area(), budget_yuan=150_000).opened == (2,)
    assert not choose(small_area(), budget_yuan=150_000).notes


def test_candidates_without_capacity_are_counted_and_never_opened() -> None:
    idle = Short("small.land", {"v1": ("431299100001", 10.0, {"c1": 10.0})})
    choice = choose_sites(small_area(), [idle], NO_TIMES, Siting())
    assert choice.opened == (0,)
    assert choice.notes[0].startswith("2 of 3 candidate(s) would mend nothing")


def test_the_budget_is_kept_to_the_yuan() -> None:
    rng = np.random.default_rng(5)
    for _ in range(20):
        cost = rng.integers(1, 10_000_000, 3).astype(float)
        budget = float(rng.integers(1, int(cost.sum())))
        assert choose(candidates_with(cost_yuan=cost.tolist()), budget_yuan=budget).cost_yuan <= budget


@pytest.mark.parametrize(
    "wrong",
    [
        {"budget_yuan": -1},
        {"max_sites": -1},
        {"goal": "cheapest"},
        {"target_share": 90},
        {"phases": [{"year": 2027, "budget_yuan": -5}]},
        {"weights": {"small.land": -1}},
        {"search_areas": -3},
        {"alternatives_within_share": -0.1},
    ],
)
def test_wrong_figures_of_the_scenario_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Siting.model_validate(wrong)
