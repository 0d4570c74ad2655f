"""A proven bound for large problems: Lagrangian prices of the needs, found by the volume algorithm (Barahona and Anbil 2000).

With a price u_i in [0, w_i] on every share of need i that stays unrelieved, choosing sites falls apart into the candidates:

    D(u) = sum_i u_i r_i + min over x of sum_j (c_j - sum_i u_i a_ij / b_i) x_j,    r_i the share of need i that can be reached at all

is a lower bound of what is lost (goal relieve: c = 0, w_i the worth of the need, x within the limits) or of what is paid (goal meet:
c the prices, no ceiling w). Plots are left out, and of two limits the one that binds more is kept: both only make the bound weaker.
The bound is worked out anew from the prices, so it holds wherever the search stops; the number of rounds is fixed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from planner.siting.problem import FULL, SitingProblem

ROUNDS = 1500
STEPS = 1.5e9
"""rounds times arcs at most, but 300 rounds in any case"""
NARROW = 1e-9
"""relative distance between bound and objective at which the search ends"""


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
    weight: NDArray[np.float64]
    """(m,) what a candidate takes of the budget; empty without one"""
    budget: float
    sites: float
    n_sites: NDArray[np.float64]
    """(m,) what a candidate takes of the number of sites"""
    required: NDArray[np.bool_]

    def value(self, prices: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        """D(u), and the (m,) share to which each candidate is opened in it."""
        reduced = self.cost - self.by_candidate @ prices
        opened = self._cheapest(reduced)
        return float(prices @ self.reach + reduced @ opened), opened

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
        """(m,) by how much D(u) grows, at least, when a candidate has to be opened: what it costs above the dearest site that it displaces.

        Known where the number of sites is the only limit; 0 elsewhere.
        """
        reduced = self.cost - self.by_candidate @ prices
        if len(self.weight) or not np.isfinite(self.sites) or (self.n_sites != 1).any():
            return np.zeros(len(reduced))
        chosen = self._cheapest(reduced) > 0
        free = chosen & ~self.required
        displaced = float(reduced[free].max(initial=-np.inf)) if free.sum() >= np.floor(self.sites) else 0.0
        loss: NDArray[np.float64] = np.where(chosen, 0.0, np.maximum(0.0, reduced - min(displaced, 0.0)))
        return loss

    def _cheapest(self, reduced: NDArray[np.float64]) -> NDArray[np.float64]:
        """The (m,) openings of least reduced cost within the limits; the last one within a budget may be a fraction."""
        wanted = (reduced < 0) & ~self.required
        choices = [_most(-reduced, wanted, self.n_sites, self.sites)]
        if len(self.weight):
            choices.append(_most(-reduced, wanted, self.weight, self.budget))
        best = max(choices, key=lambda opened: float(reduced @ opened))
        best[self.required] = 1.0
        return best


def _most(profit: NDArray[np.float64], wanted: NDArray[np.bool_], weight: NDArray[np.float64], limit: float) -> NDArray[np.float64]:
    """The (m,) shares of the wanted ones that bring most profit within a limit of weight: best ratio first, the last one in part."""
    opened = np.zeros(len(profit))
    rows = np.flatnonzero(wanted)
    if weight[rows].sum() <= limit:
        opened[rows] = 1.0
        return opened
    if np.isfinite(limit) and (weight == 1.0).all():
        n = int(limit)
        rows = np.sort(rows[np.argpartition(-profit[rows], n)[: n + 1]])  # one more than fits; the last is cut off below
    ratio = profit[rows] / np.maximum(weight[rows], 1e-300)
    rows = rows[np.argsort(-ratio, kind="stable")]
    before = np.concatenate([[0.0], np.cumsum(weight[rows])[:-1]])
    opened[rows] = np.where(weight[rows] > 0, np.clip((limit - before) / np.maximum(weight[rows], 1e-300), 0.0, 1.0), 1.0)
    return opened


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
        weight=who.price if limited and np.isfinite(who.budget_left) else np.zeros(0),
        budget=who.budget_left,
        sites=who.sites_left if limited else np.inf,
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
    prices = _first_prices(dual) if begin is None else np.clip(begin, 0.0, dual.ceiling)
    best, mean = dual.value(prices)
    short = dual.reach - dual.relieved(mean)
    step, largest, stale, begun = 0.1, MEAN, 0, best
    for turn in range(rounds):
        length = float(short @ short)
        if known - best <= NARROW * max(abs(known), abs(whole)) or length <= 1e-18 or step < SHORTEST:
            break
        trial = np.clip(prices + step * (known * 1.01 - best) / length * short, 0.0, dual.ceiling)
        value, opened = dual.value(trial)
        here = dual.reach - dual.relieved(opened)
        if value > best:
            step, stale = min(step * (1.1 if float(here @ short) > 0 else 1.0), 2.0), 0
            best, prices = value, trial
        else:
            stale += 1
            if stale >= PATIENCE:
                step, stale = step * 0.66, 0
        turned = here - short
        part = float(np.clip(-(short @ turned) / max(float(turned @ turned), 1e-300), largest / 10, largest))
        mean, short = mean + part * (opened - mean), short + part * turned
        if turn % 100 == 99:
            if best - begun < 0.01 * abs(best):
                largest = max(largest / 2, MEAN / 20)
            begun = best
    return Volume(whole - best if problem.goal == "relieve" else best, mean, dual.loss_if_opened(prices), prices)


FEW = 8
"""openings are few when they are fewer than one in so many candidates"""
MEAN = 0.1
"""largest share of a new opening in the mean of the openings; halved as the bound settles"""
PATIENCE = 20
"""rounds without a better bound after which the step is shortened"""
SHORTEST = 1e-4
"""step at which the search ends"""


def _first_prices(dual: Relaxed) -> NDArray[np.float64]:
    """(n,) prices to begin with: half the ceiling, or each need's part of the price of its cheapest site."""
    if np.isfinite(dual.ceiling).all():
        return dual.ceiling * 0.5
    per_need = dual.cost / np.maximum(np.asarray((dual.by_candidate > 0).sum(axis=1)).ravel(), 1)
    least = np.full(len(dual.reach), np.inf)
    rows = np.repeat(np.arange(len(dual.reach)), np.diff(dual.shares.indptr))
    np.minimum.at(least, rows, per_need[dual.shares.indices])
    return np.where(np.isfinite(least), np.minimum(least, dual.ceiling), 0.0)
