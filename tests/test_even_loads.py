"""Even loads: worked out on paper, against every set of facilities, and nobody lost or led farther than stated."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from planner.access import assign_people
from planner.districts import Districts, assigned
from planner.even_loads import even_rates, evened
from planner.travel.arcs import Arcs
from tests.siting_place import CIRCLE, times_of
from tests.small import small_area


def rates_by_every_set(people: list[float], near: list[set[int]], places: list[float]) -> list[float]:
    """The fullest set of sites (the people who can only go there, per place) is as full as that; then the same of the rest."""
    left, rates = {s for s in range(len(places)) if any(s in sites for sites in near)}, [0.0] * len(places)
    who = [i for i in range(len(people)) if near[i]]
    while left:
        sets = [set(chosen) for n in range(1, len(left) + 1) for chosen in combinations(sorted(left), n)]
        full = {
            frozenset(chosen): sum(people[i] for i in who if near[i] & left <= chosen) / sum(places[s] for s in chosen) for chosen in sets
        }
        most = max(full.values())
        tight = set().union(*(chosen for chosen, rate in full.items() if rate >= most - 1e-9))
        for s in tight:
            rates[s] = most
        who = [i for i in who if not near[i] & left <= tight]
        left -= tight
    return rates


@given(
    people=st.lists(st.integers(0, 20), min_size=1, max_size=5),
    places=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_rates_are_those_of_the_fullest_sets(people: list[int], places: list[int], data: st.DataObject) -> None:
    sites = st.sets(st.integers(0, len(places) - 1), min_size=1)
    near = [data.draw(sites) for _ in people]
    pairs = [(i, s) for i, reach in enumerate(near) for s in sorted(reach)]
    demand, site = (np.array(rows, dtype=np.int32) for rows in zip(*pairs, strict=True))
    found = even_rates(demand, site, np.array(people, dtype=float), np.array(places, dtype=float))
    assert found == pytest.approx(np.array(rates_by_every_set([float(n) for n in people], near, [float(n) for n in places])), abs=1e-6)


def ids(letter: str, n: int) -> NDArray[np.object_]:
    return np.array([f"{letter}{i}" for i in range(n)], dtype=object)


@given(
    people=st.lists(st.floats(0, 20, allow_subnormal=False), min_size=4, max_size=4),
    capacity=st.one_of(st.lists(st.integers(0, 15), min_size=3, max_size=3), st.none()),
    minutes=st.lists(st.integers(1, 20), min_size=12, max_size=12),
    extra=st.integers(0, 10),
)
@settings(max_examples=80, deadline=None)
def test_everybody_keeps_his_place_and_nobody_goes_farther_than_stated(
    people: list[float], capacity: list[int] | None, minutes: list[int], extra: int
) -> None:
    at = np.flatnonzero(np.array(minutes) <= 15)
    arcs = Arcs((at // 3).astype(np.int32), (at % 3).astype(np.int32), np.array(minutes, dtype=float)[at], 15.0, 4, 3)
    room = np.full(3, np.inf) if capacity is None else np.array(capacity, dtype=float)
    shortest = assign_people(arcs, np.array(people), room, demand_ids=ids("d", 4), site_ids=ids("f", 3))
    found = evened(shortest, arcs, float(extra), demand_ids=ids("d", 4), site_ids=ids("f", 3))
    flows = found.flows.groupby("demand_row")["people"].sum()
    before = shortest.flows.groupby("demand_row")["people"].sum()
    assert flows.to_dict() == pytest.approx(before.to_dict(), rel=1e-9)
    assert found.load.sum() == pytest.approx(shortest.load.sum(), abs=1e-6)
    assert (found.load <= room + 1e-5).all()
    farthest = shortest.flows.groupby("demand_row")["minutes"].max()
    assert (found.flows["minutes"].to_numpy() <= farthest.reindex(found.flows["demand_row"]).to_numpy() + extra + 1e-6).all()
    size = np.where(np.isinf(room) | (room == 0), 1.0, room)
    assert (found.load / size).max() <= (shortest.load / size).max() + 1e-5


def test_two_homes_share_the_hamlets_between_them() -> None:
    # f1 (x = 300) takes d1 (250 people) at 2 minutes and d2 (50) at 10; f2 (1400) takes d3 (200) at 2, and d2 at 12: two minutes farther
    area = small_area()

    def loads(extra: float | None) -> dict[str, float]:
        found = assigned(area, times_of(area), Districts(max_extra_minutes=extra).completed(CIRCLE))
        whole = found.balance[found.balance["unit_id"] == ""]
        assert whole[["served", "too_far"]].to_numpy().tolist() == [[500.0, 150.0]]
        return {str(id_): round(load, 4) for id_, load in zip(found.loads["facility_id"], found.loads["load"], strict=True)}

    assert loads(None) == {"f1": 300.0, "f2": 200.0}
    assert loads(1.9) == {"f1": 300.0, "f2": 200.0}
    assert loads(2.0) == {"f1": 250.0, "f2": 250.0}
