"""Goals on the people of the circle: p-median, p-center, target share and backup cover, each held against every set of sites."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from layers.study_area import StudyArea
from planner.circle import Circle
from planner.siting.choose import choose_sites
from planner.siting.circle_goals import reach_of, relieved_of_circle
from planner.siting.model import Choice, Siting
from planner.travel.arcs import Arcs
from planner.travel.times import TravelTimes
from tests.small import small_area
from tests.small_rules import a_place

CIRCLE = Circle(kinds=("day_care",), base="pop60", minutes=15.0, profile="elder_walk")


@dataclass(frozen=True)
class Town:
    """People and their minutes to facilities and candidates, None out of reach."""

    people: list[float]
    to_facilities: list[list[float | None]]
    to_candidates: list[list[float | None]]
    cost: list[float]

    @property
    def area(self) -> StudyArea:
        place = [{"unit": "A", "kind": "day_care", "serves": "", "functions": "", "residential_id": "", "name": ""}]
        return a_place(
            [{"pop60": sum(self.people)}],
            demand=[{"unit": "A", "pop60": n} for n in self.people],
            facilities=place * len(self.to_facilities[0]),
            candidates=[{**place[0], "cost_yuan": yuan, "site_id": ""} for yuan in self.cost],
        )

    @property
    def times(self) -> TravelTimes:
        table = [a + b for a, b in zip(self.to_facilities, self.to_candidates, strict=True)]
        rows = [(i, s, m) for i, line in enumerate(table) for s, m in enumerate(line) if m is not None]
        columns = np.array(rows, dtype=float).reshape(-1, 3)
        arcs = Arcs(columns[:, 0].astype(np.int32), columns[:, 1].astype(np.int32), columns[:, 2], 15.0, len(table), len(table[0]))
        return TravelTimes({"elder_walk": arcs}, pd.DataFrame({"table": [], "id": []}))

    def choose(self, goal: str, **siting: object) -> Choice:
        asked = Siting.model_validate({"goal": goal, "curve": False, "alternatives": 0, **siting})
        return choose_sites(self.area, [], self.times, asked, CIRCLE)

    def minutes(self, opened: tuple[int, ...]) -> NDArray[np.float64]:
        """(d,) to the nearest of the facilities and the opened candidates."""
        lines = [a + [b[j] for j in opened] for a, b in zip(self.to_facilities, self.to_candidates, strict=True)]
        return np.array([min((m for m in line if m is not None), default=np.inf) for line in lines])

    def sets(self, max_sites: int | None = None, budget: float | None = None) -> list[tuple[int, ...]]:
        m = len(self.cost)
        every = [s for k in range(m + 1) for s in combinations(range(m), k)]
        return [
            s for s in every if (max_sites is None or len(s) <= max_sites) and (budget is None or sum(self.cost[j] for j in s) <= budget)
        ]


def a_town() -> Town:
    """Four hamlets in a row, 5 minutes apart, a home in the first; candidates in the second, third and fourth."""
    apart = [[5.0 * abs(i - j) for j in range(4)] for i in range(4)]
    near: list[list[float | None]] = [[m if m <= 15 else None for m in line] for line in apart]
    return Town([100, 100, 100, 100], [[line[0]] for line in near], [line[1:] for line in near], [1.0, 1.0, 1.0])


def test_one_more_home_in_the_fourth_or_third_hamlet_makes_the_mean_least() -> None:
    # today 0, 5, 10, 15: mean 7.5. With the third: 0, 5, 0, 5 = 2.5; with the fourth: 0, 5, 5, 0 = 2.5; with the second: 0, 0, 5, 10 = 3.75.
    choice = a_town().choose("mean_minutes", max_sites=1)
    assert choice.opened == (1,)  # of equals the first
    assert (choice.objective, choice.bound, choice.objective_unit, choice.status) == (2.5, 2.5, "minutes", "optimal")
    assert choice.claimed.to_dict("records") == [
        {"rule_id": "circle.mean_minutes", "shortfall_before": 3000.0, "relieved": 2000.0, "unit": "person-minutes"}
    ]


def test_the_worst_minutes_are_least_with_the_third_hamlet() -> None:
    one = a_town().choose("worst_minutes", max_sites=1)
    assert (one.opened, one.objective, one.bound, one.status) == ((1,), 5.0, 5.0, "optimal")
    three = a_town().choose("worst_minutes", max_sites=3)
    assert (three.opened, three.objective) == ((0, 1, 2), 0.0)


def test_without_a_site_the_worst_stays_what_it_is() -> None:
    none = a_town().choose("worst_minutes", max_sites=0)
    assert (none.opened, none.objective) == ((), 15.0)


def test_target_share_stops_when_it_is_reached() -> None:
    # 10 minutes' circle would be another place: here people of 100, 60, 30, 10 are outside, one candidate near each.
    town = Town([100, 60, 30, 10], [[None]] * 4, [[1.0 if i == j else None for j in range(4)] for i in range(4)], [5.0, 4.0, 3.0, 1.0])
    ninety = town.choose("share", target_share=0.9)
    assert (ninety.opened, ninety.objective, ninety.objective_unit) == ((0, 1, 2), 12.0, "yuan")  # 190 of 200
    eighty = town.choose("share", target_share=0.8)
    assert (eighty.opened, eighty.objective) == ((0, 1), 9.0)
    assert town.choose("share", target_share=1.0).opened == (0, 1, 2, 3)


def test_a_share_that_is_there_already_needs_nothing() -> None:
    assert a_town().choose("share", target_share=0.9).status == "nothing to do"


def test_backup_counts_first_and_second_facilities() -> None:
    # d0 has one facility, d1 none: c0 (near both) gives 10 a second and 30 a first; c1 gives d1 a first only.
    town = Town([10, 30], [[3.0], [None]], [[4.0, None], [4.0, 4.0]], [1.0, 1.0])
    one = town.choose("backup", max_sites=1)
    assert (one.opened, one.objective, one.objective_unit) == ((0,), 40.0, "people")
    both = town.choose("backup", max_sites=2)
    assert (both.opened, both.objective) == ((0, 1), 70.0)


def test_a_goal_on_the_circle_needs_one() -> None:
    with pytest.raises(ValueError, match="looks at the people of the shown circle"):
        choose_sites(a_town().area, [], a_town().times, Siting(goal="share"))


def test_people_without_a_point_count_for_the_share() -> None:
    area = small_area(unassigned=pd.DataFrame({"base": ["pop60"], "people": [350.0], "unit_id": [""], "reason": ["no unit"]}))
    minutes = Arcs(*(np.array(c, dtype=t) for c, t in (([0], np.int32), ([0], np.int32), ([1.0], float))), 15.0, 4, 6)  # type: ignore[arg-type]
    reach = reach_of(area, TravelTimes({"elder_walk": minutes}, pd.DataFrame()), CIRCLE)
    assert (reach.total, reach.people.sum()) == (1000.0, 650.0)


@st.composite
def towns(draw: st.DrawFn) -> Town:
    n, f, m = draw(st.integers(1, 6)), draw(st.integers(0, 2)), draw(st.integers(1, 5))
    cell = st.one_of(st.none(), st.integers(0, 15).map(float))
    return Town(
        people=draw(st.lists(st.integers(0, 5).map(float), min_size=n, max_size=n)),
        to_facilities=draw(st.lists(st.lists(cell, min_size=f, max_size=f), min_size=n, max_size=n)),
        to_candidates=draw(st.lists(st.lists(cell, min_size=m, max_size=m), min_size=n, max_size=n)),
        cost=draw(st.lists(st.integers(1, 5).map(float), min_size=m, max_size=m)),
    )


Limits = dict[str, float | int | None]
limits = st.fixed_dictionaries(
    {"max_sites": st.one_of(st.none(), st.integers(0, 3)), "budget_yuan": st.one_of(st.none(), st.integers(0, 10))}
)


def best(town: Town, given_limits: Limits, value: Callable[[tuple[int, ...]], float]) -> float:
    sites, budget = given_limits["max_sites"], given_limits["budget_yuan"]
    return min(value(s) for s in town.sets(None if sites is None else int(sites), budget))


@given(towns(), limits, st.sampled_from(["exact", "heuristic"]))
@settings(max_examples=60, deadline=None)
def test_least_mean_minutes_of_every_set(town: Town, within: Limits, method: str) -> None:
    people = np.array(town.people)
    if people.sum() == 0:
        return
    choice = town.choose("mean_minutes", method=method, **within)

    def mean(opened: tuple[int, ...]) -> float:
        return float(people @ np.minimum(town.minutes(opened), 30.0) / people.sum())

    least = best(town, within, mean)
    assert choice.objective == pytest.approx(mean(choice.opened))
    assert choice.bound - 1e-9 <= least <= choice.objective + 1e-9
    if method == "exact":
        assert choice.objective == pytest.approx(least)


@given(towns(), limits, st.sampled_from(["exact", "heuristic"]))
@settings(max_examples=60, deadline=None)
def test_least_worst_minutes_of_every_set(town: Town, within: Limits, method: str) -> None:
    hopeful = np.isfinite(town.minutes(tuple(range(len(town.cost))))) & (np.array(town.people) > 0)
    if not hopeful.any():
        return
    choice = town.choose("worst_minutes", method=method, **within)
    least = best(town, within, lambda opened: float(town.minutes(opened)[hopeful].max()))
    assert choice.bound <= least <= choice.objective
    if np.isfinite(choice.objective):
        assert town.minutes(choice.opened)[hopeful].max() <= choice.objective
    if method == "exact":
        assert choice.objective == least


@given(towns(), st.sampled_from([0.3, 0.5, 0.9, 1.0]))
@settings(max_examples=50, deadline=None)
def test_cheapest_set_of_a_target_share(town: Town, share: float) -> None:
    people = np.array(town.people)
    choice = town.choose("share", target_share=share, method="exact")

    def inside(opened: tuple[int, ...]) -> float:
        return float(people[np.isfinite(town.minutes(opened))].sum())

    asked = min(share * people.sum(), inside(tuple(range(len(town.cost)))))
    enough = [s for s in town.sets() if inside(s) >= asked - 1e-9]
    assert inside(choice.opened) >= asked - 1e-9
    assert choice.cost_yuan == pytest.approx(min(sum(town.cost[j] for j in s) for s in enough))


@given(towns(), limits)
@settings(max_examples=50, deadline=None)
def test_most_backup_of_every_set(town: Town, within: Limits) -> None:
    people = np.array(town.people)
    choice = town.choose("backup", method="exact", **within)

    def gained(opened: tuple[int, ...]) -> float:
        now = np.array([sum(m is not None for m in line) for line in town.to_facilities])
        more = np.array([sum(line[j] is not None for j in opened) for line in town.to_candidates])
        return float(people @ (np.minimum(2, now + more) - np.minimum(2, now)))

    assert gained(choice.opened) == pytest.approx(-best(town, within, lambda opened: -gained(opened)))
    assert choice.objective == pytest.approx(gained(choice.opened))


@given(towns(), limits, st.sampled_from(["mean_minutes", "worst_minutes", "share", "backup"]))
@settings(max_examples=50, deadline=None)
def test_the_claim_is_found_again_when_the_sites_stand(town: Town, within: Limits, goal: str) -> None:
    siting = Siting.model_validate({"goal": goal, "curve": False, "alternatives": 0, **within})
    choice = choose_sites(town.area, [], town.times, siting, CIRCLE)
    opened = town.area.with_opened(choice.opened)
    moved = Town(
        town.people,
        [a + [b[j] for j in choice.opened] for a, b in zip(town.to_facilities, town.to_candidates, strict=True)],
        town.to_candidates,
        town.cost,
    )
    before, after = reach_of(town.area, town.times, CIRCLE), reach_of(opened, moved.times, CIRCLE)
    for claim in choice.claimed.to_dict("records"):
        assert relieved_of_circle(siting, choice.objective, before, after) == pytest.approx(claim["relieved"])


def test_a_hundred_orders_give_the_same_sites() -> None:
    rng = np.random.default_rng(3)
    n, m = 25, 8
    minutes = rng.integers(1, 16, (n, m)).astype(float)
    near = rng.random((n, m)) < 0.5
    people, cost = rng.integers(1, 9, n).astype(float), rng.integers(1, 4, m).astype(float)
    table: list[list[float | None]] = [
        [float(x) if y else None for x, y in zip(a, b, strict=True)] for a, b in zip(minutes, near, strict=True)
    ]

    def ids(d: NDArray[np.int64], c: NDArray[np.int64]) -> set[str]:
        town = Town([people[i] for i in d], [[None]] * n, [[table[i][j] for j in c] for i in d], [cost[j] for j in c])
        area = town.area
        area.demand["demand_id"] = [f"d{i:02d}" for i in d]
        area.candidates["candidate_id"] = [f"c{j}" for j in c]
        siting = Siting(goal="mean_minutes", budget_yuan=5, curve=False, alternatives=0, method="heuristic")
        choice = choose_sites(area, [], town.times, siting, CIRCLE)
        return set(area.candidates["candidate_id"].iloc[list(choice.opened)])

    first = ids(np.arange(n), np.arange(m))
    for _ in range(100):
        assert ids(rng.permutation(n), rng.permutation(m)) == first
