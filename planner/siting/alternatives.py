"""Near-best plans: a few sets of sites that are clearly other ones and nearly as good, for when the best plan meets a no.

The plan's own sites are forbidden, those first whose stand-in loses least, as many at once as keep the whole within the tolerance; the
rest is chosen anew. The next alternative must also do without what the one before brought in, and a third one gives up every second site
of the list. Found by the heuristic: that no other near-best plan exists is not claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

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


def near_best(
    problem: SitingProblem, opened: NDArray[np.bool_], loss: NDArray[np.float64], *, n: int, within_share: float
) -> tuple[Alternative, ...]:
    """Up to `n` plans whose objective is within `within_share` of that of the plan (m,), the best first; limits and plots are kept, and
    every requirement of the problem as far as the plan meets it. `loss` (m,): what the best stand-in for each opened candidate would lose."""
    small = merged(problem)
    levels = (small.level(r, small.relieved(opened)) for r in small.requirements)
    held = tuple(replace(r, at_least=min(r.at_least, level)) for r, level in zip(small.requirements, levels, strict=True))
    asked, small = small.with_requirements(held), small.with_requirements(tuple(r for r in held if r.at_least > 0))
    who = problem.candidates
    movable = np.flatnonzero(opened & ~who.required & ~who.is_kept)
    by_loss = movable[np.lexsort((movable, loss[movable]))]
    found: dict[bytes, NDArray[np.bool_]] = {}
    for plan in _plans(small, asked, opened, by_loss, within_share):
        if (plan != opened)[~who.is_kept].any():
            found.setdefault(plan.tobytes(), plan)
        if len(found) == n:
            break
    alternatives = [_described(problem, small, opened, plan) for plan in found.values()]
    return tuple(sorted(alternatives, key=lambda a: (a.loss_share, a.added)))


def _plans(
    small: SitingProblem, asked: SitingProblem, opened: NDArray[np.bool_], by_loss: NDArray[np.int64], within_share: float
) -> Iterator[NDArray[np.bool_]]:
    """Plans that do without more and more different sites; `small` is the problem they are sought in, `asked` the one they are held to."""
    barred = np.zeros(len(opened), dtype=bool)
    for order in (by_loss, by_loss, by_loss[::2], by_loss[1::2], by_loss[::-1]):
        plan = _without_most(small, asked, opened, order, barred, within_share)
        if plan is not None:
            yield plan
            barred |= plan & ~opened


def _without_most(
    small: SitingProblem,
    asked: SitingProblem,
    opened: NDArray[np.bool_],
    order: NDArray[np.int64],
    barred: NDArray[np.bool_],
    within_share: float,
) -> NDArray[np.bool_] | None:
    """(m,) a plan near enough that does without the most of the first sites of the order, sought by halving; None when none is found."""
    low, high, best = 0, len(order), None
    while low < high:
        middle = (low + high + 1) // 2
        keep = ~barred
        keep[order[:middle]] = False
        plan = _anew(small, opened, keep)
        if _is_near(asked, opened, plan, within_share):
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


def _is_near(small: SitingProblem, opened: NDArray[np.bool_], plan: NDArray[np.bool_], within_share: float) -> bool:
    """Whether a plan meets what the old one meets, and its objective is within the tolerance."""
    if not small.meets(small.relieved(plan)):
        return False
    return _loss_share(small, opened, plan) <= within_share + 1e-12


def _loss_share(small: SitingProblem, opened: NDArray[np.bool_], plan: NDArray[np.bool_]) -> float:
    """How much worse the plan is, as a share of the old objective."""
    if small.goal == "meet":
        old, new = small.price(opened), small.price(plan)
        return (new - old) / old if old > 0 else (0.0 if new == old else np.inf)
    old, new = small.worth(small.relieved(opened)), small.worth(small.relieved(plan))
    if abs(old) <= 1e-12:
        return 0.0 if new >= old - 1e-12 else np.inf
    return (old - new) / abs(old)


def _described(problem: SitingProblem, small: SitingProblem, opened: NDArray[np.bool_], plan: NDArray[np.bool_]) -> Alternative:
    who, site = problem.candidates, ~problem.candidates.is_kept
    return Alternative(
        opened=tuple(sorted(int(row) for row in who.row[plan & site])),
        objective=small.price(plan) if small.goal == "meet" else small.worth(small.relieved(plan)),
        loss_share=_loss_share(small, opened, plan),
        cost_yuan=float(who.cost_yuan[plan].sum()),
        added=tuple(sorted(str(id_) for id_ in who.ids[plan & ~opened & site])),
        dropped=tuple(sorted(str(id_) for id_ in who.ids[opened & ~plan & site])),
    )
