"""A set covering problem as rows and columns, without those that cannot matter (dominance: Beasley 1987).

A need whose sites are all among those of another need is met only when the other is, too: the other need not be asked. A site whose needs
another, no dearer site meets as well need not be opened. Both are taken out in turns until nothing changes; the least price stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from layers.compiled import allocating
from planner.siting.problem import FULL, SitingProblem
from planner.siting.proof import volume


@dataclass(frozen=True, eq=False)
class CoverForm:
    """Needs i, each met by any one of its sites j: the least price of sites that meet them all."""

    by_need: sparse.csr_matrix
    """(n, m) 1 where site j meets need i"""
    by_site: sparse.csr_matrix
    """(m, n) the same"""
    price: NDArray[np.float64]
    """(m,)"""
    candidate: NDArray[np.int64]
    """(m,) position of each site among the candidates of the problem"""
    required: NDArray[np.bool_]
    """(candidates of the problem,) who stands open in any case; what they meet is not among the needs"""


def applies(problem: SitingProblem) -> bool:
    """Whether every need that can be met has to be, each by one site, and nothing else is asked."""
    who = problem.candidates
    full = problem.relief >= problem.amount[problem.arc_need] * FULL
    return (
        problem.goal == "meet"
        and bool(len(problem.requirements))
        and volume.applies(problem)
        and bool(full.all())
        and not who.has_limits
        and not who.shares_plots
    )


def cover_form(problem: SitingProblem) -> CoverForm:
    """A problem to which this `applies` as rows and columns that matter."""
    required = problem.candidates.required
    asked = np.isin(problem.rule, [r.rule for r in problem.requirements]) & (np.diff(problem.start) > 0)
    shape = (problem.n_needs, problem.n_candidates)
    whole = sparse.csr_matrix((np.ones(len(problem.relief)), problem.candidate, problem.start), shape=shape)
    asked &= whole @ required.astype(np.float64) == 0
    candidate = np.flatnonzero(~required)
    by_need, price = whole[asked][:, candidate], problem.candidates.price[candidate]
    before = (-1, -1)
    while by_need.shape != before:
        before = by_need.shape
        by_need = by_need[~_holds_another(by_need)]
        kept = ~_is_inside(by_need.T.tocsr(), price)
        by_need, price, candidate = by_need[:, kept], price[kept], candidate[kept]
    by_need.sort_indices()
    return CoverForm(by_need, by_need.T.tocsr(), price, candidate, required)


def _holds_another(sets: sparse.csr_matrix) -> NDArray[np.bool_]:
    """(n,) rows of which another row is a part; of equal ones all but the first."""
    return _contained(*_both_ways(sets), np.zeros(sets.shape[0]))[0]


def _is_inside(sets: sparse.csr_matrix, price: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(m,) rows that are part of another row of no higher (m,) price; of equal ones all but the first, and empty ones."""
    return _contained(*_both_ways(sets), price)[1]


_Arrays = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]


def _both_ways(sets: sparse.csr_matrix) -> _Arrays:
    """Where each row begins and its items in order, and the same of the items."""
    turned = sets.T.tocsr()
    turned.sort_indices()
    sets.sort_indices()
    return sets.indptr, sets.indices, turned.indptr, turned.indices


@allocating
def _contained(
    start: NDArray[np.int32], item: NDArray[np.int32], by_start: NDArray[np.int32], by_set: NDArray[np.int32], price: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(n,) sets that hold another one, and sets that are inside another one of no higher price."""
    n = len(start) - 1
    holds, inside = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    for i in range(n):
        size = start[i + 1] - start[i]
        if size == 0:
            inside[i] = True
            continue
        rarest = item[start[i]]
        for e in range(start[i], start[i + 1]):
            if by_start[item[e] + 1] - by_start[item[e]] < by_start[rarest + 1] - by_start[rarest]:
                rarest = item[e]
        for f in range(by_start[rarest], by_start[rarest + 1]):  # who holds i holds its rarest item
            r = by_set[f]
            larger = start[r + 1] - start[r] - size
            if r == i or larger < 0:
                continue
            e, g = start[i], start[r]
            while e < start[i + 1] and g < start[r + 1] and item[g] <= item[e]:
                if item[g] == item[e]:
                    e += 1
                g += 1
            if e == start[i + 1]:
                holds[r] |= larger > 0 or i < r
                inside[i] |= price[r] <= price[i] and (larger > 0 or price[r] < price[i] or r < i)
    return holds, inside
