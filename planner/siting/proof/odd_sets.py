"""A bound for set covering above its linear relaxation: any three needs, added up and halved, ask for two sites; any five for three.

For an odd number k of needs let a_j be how many of them site j meets. Half the sum of their rows is sum_j a_j/2 x_j >= k/2; rounded up on
both sides,

    sum_j ceil(a_j / 2) x_j >= (k + 1) / 2,

which every choice of whole sites keeps and a relaxation that opens halves does not (Chvatal-Gomory cuts with multipliers 0 and 1/2: Caprara
and Fischetti 1996). Where all needs have just what they ask for, it is broken when the sites that meet an odd number of them are open by
less than 1 together. Such sets are built about every need, pair by pair, and what the relaxation breaks is added round by round. As in
`bound`, the solver is not believed: the bound is worked out from the prices of the rows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner import linear
from planner.compiled import compiled
from planner.siting.proof.bound import rounded_up, weak_bound
from planner.siting.proof.cover_form import CoverForm
from planner.siting.proof.exact import PROVED_GAP
from planner.siting.proof.program import Program

ROUNDS = 6
"""rounds of cuts; each takes as long as the relaxation itself, and adds half of what the one before did"""
BROKEN = 0.005
"""sets whose odd sites miss 1 by less are not added"""
OVERLAP = 8.0
"""cuts of one round that the sites of a new one stand in already, on average, at most"""
PAIRS = 3
"""largest sets: of one need and so many pairs"""
TIGHT = 1e-4
"""shares of a site that are nothing (the interior point method leaves some everywhere)"""


def bound_by_odd_sets(form: CoverForm, known: float, time_limit_s: float) -> float:
    """The least that sites which meet every need can cost, besides the required ones; no more is sought than `known`, what a choice costs.

    Where all prices are whole multiples of one sum, so is the bound.
    """
    n, m = form.by_need.shape
    if not n:
        return 0.0
    rows, least = form.by_need, np.ones(n)
    solver = linear.highs(form.price, (np.zeros(m), np.ones(m)), rows, (least, np.full(n, np.inf)), {"time_limit": time_limit_s})
    solver.setOptionValue("solver", "ipm")
    solver.setOptionValue("run_crossover", "off")
    best = 0.0
    for _ in range(ROUNDS + 1):
        solver.run()
        solution = solver.getSolution()
        if not (solution.dual_valid and solution.value_valid):
            break
        best = max(best, rounded_up(_proved(form, rows, least, np.asarray(solution.row_dual)), form.price))
        if best >= known * (1 - PROVED_GAP):
            break
        cuts, asked = _cuts(form.by_need, np.asarray(solution.col_value))
        k = len(asked)
        if not k:
            break
        rows, least = sparse.vstack([rows, cuts], format="csr"), np.concatenate([least, asked])
        begin, sites = cuts.indptr[:-1].astype(np.int32), cuts.indices.astype(np.int32)
        solver.addRows(k, asked, np.full(k, np.inf), cuts.nnz, begin, sites, cuts.data)
    return best


def _proved(form: CoverForm, rows: sparse.csr_matrix, least: NDArray[np.float64], prices: NDArray[np.float64]) -> float:
    """The bound that (rows,) prices prove."""
    k, m = rows.shape
    ones = np.ones(m)
    return weak_bound(Program(form.price, np.zeros(m), ones, ones > 0, rows, least, np.full(k, np.inf), 1.0), prices)


def _cuts(by_need: sparse.csr_matrix, share: NDArray[np.float64]) -> tuple[sparse.csr_matrix, NDArray[np.float64]]:
    """Cuts that the (m,) shares break, the most broken first and not too many about one site: rows, and (rows,) what they ask at least."""
    part = np.flatnonzero(share > TIGHT)
    needs = _distinct(by_need[:, part], np.flatnonzero(by_need @ share < 1 + TIGHT))
    met = by_need[needs][:, part].tocsr()
    met.sort_indices()
    near = (met @ met.T).tocsr()
    sets, weight = _odd_sets(met.indptr, met.indices, share[part], near.indptr, near.indices, PAIRS)
    kept, least, taken = [], [], np.zeros(len(share))
    for at in np.argsort(weight, kind="stable"):
        if weight[at] > 1 - BROKEN:
            break
        members = needs[sets[at][sets[at] >= 0]]
        cut = by_need[members].sum(axis=0).A1
        sites = np.flatnonzero((cut > 0) & (share > TIGHT))
        if taken[sites].mean() <= OVERLAP:
            taken[sites] += 1
            kept.append(sparse.csr_matrix(np.ceil(cut / 2)))
            least.append((len(members) + 1) / 2)
    return sparse.vstack([sparse.csr_matrix((0, len(share))), *kept], format="csr"), np.array(least)


def _distinct(met: sparse.csr_matrix, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Of the rows those of several items, of equal ones the first."""
    found: dict[bytes, int] = {}
    for row in rows:
        items = np.sort(met.indices[met.indptr[row] : met.indptr[row + 1]])
        if len(items) > 1:
            found.setdefault(items.tobytes(), int(row))
    return np.array(list(found.values()), dtype=np.int64)


@compiled
def _odd_sets(
    start: NDArray[np.int32],
    site: NDArray[np.int32],
    share: NDArray[np.float64],
    near_start: NDArray[np.int32],
    near: NDArray[np.int32],
    pairs: int,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Sets of needs (-1 fills up) about each need, and their weights: the share of the sites that meet an odd number of them.

    Each set is the one before and the pair of needs that leaves least weight: one need near the last, another near that one.
    """
    n = len(start) - 1
    odd = np.zeros(len(share), dtype=np.bool_)
    sets, weights = np.full((n * pairs, 1 + 2 * pairs), -1), np.full(n * pairs, np.inf)
    members = np.zeros(1 + 2 * pairs, dtype=np.int64)
    for a in range(n):
        members[0], size = a, 1
        weight = _turned(start, site, share, odd, a)
        for stage in range(pairs):
            b, c = _best_pair(start, site, share, near_start, near, odd, members[:size])
            if c < 0:
                break
            weight += _turned(start, site, share, odd, b) + _turned(start, site, share, odd, c)
            members[size], members[size + 1] = b, c
            size += 2
            sets[a * pairs + stage, :size], weights[a * pairs + stage] = members[:size], weight
        for at in range(size):
            _turned(start, site, share, odd, members[at])
    return sets, weights


@compiled
def _best_pair(
    start: NDArray[np.int32],
    site: NDArray[np.int32],
    share: NDArray[np.float64],
    near_start: NDArray[np.int32],
    near: NDArray[np.int32],
    odd: NDArray[np.bool_],
    members: NDArray[np.int64],
) -> tuple[int, int]:
    """The two needs beyond the first member that leave least weight odd, -1 where there are none."""
    best_b, best_c, least, last = -1, -1, np.inf, members[-1]
    for f in range(near_start[last], near_start[last + 1]):
        b = near[f]
        if b > members[0] and not (members == b).any():
            of_b = _turned(start, site, share, odd, b)
            for g in range(near_start[b], near_start[b + 1]):
                c = near[g]
                if c > members[0] and c != b and not (members == c).any():
                    change = of_b
                    for e in range(start[c], start[c + 1]):
                        change += -share[site[e]] if odd[site[e]] else share[site[e]]
                    if change < least - 1e-12:
                        best_b, best_c, least = b, c, change
            _turned(start, site, share, odd, b)
    return best_b, best_c


@compiled
def _turned(start: NDArray[np.int32], site: NDArray[np.int32], share: NDArray[np.float64], odd: NDArray[np.bool_], row: int) -> float:
    """Turn the sites of a row from even to odd or back; the change of the weight of the odd ones."""
    change = 0.0
    for e in range(start[row], start[row + 1]):
        j = site[e]
        change += -share[j] if odd[j] else share[j]
        odd[j] = not odd[j]
    return change
