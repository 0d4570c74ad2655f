"""The plans beside the plan: the curve of budgets, near-best alternatives and phases, by hand, by law and by enumeration."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from planner.siting.alternatives import near_best
from planner.siting.curve import curve_of
from planner.siting.model import Siting
from planner.siting.phases import Phase, phases_table
from planner.siting.problem import Requirement, SitingProblem
from planner.siting.reasons import most_useful_first
from planner.siting.solve import solve
from tests.siting_problems import allowed_sets, candidates, problem, small_problems

LIMIT_S = 60.0


def three_sites() -> SitingProblem:
    """c0 mends 60 of 100 for 2, c1 30 for 2, c2 5 for 4; the budget is 4."""
    return problem([[60, 0, 0], [0, 30, 0], [0, 0, 5], [0, 0, 0]], [60, 30, 5, 5], candidates([2, 2, 4], budget=4))


def test_curve_of_three_sites_by_hand() -> None:
    p = three_sites()
    curve = curve_of(p, np.array([True, True, False]))
    assert curve is not None
    assert curve.unit == "yuan"
    assert curve.steps["candidate_id"].tolist() == ["", "c0", "c1", "c2"]
    assert curve.steps["cost"].tolist() == [0, 2, 4, 8]
    assert curve.steps["relieved_share"].tolist() == pytest.approx([0, 0.6, 0.9, 0.95])
    # height over the chord (0, 0) - (8, 0.95): 0.632 - 0.25 = 0.38 after c0, 0.947 - 0.5 = 0.45 after c1
    assert curve.knee_step == 2
    # a quarter of the budget (1) buys nothing; 2 and 3 buy c0, 4 both; 6 nothing more, 8 all
    assert curve.points["budget"].tolist() == [1, 2, 3, 4, 6, 8]
    assert curve.points["relieved_share"].tolist() == pytest.approx([0, 0.6, 0.6, 0.9, 0.9, 0.95])
    assert curve.points["n_sites"].tolist() == [0, 1, 1, 2, 2, 3]
    assert (curve.points["left_share"] + curve.points["relieved_share"]).tolist() == pytest.approx([1] * 6)


def test_curve_counts_sites_where_their_number_is_the_limit() -> None:
    p = problem([[60, 0], [0, 40]], [60, 40], candidates([7, 9], sites=1))
    curve = curve_of(p, np.array([True, False]))
    assert curve is not None
    assert curve.unit == "sites"
    assert curve.points[["budget", "n_sites"]].to_numpy().tolist() == [[1, 1], [2, 2]]


def test_beside_the_curve_stands_what_the_mandatory_rules_cost_the_plan() -> None:
    """A budget of 4 buys c0 and c1 (all of the first rule, half of all needs) or c2, which half the second rule has to have (a quarter)."""
    p = problem([[60, 0, 0], [0, 30, 0], [0, 0, 5], [0, 0, 0]], [60, 30, 5, 5], candidates([2, 2, 4], budget=4), rule=[0, 0, 1, 1])
    must = replace(p, requirements=(Requirement(1, 5.0, "amount"),))
    curve = curve_of(must, np.array([False, False, True]))
    assert curve is not None
    assert curve.aside is not None
    assert "relieves 25.0 %" in curve.aside
    assert "would then relieve 50.0 %" in curve.aside
    free = curve_of(p, np.array([True, True, False]))
    assert free is not None
    assert free.aside is None


def test_no_curve_where_nothing_can_be_relieved() -> None:
    assert curve_of(problem([[0]], [5], candidates([1])), np.array([False])) is None


@given(small_problems(mandatory=False))
@settings(max_examples=80, deadline=None)
def test_more_budget_never_relieves_less_and_the_bounds_hold(p: SitingProblem) -> None:
    solved = solve(p, "exact", LIMIT_S)
    curve = curve_of(p, solved.opened)
    if curve is None:
        return
    points, whole = curve.points, float((p.weight * p.amount).sum())
    assert (np.diff(points["relieved_share"]) >= -1e-12).all()
    if not p.has_harm:
        assert (np.diff(curve.steps["relieved_share"]) >= -1e-12).all()
    for row in points.to_dict("records"):
        who = p.candidates
        budget, sites = (row["budget"], who.sites_left) if curve.unit == "yuan" else (who.budget_left, row["budget"])
        asked = replace(p, candidates=replace(who, budget_left=budget, sites_left=sites))
        best = max(p.worth(p.relieved(opened)) for opened in allowed_sets(asked)) / whole
        assert row["relieved_share"] <= best + 1e-9 <= row["bound_share"] + 2e-9
        assert row["cost"] <= row["budget"] * (1 + 1e-9)


@given(small_problems(harm=False, mandatory=False))
@settings(max_examples=60, deadline=None)
def test_the_plan_is_never_above_the_curve(p: SitingProblem) -> None:
    solved = solve(p, "exact", LIMIT_S)
    curve = curve_of(p, solved.opened)
    if curve is None or not len(curve.points):
        return
    free = solved.opened & ~p.candidates.required
    spent = p.candidates.price[free].sum() if curve.unit == "yuan" else free.sum()
    paid = curve.points[curve.points["budget"] >= spent * (1 - 1e-12)]
    whole = float((p.weight * p.amount).sum())
    assert (paid["relieved_share"] >= p.worth(p.relieved(solved.opened)) / whole - 1e-9).all()


def test_two_equal_sites_are_each_others_alternative() -> None:
    p = problem([[10, 10, 4]], [10], candidates([1, 1, 1], sites=1))
    solved = solve(p, "exact", LIMIT_S)
    (other,) = near_best(p, solved.opened, np.zeros(3), n=3, within_share=0.02)
    assert (other.opened, other.added, other.dropped, other.loss_share) == ((1,), ("c1",), ("c0",), 0.0)
    assert len(near_best(p, solved.opened, np.zeros(3), n=3, within_share=0.6)) == 2  # 4 of 10 for the third


def test_goal_meet_has_alternatives_of_nearly_the_same_price() -> None:
    p = problem([[5, 5, 5]], [5], candidates([100, 101, 150]), goal="meet", requirements=(Requirement(0, 1.0, "needs"),))
    solved = solve(p, "exact", LIMIT_S)
    (other,) = near_best(p, solved.opened, np.zeros(3), n=3, within_share=0.02)
    assert (other.added, other.cost_yuan, other.loss_share) == (("c1",), 101.0, pytest.approx(0.01))


@given(small_problems(), st.sampled_from([0.0, 0.1, 0.5]))
@settings(max_examples=100, deadline=None)
def test_alternatives_are_other_allowed_plans_within_the_tolerance(p: SitingProblem, within: float) -> None:
    solved = solve(p, "exact", LIMIT_S)
    held = [(r, min(r.at_least, p.level(r, p.relieved(solved.opened)))) for r in p.requirements]
    best = p.worth(p.relieved(solved.opened)) if p.goal == "relieve" else p.price(solved.opened)
    sets = {tuple(opened) for opened in allowed_sets(p)}
    seen = {tuple(solved.opened)}
    for other in near_best(p, solved.opened, np.zeros(p.n_candidates), n=3, within_share=within):
        opened = np.isin(np.arange(p.n_candidates), other.opened)
        assert tuple(opened) in sets - seen
        seen.add(tuple(opened))
        relieved = p.relieved(opened)
        assert all(p.level(r, relieved) >= level - 1e-6 for r, level in held)
        assert other.objective == pytest.approx(p.worth(relieved) if p.goal == "relieve" else p.price(opened))
        loss = best - other.objective if p.goal == "relieve" else other.objective - best
        assert loss <= within * abs(best) + 1e-9


def test_phases_build_the_most_useful_first_and_save_for_the_dear_one() -> None:
    p = problem([[60, 0, 0], [0, 30, 0], [0, 0, 10]], [60, 30, 10], candidates([8, 3, 1], budget=12))
    order = most_useful_first(p, np.array([True] * 3))
    assert order.tolist() == [1, 2, 0]  # 10 a yuan, 10 a yuan, 7.5 a yuan
    table = phases_table(p, order, [Phase(year=2027, budget_yuan=4), Phase(year=2028, budget_yuan=2), Phase(year=2029, budget_yuan=6)])
    assert table["year"].tolist() == [2027, 2027, 2029]
    assert table["spent_yuan"].tolist() == [3, 4, 12]
    assert table["granted_yuan"].tolist() == [4, 4, 12]
    assert table["relieved_share"].tolist() == pytest.approx([0.3, 0.4, 1.0])


def test_a_phase_builds_what_relieves_most_together_not_what_is_most_useful_per_yuan() -> None:
    p = problem([[30, 0, 0], [0, 40, 0], [0, 0, 45]], [30, 40, 45], candidates([2, 4, 5], budget=11))
    order = most_useful_first(p, np.array([True] * 3))
    assert order.tolist() == [0, 1, 2]  # 15, 10 and 9 a yuan
    table = phases_table(p, order, [Phase(year=2027, budget_yuan=7), Phase(year=2028, budget_yuan=4)])
    assert table[["year", "candidate_id"]].to_numpy().tolist() == [[2027, "c0"], [2027, "c2"], [2028, "c1"]]
    assert table["relieved_share"].tolist() == pytest.approx([30 / 115, 75 / 115, 1.0])


def test_what_is_decided_is_built_before_all_others() -> None:
    p = problem([[60, 0], [0, 30]], [60, 30], candidates([5, 3], required=[False, True], budget=5))
    order = most_useful_first(p, np.array([True, True]))
    table = phases_table(p, order, [Phase(year=2027, budget_yuan=2), Phase(year=2028, budget_yuan=6)])
    assert table[["year", "candidate_id", "decided"]].to_numpy().tolist() == [[2028, "c1", True], [2028, "c0", False]]


def test_a_decided_site_dearer_than_all_phases_has_no_year() -> None:
    p = problem([[60, 0], [0, 30]], [60, 30], candidates([5, 9], required=[False, True], budget=0))
    table = phases_table(p, np.array([1]), [Phase(year=2027, budget_yuan=6)])
    assert table[["year", "candidate_id"]].to_numpy().tolist() == [[0, "c1"]]


@given(small_problems(), st.lists(st.integers(0, 6).map(float), min_size=1, max_size=4))
@settings(max_examples=80, deadline=None)
def test_no_phase_spends_what_is_not_there_and_every_site_is_built_once(p: SitingProblem, budgets: list[float]) -> None:
    spent = p.candidates.price[p.candidates.required].sum()
    p = replace(p, candidates=replace(p.candidates, budget_left=max(0.0, sum(budgets) - spent)))
    solved = solve(p, "exact", LIMIT_S)
    phases = [Phase(year=2027 + at, budget_yuan=budget) for at, budget in enumerate(budgets)]
    table = phases_table(p, most_useful_first(p, solved.opened), phases)
    assert sorted(table["candidate_id"]) == sorted(p.candidates.ids[solved.opened])
    timed = table[table["year"] > 0]
    assert (timed["spent_yuan"] <= timed["granted_yuan"] * (1 + 1e-9) + 1e-9).all()
    assert timed["year"].is_monotonic_increasing
    if spent <= sum(budgets):
        assert len(timed) == len(table)
    if len(table):
        assert table["relieved_share"].iloc[-1] == pytest.approx(p.worth(p.relieved(solved.opened)) / float((p.weight * p.amount).sum()))


@given(small_problems(), st.integers(0, 12).map(float))
@settings(max_examples=80, deadline=None)
def test_no_other_part_of_the_plan_relieves_more_in_the_first_phase(p: SitingProblem, budget: float) -> None:
    opened = np.flatnonzero(solve(p, "exact", LIMIT_S).opened & ~p.candidates.required)
    p = replace(p, candidates=replace(p.candidates, required=np.zeros(p.n_candidates, dtype=bool)))
    mask = np.isin(np.arange(p.n_candidates), opened)
    table = phases_table(p, most_useful_first(p, mask), [Phase(year=2027, budget_yuan=budget), Phase(year=2028, budget_yuan=1e6)])
    first = np.isin(p.candidates.ids, table.loc[table["year"] == 2027, "candidate_id"])
    parts = [
        list(some) for n in range(len(opened) + 1) for some in combinations(opened, n) if p.candidates.cost_yuan[list(some)].sum() <= budget
    ]
    if list(opened) in parts:  # the money pays for all
        assert sorted(np.flatnonzero(first)) == sorted(opened)
        return
    most = max(p.worth(p.relieved(np.isin(np.arange(p.n_candidates), part))) for part in parts)
    assert p.worth(p.relieved(first)) == pytest.approx(most)


def test_phases_and_budget_must_agree() -> None:
    phases = [{"year": 2027, "budget_yuan": 6e6}, {"year": 2028, "budget_yuan": 4e6}]
    assert Siting.model_validate({"phases": phases}).limit_yuan == 10e6
    assert Siting.model_validate({"phases": phases, "budget_yuan": 10e6}).limit_yuan == 10e6
    with pytest.raises(ValidationError, match="phases add up to 10,000,000"):
        Siting.model_validate({"phases": phases, "budget_yuan": 12e6})
    with pytest.raises(ValidationError, match="the first year first"):
        Siting.model_validate({"phases": phases[::-1]})
