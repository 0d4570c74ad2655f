"""Large p-medians by way of their coarse form: what it says, and the choice and bound that come of it, against every set of sites."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.siting import wide_median
from planner.siting.best_of import coarse as coarse_form
from planner.siting.best_of.choice import bounded_choice
from planner.siting.best_of.coarse import coarse, good_begin, is_large
from planner.siting.best_of.model import BestOf, priced


@st.composite
def medians(draw: st.DrawFn) -> BestOf:
    """15 to 40 points and 9 candidates, 2 or 3 sites, one of the candidates perhaps required."""
    n, seed = draw(st.integers(15, 40)), draw(st.integers(1, 10_000))
    made = wide_median(n, 9, float(draw(st.integers(2, 3))), draw(st.integers(3, 9)), seed)
    has = np.diff(made.start) > 0  # a `BestOf` has no places without an arc
    must = draw(st.integers(-1, 8))
    limits = replace(made.limits, required=np.arange(9) == must)
    return replace(made, start=np.append(made.start[:-1][has], made.start[-1]), limits=limits)


def every_set(problem: BestOf) -> list[NDArray[np.bool_]]:
    """All sets of as many sites as there may be; fewer are never worth more."""
    free, must = np.flatnonzero(~problem.limits.required), problem.limits.required
    return [must | np.isin(np.arange(9), rows) for rows in combinations(free.tolist(), int(problem.limits.sites))]


@settings(deadline=None, max_examples=50)
@given(medians())
def test_sites_are_worth_no_less_in_the_whole_problem_than_in_its_coarse_form(problem: BestOf) -> None:
    form = coarse(problem)
    assert set(np.flatnonzero(problem.limits.required)) <= set(form.rows)
    for opened in every_set(problem):
        kept = np.isin(np.arange(9), form.rows) & opened
        assert form.problem.worth(opened[form.rows]) <= problem.worth(kept) + 1e-12


def test_the_coarse_form_of_a_place_by_itself_is_that_place() -> None:
    made = wide_median(200, 40, 4.0, 12)
    keep = np.arange(40) % coarse_form.EVERY == 0
    place = int(np.flatnonzero(np.diff(made.start) > 10)[0])
    arcs = slice(made.start[place], made.start[place + 1])
    alone = BestOf(np.array([0, arcs.stop - arcs.start]), made.candidate[arcs], made.value[arcs], made.limits)
    form = coarse(alone)
    kept = keep[alone.candidate]
    assert form.group.tolist() == [0]
    assert form.rows[form.problem.candidate].tolist() == alone.candidate[kept].tolist()
    assert form.problem.value.tolist() == alone.value[kept].tolist()


@settings(deadline=None, max_examples=40)
@given(medians())
def test_begun_by_the_coarse_form_choice_and_bound_are_those_of_every_set(problem: BestOf) -> None:
    best = max(problem.worth(opened) for opened in every_set(problem))
    _, prices = good_begin(problem)
    whole = float(problem.most.sum())
    assert (prices >= 0).all()
    assert (prices <= problem.most * (1 + 1e-12)).all()
    assert whole - priced(problem).value(prices)[0] >= best - 1e-12
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coarse_form, "LARGE", 0)
        patch.setattr(coarse_form, "IN_REACH", 0)
        assert is_large(problem)
        found = bounded_choice(problem)
    assert problem.worth(found.opened) == pytest.approx(best, rel=1e-9)
    assert best - 1e-12 <= found.bound <= best * (1 + 1e-6)


def test_two_at_the_same_time_give_the_same_sites_and_the_same_bound_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coarse_form, "LARGE", 1000)
    problem = wide_median(1000, 240, 12.0, 100)
    assert is_large(problem)
    one = bounded_choice(problem)
    with ThreadPoolExecutor(2) as pool:
        for other in pool.map(bounded_choice, [problem, problem]):
            assert (one.opened == other.opened).all()
            assert one.bound == other.bound
    assert problem.worth(one.opened) <= one.bound <= problem.worth(one.opened) * 1.01


def test_few_arcs_or_few_in_reach_are_not_large() -> None:
    assert not is_large(wide_median(1000, 240, 12.0, 100))
    many = BestOf(np.arange(4_000_001), np.zeros(4_000_000, dtype=np.int32), np.ones(4_000_000), wide_median(9, 1, 1.0, 1).limits)
    assert not is_large(many)
