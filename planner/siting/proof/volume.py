"""A proven bound for large problems: Lagrangian prices of the needs, found by the volume algorithm (Barahona and Anbil 2000).

With a price u_i in [0, w_i] on every share of need i that stays unrelieved, choosing sites falls apart into the candidates:

    D(u) = sum_i u_i r_i + min over x of sum_j (c_j - sum_i u_i a_ij / b_i) x_j,    r_i the share of need i that can be reached at all

is a lower bound of what is lost (goal relieve: c = 0, w_i the worth of the need, x within the limits) or of what is paid (goal meet:
c the prices, no ceiling w). Plots are left out, and of two limits the one that binds more is kept: both only make the bound weaker.
The search itself is `planner.siting.proof.ascent`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.siting.problem import FULL, SitingProblem
from planner.siting.proof.ascent import Limits, ascend, dot

ROUNDS = 1500
STEPS = 1.5e9
"""rounds times arcs at most, but 300 rounds in any case"""


@dataclass(frozen=True, eq=False)
class Relaxed:
    """A merged problem with its needs priced."""

    shares: sparse.csr_matrix
    """(n, m) a_ij / b_i"""
    by_candidate: sparse.csr_matrix
    """(m, n) the same"""
    reach: NDArray[np.float64]
    ceiling: NDArray[np.float64]
    cost: NDArray[np.float64]
    limits: Limits

    def value(self, prices: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """D(u), the (m,) share to which each candidate is opened in it, and (n,) the share of each need that stays unrelieved."""
        reduced = self.cost - self.by_candidate @ prices
        opened = self.limits.cheapest(reduced)
        return dot(prices, self.reach) + dot(reduced, opened), opened, self.reach - self.relieved(opened)

    def relieved(self, opened: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) sum_j a_ij / b_i of the (m,) openings; only the rows of what is open are looked at where these are few."""
        rows = np.flatnonzero(opened)
        if len(rows) * FEW > len(opened):
            whole: NDArray[np.float64] = self.shares @ opened
            return whole
        begin, end = self.by_candidate.indptr[rows], self.by_candidate.indptr[rows + 1]
        at = np.concatenate([np.arange(a, b) for a, b in zip(begin, end, strict=True)]) if len(rows) else np.zeros(0, dtype=np.int64)
        weights = self.by_candidate.data[at] * np.repeat(opened[rows], end - begin)
        return np.bincount(self.by_candidate.indices[at], weights=weights, minlength=len(self.reach)).astype(np.float64)

    def loss_if_opened(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) by how much D(u) grows, at least, when a candidate has to be opened."""
        return self.limits.loss_if_opened(self.cost - self.by_candidate @ prices)


def applies(problem: SitingProblem) -> bool:
    """Whether the problem is of the form above: relief without requirements, or a price for relieving all that is required in full."""
    if problem.goal == "relieve":
        return not problem.requirements
    most = problem.reach()
    full = most >= problem.amount * FULL
    return all(
        r.counted == "needs" and r.at_least >= problem.count[(problem.rule == r.rule) & full].sum() * FULL for r in problem.requirements
    )


def relaxed(problem: SitingProblem) -> Relaxed:
    """The problem with its needs priced."""
    who, n, m = problem.candidates, problem.n_needs, problem.n_candidates
    shares = sparse.csr_matrix((problem.relief / problem.amount[problem.arc_need], problem.candidate, problem.start), shape=(n, m))
    reach = problem.reach() / problem.amount
    if problem.goal == "relieve":
        ceiling, cost = problem.weight * problem.amount, np.zeros(m)
    else:
        asked = np.isin(problem.rule, [r.rule for r in problem.requirements]) & (reach >= FULL)
        ceiling, cost = np.where(asked, np.inf, 0.0), who.price
    limited = problem.goal == "relieve"
    return Relaxed(
        shares=shares,
        by_candidate=shares.T.tocsr(),
        reach=reach,
        ceiling=ceiling,
        cost=cost,
        limits=limits_of(problem) if limited else replace(limits_of(problem), weight=np.zeros(0), sites=np.inf),
    )


def limits_of(problem: SitingProblem) -> Limits:
    """Budget and number of sites as the volume algorithm reads them."""
    who = problem.candidates
    return Limits(
        weight=who.price if np.isfinite(who.budget_left) else np.zeros(0),
        budget=who.budget_left,
        sites=who.sites_left,
        n_sites=who.n_sites,
        required=who.required,
    )


@dataclass(frozen=True, eq=False)
class Volume:
    """What the search found."""

    bound: float
    """of the goal's objective"""
    mean: NDArray[np.float64]
    """(m,) the share to which the prices open each candidate"""
    loss_if_opened: NDArray[np.float64]
    """(m,) how much worse than the bound every choice is that opens the candidate, at least; 0 where nothing is known (goal meet, budgets)"""
    prices: NDArray[np.float64]
    """(n,) of the needs: what the next search may begin with"""


def volume_bound(problem: SitingProblem, objective: float) -> tuple[float, NDArray[np.float64]]:
    """The bound of the goal's objective, and (m,) the share to which the prices open each candidate; `objective` is that of a known choice."""
    found = search(problem, objective, int(np.clip(STEPS / max(len(problem.relief), 1), 300, ROUNDS)))
    return found.bound, found.mean


def search(problem: SitingProblem, objective: float, rounds: int, begin: NDArray[np.float64] | None = None) -> Volume:
    """The volume algorithm; `objective` is that of a known choice, `begin` (n,) prices to begin with."""
    dual = relaxed(problem)
    whole = problem.worth(problem.reach()) if problem.goal == "relieve" else 0.0
    known = whole - objective if problem.goal == "relieve" else objective
    found = ascend(dual, _first_prices(dual) if begin is None else begin, known, rounds, abs(whole))
    bound = whole - found.value if problem.goal == "relieve" else found.value
    return Volume(bound, found.mean, found.loss_if_opened, found.prices)


FEW = 8
"""openings are few when they are fewer than one in so many candidates"""


def _first_prices(dual: Relaxed) -> NDArray[np.float64]:
    """(n,) prices to begin with: half the ceiling, or each need's part of the price of its cheapest site."""
    if np.isfinite(dual.ceiling).all():
        return dual.ceiling * 0.5
    per_need = dual.cost / np.maximum(np.asarray((dual.by_candidate > 0).sum(axis=1)).ravel(), 1)
    least = np.full(len(dual.reach), np.inf)
    rows = np.repeat(np.arange(len(dual.reach)), np.diff(dual.shares.indptr))
    np.minimum.at(least, rows, per_need[dual.shares.indices])
    return np.where(np.isfinite(least), np.minimum(least, dual.ceiling), 0.0)
