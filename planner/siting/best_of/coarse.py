"""A large problem made small where the best open site counts: one candidate in `EVERY`, and places alike in the best two of these taken as one.

Neighbours differ little where a place has hundreds of candidates in reach. Which pattern of sites is good is found in the small problem, at a
twentieth of the arcs; the whole one then moves each site by a little. Its prices begin the search for those of the whole problem. Nothing is
claimed from it: a choice is worth at least as much in the whole problem (a sum of maxima is no less than the maximum of the sums), and
bounds are worked out from the prices in the whole problem.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from layers.compiled import compiled
from planner.siting.best_of import search
from planner.siting.best_of.model import BestOf, priced
from planner.siting.proof.ascent import ascend
from planner.siting.search.moves import NOBODY

EVERY = 4
"""one candidate in so many is kept, and the required ones"""
LARGE, IN_REACH = 3_000_000, 60
"""arcs, and arcs per place, from which on a problem is searched in its coarse form first"""
ROUNDS = 500
"""rounds of the volume algorithm in the coarse form"""


@dataclass(frozen=True, eq=False)
class Coarse:
    """The small problem, and how the whole one hangs together with it."""

    problem: BestOf
    rows: NDArray[np.int64]
    """(k,) candidates of the whole problem"""
    group: NDArray[np.int64]
    """(n,) place of the small problem; `NOBODY` where none of its candidates is in reach"""


def is_large(problem: BestOf) -> bool:
    """Whether the coarse form is worth its while."""
    return len(problem.value) >= max(LARGE, IN_REACH * (len(problem.start) - 1))


def coarse(problem: BestOf) -> Coarse:
    """The coarse form of a problem."""
    keep = (np.arange(problem.n_candidates) % EVERY == 0) | problem.limits.required
    first, second = np.full(len(problem.start) - 1, NOBODY), np.full(len(problem.start) - 1, NOBODY)
    _best_two(problem.start, problem.candidate, problem.value, keep, first, second)
    reached = np.flatnonzero(first != NOBODY)
    pair = first[reached] * (problem.n_candidates + 1) + second[reached] + 1
    pairs, number = np.unique(pair, return_inverse=True)
    group = np.full(len(first), NOBODY)
    group[reached] = number
    arcs = np.flatnonzero(keep[problem.candidate])
    column = np.cumsum(keep) - 1
    shape = (len(pairs), int(keep.sum()))
    table = sparse.coo_matrix((problem.value[arcs], (group[problem.place[arcs]], column[problem.candidate[arcs]])), shape=shape).tocsr()
    table.sum_duplicates()
    limits = replace(problem.limits, n_sites=problem.limits.n_sites[keep], required=problem.limits.required[keep])
    small = BestOf(table.indptr.astype(np.int64), table.indices.astype(np.int32), table.data, limits)
    return Coarse(small, np.flatnonzero(keep), group)


def good_begin(problem: BestOf) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """(m,) sites of a large problem and (n,) prices to begin with, from its coarse form."""
    form = coarse(problem)
    small, most = form.problem, form.problem.most
    chosen = search.improved(small, small.limits.required, thorough=True)
    whole = float(most.sum())
    found = ascend(priced(small), most * 0.5, whole - small.worth(chosen), ROUNDS, whole)
    opened = np.zeros(problem.n_candidates, dtype=bool)
    opened[form.rows[chosen]] = True
    share = np.where(form.group == NOBODY, 1.0, (found.prices / most)[form.group])
    return opened, problem.most * share


@compiled
def _best_two(
    start: NDArray[np.int64],
    candidate: NDArray[np.int32],
    value: NDArray[np.float64],
    keep: NDArray[np.bool_],
    first: NDArray[np.int64],
    second: NDArray[np.int64],
) -> None:
    """Write the (n,) best and second best kept candidate of each place, the first of equal ones; what has none stays as it is."""
    for i in range(len(first)):
        best, next_best = 0.0, 0.0  # every arc is worth more
        for e in range(start[i], start[i + 1]):
            if keep[candidate[e]]:
                if value[e] > best:
                    second[i], next_best = first[i], best
                    first[i], best = candidate[e], value[e]
                elif value[e] > next_best:
                    second[i], next_best = candidate[e], value[e]
