"""Problems in which the best open site counts: each place i gains max {v_ij : j open} (maximal covering, p-median).

Many siting problems are of this form though they are written as needs: a covering need that every arc relieves in full (v_ij is its
worth), and the levels of a p-median (`circle_goals`), where the candidates of one level are among those of the next. Such *chains* of needs
become one place with one value per candidate, ten times fewer arcs than the levels have. `best_of.search` looks for good sites in it.

Bound: with a price t_i in [0, v_i], v_i the most that place i can gain, on the claim "one site at most counts for place i",

    D(t) = sum_i t_i - max over x within the limits of sum_j x_j sum_i max(0, v_ij - v_i + t_i)

is a lower bound of what is lost of sum_i v_i (Cornuejols, Fisher and Nemhauser 1977), searched by `planner.siting.proof.ascent`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from layers.compiled import allocating
from planner.siting.pairs import Pairs, pairs_of, row_of
from planner.siting.problem import FULL, SitingProblem
from planner.siting.proof.ascent import Limits, dot
from planner.siting.proof.volume import limits_of


@dataclass(frozen=True, eq=False)
class BestOf:
    """Places i, candidates j and what place i gains where j is its best open site."""

    start: NDArray[np.int64]
    """(n + 1,) the arcs of place i are start[i] : start[i + 1]"""
    candidate: NDArray[np.int32]
    """(k,)"""
    value: NDArray[np.float64]
    """(k,) > 0, in the unit of `SitingProblem.worth`"""
    limits: Limits
    """a number of sites, and who is open in any case"""

    @property
    def n_candidates(self) -> int:
        """Number of candidates."""
        return len(self.limits.required)

    @property
    def place(self) -> NDArray[np.int32]:
        """(k,) place of each arc."""
        return row_of(self.start)

    @property
    def pairs(self) -> Pairs:
        """The arcs from both sides."""
        return pairs_of(self.start, self.candidate, self.value, self.n_candidates)

    @property
    def most(self) -> NDArray[np.float64]:
        """(n,) the most that each place can gain."""
        return _of_best(self.value, self.start)

    def worth(self, opened: NDArray[np.bool_]) -> float:
        """What the candidates marked in (m,) bring."""
        return float(_of_best(np.where(opened[self.candidate], self.value, 0.0), self.start).sum())

    def restricted(self, keep: NDArray[np.bool_]) -> BestOf:
        """The same problem with only the candidates marked in (m,), without places that none of them helps."""
        number = np.cumsum(keep, dtype=np.int32) - 1
        arcs = keep[self.candidate]
        lengths = np.bincount(self.place[arcs], minlength=len(self.start) - 1)
        return BestOf(
            start=np.concatenate([[0], lengths[lengths > 0].cumsum()]).astype(np.int64),
            candidate=number[self.candidate[arcs]].astype(np.int32),
            value=self.value[arcs],
            limits=replace(self.limits, n_sites=self.limits.n_sites[keep], required=self.limits.required[keep]),
        )


def _of_best(value: NDArray[np.float64], start: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) the largest value of each place, 0 without arcs."""
    most = np.zeros(len(start) - 1)
    has = np.diff(start) > 0
    if has.any():
        most[has] = np.maximum.reduceat(value, start[:-1][has])
    return most


def best_of(problem: SitingProblem) -> BestOf | None:
    """A merged problem in this form; None where it is not of it: partial relief, requirements, budgets, plots."""
    who = problem.candidates
    need = problem.arc_need
    if (
        problem.goal != "relieve"
        or problem.requirements
        or not np.isfinite(who.sites_left)
        or np.isfinite(who.budget_left)
        or who.is_kept.any()
        or who.shares_plots
        or not len(problem.relief)
        or (problem.relief < problem.amount[need] * FULL).any()
    ):
        return None
    m = problem.n_candidates
    key = need.astype(np.int64) * m + problem.candidate
    after = key + m
    at = np.minimum(np.searchsorted(key, after), len(key) - 1)
    in_next = np.bincount(need, weights=key[at] == after, minlength=problem.n_needs)
    is_last = np.append(in_next[:-1] < np.diff(problem.start)[:-1], True)  # the last of its chain: its candidates are not all in the next
    last = np.flatnonzero(is_last)[np.searchsorted(np.flatnonzero(is_last), np.arange(problem.n_needs))]
    holder = np.searchsorted(key, last[need].astype(np.int64) * m + problem.candidate)
    worth = np.bincount(holder, weights=(problem.weight * problem.amount)[need], minlength=len(key))
    kept = is_last[need] & (worth > 0)
    lengths = np.bincount(need[kept], minlength=problem.n_needs)
    return BestOf(
        start=np.concatenate([[0], lengths[lengths > 0].cumsum()]).astype(np.int64),
        candidate=problem.candidate[kept],
        value=worth[kept].astype(np.float64),
        limits=limits_of(problem),
    )


@dataclass(frozen=True, eq=False)
class PricedPlaces:
    """Places priced, as `ascent` asks."""

    by_start: NDArray[np.int64]
    by_place: NDArray[np.int32]
    behind: NDArray[np.float64]
    """(k,) v_i - v_ij of the arcs, those of one candidate together"""
    ceiling: NDArray[np.float64]
    """(n,) v_i"""
    limits: Limits
    barred: NDArray[np.bool_]
    """(m,) candidates that are not opened"""

    def value(self, prices: NDArray[np.float64]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """D(t), the (m,) openings in it, and (n,) one less the sites that count for each place."""
        earned = self.earned(prices)
        opened = self.limits.cheapest(-earned)
        left = 1.0 - _counted(self.by_start, self.by_place, self.behind, prices, opened)
        return float(prices.sum()) - dot(earned, opened), opened, left

    def loss_if_opened(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) by how much D(t) grows, at least, when a candidate has to be opened."""
        return self.limits.loss_if_opened(-self.earned(prices))

    def loss_if_closed(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) by how much D(t) grows, at least, when a candidate must not be opened."""
        return self.limits.loss_if_closed(-self.earned(prices))

    def earned(self, prices: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) what each candidate earns at the prices."""
        return np.where(self.barred, 0.0, earnings(self.by_start, self.by_place, self.behind, prices))


def priced(problem: BestOf) -> PricedPlaces:
    """The problem with its places priced."""
    pairs, most = problem.pairs, problem.most
    nobody = np.zeros(problem.n_candidates, dtype=bool)
    return PricedPlaces(pairs.by_start, pairs.by_row, most[pairs.by_row] - pairs.by_value, most, problem.limits, nobody)


ONE, TWO, THREE, FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
"""steps of a position without a sign"""


@allocating
def earnings(
    by_start: NDArray[np.int64], by_place: NDArray[np.int32], behind: NDArray[np.float64], prices: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(m,) sum_i max(0, t_i - (v_i - v_ij)) of each candidate."""
    earned = np.zeros(len(by_start) - 1)
    for j in range(len(earned)):
        s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0  # four sums, so that one addition need not wait for the other
        begin, end = np.uint64(by_start[j]), np.uint64(by_start[j + 1])  # without a sign: no position is counted from the end
        rest = end - (end - begin) % FOUR
        for e in range(begin, rest, FOUR):
            s0 += max(0.0, prices[np.uint32(by_place[e])] - behind[e])
            s1 += max(0.0, prices[np.uint32(by_place[e + ONE])] - behind[e + ONE])
            s2 += max(0.0, prices[np.uint32(by_place[e + TWO])] - behind[e + TWO])
            s3 += max(0.0, prices[np.uint32(by_place[e + THREE])] - behind[e + THREE])
        for e in range(rest, end):
            s0 += max(0.0, prices[np.uint32(by_place[e])] - behind[e])
        earned[j] = (s0 + s1) + (s2 + s3)
    return earned


@allocating
def _counted(
    by_start: NDArray[np.int64],
    by_place: NDArray[np.int32],
    behind: NDArray[np.float64],
    prices: NDArray[np.float64],
    opened: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n,) how many of the (m,) openings count for each place."""
    count = np.zeros(len(prices))
    for j in range(len(opened)):
        if opened[j] > 0.0:
            for e in range(by_start[j], by_start[j + 1]):
                if prices[by_place[e]] > behind[e]:
                    count[by_place[e]] += opened[j]
    return count
