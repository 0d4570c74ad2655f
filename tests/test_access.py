"""Who goes where when places are limited: worked cases, laws, and the same optimum by another formulation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.access import Assignment, assign_people, balance_with_capacity
from planner.balance import OUTSIDE
from planner.travel.arcs import Arcs
from tests.small import small_area


def arcs(table: list[list[float | None]]) -> Arcs:
    """Minutes of people x sites, None out of reach."""
    rows = [(i, s, m) for i, line in enumerate(table) for s, m in enumerate(line) if m is not None]
    demand, site, minutes = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    n_sites = len(table[0]) if table else 0
    return Arcs(np.array(demand, dtype=np.int32), np.array(site, dtype=np.int32), np.array(minutes, dtype=float), 15.0, len(table), n_sites)


def assign(table: list[list[float | None]], people: list[float], capacity: list[float]) -> Assignment:
    return assign_people(
        arcs(table),
        np.array(people, dtype=float),
        np.array(capacity, dtype=float),
        demand_ids=np.array([f"d{i}" for i in range(len(people))], dtype=object),
        site_ids=np.array([f"f{s}" for s in range(len(capacity))], dtype=object),
    )


def test_with_room_everybody_goes_to_the_nearest() -> None:
    found = assign([[5, 3], [2, 9], [None, None]], [10, 20, 7], [100, 100])
    assert found.flows.to_numpy().tolist() == [[0, 1, 10, 3], [1, 0, 20, 2]]
    assert found.load.tolist() == [20, 10]
    assert found.out_of_reach.tolist() == [0, 0, 7]
    assert found.mean_minutes == pytest.approx((30 + 40) / 30)


def test_a_full_home_sends_those_on_for_whom_it_costs_least() -> None:
    # f0 has 10 places; d0 and d1 (10 people each) are both 2 minutes away. To f1 it is 12 minutes for d0 and 5 for d1: d1 goes there.
    found = assign([[2, 12], [2, 5]], [10, 10], [10, 10])
    assert found.flows.to_numpy().tolist() == [[0, 0, 10, 2], [1, 1, 10, 5]]


def test_most_are_served_before_the_ways_are_short() -> None:
    # d1 reaches f0 only. d0 has to give up 1 minute to f0 for 14 minutes to f1, so that all 20 are served.
    found = assign([[1, 14], [1, None]], [10, 10], [10, 10])
    assert found.served.tolist() == [10, 10]
    assert found.flows.to_numpy().tolist() == [[0, 1, 10, 14], [1, 0, 10, 1]]


def test_overflow_is_seen_and_nobody_is_served_twice() -> None:
    found = assign([[1], [2], [None]], [8, 5, 3], [10])
    assert found.served.tolist() == [8, 2] + [0]
    assert found.over_capacity.tolist() == [0, 3, 0]
    assert found.out_of_reach.tolist() == [0, 0, 3]
    assert found.free.tolist() == [0]


def test_zero_capacity_serves_nobody_and_no_limit_everybody() -> None:
    none = assign([[1], [2]], [8, 5], [0])
    assert (none.served.tolist(), none.over_capacity.tolist()) == ([0, 0], [8, 5])
    assert np.isnan(none.mean_minutes)
    assert assign([[1], [2]], [8, 5], [np.inf]).load.tolist() == [13]


@pytest.mark.parametrize(("people", "capacity"), [([-1.0], [1.0]), ([1.0], [-1.0]), ([np.nan], [1.0]), ([1.0], [np.nan])])
def test_negative_or_missing_figures_are_refused(people: list[float], capacity: list[float]) -> None:
    with pytest.raises(ValueError, match="numbers of 0 or more"):
        assign([[1]], people, capacity)


@st.composite
def places(draw: st.DrawFn) -> tuple[list[list[float | None]], list[float], list[float]]:
    n, s = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    cell = st.one_of(st.none(), st.integers(0, 15).map(float))
    table = draw(st.lists(st.lists(cell, min_size=s, max_size=s), min_size=n, max_size=n))
    people = draw(st.lists(st.integers(0, 3).map(float), min_size=n, max_size=n))
    return table, people, draw(st.lists(st.integers(0, 4).map(float), min_size=s, max_size=s))


@given(places())
@settings(max_examples=150, deadline=None)
def test_everybody_is_in_one_account_and_no_site_is_over_full(place: tuple[list[list[float | None]], list[float], list[float]]) -> None:
    table, people, capacity = place
    found = assign(table, people, capacity)
    assert (found.served + found.over_capacity + found.out_of_reach).tolist() == pytest.approx(people)
    assert (found.load <= np.array(capacity) + 1e-9).all()
    assert found.served.sum() == pytest.approx(found.load.sum())
    for row in found.flows.itertuples():
        assert table[int(row.demand_row)][int(row.site_row)] == row.minutes


def enumerated(table: list[list[float | None]], people: list[float], capacity: list[float]) -> tuple[float, float]:
    """Most people served and fewest minutes, by sending every single person everywhere."""
    persons = [i for i, n in enumerate(people) for _ in range(int(n))]
    options = [[-1, *[s for s, m in enumerate(table[i]) if m is not None]] for i in persons]
    best = (0.0, 0.0)
    for to in product(*options):
        load = np.bincount([s for s in to if s >= 0], minlength=len(capacity))
        if (load <= capacity).all():
            minutes = sum(table[i][s] or 0.0 for i, s in zip(persons, to, strict=True) if s >= 0)
            best = max(best, (float(load.sum()), -minutes))
    return best[0], -best[1]


@given(places())
@settings(max_examples=60, deadline=None)
def test_most_people_in_fewest_minutes_as_found_by_enumeration(place: tuple[list[list[float | None]], list[float], list[float]]) -> None:
    table, people, capacity = place
    people = [min(n, 2.0) for n in people][:3]
    table = table[:3]
    found = assign(table, people, capacity)
    minutes = float((found.flows["people"] * found.flows["minutes"]).sum())
    served, least = enumerated(table, people, capacity)
    assert (found.served.sum(), minutes) == (pytest.approx(served), pytest.approx(least))


@pytest.mark.parametrize("seed", range(100))
def test_a_hundred_orders_of_people_and_sites_give_one_answer(seed: int) -> None:
    rng = np.random.default_rng(7)
    n, s = 30, 6
    minutes, near = rng.integers(1, 15, (n, s)).astype(float), rng.random((n, s)) < 0.5
    people, capacity = rng.integers(1, 9, n).astype(float), rng.integers(5, 30, s).astype(float)
    order, sites = np.random.default_rng(seed).permutation(n), np.random.default_rng(seed + 1000).permutation(s)

    def flows(d: np.ndarray, f: np.ndarray) -> list[tuple[str, str, float]]:
        table = [[float(minutes[i, j]) if near[i, j] else None for j in f] for i in d]
        ids, site_ids = np.array([f"d{i:02d}" for i in d], dtype=object), np.array([f"f{j}" for j in f], dtype=object)
        found = assign_people(arcs(table), people[d], capacity[f], demand_ids=ids, site_ids=site_ids)
        return sorted((ids[int(r.demand_row)], site_ids[int(r.site_row)], float(r.people)) for r in found.flows.itertuples())

    assert flows(order, sites) == flows(np.arange(n), np.arange(s))


def test_the_balance_adds_up_to_the_person() -> None:
    area = small_area(unassigned=pd.DataFrame({"base": ["pop60"], "people": [4.0], "unit_id": [""], "reason": ["no unit"]}))
    people = area.demand["pop60"].to_numpy()
    table: list[list[float | None]] = [[1.0], [2.0], [None], [None]]
    found = assign(table, people.tolist(), [260.0])
    off = pd.DataFrame({"table": ["demand"], "id": ["d4"]})
    balance = balance_with_capacity(area, "pop60", found, off).set_index("unit_id")
    # d1 250 of 250 places first? d1 (1 minute) fills 250 of 260, d2 (50 people) gets 10; d3 (200) is too far, d4 (150) off the network.
    assert balance.loc["", ["served", "over_capacity", "too_far", "off_network", "unassigned", "total"]].tolist() == [
        260,
        40,
        200,
        150,
        4,
        654,
    ]
    assert balance.loc["431299100001", ["served", "over_capacity", "total"]].tolist() == [260, 40, 300]
    assert balance.loc[OUTSIDE, ["unassigned", "total"]].tolist() == [4, 4]
    assert balance.loc[balance.index != "", "total"].sum() == balance.loc["", "total"]
