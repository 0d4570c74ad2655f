"""Sites chosen under capacities: every set looked at, greatest flows by networkx, the laws, and the second look."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from types import SimpleNamespace
from typing import cast

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError

from benchmarks.siting import seats as random_seats
from layers.study_area import StudyArea
from planner.assessment import Finding
from planner.circle import Circle
from planner.recheck import ClaimError, check_claims
from planner.siting.choose import choose_sites
from planner.siting.model import Choice, Siting
from planner.siting.problem import Candidates
from planner.siting.seats.bound import people_bound
from planner.siting.seats.choice import METHODS, solve_seats
from planner.siting.seats.flow import attract, release, search_of
from planner.siting.seats.load import load_of, undo
from planner.siting.seats.search import Seats, SeatSearch, exchange, fill
from planner.siting.seats.ways import ways_of
from planner.siting.solve import METHODS as SITING_METHODS
from planner.travel.times import TravelTimes
from tests.siting_problems import candidates, problem
from tests.small_rules import a_place, times_of

CIRCLE = Circle(kinds=("day_care",), base="pop60", minutes=15.0, profile="elder_walk")


@st.composite
def small_seats(draw: st.DrawFn) -> Seats:
    """Up to 5 places of people, 5 candidates and 2 facilities that stand, with every sort of limit."""
    n, m, standing = draw(st.integers(1, 5)), draw(st.integers(1, 5)), draw(st.integers(0, 2))
    near = draw(st.lists(st.booleans(), min_size=n * (m + standing), max_size=n * (m + standing)))
    demand, site = np.nonzero(np.array(near).reshape(n, m + standing))
    people = np.array(draw(st.lists(st.integers(0, 30), min_size=n, max_size=n)), dtype=float)
    places = st.one_of(st.integers(0, 40).map(float), st.just(np.inf))
    capacity = np.array(draw(st.lists(places, min_size=m + standing, max_size=m + standing)))
    price = np.array(draw(st.lists(st.integers(1, 6), min_size=m, max_size=m)), dtype=float)
    must = draw(st.integers(-1, m - 1))
    who = candidates(
        price.tolist(),
        required=[j == must for j in range(m)],
        plot=draw(st.lists(st.integers(0, m - 1), min_size=m, max_size=m)),
        budget=draw(st.sampled_from([np.inf, 0.0, 5.0, 9.0])),
        sites=draw(st.sampled_from([np.inf, 0, 1, 2])),
    )
    return Seats(problem([], [], who), ways_of(people, capacity, demand.astype(np.int32), site.astype(np.int32)))


def may_open(seats: Seats, opened: NDArray[np.bool_]) -> bool:
    who = seats.problem.candidates
    free = opened & ~who.required
    plots = who.plot[opened]
    return bool(
        opened[who.required].all()
        and len(set(plots)) == len(plots)
        and who.price[free].sum() <= who.budget_left
        and free.sum() <= who.sites_left
    )


def served_by_networkx(seats: Seats, opened: NDArray[np.bool_]) -> float:
    ways, m = seats.ways, seats.problem.n_candidates
    graph: nx.DiGraph = nx.DiGraph()
    graph.add_nodes_from(["from", "to"])
    for i, people in enumerate(ways.people):
        graph.add_edge("from", ("people", i), capacity=people)
    for s, capacity in enumerate(ways.capacity):
        if s >= m or opened[s]:
            graph.add_edge(("site", s), "to", capacity=capacity)
    for i, s in zip(ways.demand.tolist(), ways.site.tolist(), strict=True):
        graph.add_edge(("people", i), ("site", s))
    return float(nx.maximum_flow_value(graph, "from", "to"))


def every_set(seats: Seats) -> list[NDArray[np.bool_]]:
    sets = (np.array(bits, dtype=bool) for bits in product((False, True), repeat=seats.problem.n_candidates))
    return [opened for opened in sets if may_open(seats, opened)]


def most_served(seats: Seats) -> float:
    return max(served_by_networkx(seats, opened) for opened in every_set(seats))


@settings(deadline=None)
@given(small_seats())
def test_exact_is_the_best_of_every_set_and_the_heuristic_lies_between_its_answer_and_its_bound(seats: Seats) -> None:
    best = most_served(seats)
    base = seats.problem.candidates.required
    exact, near = (solve_seats(seats, base, method, 20.0) for method in ("exact", "heuristic"))
    assert exact.status == "optimal"
    assert exact.served == pytest.approx(best, abs=1e-6)
    assert near.served <= best + 1e-6
    assert near.bound >= best - 1e-6
    assert may_open(seats, exact.opened)
    assert may_open(seats, near.opened)


@settings(deadline=None)
@given(small_seats(), st.data())
def test_the_flow_is_the_greatest_after_every_opening_and_closing_and_can_be_taken_back(seats: Seats, data: st.DataObject) -> None:
    ways, m = seats.ways, seats.problem.n_candidates
    load, search = load_of(ways, np.inf), search_of(ways)
    served = sum(attract(ways, load, search, s) for s in range(m, len(ways.capacity)))
    opened = np.zeros(m, dtype=bool)
    for j in data.draw(st.lists(st.integers(0, m - 1), max_size=6)):
        load.tally[0] = 0
        before = load.value.copy()
        change = -release(ways, load, search, j) if opened[j] else attract(ways, load, search, j)
        if data.draw(st.booleans()):
            undo(ways, load, 0, j if opened[j] else -1, -1 if opened[j] else j)
            np.testing.assert_array_equal(load.value, before)
        else:
            served, opened[j] = served + change, not opened[j]
        assert served == pytest.approx(served_by_networkx(seats, opened), abs=1e-6)


@settings(deadline=None)
@given(small_seats())
def test_a_larger_number_budget_or_capacity_never_serves_fewer(seats: Seats) -> None:
    who = seats.problem.candidates

    def served(asked: Seats) -> float:
        return solve_seats(asked, who.required, "exact", 20.0).served

    def within(who: Candidates) -> Seats:
        return replace(seats, problem=replace(seats.problem, candidates=who))

    today = served(seats) - 1e-6
    assert served(within(replace(who, sites_left=who.sites_left + 1))) >= today
    assert served(within(replace(who, budget_left=who.budget_left + 3))) >= today
    more = ways_of(seats.ways.people, seats.ways.capacity + 5, seats.ways.demand, seats.ways.site)
    assert served(replace(seats, ways=more)) >= today


@settings(deadline=None)
@given(small_seats(), st.randoms(use_true_random=False))
def test_how_many_are_served_does_not_depend_on_the_order_of_the_sites(seats: Seats, chance: object) -> None:
    m = seats.problem.n_candidates
    opened = np.arange(m) % 2 == 0
    order = np.arange(m)
    chance.shuffle(order)  # type: ignore[attr-defined]  # a `random.Random`
    forth, back = (SeatSearch(seats, np.zeros(m, dtype=bool), keep_limits=False) for _ in range(2))
    for j in order[opened[order]].tolist():
        forth.open(j)
    for j in order[::-1][opened[order[::-1]]].tolist():
        back.open(j)
    assert forth.served == pytest.approx(back.served, abs=1e-6)


def test_the_methods_are_those_of_every_goal() -> None:
    assert set(METHODS) == set(SITING_METHODS)


def test_larger_problems_are_near_their_bound_and_equal_every_time() -> None:
    seats = random_seats(400, 60, 8)
    nobody = np.zeros(60, dtype=bool)
    found = [solve_seats(seats, nobody, "heuristic", 20.0) for _ in range(2)]
    assert found[0].opened.sum() == 8
    assert (found[0].opened == found[1].opened).all()
    assert found[0].served == pytest.approx(served_by_networkx(seats, found[0].opened))
    assert found[0].bound <= found[0].served * 1.03


def test_the_log_grows_where_an_exchange_changes_more_than_it_holds() -> None:
    seats = random_seats(200, 30, 6)
    nobody = np.zeros(30, dtype=bool)
    short = SeatSearch(seats, nobody, n_log=4)
    usual = SeatSearch(seats, nobody)
    for state in (short, usual):
        fill(state, np.ones(30))
        exchange(state, np.ones(30))
    assert short.served == pytest.approx(served_by_networkx(seats, short.opened))
    assert short.n_log > 4
    assert short.served == pytest.approx(usual.served, rel=0.02)


def test_the_bound_of_one_site_that_holds_ten_of_thirty_is_ten() -> None:
    seats = Seats(problem([], [], candidates([1.0])), ways_of(np.array([30.0]), np.array([10.0]), *(np.zeros(1, dtype=np.int32),) * 2))
    assert 30.0 - people_bound(seats, 10.0).value == pytest.approx(10.0)


Beds = list[float | None]
"""of facilities or candidates; None: not said"""
Near = list[tuple[int, int, float]]
"""(hamlet, site, minutes)"""


def town(people: list[float], facilities: Beds, rooms: Beds, near: Near) -> Choice:
    """What is chosen of one site for people in hamlets."""
    return asked(people, facilities, rooms, near)[0]


def asked(people: list[float], facilities: Beds, rooms: Beds, near: Near, **more: object) -> tuple[Choice, StudyArea, TravelTimes, Siting]:
    """The choice, and what it was asked of."""
    place = {"unit": "A", "kind": "day_care"}
    area = a_place(
        [{"pop60": sum(people)}],
        demand=[{"unit": "A", "pop60": n} for n in people],
        facilities=[{**place, "beds_total": n} for n in facilities],
        candidates=[{**place, "beds_total": n, "cost_yuan": 1.0, "site_id": ""} for n in rooms],
    )
    siting = Siting.model_validate({"goal": "serve", "capacity": "beds_total", "max_sites": 1, **more})
    times = times_of(area, "elder_walk", near, 15.0)
    return choose_sites(area, [], times, siting, CIRCLE), area, times, siting


def test_a_large_home_beyond_a_full_one_frees_its_places_for_others() -> None:
    # f1 has 10 beds for hamlet 0 (8 people) and hamlet 1 (8). c1 (6 beds) is near hamlet 0 only, c2 (9 beds) near nobody short of it
    # but hamlet 1: today 10 of 16 are served; c1 takes 6 of hamlet 0 and f1 serves the rest: 16. c2 takes 8 of hamlet 1: 16 as well,
    # and c1 comes first.
    near = [(0, 0, 5.0), (1, 0, 5.0), (0, 1, 5.0), (1, 2, 5.0)]
    choice = town([8, 8], [10], [6, 9], near)
    assert (choice.opened, choice.objective, choice.bound, choice.status, choice.objective_unit) == ((0,), 6.0, 6.0, "optimal", "people")
    assert choice.claimed.to_dict("records") == [{"rule_id": "circle.serve", "shortfall_before": 6.0, "relieved": 6.0, "unit": "people"}]
    assert choice.reasons["relieved"].tolist() == [6.0]
    assert choice.next_best.to_dict("records") == [{"candidate_id": "c1", "next_best_id": "c2", "next_best_loss": 0.0}]
    assert choice.unmet.empty


def test_overflow_is_listed_by_its_cause() -> None:
    # hamlet 0: 20 people, one candidate of 5 beds; hamlet 1: 7 people, a candidate too, not opened; hamlet 2: nothing in reach
    choice = town([20, 7, 3], [], [15, 5], [(0, 0, 5.0), (1, 1, 5.0)])
    assert (choice.opened, choice.objective) == ((0,), 15.0)
    assert dict(zip(choice.unmet["code"], choice.unmet["amount"], strict=True)) == {"full": 5.0, "limits": 7.0, "out_of_reach": 3.0}
    assert (
        dict(zip(choice.unmet["code"], choice.unmet["reason"], strict=True))["full"] == "the facilities and chosen sites in reach are full"
    )


def test_what_does_not_say_how_many_places_it_has_serves_nobody_and_is_named() -> None:
    choice = town([10], [None], [None, 4], [(0, 0, 5.0), (0, 1, 1.0), (0, 2, 5.0)])
    assert (choice.opened, choice.objective) == ((1,), 4.0)
    assert [str(note) for note in choice.notes][:2] == [
        "open facilities without beds_total: 1; they serve nobody in this choice, fill it in: f1",
        "1 candidate(s) do not say beds_total and serve nobody in this choice; fill it in: c1",
    ]


def test_the_stand_in_is_the_one_that_loses_fewest_people() -> None:
    # 20 people: c1 takes 10, c2 8, c3 (beyond reach) nobody; without c1 the others would have 8 of the 10
    choice = town([20], [], [10, 8, 30], [(0, 0, 5.0), (0, 1, 5.0)])
    assert choice.next_best.to_dict("records") == [{"candidate_id": "c1", "next_best_id": "c2", "next_best_loss": 0.1}]
    alone = town([20], [], [10, 0, 30], [(0, 0, 5.0)])
    assert alone.next_best.to_dict("records") == [{"candidate_id": "c1", "next_best_id": "", "next_best_loss": 0.5}]


def test_ten_people_to_a_place() -> None:
    choice, *_ = asked([100], [], [6], [(0, 0, 5.0)], persons_per_place=10)
    assert choice.objective == 60.0


def test_the_plan_is_assigned_again_and_a_wrong_claim_is_an_error() -> None:
    choice, area, times, siting = asked([8, 8], [10], [6, 9], [(0, 0, 5.0), (1, 0, 5.0), (0, 1, 5.0), (1, 2, 5.0)])
    opened = area.with_opened(choice.opened)
    today = cast("Finding", SimpleNamespace(area=area, times=times))
    then = cast(
        "Finding", SimpleNamespace(area=opened, times=times_of(opened, "elder_walk", [(0, 0, 5.0), (1, 0, 5.0), (0, 1, 5.0)], 15.0))
    )
    check_claims([], choice, today, then, siting, CIRCLE)
    wrong = replace(choice, claimed=choice.claimed.assign(relieved=7.0))
    with pytest.raises(ClaimError, match="to mend 7; measured again they mend 6"):
        check_claims([], wrong, today, then, siting, CIRCLE)


def test_capacity_and_goal_serve_belong_together() -> None:
    with pytest.raises(ValidationError, match="goal serve needs one of"):
        Siting(goal="serve")
    with pytest.raises(ValidationError, match="belong to goal serve"):
        Siting(goal="relieve", capacity="beds_total")
    with pytest.raises(ValueError, match="no facility and no candidate has"):
        asked([10], [], [None], [(0, 0, 5.0)])
