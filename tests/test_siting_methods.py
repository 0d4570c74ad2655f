"""Laws of the methods: the exact answer is what enumeration finds, heuristics stay below it, bounds above it, limits are kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from scipy import optimize, sparse

from planner.siting import pegging
from planner.siting.problem import FULL, Requirement, SitingProblem, merged
from planner.siting.proof import volume
from planner.siting.proof.bound import bound_of, relaxation, weak_bound
from planner.siting.proof.program import program
from planner.siting.search import heuristic
from planner.siting.solve import METHODS, objective_of, solve, within_reach
from tests.siting_problems import allowed_sets, attained, best_by_enumeration, candidates, problem, small_problems

LIMIT_S = 60.0


@given(small_problems())
@settings(max_examples=150, deadline=None)
def test_exact_answer_is_that_of_enumeration(p: SitingProblem) -> None:
    solved = solve(p, "exact", LIMIT_S)
    assert any((solved.opened == other).all() for other in allowed_sets(p))
    assert attained(p, solved.opened) == pytest.approx(max(attained(p, other) for other in allowed_sets(p)))
    objective = p.worth(p.relieved(solved.opened)) if p.goal == "relieve" else p.price(solved.opened)
    assert objective == pytest.approx(solved.objective)
    assert objective == pytest.approx(best_by_enumeration(p, solved.requirements))
    assert solved.status == "optimal" or (p.goal == "relieve" and solved.bound == pytest.approx(objective))


@given(small_problems())
@settings(max_examples=100, deadline=None)
def test_heuristic_answer_is_allowed_and_its_bound_holds(p: SitingProblem) -> None:
    solved = solve(p, "heuristic", LIMIT_S)
    assert any((solved.opened == other).all() for other in allowed_sets(p))
    best = best_by_enumeration(p, solved.requirements)
    if p.goal == "relieve":
        assert solved.objective <= best + 1e-9 <= solved.bound + 2e-9
    else:
        assert solved.bound - 1e-9 <= best <= solved.objective + 1e-9
    if solved.status == "optimal":
        assert solved.objective == pytest.approx(best)


@given(small_problems(harm=False, plots=False, mandatory=False))
@settings(max_examples=60, deadline=None)
def test_without_limits_everything_is_relieved_at_the_least_price(p: SitingProblem) -> None:
    p = replace(p, candidates=replace(p.candidates, budget_left=np.inf, sites_left=np.inf))
    solved = solve(p, "exact", LIMIT_S)
    assert solved.objective == pytest.approx(p.worth(p.reach()))
    equal = [other for other in allowed_sets(p) if p.worth(p.relieved(other)) >= solved.objective - 1e-9]
    assert p.price(solved.opened) == pytest.approx(min(p.price(other) for other in equal))


@given(small_problems())
@settings(max_examples=60, deadline=None)
def test_merging_needs_changes_no_relief(p: SitingProblem) -> None:
    small = merged(p)
    for opened in allowed_sets(p):
        assert small.worth(small.relieved(opened)) == pytest.approx(p.worth(p.relieved(opened)))
        for r in p.requirements:
            assert small.level(r, small.relieved(opened)) == pytest.approx(p.level(r, p.relieved(opened)))


@given(small_problems(mandatory=False))
@settings(max_examples=60, deadline=None)
def test_any_prices_of_the_rows_give_a_bound(p: SitingProblem) -> None:
    small = merged(p)
    model = program(small, "relieve")
    best = best_by_enumeration(p, ())
    for seed in range(5):
        prices = np.random.default_rng(seed).normal(size=len(model.lower))
        assert model.factor * weak_bound(model, prices) >= best - 1e-9


@given(small_problems())
@settings(max_examples=100, deadline=None)
def test_the_volume_bound_holds_where_it_applies(p: SitingProblem) -> None:
    small, start, _ = within_reach(merged(p), "heuristic", LIMIT_S)
    if volume.applies(small):
        bound, _ = volume.volume_bound(small, objective_of(small, start))
        best = best_by_enumeration(p, small.requirements)
        assert bound >= best - 1e-9 if p.goal == "relieve" else bound <= best + 1e-9


@pytest.mark.parametrize("goal", ["relieve", "meet"])
def test_the_volume_bound_comes_near_the_relaxation(goal: str) -> None:
    p, reach = maximal_cover(300, 60, 5)
    if goal == "meet":
        asked = Requirement(0, float(reach.any(axis=1).sum()), "needs")
        p = replace(p, goal="meet", candidates=replace(p.candidates, sites_left=np.inf), requirements=(asked,))
    small, start, _ = within_reach(merged(p), "heuristic", LIMIT_S)
    bound, _ = volume.volume_bound(small, objective_of(small, start))
    tightest, _ = relaxation(program(small, small.goal), small.n_candidates, LIMIT_S)
    assert bound == pytest.approx(tightest, rel=0.02)
    assert (bound >= tightest * (1 - 1e-6)) if goal == "relieve" else (bound <= tightest * (1 + 1e-6))


def test_a_price_of_whole_ten_thousands_rounds_the_bound_up() -> None:
    # Each of three needs is reached by two of three sites: half of each site, 15,000 in the relaxation, but two whole ones are needed.
    asked = (Requirement(0, 3.0, "needs"),)
    p = problem([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [1, 1, 1], candidates([10_000] * 3), goal="meet", requirements=asked)
    assert relaxation(program(merged(p), "meet"), merged(p).n_candidates, LIMIT_S)[0] == pytest.approx(15_000)
    assert bound_of(merged(p), 20_000.0, LIMIT_S)[0] == 20_000.0


@given(small_problems())
@settings(max_examples=60, deadline=None)
def test_a_need_counts_once_and_never_beyond_what_is_short(p: SitingProblem) -> None:
    opened = np.ones(p.n_candidates, dtype=bool)
    dense = np.zeros((p.n_needs, p.n_candidates))
    dense[p.arc_need, p.candidate] = p.relief
    assert p.relieved(opened).tolist() == np.minimum(p.amount, dense.sum(axis=1)).tolist()


def maximal_cover(n: int, m: int, sites: int) -> tuple[SitingProblem, NDArray[np.float64]]:
    """A problem of n points of 1 to 100 people and m candidates on a square, each reaching about one point in twelve; and the table of reach."""
    rng = np.random.default_rng(7)
    people = rng.integers(1, 101, n).astype(float)
    apart = np.linalg.norm(rng.random((n, 1, 2)) - rng.random((1, m, 2)), axis=2)
    reach = (apart < 0.16).astype(float)
    return problem((reach * people[:, None]).tolist(), people.tolist(), candidates([1.0] * m, sites=sites)), reach


@pytest.mark.parametrize("method", METHODS)
def test_maximal_cover_300_x_60_is_the_optimum_of_another_formulation(method: str) -> None:
    p, reach = maximal_cover(300, 60, 5)
    n, m = reach.shape
    # Lost people instead of reached ones: min people @ lost, lost_i + sum_(j reaches i) x_j >= 1, exactly five sites.
    rows = [
        optimize.LinearConstraint(sparse.hstack([sparse.csr_matrix(reach), sparse.eye(n)]), 1, np.inf),
        optimize.LinearConstraint(np.concatenate([np.ones(m), np.zeros(n)]), 5, 5),
    ]
    other = optimize.milp(
        np.concatenate([np.zeros(m), p.amount]), constraints=rows, integrality=np.ones(m + n), bounds=optimize.Bounds(0, 1)
    )
    solved = solve(p, method, LIMIT_S)
    best = (p.amount.sum() - other.fun) / p.amount.sum()
    assert solved.objective <= best + 1e-9
    assert solved.bound >= best - 1e-9
    if method != "heuristic":
        assert solved.status == "optimal"
        assert solved.objective == pytest.approx(best)


@pytest.mark.parametrize("method", METHODS)
def test_set_cover_300_x_60_is_the_optimum_of_another_solver(method: str) -> None:
    p, reach = maximal_cover(300, 60, 0)
    can = reach.any(axis=1)
    who = replace(p.candidates, sites_left=np.inf)
    p = replace(p, goal="meet", candidates=who, requirements=(Requirement(0, float(p.n_needs), "needs"),))
    other = optimize.milp(
        np.ones(60), constraints=optimize.LinearConstraint(reach[can], 1, np.inf), integrality=np.ones(60), bounds=optimize.Bounds(0, 1)
    )
    solved = solve(p, method, LIMIT_S)
    assert solved.requirements[0].at_least == can.sum()
    assert solved.bound <= other.fun + 1e-9 <= solved.objective + 2e-9
    if method != "heuristic":
        assert solved.status == "optimal"
        assert solved.objective == pytest.approx(other.fun)


def test_greedy_filling_opens_the_lowest_of_equals() -> None:
    p = problem([[4, 4, 4], [0, 1, 1]], [4, 1], candidates([1, 1, 1], sites=1))
    for method in METHODS:
        assert solve(p, method, LIMIT_S).opened.tolist() == [False, True, False]


def test_of_equally_good_choices_the_cheaper_one_is_taken() -> None:
    p = problem([[4, 4]], [4], candidates([5, 2], sites=1))
    for method in METHODS:
        assert solve(p, method, LIMIT_S).opened.tolist() == [False, True]


def test_a_site_that_harms_more_than_it_mends_stays_closed() -> None:
    # c0 mends 3 of the first need but makes the second 5 larger; together with c1 nothing of the harm is left.
    p = problem([[3, 0], [-5, 9]], [3, 4], candidates([1, 1], sites=1))
    assert solve(p, "exact", LIMIT_S).opened.tolist() == [False, True]
    both = replace(p, candidates=replace(p.candidates, sites_left=2.0))
    assert solve(both, "exact", LIMIT_S).opened.tolist() == [True, True]
    assert solve(both, "heuristic", LIMIT_S).objective == pytest.approx(1.0)


def test_two_halves_are_needed_where_a_need_counts_only_in_full() -> None:
    p = problem([[2, 2, 0], [0, 0, 3]], [4, 3], candidates([1, 1, 5]), goal="meet", requirements=(Requirement(0, 1.0, "needs"),))
    solved = solve(p, "exact", LIMIT_S)
    assert solved.opened.tolist() == [True, True, False]
    assert solved.objective == 2.0


def test_mandatory_comes_before_the_larger_relief() -> None:
    # One site only: c0 meets the mandatory rule (1 of 1), c1 would relieve ten times as much of the other.
    p = problem([[1, 0], [0, 10]], [1, 10], candidates([1, 1], sites=1), rule=[0, 1], requirements=(Requirement(0, 1.0, "needs"),))
    for method in METHODS:
        assert solve(p, method, LIMIT_S).opened.tolist() == [True, False]


def test_requirement_is_lowered_to_what_the_budget_can_do() -> None:
    p = problem(
        [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
        [1, 1, 1],
        candidates([3, 4, 5], budget=7.5),
        goal="meet",
        requirements=(Requirement(0, 3.0, "needs"),),
    )
    solved = solve(p, "exact", LIMIT_S)
    assert solved.requirements == (Requirement(0, 2.0, "needs"),)
    assert solved.opened.tolist() == [True, True, False]
    assert (solved.objective, solved.status) == (7.0, "optimal")


def test_a_run_is_repeated_to_the_bit() -> None:
    p, _ = maximal_cover(120, 40, 6)
    first, second = (solve(p, "heuristic", LIMIT_S) for _ in range(2))
    assert first.opened.tolist() == second.opened.tolist()
    assert (first.objective, first.bound) == (second.objective, second.bound)


def test_relaxation_of_two_thirds_is_above_the_optimum_and_tight() -> None:
    # Three needs, each reached by two of three sites, one site: the relaxation opens a third of each and relieves 2/3 of all; so does one.
    p = problem([[1, 1, 0], [0, 1, 1], [1, 0, 1]], [1, 1, 1], candidates([1, 1, 1], sites=1))
    bound, hint = relaxation(program(merged(p), "relieve"), merged(p).n_candidates, LIMIT_S)
    assert bound == pytest.approx(2 / 3)
    assert bound >= 2 / 3 - 1e-12
    assert hint.sum() == pytest.approx(1.0)


def test_price_order_gives_up_the_dearest_and_then_the_last() -> None:
    p = problem([[1, 1, 1]], [1], candidates([2, 3, 2]))
    assert heuristic.dearest_first(p).tolist() == [1, 2, 0]


def test_full_is_full_in_spite_of_binary_fractions() -> None:
    p = problem([[0.1, 0.2]], [0.3], candidates([1, 1]), goal="meet", requirements=(Requirement(0, 1.0, "needs"),))
    opened = np.array([True, True])
    assert p.level(p.requirements[0], p.relieved(opened)) == 1.0
    assert p.relieved(opened)[0] >= 0.3 * FULL
    assert solve(p, "exact", LIMIT_S).opened.all()


@given(small_problems(harm=False, mandatory=False))
@settings(max_examples=80, deadline=None)
def test_no_better_choice_opens_a_pegged_candidate(p: SitingProblem) -> None:
    limited = replace(p, candidates=replace(p.candidates, budget_left=np.inf, sites_left=float(min(3, p.n_candidates))))
    small = merged(limited)
    assert pegging.applies(small)
    found = pegging.pegged(small, LIMIT_S)
    opened, bound = found.opened, found.bound
    best = best_by_enumeration(limited, ())
    assert any((opened == other).all() for other in allowed_sets(limited))
    assert small.worth(small.relieved(opened)) <= best + 1e-9 <= bound + 2e-9


@pytest.mark.parametrize("sites", [1, 2, 5, 9])
def test_loss_of_a_forced_candidate_is_below_what_its_best_choice_loses(sites: int) -> None:
    p, _ = maximal_cover(80, 12, sites)
    small = merged(p)
    found = volume.search(small, 0.5, 300)
    for j in range(small.n_candidates):
        forced = replace(small, candidates=replace(small.candidates, required=np.arange(12) == j, sites_left=float(sites - 1)))
        best = max(small.worth(small.relieved(opened)) for opened in allowed_sets(forced))
        assert best <= found.bound - found.loss_if_opened[j] + 1e-9


def test_large_and_few_sites_are_proved_by_pegging() -> None:
    p, reach = maximal_cover(400, 120, 3)
    solved = solve(p, "heuristic", LIMIT_S)
    triples = max(float(p.amount[reach[:, [a, b, c]].any(axis=1)].sum()) for a in range(120) for b in range(a) for c in range(b))
    assert (solved.status, solved.objective) == ("optimal", pytest.approx(triples / p.amount.sum()))
