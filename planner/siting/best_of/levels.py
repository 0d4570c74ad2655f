"""A problem in which the best open site counts, as a covering: a place with L values is L needs, one inside the next.

The need of value v of place i is met by the sites that bring i at least v, and is worth v less the next smaller value; so what place i gains
is what its needs that are met are worth (Cornuejols, Nemhauser and Wolsey 1980). A maximal cover has one need per place, a p-median many.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from planner.siting.best_of.model import BestOf
from planner.siting.proof.covering import Covering


def covering_of(problem: BestOf, most_arcs: int) -> Covering | None:
    """The covering whose least cost is the least loss of `problem.most.sum()`, beside the required sites; None beyond so many arcs."""
    order = np.lexsort((-problem.value, problem.place))
    value, place, site = problem.value[order], problem.place[order], problem.candidate[order]
    ends = np.flatnonzero(np.append((value[1:] != value[:-1]) | (place[1:] != place[:-1]), True)) + 1
    begin = problem.start[place[ends - 1]]
    sizes = ends - begin
    n_arcs = int(sizes.sum())
    if n_arcs > most_arcs:
        return None
    start = np.concatenate([[0], sizes.cumsum()])
    at = np.repeat(begin - start[:-1], sizes) + np.arange(n_arcs)
    met = sparse.csr_matrix((np.ones(n_arcs), site[at], start), shape=(len(ends), problem.n_candidates))
    has_smaller = np.append(place[ends[1:] - 1] == place[ends[:-1] - 1], False)
    worth = value[ends - 1] - np.where(has_smaller, np.append(value[ends[1:] - 1], 0.0), 0.0)
    required = problem.limits.required
    open_needs, free = met @ required.astype(np.float64) == 0, ~required
    met = met[open_needs][:, free].tocsr()
    met.sort_indices()
    return Covering(met, np.zeros(int(free.sum())), worth[open_needs], float(np.floor(problem.limits.sites)))
