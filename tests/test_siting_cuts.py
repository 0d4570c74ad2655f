"""Coverings and cuts over odd sets: kept by every choice of whole sites, the bound never above the least cost, and by hand."""

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
from planner.siting.proof.covering import Covering, no_cuts, proved, relaxed
from planner.siting.proof.odd_sets import bound_by_odd_sets, broken_cuts, cuts_of
from planner.siting.solve import solve

LIMIT_S = 20.0
ROUNDS = 4


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


@settings(deadline=None, max_examples=150)
@given(coverings(), st.data())
def test_every_choice_of_whole_sites_keeps_the_cuts_of_any_odd_sets_and_of_those_that_are_found(
    asked: Covering, data: st.DataObject
) -> None:
    n, m = asked.met.shape
    sets = st.lists(st.integers(0, n - 1), unique=True, min_size=1, max_size=n).filter(lambda s: len(s) % 2 == 1)
    drawn = [np.array(sorted(s), dtype=np.int64) for s in data.draw(st.lists(sets, max_size=4))]
    share = np.array(data.draw(st.lists(st.sampled_from([0.0, 0.3, 0.5, 1.0]), min_size=m, max_size=m)))
    cuts = cuts_of(asked, drawn).and_those(broken_cuts(asked, share, set()))
    for x, z, cost in choices(asked):
        if np.isfinite(cost):
            assert (cuts.sites @ x + cuts.left @ z >= cuts.least).all()


@settings(deadline=None, max_examples=150)
@given(coverings(), st.data())
def test_no_prices_prove_more_than_the_least_cost(asked: Covering, data: st.DataObject) -> None:
    n = asked.met.shape[0]
    cuts = cuts_of(asked, [np.arange(n - (n + 1) % 2), np.array([0])])
    prices = [np.array(data.draw(st.lists(st.floats(0, 5), min_size=k, max_size=k))) for k in (n, 2)]
    assert proved(asked, cuts, *prices) <= least_cost(asked) + 1e-9


@settings(deadline=None, max_examples=100)
@given(coverings())
def test_the_bound_is_never_above_the_least_cost_nor_below_the_relaxation_and_the_same_again(asked: Covering) -> None:
    bound, least = bound_by_odd_sets(asked, np.inf, ROUNDS, LIMIT_S), least_cost(asked)
    assert bound <= least + 1e-9
    plain = relaxed(asked, no_cuts(asked), LIMIT_S)
    assert plain is not None
    assert bound >= plain.bound - 1e-9
    assert bound_by_odd_sets(asked, np.inf, ROUNDS, LIMIT_S) == bound


def two_triangles(n_sites: float) -> Covering:
    """Three villages with a site between any two, twice; each village is worth 1."""
    triangle = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]])
    return Covering(sparse.csr_matrix(np.kron(np.eye(2), triangle)), np.zeros(6), np.ones(6), n_sites)


def test_three_sites_reach_five_of_six_villages_in_two_triangles_and_the_cuts_prove_it() -> None:
    asked = two_triangles(3)  # two sites reach one triangle, the third two villages of the other; six half sites reach all
    plain = relaxed(asked, no_cuts(asked), LIMIT_S)
    assert plain is not None
    assert plain.bound == pytest.approx(0.0, abs=1e-6)
    assert plain.share == pytest.approx(0.5, abs=1e-4)
    fresh = broken_cuts(asked, plain.share, set())
    assert fresh.least.tolist() == [2.0, 2.0]
    assert fresh.sites.sum(axis=1).A1.tolist() == [3.0, 3.0]
    assert bound_by_odd_sets(asked, np.inf, ROUNDS, LIMIT_S) == pytest.approx(1.0)
    assert least_cost(asked) == 1.0


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


@settings(deadline=None, max_examples=150)
@given(places())
def test_what_a_covering_loses_is_what_its_places_do_not_gain(asked: BestOf) -> None:
    required, whole = asked.limits.required, float(asked.most.sum())
    covering = covering_of(asked, 1000)
    assert covering is not None
    for x, z, cost in choices(replace(covering, n_sites=2.0)):
        opened = required.copy()
        opened[~required] = x > 0
        assert whole - asked.worth(opened) == cost == (covering.worth * z).sum()


def test_a_problem_of_too_many_arcs_gets_no_cuts() -> None:
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


def test_cuts_narrow_the_gap_of_a_maximal_cover_between_the_relaxation_and_a_choice() -> None:
    short = best_of(merged(maximal(600, 120, 8)))
    assert short is not None
    asked, whole = covering_of(short, 10**6), float(short.most.sum())
    assert asked is not None
    plain = relaxed(asked, no_cuts(asked), LIMIT_S)
    assert plain is not None
    lost = whole - short.worth(bounded_choice(short).opened)
    bounds = [bound_by_odd_sets(asked, lost, rounds, LIMIT_S) for rounds in (0, 1, 3)]
    assert plain.bound == bounds[0] < bounds[1] < bounds[2] <= lost
    assert (bounds[2] - bounds[0]) / (lost - bounds[0]) > 0.1


def test_the_effort_of_a_scenario_is_usual_or_thorough() -> None:
    assert Siting().effort == "usual"
    assert set(EFFORTS) == {"usual", "thorough"} == {Siting(effort=name).effort for name in ("usual", "thorough")}
    with pytest.raises(ValidationError):
        Siting(effort="hasty")
