"""Set covering: rows and columns that matter, the search and the bound by regions, against every set of sites and by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.siting import covering, set_cover
from planner.siting.problem import Requirement, SitingProblem, merged
from planner.siting.proof.bound import relaxation
from planner.siting.proof.cover_form import CoverForm, applies, cover_form
from planner.siting.proof.covering import Covering
from planner.siting.proof.program import program
from planner.siting.proof.split import SplitEffort, bound_by_regions
from planner.siting.search.set_cover import covered
from planner.siting.solve import solve
from tests.siting_problems import candidates, problem

LIMIT_S = 20.0
EFFORT = SplitEffort(sites=2.0, rounds=60, nodes=10**6)


def asked_of(form: CoverForm) -> Covering:
    """The rows and columns that matter, all of them to be met."""
    return Covering(form.by_need, form.price, np.full(form.by_need.shape[0], np.inf))


def cover(table: list[list[float]], price: list[float], required: list[bool] | None = None) -> SitingProblem:
    """The cheapest sites that meet every need that one can meet; merged."""
    reachable = float(sum(any(row) for row in table))
    who = candidates(price, required=required or [False] * len(price))
    return merged(problem(table, [1.0] * len(table), who, goal="meet", requirements=(Requirement(0, reachable, "needs"),)))


@st.composite
def covers(draw: st.DrawFn) -> SitingProblem:
    """Up to 9 needs and 7 candidates of price 1 to 3, one of which may be required; no need is out of reach."""
    n, m = draw(st.integers(1, 9)), draw(st.integers(1, 7))
    table = [draw(st.lists(st.sampled_from([0.0, 1.0]), min_size=m, max_size=m).filter(any)) for _ in range(n)]
    must = draw(st.integers(-1, m - 1))
    price = draw(st.lists(st.integers(1, 3), min_size=m, max_size=m))
    return cover(table, [float(p) for p in price], [j == must for j in range(m)])


def least_price(asked: SitingProblem) -> float:
    """The optimum among all sets of sites."""
    sets = (np.array(bits, dtype=bool) for bits in product((False, True), repeat=asked.n_candidates))
    return min(asked.price(x) for x in sets if x[asked.candidates.required].all() and asked.meets(asked.relieved(x)))


def ring(n: int) -> SitingProblem:
    """Sites between n villages in a ring, each of which meets its two."""
    return cover([[float(j in {i, (i + 1) % n}) for j in range(n)] for i in range(n)], [1.0] * n)


@given(covers())
@settings(max_examples=150, deadline=None)
def test_what_is_left_out_changes_no_least_price_and_the_search_finds_it_and_the_bound_never_exceeds_it(asked: SitingProblem) -> None:
    assert applies(asked)
    form, least = cover_form(asked), least_price(asked)
    required = asked.price(form.required)
    table = form.by_need.toarray() > 0
    sets = (np.array(bits, dtype=bool) for bits in product((False, True), repeat=len(form.price)))
    assert min(form.price[x].sum() for x in sets if (table @ x).all()) == least - required
    found = covered(form, np.zeros(asked.n_candidates, dtype=bool))
    assert asked.meets(asked.relieved(found))
    assert asked.price(found) == least
    assert bound_by_regions(asked_of(form), least, EFFORT, LIMIT_S) <= least - required + 1e-9


def test_a_need_that_holds_another_and_a_site_inside_another_are_left_out_but_not_a_cheaper_one() -> None:
    # Need 1 is met by whoever meets need 0. Site 1 meets a part of what site 0 meets, site 2 too, but for less.
    form = cover_form(cover([[1, 0, 1], [1, 1, 1], [1, 0, 0]], [2.0, 2.0, 1.0]))
    assert form.candidate.tolist() == [0]
    form = cover_form(cover([[1, 0, 1, 0], [0, 1, 0, 1], [1, 1, 0, 0]], [2.0, 2.0, 1.0, 1.0]))
    assert form.candidate.tolist() == [0, 1, 2, 3]
    assert form.by_need.shape == (3, 4)


@pytest.mark.parametrize(("villages", "half", "whole"), [(3, 1.5, 2.0), (5, 2.5, 3.0), (9, 4.5, 5.0)])
def test_a_ring_of_an_odd_number_of_villages_needs_half_a_site_more_than_the_relaxation_says(
    villages: int, half: float, whole: float
) -> None:
    asked = ring(villages)
    assert relaxation(program(asked, "meet"), villages, LIMIT_S)[0] == pytest.approx(half)
    form = cover_form(asked)
    form.price[:] += 0.0001  # not a whole number, so that nothing is rounded up
    one_region = replace(EFFORT, sites=10.0)
    assert bound_by_regions(asked_of(form), 10.0, one_region, LIMIT_S) == pytest.approx(whole * 1.0001)
    assert least_price(asked) == whole


def test_a_ring_cut_into_three_roads_keeps_its_relaxation() -> None:
    form = cover_form(ring(9))  # three villages of a road meet with two sites at its ends and half of each beyond: 1.5 each
    form.price[:] += 0.0001
    assert bound_by_regions(asked_of(form), 5.0, replace(EFFORT, sites=1.5), LIMIT_S) == pytest.approx(4.5 * 1.0001)


def test_200_candidates_need_16_sites() -> None:
    asked = merged(set_cover(covering(1000, 200, 0)))
    found = covered(cover_form(asked), np.ones(200, dtype=bool))
    assert asked.meets(asked.relieved(found))
    assert found.sum() == 16  # proved by HiGHS and CP-SAT, see docs/siting.md


def test_an_order_of_candidates_changes_neither_price_nor_bound() -> None:
    asked = set_cover(covering(600, 120, 0, seed=3))
    first = solve(asked, "heuristic", LIMIT_S)
    back: NDArray[np.int64] = np.arange(120)[::-1]
    rows = [np.sort(back[asked.candidate[a:b]]) for a, b in zip(asked.start[:-1], asked.start[1:], strict=True)]
    again = solve(type(asked)(**{**asked.__dict__, "candidate": np.concatenate(rows).astype(np.int32)}), "heuristic", LIMIT_S)
    assert (first.status, again.status) == ("optimal", "optimal")
    assert again.objective == first.objective
