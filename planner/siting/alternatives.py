"""Near-best plans: a few sets of sites that are clearly other ones and nearly as good, for when the best plan meets a no.

The plan's own sites are forbidden, those first whose stand-in loses least, as many at once as keep the whole within the tolerance; the
rest is chosen anew. The next alternative must also do without what the one before brought in, and a third one gives up every second site
of the list. Found by the heuristic: that no other near-best plan exists is not claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.siting.problem import SitingProblem, merged
from planner.siting.restrict import restricted
from planner.siting.search import heuristic

EFFORT = heuristic.Effort(per_arc=100, at_most=2e7)


@dataclass(frozen=True)
class Alternative:
    """Another plan that is nearly as good."""

    opened: tuple[int, ...]
    """candidate rows, ascending"""
    objective: float
    """as of the choice"""
    loss_share: float
    """how much worse than the chosen plan, as a share of its objective; negative where the chosen plan was not the best after all"""
    cost_yuan: float
    added: tuple[str, ...]
    """candidate ids that the chosen plan does not open, in alphabetical order"""
    dropped: tuple[str, ...]
    """candidate ids that only the chosen plan opens"""


class Sought(NamedTuple):
    """How plans near a chosen one are looked for, by what counts for the goal."""

    anew: Callable[[NDArray[np.bool_]], NDArray[np.bool_]]
    """(m,) candidates that may be opened -> (m,) a plan of these, as near to the chosen one as they allow"""
    loss_share: Callable[[NDArray[np.bool_]], float]
    """of a plan (m,): how much worse it is, as a share of the objective; inf where it does not meet what the chosen one meets"""
    objective: Callable[[NDArray[np.bool_]], float]


def near_best(
    problem: SitingProblem,
    opened: NDArray[np.bool_],
    loss: NDArray[np.float64],
    *,
    n: int,
    within_share: float,
    sought: Sought | None = None,
) -> tuple[Alternative, ...]:
    """Up to `n` plans whose objective is within `within_share` of that of the plan (m,), the best first; limits and plots are kept, and
    every requirement of the problem as far as the plan meets it. `loss` (m,): what the best stand-in for each opened candidate would lose.
    `sought`: by default what sites relieve adds up."""
    sought = sought or _relieving(problem, opened)
    who = problem.candidates
    movable = np.flatnonzero(opened & ~who.required & ~who.is_kept)
    by_loss = movable[np.lexsort((movable, loss[movable]))]
    found: dict[bytes, NDArray[np.bool_]] = {}
    for plan in _plans(sought, opened, by_loss, within_share):
        if (plan != opened)[~who.is_kept].any():
            found.setdefault(plan.tobytes(), plan)
        if len(found) == n:
            break
    alternatives = [_described(problem, sought, opened, plan) for plan in found.values()]
    return tuple(sorted(alternatives, key=lambda a: (a.loss_share, a.added)))


def held_to(problem: SitingProblem, opened: NDArray[np.bool_]) -> SitingProblem:
    """The problem, its requirements asking for no more than the plan (m,) meets."""
    levels = (problem.level(r, problem.relieved(opened)) for r in problem.requirements)
    return problem.with_requirements(
        tuple(replace(r, at_least=min(r.at_least, level)) for r, level in zip(problem.requirements, levels, strict=True))
    )


def _relieving(problem: SitingProblem, opened: NDArray[np.bool_]) -> Sought:
    """Plans of a problem in which what sites relieve adds up."""
    asked = held_to(merged(problem), opened)
    small = asked.with_requirements(tuple(r for r in asked.requirements if r.at_least > 0))

    def loss_share(plan: NDArray[np.bool_]) -> float:
        return _loss_share(small, opened, plan) if asked.meets(asked.relieved(plan)) else np.inf

    def objective(plan: NDArray[np.bool_]) -> float:
        return small.price(plan) if small.goal == "meet" else small.worth(small.relieved(plan))

    return Sought(lambda keep: _anew(small, opened, keep), loss_share, objective)


def _plans(sought: Sought, opened: NDArray[np.bool_], by_loss: NDArray[np.int64], within_share: float) -> Iterator[NDArray[np.bool_]]:
    """Plans that do without more and more different sites."""
    barred = np.zeros(len(opened), dtype=bool)
    for order in (by_loss, by_loss, by_loss[::2], by_loss[1::2], by_loss[::-1]):
        plan = _without_most(sought, order, barred, within_share)
        if plan is not None:
            yield plan
            barred |= plan & ~opened


def _without_most(sought: Sought, order: NDArray[np.int64], barred: NDArray[np.bool_], within_share: float) -> NDArray[np.bool_] | None:
    """(m,) a plan near enough that does without the most of the first sites of the order, sought by halving; None when none is found."""
    low, high, best = 0, len(order), None
    while low < high:
        middle = (low + high + 1) // 2
        keep = ~barred
        keep[order[:middle]] = False
        plan = sought.anew(keep)
        if sought.loss_share(plan) <= within_share + 1e-12:
            low, best = middle, plan
        else:
            high = middle - 1
    return best


def _anew(small: SitingProblem, opened: NDArray[np.bool_], keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(m,) a plan of the candidates marked in `keep` (m,), as near to the old one as they allow."""
    plan = np.zeros(len(keep), dtype=bool)
    if not keep.any():
        return plan
    part = restricted(small, keep)
    begin = opened[keep] | part.candidates.required
    chosen = heuristic.meet(part, begin, EFFORT, thorough=part.goal == "meet") if part.requirements else begin
    if part.goal == "relieve":
        chosen = heuristic.relieve(part, chosen, chosen, EFFORT)
    plan[np.flatnonzero(keep)[chosen]] = True
    return plan


def _loss_share(small: SitingProblem, opened: NDArray[np.bool_], plan: NDArray[np.bool_]) -> float:
    """How much worse the plan is, as a share of the old objective."""
    if small.goal == "meet":
        old, new = small.price(opened), small.price(plan)
        return (new - old) / old if old > 0 else (0.0 if new == old else np.inf)
    old, new = small.worth(small.relieved(opened)), small.worth(small.relieved(plan))
    if abs(old) <= 1e-12:
        return 0.0 if new >= old - 1e-12 else np.inf
    return (old - new) / abs(old)


def _described(problem: SitingProblem, sought: Sought, opened: NDArray[np.bool_], plan: NDArray[np.bool_]) -> Alternative:
    who, site = problem.candidates, ~problem.candidates.is_kept
    return Alternative(
        opened=tuple(sorted(int(row) for row in who.row[plan & site])),
        objective=sought.objective(plan),
        loss_share=sought.loss_share(plan),
        cost_yuan=float(who.cost_yuan[plan].sum()),
        added=tuple(sorted(str(id_) for id_ in who.ids[plan & ~opened & site])),
        dropped=tuple(sorted(str(id_) for id_ in who.ids[opened & ~plan & site])),
    )
