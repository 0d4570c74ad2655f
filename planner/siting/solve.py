"""From a problem to a solution: first how far the mandatory rules can be met, then the goal, by one of `METHODS`.

A new method is one function here, `(problem, start, time limit, effort) -> Solution`, and its entry in `METHODS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from planner.siting import pegging
from planner.siting.best_of.choice import bounded_choice
from planner.siting.best_of.model import BestOf, best_of
from planner.siting.effort import EFFORTS, Effort
from planner.siting.problem import Requirement, SitingProblem, merged
from planner.siting.proof import cover_form
from planner.siting.proof.bound import LARGE_ARCS, bound_of
from planner.siting.proof.covering import Covering
from planner.siting.proof.exact import PROVED_GAP, Solution, solve_exact
from planner.siting.proof.split import bound_by_regions
from planner.siting.search import heuristic, set_cover

SMALL_CANDIDATES = 500
SMALL_ARCS = 40_000
"""`auto` asks for the proved optimum up to this many candidates and arcs of the merged problem; beyond, a proven gap is the better use of
the time (10,000 needs and 2,000 candidates: 200,000 arcs, open after minutes; 1,000 and 200: 16,000 arcs, proved in a second)"""

TOLERANCE = 1e-9
"""relative difference of two objectives that counts as none"""


@dataclass(frozen=True, eq=False)
class Solved:
    """The answer to a problem."""

    opened: NDArray[np.bool_]
    """(m,)"""
    objective: float
    bound: float
    status: Literal["optimal", "feasible", "time limit"]
    method: str
    requirements: tuple[Requirement, ...]
    """what was asked of the mandatory rules after it was lowered to what can be reached"""


def solve(problem: SitingProblem, method: str, time_limit_s: float, effort: str = "usual") -> Solved:
    """The choice for a problem, with its bound; `effort` is a key of `EFFORTS`."""
    spent = EFFORTS[effort]
    small, start, proved = within_reach(merged(problem), method, time_limit_s)
    if problem.goal == "relieve" and not problem.candidates.has_limits:
        solution = _relieve_everything(small, start, method, time_limit_s, spent)
    else:
        solution = METHODS[method](small, start, time_limit_s, spent)
    objective = objective_of(small, solution.opened)
    bound = (max if problem.goal == "relieve" else min)(solution.bound, objective)
    status = solution.status if proved or solution.status != "optimal" else "feasible"
    return Solved(solution.opened, objective, objective if status == "optimal" else bound, status, solution.method, small.requirements)


def objective_of(problem: SitingProblem, opened: NDArray[np.bool_]) -> float:
    """What the goal counts: weighted relief, or the price."""
    return problem.worth(problem.relieved(opened)) if problem.goal == "relieve" else problem.price(opened)


def within_reach(problem: SitingProblem, method: str, time_limit_s: float) -> tuple[SitingProblem, NDArray[np.bool_], bool]:
    """The problem asking of its mandatory rules only what can be reached, a choice (m,) that does so, and whether more is proved impossible.

    Usually a heuristic meets all that opening everything would; only where limits, plots or harm stand against it the question is a
    program of its own (goal attain).
    """
    problem = _lowered(problem, problem.reach())
    problem = problem.with_requirements(tuple(r for r in problem.requirements if r.at_least > 0))
    if not problem.requirements:
        return problem, problem.candidates.required.copy(), True
    near = heuristic.meet(problem, thorough=False)
    if problem.meets(problem.relieved(near)):
        return problem, near, True
    proved = False
    if method == "exact" or (method == "auto" and _is_small(problem)):
        solution = solve_exact(problem, "attain", time_limit_s)
        if solution is not None and _attained(problem, solution.opened) >= _attained(problem, near):
            near, proved = solution.opened, solution.status == "optimal"
    problem = _lowered(problem, problem.relieved(near))
    return problem, _better(problem, near, heuristic.meet(problem, near, thorough=False)), proved


def _lowered(problem: SitingProblem, relieved: NDArray[np.float64]) -> SitingProblem:
    """The problem whose requirements ask no more than (n,) reliefs give."""
    asked = (replace(r, at_least=min(r.at_least, problem.level(r, relieved))) for r in problem.requirements)
    return problem.with_requirements(tuple(asked))


def _attained(problem: SitingProblem, opened: NDArray[np.bool_]) -> float:
    """sum_r min(1, level_r / L_r)."""
    relieved = problem.relieved(opened)
    return sum(min(1.0, problem.level(r, relieved) / r.at_least) for r in problem.requirements if r.at_least > 0)


def _relieve_everything(problem: SitingProblem, start: NDArray[np.bool_], method: str, time_limit_s: float, effort: Effort) -> Solution:
    """Without limits: everything that can be relieved, at the least price.

    Where no candidate does harm and none excludes another, all that can be reached is reached, so the question is the cheapest set that
    does so; the relief is then proved and only the price may be open ("feasible").
    """
    if problem.has_harm or problem.candidates.shares_plots:
        return METHODS[method](problem, start, time_limit_s, effort)
    useful = problem.weight > 0
    rules = np.unique(problem.rule[useful])
    asked = [Requirement(int(r), float(problem.count[problem.rule == r].sum()), "needs") for r in rules]
    rest = [r for r in problem.requirements if r.rule not in rules]
    amount = np.where(useful, problem.reach(), problem.amount)
    cheapest = replace(problem, goal="meet", amount=amount, requirements=(*asked, *rest))
    solution = METHODS[method](cheapest, heuristic.meet(cheapest, thorough=False), time_limit_s, effort)
    return replace(solution, bound=problem.worth(problem.reach()))


def _by_heuristic(problem: SitingProblem, start: NDArray[np.bool_], time_limit_s: float, effort: Effort) -> Solution:
    """The heuristics' choice with the bound of the relaxation; optimal when the two meet."""
    simple = best_of(problem)
    if simple is not None:
        return _by_best_of(problem, simple, time_limit_s, effort)
    if pegging.applies(problem):
        return _by_pegging(problem, start, time_limit_s)
    if cover_form.applies(problem):
        return _by_set_cover(problem, start, time_limit_s, effort)
    opened = _better(problem, start, _sought(problem, start))
    bound, hint = bound_of(problem, objective_of(problem, opened), time_limit_s)
    if problem.goal == "relieve" and not _is_proved(problem, opened, bound):
        opened = _better(problem, opened, heuristic.relieve(problem, start, heuristic.rounded(problem, hint)))
    opened = _better(problem, opened, heuristic.settled(problem, opened))
    status: Literal["optimal", "feasible"] = "optimal" if _is_proved(problem, opened, bound) else "feasible"
    return Solution(opened, bound, status, "heuristic")


def _sought(problem: SitingProblem, start: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(m,) what the search of the goal makes of a choice."""
    return heuristic.relieve(problem, start) if problem.goal == "relieve" else heuristic.meet(problem, start)


def _by_best_of(problem: SitingProblem, simple: BestOf, time_limit_s: float, effort: Effort) -> Solution:
    """The choice and the bound where the best open site counts and the number of sites is the only limit."""
    found = bounded_choice(simple, effort, time_limit_s)
    opened = _better(problem, found.opened, heuristic.settled(problem, found.opened))
    return Solution(opened, found.bound, "optimal" if _is_proved(problem, opened, found.bound) else "feasible", "heuristic")


def _by_set_cover(problem: SitingProblem, start: NDArray[np.bool_], time_limit_s: float, effort: Effort) -> Solution:
    """The choice and the bound where one site each has to meet every need, from the rows and columns that matter."""
    form = cover_form.cover_form(problem)
    opened = _better(problem, start, set_cover.covered(form, start, effort.row_weighting))
    if form.by_need.nnz > LARGE_ARCS:
        bound, _ = bound_of(problem, objective_of(problem, opened), time_limit_s)
    else:
        required = problem.price(form.required)
        left = Covering(form.by_need, form.price, np.full(form.by_need.shape[0], np.inf))
        bound = required + bound_by_regions(left, objective_of(problem, opened) - required, effort.split_cover, time_limit_s)
    opened = _better(problem, opened, heuristic.settled(problem, opened))
    return Solution(opened, bound, "optimal" if _is_proved(problem, opened, bound) else "feasible", "heuristic")


def _by_pegging(problem: SitingProblem, start: NDArray[np.bool_], time_limit_s: float) -> Solution:
    """The choice and the bound that are left when no better choice can open the other candidates."""
    found = pegging.pegged(problem, time_limit_s)
    opened, bound = found.opened, found.bound
    if not _is_proved(problem, opened, bound):
        opened = _better(problem, opened, heuristic.relieve(problem, start, opened))
    opened = _better(problem, opened, heuristic.settled(problem, opened))
    status: Literal["time limit", "feasible"] = "time limit" if found.out_of_time else "feasible"
    return Solution(opened, bound, "optimal" if _is_proved(problem, opened, bound) else status, "heuristic")


def _by_exact(problem: SitingProblem, start: NDArray[np.bool_], time_limit_s: float, effort: Effort) -> Solution:
    """The optimum by HiGHS; where a limit was met, the better of its choice and the heuristics', and of its bound and theirs."""
    solution = solve_exact(problem, problem.goal, time_limit_s)
    if solution is None or solution.status != "optimal":
        return _the_better_of(problem, solution, _by_heuristic(problem, start, time_limit_s, effort))
    opened = _better(problem, solution.opened, heuristic.settled(problem, solution.opened))
    if problem.meets(problem.relieved(opened)) and _is_proved(problem, opened, solution.bound):
        return replace(solution, opened=opened)
    return _by_heuristic(problem, start, time_limit_s, effort)


def _the_better_of(problem: SitingProblem, exact: Solution | None, near: Solution) -> Solution:
    """What is known after a limit was met."""
    opened = near.opened if exact is None else _better(problem, near.opened, exact.opened)
    bounds = [near.bound] if exact is None else [near.bound, exact.bound]
    bound = min(bounds) if problem.goal == "relieve" else max(bounds)
    return Solution(opened, bound, "optimal" if _is_proved(problem, opened, bound) else "time limit", "exact")


def _by_size(problem: SitingProblem, start: NDArray[np.bool_], time_limit_s: float, effort: Effort) -> Solution:
    """Exact when the problem is small, else the heuristics with their bound."""
    return METHODS["exact" if _is_small(problem) else "heuristic"](problem, start, time_limit_s, effort)


METHODS: dict[str, Callable[[SitingProblem, NDArray[np.bool_], float, Effort], Solution]] = {
    "auto": _by_size,
    "exact": _by_exact,
    "heuristic": _by_heuristic,
}
"""`(merged problem, a choice that meets its requirements, seconds, effort) -> Solution`; keys are the values of `Siting.method`"""


def _is_small(problem: SitingProblem) -> bool:
    return problem.n_candidates <= SMALL_CANDIDATES and len(problem.relief) <= SMALL_ARCS


def _better(problem: SitingProblem, old: NDArray[np.bool_], new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The new choice when it keeps every requirement and is not worse than the old one."""
    if not problem.meets(problem.relieved(new)):
        return old
    was, now = objective_of(problem, old), objective_of(problem, new)
    worse = now - was if problem.goal == "meet" else was - now
    return old if worse > TOLERANCE * abs(was) else new


def _is_proved(problem: SitingProblem, opened: NDArray[np.bool_], bound: float) -> bool:
    """Whether the objective reaches its bound."""
    objective = objective_of(problem, opened)
    return abs(bound - objective) <= PROVED_GAP * max(abs(objective), 1e-9)
