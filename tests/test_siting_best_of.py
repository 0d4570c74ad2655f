"""Problems in which the best open site counts: the short forms, their searches and bounds, against every set of sites."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, product
from math import fsum

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from benchmarks.siting import covering, median
from planner.siting.best_of import choice as best_of_choice
from planner.siting.best_of import search as best_of_search
from planner.siting.best_of.choice import bounded_choice
from planner.siting.best_of.model import BestOf, best_of, priced
from planner.siting.problem import Requirement, SitingProblem, merged
from planner.siting.proof.ascent import ascend, dot
from tests.siting_problems import candidates, problem


@st.composite
def covers(draw: st.DrawFn, *, sites: float = 2.0) -> SitingProblem:
    """Up to 7 needs, each relieved in full by any of some of 6 candidates; one of them may be required."""
    n, m = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    table = np.array(draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m))).reshape(n, m)
    amount = np.array(draw(st.lists(st.integers(1, 9), min_size=n, max_size=n)), dtype=float)
    must = draw(st.integers(-1, m - 1))
    who = candidates([1.0] * m, required=[j == must for j in range(m)], sites=sites)
    return problem((table * amount[:, None]).tolist(), amount.tolist(), who)


@st.composite
def levels(draw: st.DrawFn) -> tuple[SitingProblem, NDArray[np.float64]]:
    """A p-median of up to 4 places and 5 candidates in levels, and what each candidate saves each place (n, m), 0 out of reach."""
    n, m = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    saved = np.array(draw(st.lists(st.integers(0, 4), min_size=n * m, max_size=n * m)), dtype=float).reshape(n, m)
    rows, amount = [], []
    for line in saved:
        for low, high in zip([0.0, *np.unique(line[line > 0])], np.unique(line[line > 0]), strict=False):
            rows.append(np.where(line >= high, high - low, 0.0).tolist())
            amount.append(high - low)
    order = range(len(rows))[::-1]  # the level of the fewest candidates first, as `minutes_short` writes them
    return problem([rows[r] for r in order], [amount[r] for r in order], candidates([1.0] * m, sites=2.0)), saved


def every_set(problem_: BestOf) -> list[NDArray[np.bool_]]:
    required, sites = problem_.limits.required, problem_.limits.sites
    sets = (np.array(bits, dtype=bool) for bits in product((False, True), repeat=problem_.n_candidates))
    return [x for x in sets if x[required].all() and (x & ~required).sum() <= sites]


@settings(deadline=None)
@given(covers())
def test_the_short_form_of_a_covering_is_worth_as_much_for_every_set(p: SitingProblem) -> None:
    small = merged(p)
    short = best_of(small)
    if short is None:
        assert not len(small.relief)
        return
    for opened in every_set(short):
        assert short.worth(opened) == pytest.approx(p.worth(p.relieved(opened)))


@settings(deadline=None)
@given(levels())
def test_levels_of_a_p_median_become_one_place_each_and_are_worth_what_is_saved(case: tuple[SitingProblem, NDArray[np.float64]]) -> None:
    p, saved = case
    short = best_of(merged(p))
    if short is None:
        assert not saved.any()
        return
    whole = float(p.amount.sum())
    for opened in every_set(short):
        assert short.worth(opened) * whole == pytest.approx(np.where(opened, saved, 0.0).max(axis=1).sum())


def test_a_p_median_of_1000_places_has_no_more_places_in_its_short_form() -> None:
    p = merged(median(1000, 60, 5))
    short = best_of(p)
    assert short is not None
    assert len(short.value) < len(p.relief) / 4
    assert len(short.start) - 1 <= 1000


@settings(deadline=None)
@given(covers())
def test_the_choice_and_its_bound_embrace_the_best_of_every_set(p: SitingProblem) -> None:
    short = best_of(merged(p))
    if short is None:
        return
    best = max(short.worth(opened) for opened in every_set(short))
    found = bounded_choice(short)
    assert any((found.opened == opened).all() for opened in every_set(short))
    assert short.worth(found.opened) <= best + 1e-12 <= found.bound + 1e-9
    assert found.bound <= best * (1 + 1e-6)  # so small a problem is always closed


@settings(deadline=None)
@given(covers())
def test_the_prices_bound_every_set_at_every_round(p: SitingProblem) -> None:
    short = best_of(merged(p))
    if short is None:
        return
    whole, best = float(short.most.sum()), max(short.worth(opened) for opened in every_set(short))
    for rounds in (0, 1, 10, 100):
        found = ascend(priced(short), short.most * 0.5, whole - best, rounds, whole)
        assert whole - found.value >= best - 1e-9
        for j, loss in enumerate(found.loss_if_opened):
            with_j = max((short.worth(opened) for opened in every_set(short) if opened[j]), default=-np.inf)
            assert with_j <= whole - found.value - loss + 1e-9
        for j, loss in enumerate(priced(short).loss_if_closed(found.prices)):
            without_j = max((short.worth(opened) for opened in every_set(short) if not opened[j]), default=-np.inf)
            assert without_j <= whole - found.value - loss + 1e-9


@pytest.mark.parametrize("make", [covering, median])
def test_branches_close_the_gap_of_200_candidates(make: object) -> None:
    p = make(1000, 200, 10)  # type: ignore[operator]  # two functions of one form
    short = best_of(merged(p))
    assert short is not None
    found = bounded_choice(short)
    assert found.bound == pytest.approx(short.worth(found.opened), rel=1e-8)
    assert found.opened.sum() == 10
    again = bounded_choice(short)
    assert (found.opened == again.opened).all()


def test_a_search_is_never_worse_than_its_beginning_and_keeps_number_and_required() -> None:
    p = covering(400, 80, 7)
    who = replace(p.candidates, required=np.arange(80) == 33, sites_left=6.0)
    short = best_of(merged(replace(p, candidates=who)))
    assert short is not None
    begin = np.zeros(80, dtype=bool)
    begin[[1, 2, 3]] = True
    quick = best_of_search.improved(short, begin, thorough=False)
    slow = best_of_search.improved(short, begin, thorough=True)
    assert short.worth(begin) < short.worth(quick) <= short.worth(slow)
    for opened in (quick, slow):
        assert opened[33]
        assert opened.sum() == 7
    # no exchange of one for one is left
    for out, in_ in product(np.flatnonzero(quick), np.flatnonzero(~quick)):
        if out != 33:
            other = quick.copy()
            other[[out, in_]] = [False, True]
            assert short.worth(other) <= short.worth(quick) + 1e-9


def test_fewer_candidates_leave_what_the_others_are_worth() -> None:
    short = best_of(merged(covering(300, 40, 4)))
    assert short is not None
    keep = np.arange(40) % 3 != 0
    part = short.restricted(keep)
    for pair in combinations(np.flatnonzero(keep)[:6].tolist(), 2):
        opened = np.zeros(40, dtype=bool)
        opened[list(pair)] = True
        assert part.worth(opened[keep]) == pytest.approx(short.worth(opened))


@pytest.mark.parametrize(
    "change",
    [
        {"relief": [[0.5]]},
        {"sites": np.inf},
        {"budget": 3.0},
    ],
)
def test_other_problems_are_not_of_the_short_form(change: dict[str, object]) -> None:
    limits = {"sites": 1.0, **{k: v for k, v in change.items() if k != "relief"}}
    p = problem(change.get("relief", [[1.0]]), [1.0], candidates([1.0], **limits))  # type: ignore[arg-type]  # mixed by the parameters
    assert best_of(p) is None
    asked = problem([[1.0]], [1.0], candidates([1.0], sites=1.0), requirements=(Requirement(0, 1.0, "needs"),))
    assert best_of(asked) is None


def test_sums_do_not_depend_on_the_machine_and_are_right() -> None:
    chance = np.random.default_rng(3)
    for n in (0, 1, 3, 4, 1001):
        a, b = chance.random(n), chance.random(n)
        assert dot(a, b) == pytest.approx(fsum(a * b))


def test_places_and_candidates_that_cannot_matter_are_left_out_and_the_answer_stays() -> None:
    short = best_of(merged(covering(2000, 400, 2)))
    assert short is not None
    found = bounded_choice(short)
    best = max(short.worth(np.isin(np.arange(400), pair)) for pair in combinations(np.argsort(-_alone(short))[:40].tolist(), 2))
    assert short.worth(found.opened) == pytest.approx(best)
    assert found.bound == pytest.approx(best)
    assert best_of_choice.ROUNDS[0] < best_of_choice.LAST_ROUNDS


def _alone(short: BestOf) -> NDArray[np.float64]:
    """(m,) what each candidate is worth alone."""
    return np.bincount(short.candidate, weights=short.value, minlength=short.n_candidates).astype(np.float64)
