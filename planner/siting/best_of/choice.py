"""The choice where the best open site counts (`best_of`): search, prices, candidates that cannot matter left out, and branches at the end.

1. Exchange finds a good choice (of a large problem: begun by its `coarse` form); prices (`ascent`) prove how good, and hint at better ones.
2. A candidate that only worse choices can open is *pegged* at closed (reduced cost fixing: Crowder, Johnson and Padberg 1983), in rounds.
3. What is left is searched thoroughly and, where a few branches close the gap, proved: branch and bound on the prices, the choice that
   promises most first, on the candidate that they are least sure of. Nodes are counted, so it ends at the same place everywhere.
4. Where a gap stays open, regions solved by themselves (`split`) sharpen the bound of a maximal cover.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from planner.siting.best_of import search as best_of_search
from planner.siting.best_of.coarse import good_begin, is_large
from planner.siting.best_of.levels import covering_of
from planner.siting.best_of.model import BestOf, PricedPlaces, priced
from planner.siting.effort import USUAL, Effort
from planner.siting.proof.ascent import Ascent, ascend
from planner.siting.proof.split import bound_by_regions

ROUNDS = (60, 90, 150, 200, 300, 400)
"""rounds of the volume algorithm, each from the prices of the one before, shrinking in between"""
LAST_STEPS = 2e10
"""arcs times rounds of the last search for prices: no more than `LAST_ROUNDS` rounds"""
LAST_ROUNDS = 1200
ROUNDING = 1e-9
"""a loss must be larger than the gap by this share of the objective to count"""
NARROW_GAP = 0.002
"""gap up to which branches are tried without a thorough search first"""
BRANCH_GAP = 0.006
"""largest gap that branches are hoped to close"""
BRANCH_STEPS = 2e9
"""rounds times arcs of all branches together"""
FEWEST_BRANCHES = 100
"""where the steps do not suffice for so many, branches are not tried"""
BRANCH_ROUNDS = 60
"""rounds of the volume algorithm for each branch"""


@dataclass(frozen=True, eq=False)
class Bounded:
    """A choice and what no choice can exceed."""

    opened: NDArray[np.bool_]
    """(m,)"""
    bound: float


def bounded_choice(problem: BestOf, effort: Effort = USUAL, time_limit_s: float = np.inf) -> Bounded:
    """The best choice found, and the bound of its worth; the seconds are a safety net for the linear relaxation."""
    large = is_large(problem)
    begin, prices = good_begin(problem) if large else (problem.limits.required, problem.most * 0.5)
    best = best_of_search.improved(problem, begin, thorough=False)
    rows, part = np.arange(problem.n_candidates), problem
    whole, known, bound = float(problem.most.sum()), problem.worth(best), float(problem.most.sum())
    for rounds in ROUNDS:
        found, here = _bound(part, prices, known, rounds, whole)
        bound = min(bound, max(here, known))
        if not large:  # the coarse form has led to better sites than the prices do
            best, known = _improved(problem, part, rows, best, known, found.mean)
        if bound <= known * (1 + ROUNDING):
            return Bounded(best, known)
        keep = (here - found.loss_if_opened >= known * (1 - ROUNDING)) | part.limits.required
        prices = found.prices
        if keep.mean() < SHRUNK:
            has_arc = _helped(part, keep)
            rows, part = rows[keep], part.restricted(keep)
            prices = np.minimum(prices[has_arc], part.most)
    found_last = _finished(problem, part, rows, Bounded(best, bound), prices, effort.searches)
    return replace(found_last, bound=_sharpened(problem, part, found_last, effort, time_limit_s))


def _sharpened(problem: BestOf, part: BestOf, found: Bounded, effort: Effort, time_limit_s: float) -> float:
    """The bound by regions, where a gap is left that they may narrow; no choice outside the part is better than the one found."""
    known = problem.worth(found.opened)
    covering = covering_of(part, effort.split_arcs) if found.bound > known * (1 + NARROW_GAP) else None
    if covering is None:
        return found.bound
    whole = float(part.most.sum())
    lost = bound_by_regions(covering, whole - known, effort.split_maximal, time_limit_s)
    return max(known, min(found.bound, whole - lost))


SHRUNK = 0.9
"""the problem is made smaller when less than this share of its candidates is left"""


def _helped(part: BestOf, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) places that one of the kept (m,) candidates helps."""
    return np.bincount(part.place[keep[part.candidate]], minlength=len(part.start) - 1) > 0


def _bound(part: BestOf, prices: NDArray[np.float64], known: float, rounds: int, scale: float) -> tuple[Ascent, float]:
    """The search for prices, and the most that the part can be worth by them."""
    whole = float(part.most.sum())
    found = ascend(priced(part), prices, whole - known, rounds, scale)
    return found, whole - found.value


def _improved(
    problem: BestOf, part: BestOf, rows: NDArray[np.int64], best: NDArray[np.bool_], known: float, hint: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], float]:
    """The better of the choice and what exchange makes of the sites that the prices open most."""
    n = int(min(np.floor(part.limits.sites), len(hint)))
    begin = part.limits.required.copy()
    free = np.argsort(-np.where(part.limits.required, -1.0, hint), kind="stable")[:n]
    begin[free[hint[free] > 0.05]] = True
    found = np.zeros(problem.n_candidates, dtype=bool)
    found[rows[best_of_search.improved(part, begin, thorough=False)]] = True
    worth = problem.worth(found)
    return (found, worth) if worth > known * (1 + ROUNDING) else (best, known)


def _finished(
    problem: BestOf, part: BestOf, rows: NDArray[np.int64], so_far: Bounded, prices: NDArray[np.float64], searches: int
) -> Bounded:
    """The choice after what is left was priced to the end, branched where little is open, and searched thoroughly where more is."""

    def of_part(opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
        plan = np.zeros(problem.n_candidates, dtype=bool)
        plan[rows[opened]] = True
        return max(best, plan, key=problem.worth)

    best = so_far.opened
    known = problem.worth(best)
    rounds = int(np.clip(LAST_STEPS / max(len(part.value), 1), 100, LAST_ROUNDS))
    ended, here = _bound(part, prices, known, rounds, float(problem.most.sum()))
    bound = max(min(so_far.bound, here), known)
    if bound > known * (1 + NARROW_GAP):
        for _ in range(searches):
            before, best = known, of_part(best_of_search.improved(part, best[rows], thorough=True))
            known = problem.worth(best)
            if known <= before * (1 + ROUNDING):
                break
    n_branches = BRANCH_STEPS / (BRANCH_ROUNDS * (len(part.value) + FIXED_STEPS))
    if known * (1 + ROUNDING) < bound <= known * (1 + BRANCH_GAP) and n_branches >= FEWEST_BRANCHES:
        opened, bound = _branched(part, ended, known, bound)
        best = of_part(opened) if opened is not None else best
    return Bounded(best, max(bound, problem.worth(best)))


@dataclass(frozen=True, eq=False)
class _Node:
    """A branch: some candidates open, some closed."""

    forced: NDArray[np.bool_]
    barred: NDArray[np.bool_]
    value: float
    """D(t): lost of what all places could gain, at least"""
    dual: PricedPlaces
    found: Ascent


def _branched(part: BestOf, root: Ascent, known: float, bound: float) -> tuple[NDArray[np.bool_] | None, float]:
    """A better choice of the part, None where there is none or none was found, and the bound that the branches leave."""
    dual, whole = priced(part), float(part.most.sum())
    best: NDArray[np.bool_] | None = None
    first = _Node(part.limits.required, dual.barred, whole - bound, dual, root)
    heap = [(first.value, 0, first)]
    count, steps = 0, BRANCH_STEPS
    while heap and steps > 0 and whole - heap[0][0] > known * (1 + ROUNDING):
        _, _, node = heapq.heappop(heap)
        for child in _children(part, _pegged(node, whole - known)):
            steps -= BRANCH_ROUNDS * (len(part.value) + FIXED_STEPS)
            solved = _solved(part, dual, child, node, whole - known)
            begin = solved.found.mean > 0.5 if solved.found.mean.sum() else child[0]
            plan = best_of_search.improved(part, _trimmed(part, begin | child[0], solved), thorough=False)
            if part.worth(plan) > known * (1 + ROUNDING):
                best, known = plan, part.worth(plan)
            count += 1
            if whole - solved.value > known * (1 + ROUNDING):
                heapq.heappush(heap, (solved.value, count, solved))
    return best, max(whole - heap[0][0], known) if heap else known


FIXED_STEPS = 20_000
"""what a round costs besides its arcs, in arcs"""


def _pegged(node: _Node, lost: float) -> _Node:
    """The node with every candidate fixed that no better choice (which loses less than `lost`) can have otherwise."""
    opens, closes = node.dual.loss_if_opened(node.found.prices), node.dual.loss_if_closed(node.found.prices)
    margin = ROUNDING * max(lost, node.value)
    value = node.found.value  # what the prices prove, to which the losses are added; the node's own may be that of its parent
    barred = node.barred | ((value + opens > lost + margin) & ~node.forced)
    forced = node.forced | ((value + closes > lost + margin) & ~barred)
    return replace(node, barred=barred, forced=forced)


def _children(part: BestOf, node: _Node) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """The two branches on the candidate that the prices are least sure of: (forced, barred) (m,) each."""
    free = ~node.forced & ~node.barred
    doubt = np.where(free, np.minimum(node.found.mean, 1.0 - node.found.mean), -1.0)
    j = int(doubt.argmax())
    if not free.any():
        return []
    with_j, without_j = node.forced.copy(), node.barred.copy()
    with_j[j] = without_j[j] = True
    may_open = with_j.sum() <= np.floor(part.limits.sites) + part.limits.required.sum()
    return [*([(with_j, node.barred)] if may_open else []), (node.forced, without_j)]


def _solved(part: BestOf, dual: PricedPlaces, child: tuple[NDArray[np.bool_], NDArray[np.bool_]], parent: _Node, lost: float) -> _Node:
    """A branch with its prices; it cannot lose less than its parent."""
    forced, barred = child
    left = np.floor(part.limits.sites) + part.limits.required.sum() - forced.sum()
    own = replace(dual, barred=barred, limits=replace(part.limits, required=forced, sites=float(left)))
    found = ascend(own, parent.found.prices, lost, BRANCH_ROUNDS, lost)
    return _Node(forced, barred, max(found.value, parent.value), own, found)


def _trimmed(part: BestOf, opened: NDArray[np.bool_], node: _Node) -> NDArray[np.bool_]:
    """(m,) as many of the openings as the number of sites allows, the surest first."""
    n = int(np.floor(part.limits.sites) + part.limits.required.sum())
    order = np.argsort(-np.where(node.forced, 2.0, node.found.mean), kind="stable")
    plan = np.zeros(len(opened), dtype=bool)
    plan[order[:n]] = opened[order[:n]]
    return plan
