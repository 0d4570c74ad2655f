"""Large problems made small: a candidate that no better choice can open is left out, until the rest can be proved (goal relieve).

Where the prices of `volume` say that every choice that opens candidate j is worse than a choice that is known already, j is *pegged* at closed
(reduced cost fixing: Crowder, Johnson and Padberg 1983). With few sites among many candidates nearly all of them go in a few
hundred rounds, needs that only they could relieve go too, and what is left is searched well and often proved exactly. The bound is that
of what is left, or the known choice: no choice with a pegged candidate is better than that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.siting.problem import SitingProblem, merged
from planner.siting.proof import volume
from planner.siting.proof.exact import solve_exact
from planner.siting.restrict import restricted, with_needs
from planner.siting.search import heuristic

ROUNDS = (150, 150, 150, 200, 300, 400, 500)
"""rounds of the volume algorithm, each from the prices of the one before, shrinking in between"""
QUICK = heuristic.Effort(per_arc=100, at_most=5e7)
PROVABLE_ARCS = 80_000
PROVABLE_CANDIDATES = 800
"""what is left is proved exactly up to this many arcs and candidates, as far as the time goes"""
ROUNDING = 1e-9
"""a loss must be larger than the gap by this share of the objective to count"""


def applies(problem: SitingProblem) -> bool:
    """Whether candidates can be pegged: relief within a number of sites, nothing else asked for."""
    who = problem.candidates
    return (
        problem.goal == "relieve"
        and not problem.requirements
        and bool(np.isfinite(who.sites_left))
        and not np.isfinite(who.budget_left)
        and not who.is_kept.any()
        and volume.applies(problem)
    )


@dataclass(frozen=True, eq=False)
class Pegged:
    """What is known of a merged problem after pegging."""

    opened: NDArray[np.bool_]
    """(m,) the best choice found"""
    bound: float
    """of its objective"""
    out_of_time: bool = False
    """whether what was left was to be proved and the time was over first"""


def pegged(problem: SitingProblem, time_limit_s: float) -> Pegged:
    """The best choice found for a merged problem, and the bound of its objective."""
    rows, part = np.arange(problem.n_candidates), problem
    prices: NDArray[np.float64] | None = None
    best = heuristic.relieve(problem, problem.candidates.required, effort=QUICK)
    bound = problem.worth(problem.reach())
    for rounds in ROUNDS:
        known = problem.worth(problem.relieved(best))
        found = volume.search(part, known, rounds, prices)
        bound = min(bound, max(found.bound, known))
        best = _improved(problem, part, rows, best, found.mean)
        known = problem.worth(problem.relieved(best))
        if bound <= known * (1 + ROUNDING):
            return Pegged(best, known)
        keep = (found.bound - found.loss_if_opened >= known * (1 - ROUNDING)) | part.candidates.required
        if not keep.any():
            return Pegged(best, known)
        rows, part = rows[keep], restricted(part, keep)
        has_arc = np.diff(part.start) > 0
        part, prices = with_needs(part, has_arc), found.prices[has_arc]
        if part.n_candidates <= PROVABLE_CANDIDATES and len(part.relief) <= PROVABLE_ARCS:
            break
    return _proved(problem, part, rows, best, bound, time_limit_s)


def _improved(
    problem: SitingProblem, part: SitingProblem, rows: NDArray[np.int64], best: NDArray[np.bool_], hint: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(m,) the better of the choice and what the heuristics make of the hint in the part that is left."""
    found = heuristic.relieve(part, part.candidates.required, heuristic.rounded(part, hint), QUICK)
    return _better(problem, best, _whole(problem, rows, found))


def _proved(
    problem: SitingProblem, part: SitingProblem, rows: NDArray[np.int64], best: NDArray[np.bool_], bound: float, time_limit_s: float
) -> Pegged:
    """The choice and the bound after what is left was searched with full effort and, where it is small enough, solved."""
    found = heuristic.relieve(part, part.candidates.required, effort=heuristic.USUAL)
    best = _better(problem, best, _whole(problem, rows, found))
    known = problem.worth(problem.relieved(best))
    if part.n_candidates > PROVABLE_CANDIDATES or len(part.relief) > PROVABLE_ARCS or bound <= known * (1 + ROUNDING):
        return Pegged(best, max(bound, known))
    solution = solve_exact(merged(part), "relieve", time_limit_s)
    if solution is None:
        return Pegged(best, max(bound, known), out_of_time=True)
    best = _better(problem, best, _whole(problem, rows, solution.opened))
    known = problem.worth(problem.relieved(best))
    return Pegged(best, max(min(bound, solution.bound), known), out_of_time=solution.status == "time limit")


def _whole(problem: SitingProblem, rows: NDArray[np.int64], opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(m,) a choice of the part as one of the whole."""
    plan = np.zeros(problem.n_candidates, dtype=bool)
    plan[rows[opened]] = True
    return plan


def _better(problem: SitingProblem, old: NDArray[np.bool_], new: NDArray[np.bool_]) -> NDArray[np.bool_]:
    was, now = (problem.worth(problem.relieved(opened)) for opened in (old, new))
    return new if now > was * (1 + ROUNDING) else old
