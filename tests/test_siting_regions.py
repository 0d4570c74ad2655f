"""Coverings and their bound by regions: each region solved like by brute force, the bound never above the least cost, and by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy import sparse

from benchmarks.siting import covering as maximal
from benchmarks.siting import set_cover
from planner.siting.best_of.choice import bounded_choice
from planner.siting.best_of.levels import covering_of
from planner.siting.best_of.model import BestOf, best_of
from planner.siting.effort import EFFORTS
from planner.siting.model import Siting
from planner.siting.problem import merged
from planner.siting.proof.ascent import Limits
from planner.siting.proof.covering import Covering, proved, relaxed
from planner.siting.proof.region_search import MOST_NODES, cheapest, regions_and_sites
from planner.siting.proof.regions import regions_of
from planner.siting.proof.split import SplitEffort, bound_by_regions, split_bound
from planner.siting.solve import solve

LIMIT_S = 20.0
EFFORT = SplitEffort(sites=2.0, rounds=30, nodes=10**6)


@st.composite
def coverings(draw: st.DrawFn) -> Covering:
    """Up to 9 needs and 6 sites; all needs to be met, or each worth 1 to 9 and at most 1 to 4 sites opened."""
    n, m = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    table = [draw(st.lists(st.booleans(), min_size=m, max_size=m).filter(any)) for _ in range(n)]
    price = np.array(draw(st.lists(st.integers(0, 3), min_size=m, max_size=m)), dtype=float)
    met = sparse.csr_matrix(np.array(table, dtype=float))
    if draw(st.booleans()):
        return Covering(met, price + 1.0, np.full(n, np.inf))
    worth = np.array(draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)), dtype=float)
    return Covering(met, price, worth, float(draw(st.integers(1, 4))))


def choices(asked: Covering) -> list[tuple[NDArray[np.float64], NDArray[np.float64], float]]:
    """Every set of sites within the limits: who is open, which needs are left, and what that costs."""
    sets = (np.array(bits, dtype=float) for bits in product((0, 1), repeat=asked.met.shape[1]))
    found = [(x, (asked.met @ x == 0).astype(float)) for x in sets if x.sum() <= asked.n_sites]
    return [(x, z, float(asked.price @ x) + (float(asked.worth[z > 0].sum()) if z.any() else 0.0)) for x, z in found]


def least_cost(asked: Covering) -> float:
    return min(cost for _, _, cost in choices(asked))


@st.composite
def coverings_in_regions(draw: st.DrawFn) -> tuple[Covering, NDArray[np.int64]]:
    """A covering, and the region of each need."""
    asked = draw(coverings())
    n = asked.met.shape[0]
    drawn = draw(st.lists(st.integers(0, 2), min_size=n, max_size=n))
    return asked, np.unique(drawn, return_inverse=True)[1].astype(np.int64)


def costs_in_region(asked: Covering, rows: NDArray[np.int64], price: NDArray[np.float64]) -> dict[bytes, float]:
    """What every set of sites costs in a region of the needs `rows`: their prices (m,) and the needs that are left."""
    sets = [np.array(bits, dtype=bool) for bits in product((0, 1), repeat=asked.met.shape[1])]
    left = [asked.met[rows] @ x.astype(float) == 0 for x in sets]
    return {
        x.tobytes(): float(price[x].sum()) + (float(asked.worth[rows][z].sum()) if z.any() else 0.0)
        for x, z in zip(sets, left, strict=True)
    }


@settings(deadline=None, max_examples=60)
@given(coverings_in_regions(), st.data())
def test_the_choices_of_regions_are_the_cheapest_of_all_their_sets_of_sites_and_fewer_nodes_say_no_more(
    given_: tuple[Covering, NDArray[np.int64]], data: st.DataObject
) -> None:
    asked, region = given_
    n, m = asked.met.shape
    below = np.array(data.draw(st.lists(st.floats(0, 5), min_size=n, max_size=n)))
    regions, site = regions_and_sites(asked, region, below)
    for _ in range(2):  # the second search begins where the first ended
        regions.price[:] = data.draw(st.lists(st.sampled_from([0.0, 0.25, 1.0, 2.5, 4.0]), min_size=len(site), max_size=len(site)))
        least = 0.0
        found = cheapest(regions, MOST_NODES)
        for r in range(int(region.max()) + 1):
            pairs = slice(regions.first_pair[r], regions.first_pair[r + 1])
            price, opened = np.full(m, 100.0), np.zeros(m, dtype=bool)
            price[site[pairs]], opened[site[pairs]] = regions.price[pairs], regions.opened[pairs]
            costs = costs_in_region(asked, np.flatnonzero(region == r), price)
            least += min(costs.values())
            assert costs[opened.tobytes()] == pytest.approx(min(costs.values()))
        assert found == pytest.approx(least)
        assert cheapest(regions, 1) <= least + 1e-9


@settings(deadline=None, max_examples=60)
@given(coverings(), st.data())
def test_no_prices_prove_more_than_the_least_cost(asked: Covering, data: st.DataObject) -> None:
    n = asked.met.shape[0]
    prices = np.array(data.draw(st.lists(st.floats(0, 5), min_size=n, max_size=n)))
    assert proved(asked, np.minimum(prices, asked.worth)) <= least_cost(asked) + 1e-9


@settings(deadline=None, max_examples=60)
@given(coverings_in_regions(), st.data())
def test_no_regions_prove_more_than_the_least_cost(given_: tuple[Covering, NDArray[np.int64]], data: st.DataObject) -> None:
    asked, region = given_
    n, least = asked.met.shape[0], least_cost(asked)
    prices = np.array(data.draw(st.lists(st.floats(0, 5), min_size=n, max_size=n)))
    assert split_bound(asked, region, prices, least, EFFORT) <= least + 1e-9


@settings(deadline=None, max_examples=50)
@given(coverings())
def test_the_bound_is_never_above_the_least_cost_nor_below_the_relaxation_and_the_same_again(asked: Covering) -> None:
    least = least_cost(asked)
    bound = bound_by_regions(asked, least + 1.0, EFFORT, LIMIT_S)
    assert bound <= least + 1e-9
    plain = relaxed(asked, LIMIT_S)
    assert plain is not None
    assert bound >= plain.bound - 1e-9
    assert bound_by_regions(asked, least + 1.0, EFFORT, LIMIT_S) == bound


@settings(deadline=None, max_examples=50)
@given(coverings())
def test_single_needs_as_regions_prove_no_more_than_the_relaxation_and_one_region_without_a_limit_all(asked: Covering) -> None:
    asked = replace(asked, price=asked.price + 0.001)  # not whole, so that nothing is rounded up
    plain, n, least = relaxed(asked, LIMIT_S), asked.met.shape[0], least_cost(asked)
    assert plain is not None
    assert split_bound(asked, np.arange(n), plain.prices, least, EFFORT) <= plain.bound + 1e-6
    alone = replace(asked, n_sites=np.inf)
    assert split_bound(alone, np.zeros(n, dtype=np.int64), plain.prices, least, EFFORT) == pytest.approx(least_cost(alone))


def two_triangles(n_sites: float) -> Covering:
    """Three villages with a site between any two, twice; each village is worth 1."""
    triangle = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    return Covering(sparse.csr_matrix(np.kron(np.eye(2), triangle)), np.zeros(6), np.ones(6), n_sites)


def test_three_sites_reach_five_of_six_villages_in_two_triangles_and_the_regions_prove_it() -> None:
    asked = two_triangles(3)  # two sites reach one triangle, the third two villages of the other; six half sites reach all
    plain = relaxed(asked, LIMIT_S)
    assert plain is not None
    assert plain.bound == pytest.approx(0.0, abs=1e-6)
    assert plain.share == pytest.approx(0.5, abs=1e-4)
    assert {tuple(part) for part in regions_of(asked.met, 2).reshape(2, 3)} == {(0, 0, 0), (1, 1, 1)}
    assert 0.99 < bound_by_regions(asked, 2.0, replace(EFFORT, sites=1.5, rounds=300), LIMIT_S) <= 1.0
    assert least_cost(asked) == 1.0


@settings(deadline=None, max_examples=50)
@given(coverings(), st.integers(1, 12))
def test_every_need_is_in_one_region_and_regions_are_equal_in_needs(asked: Covering, n_regions: int) -> None:
    n = asked.met.shape[0]
    sizes = np.bincount(regions_of(asked.met, n_regions))
    assert sizes.sum() == n
    assert len(sizes) == min(n_regions, n)
    assert sizes.max() - sizes.min() <= 2


def test_villages_along_a_road_are_split_where_they_are_far_from_each_other() -> None:
    row = np.arange(60)
    road = sparse.csr_matrix((np.abs(row[:, None] - row) <= 3).astype(float))
    shuffled = np.random.default_rng(1).permutation(60)
    region = np.empty(60, dtype=np.int64)
    region[shuffled] = regions_of(road[shuffled], 4)
    assert [len(set(part)) for part in region.reshape(4, 15)] == [1, 1, 1, 1]


@st.composite
def places(draw: st.DrawFn) -> BestOf:
    """Up to 5 places and 5 candidates with values 1 to 4, one of which may be required; two sites at most besides."""
    n, m = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    rows = [draw(st.lists(st.integers(0, 4), min_size=m, max_size=m).filter(any)) for _ in range(n)]
    value = np.array(rows, dtype=float)
    start = np.concatenate([[0], (value > 0).sum(axis=1).cumsum()]).astype(np.int64)
    must = draw(st.integers(-1, m - 1))
    limits = Limits(np.zeros(0), np.inf, 2.0, np.ones(m), np.arange(m) == must)
    return BestOf(start, np.nonzero(value)[1].astype(np.int32), value[value > 0], limits)


@settings(deadline=None, max_examples=60)
@given(places())
def test_what_a_covering_loses_is_what_its_places_do_not_gain(asked: BestOf) -> None:
    required, whole = asked.limits.required, float(asked.most.sum())
    covering = covering_of(asked, 1000)
    assert covering is not None
    for x, z, cost in choices(replace(covering, n_sites=2.0)):
        opened = required.copy()
        opened[~required] = x > 0
        assert whole - asked.worth(opened) == cost == (covering.worth * z).sum()


def test_a_problem_of_too_many_arcs_gets_no_regions() -> None:
    short = best_of(merged(maximal(60, 12, 3)))
    assert short is not None
    n_arcs = int(covering_of(short, 10**6).met.nnz)  # type: ignore[union-attr]
    assert covering_of(short, n_arcs) is not None
    assert covering_of(short, n_arcs - 1) is None


def test_thorough_bounds_are_no_looser_choices_no_worse_and_both_the_same_again() -> None:
    asked = set_cover(maximal(1500, 300, 0))
    usual = solve(asked, "heuristic", LIMIT_S)
    thorough = [solve(asked, "heuristic", LIMIT_S, "thorough") for _ in range(2)]
    assert usual.bound <= thorough[0].bound <= thorough[0].objective <= usual.objective
    assert thorough[0].objective == thorough[1].objective
    assert thorough[0].bound == thorough[1].bound
    assert (thorough[0].opened == thorough[1].opened).all()


def test_regions_narrow_the_gap_of_a_maximal_cover_between_the_relaxation_and_a_choice() -> None:
    short = best_of(merged(maximal(600, 120, 8)))
    assert short is not None
    asked, whole = covering_of(short, 10**6), float(short.most.sum())
    assert asked is not None
    plain = relaxed(asked, LIMIT_S)
    assert plain is not None
    lost = whole - short.worth(bounded_choice(short).opened)
    bounds = [bound_by_regions(asked, lost, replace(EFFORT, sites=4.0, rounds=rounds), LIMIT_S) for rounds in (1, 10, 60)]
    assert plain.bound <= bounds[0] < bounds[1] < bounds[2] <= lost
    assert (bounds[2] - plain.bound) / (lost - plain.bound) > 0.3


def test_the_effort_of_a_scenario_is_usual_or_thorough() -> None:
    assert Siting().effort == "usual"
    assert set(EFFORTS) == {"usual", "thorough"} == {Siting(effort=name).effort for name in ("usual", "thorough")}
    with pytest.raises(ValidationError):
        Siting(effort="hasty")
