"""The plans beside a choice under capacities, against every set of sites: the curve with its bounds, and near-best plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from planner.siting.alternatives import near_best
from planner.siting.seats import plans
from planner.siting.seats.choice import solve_seats
from planner.siting.seats.search import Seats
from planner.siting.seats.ways import ways_of
from tests.siting_problems import candidates, problem
from tests.test_siting_capacities import every_set, may_open, most_served, served_by_networkx, small_seats


@settings(deadline=None, max_examples=50)
@given(small_seats())
def test_every_point_of_the_curve_lies_between_its_plan_and_the_best_of_every_set(seats: Seats) -> None:
    opened = solve_seats(seats, seats.problem.candidates.required, "exact", 20.0).opened
    curve = plans.curve_of(seats, opened)
    now = served_by_networkx(seats, np.zeros(len(opened), dtype=bool))
    whole = float(seats.ways.people.sum()) - now
    if curve is None:
        return
    who = seats.problem.candidates
    for row in curve.points.to_dict("records"):
        limits = {"budget_left": row["budget"]} if curve.unit == "yuan" else {"sites_left": row["budget"]}
        asked = replace(seats, problem=replace(seats.problem, candidates=replace(who, **limits)))
        best = (most_served(asked) - now) / whole
        assert row["relieved_share"] <= best + 1e-6
        assert row["bound_share"] >= best - 1e-6
        assert row["cost"] <= row["budget"] * (1 + 1e-9)
    assert curve.points["relieved_share"].is_monotonic_increasing
    assert curve.steps["relieved_share"].is_monotonic_increasing


@settings(deadline=None, max_examples=50)
@given(small_seats())
def test_near_best_plans_are_others_within_the_limits_and_serve_as_many_as_they_say(seats: Seats) -> None:
    opened = solve_seats(seats, seats.problem.candidates.required, "exact", 20.0).opened
    nobody = np.zeros(len(opened), dtype=bool)
    gained = served_by_networkx(seats, opened) - served_by_networkx(seats, nobody)
    found = near_best(seats.problem, opened, np.zeros(len(opened)), n=3, within_share=0.3, sought=plans.near(seats, opened))
    sets = [plan.tobytes() for plan in every_set(seats)]
    for other in found:
        plan = nobody.copy()
        plan[np.isin(seats.problem.candidates.row, other.opened)] = True
        assert plan.tobytes() in sets
        assert may_open(seats, plan)
        assert (plan != opened).any()
        served = served_by_networkx(seats, plan) - served_by_networkx(seats, nobody)
        assert other.objective == pytest.approx(served, abs=1e-6)
        assert other.objective >= 0.7 * gained - 1e-6


def test_the_curve_of_two_homes_and_the_other_plan_by_hand() -> None:
    # 20 people, c0 with 10 places, c1 with 9, one site may open: half, and of two sites 19 of 20; c1 alone is 10 % worse
    ways = ways_of(np.array([20.0]), np.array([10.0, 9.0]), np.zeros(2, dtype=np.int32), np.array([0, 1], dtype=np.int32))
    seats = Seats(problem([], [], candidates([1.0, 1.0], sites=1)), ways)
    opened = np.array([True, False])
    curve = plans.curve_of(seats, opened)
    assert curve is not None
    assert curve.unit == "sites"
    assert curve.steps["relieved_share"].tolist() == pytest.approx([0.0, 0.5, 0.95])
    assert dict(zip(curve.points["budget"], curve.points["relieved_share"], strict=True)) == pytest.approx({1.0: 0.5, 2.0: 0.95})
    (other,) = near_best(seats.problem, opened, np.zeros(2), n=3, within_share=0.1, sought=plans.near(seats, opened))
    assert (other.opened, other.objective, other.added, other.dropped) == ((1,), 9.0, ("c1",), ("c0",))
    assert near_best(seats.problem, opened, np.zeros(2), n=3, within_share=0.09, sought=plans.near(seats, opened)) == ()
