"""`SitingProblem`: what is short, what each candidate would mend, and what may be opened, as arrays in one fixed order.

Candidates stand in the order *preferred by a site rule first, then by candidate_id*, needs in the order of the rules and then of their
places, whatever the order of the rows in the input: every later tie goes to the lowest position, so equal places give equal plans.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.siting.pairs import Pairs, pairs_of, row_of

FULL = 1.0 - 1e-9
"""A need is fully relieved from this share on: sums of binary fractions may miss the amount by less."""


@dataclass(frozen=True)
class Requirement:
    """What a mandatory rule asks: so many needs fully relieved, or so much relief in all."""

    rule: int
    """position in `rule_ids`"""
    at_least: float
    counted: Literal["needs", "amount"]

    @property
    def floor(self) -> float:
        """The level from which on it is met: `at_least` but for the rounding of sums."""
        return self.at_least - (1.0 - FULL) * abs(self.at_least)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Who may be opened, in the fixed order, and within which limits."""

    ids: NDArray[np.object_]
    row: NDArray[np.int32]
    """(m,) row in `area.candidates`"""
    cost_yuan: NDArray[np.float64]
    """(m,) NaN without data"""
    price: NDArray[np.float64]
    """(m,) what opening one costs in `price_unit`"""
    price_unit: Literal["yuan", "sites"]
    """sites: a cost is missing somewhere, every site counts 1"""
    required: NDArray[np.bool_]
    """(m,) always opened, outside the limits"""
    plot: NDArray[np.int32]
    """(m,) of the candidates with one number at most one is opened"""
    budget_left: float
    """in yuan, after the required ones; inf without a budget"""
    sites_left: float
    """after the required ones; inf without a number"""
    kept: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    """(m,) facilities that may stay as they are (`actions`): no sites; empty where there are none"""

    @property
    def is_kept(self) -> NDArray[np.bool_]:
        """(m,) `kept`, also where there are none."""
        return self.kept if len(self.kept) else np.zeros(len(self.ids), dtype=bool)

    @property
    def n_sites(self) -> NDArray[np.float64]:
        """(m,) what opening each takes of the number of sites."""
        return np.where(self.is_kept, 0.0, 1.0)

    @property
    def has_limits(self) -> bool:
        """Whether a budget or a number of sites is given."""
        return bool(np.isfinite(self.budget_left) or np.isfinite(self.sites_left))

    @property
    def shares_plots(self) -> bool:
        """Whether two candidates stand on one plot."""
        return len(np.unique(self.plot)) < len(self.plot)


@dataclass(frozen=True, eq=False)
class SitingProblem:
    """Needs i, candidates j, relief a_ij; opening x relieves min(amount_i, sum_j a_ij x_j) of need i."""

    goal: Literal["meet", "relieve"]
    candidates: Candidates
    rule_ids: tuple[str, ...]
    needs: pd.DataFrame
    """columns of `relief.NEED_COLUMNS`, one row per need; empty after `merged`"""
    rule: NDArray[np.int32]
    """(n,) position in `rule_ids`"""
    amount: NDArray[np.float64]
    """(n,) what is short, in the rule's unit"""
    weight: NDArray[np.float64]
    """(n,) worth of one unit of relief: the rule's weight over its whole shortfall"""
    count: NDArray[np.float64]
    """(n,) how many needs of the place this row stands for"""
    start: NDArray[np.int64]
    """(n + 1,) the arcs of need i are start[i] : start[i + 1], ascending by candidate"""
    candidate: NDArray[np.int32]
    """(k,) position of the candidate"""
    relief: NDArray[np.float64]
    """(k,) a_ij in the need's unit; may be negative"""
    requirements: tuple[Requirement, ...] = ()
    """of the mandatory rules"""

    @property
    def n_needs(self) -> int:
        """Number of needs."""
        return len(self.amount)

    @property
    def n_candidates(self) -> int:
        """Number of candidates that may be opened."""
        return len(self.candidates.ids)

    @property
    def has_harm(self) -> bool:
        """Whether a candidate would make some need larger."""
        return bool((self.relief < 0).any())

    @property
    def arc_need(self) -> NDArray[np.int32]:
        """(k,) need of each arc."""
        return row_of(self.start)

    def relieved(self, opened: NDArray[np.bool_]) -> NDArray[np.float64]:
        """(n,) relief of each need by the candidates marked in (m,): min(amount, sum of their relief)."""
        sums = np.bincount(self.arc_need, weights=self.relief * opened[self.candidate], minlength=self.n_needs)
        return np.minimum(self.amount, sums)

    def reach(self) -> NDArray[np.float64]:
        """(n,) the most that the candidates together could relieve of each need."""
        sums = np.bincount(self.arc_need, weights=np.maximum(self.relief, 0.0), minlength=self.n_needs)
        return np.minimum(self.amount, sums)

    def worth(self, relieved: NDArray[np.float64]) -> float:
        """Weighted relief [rules' whole shortfalls] of (n,) reliefs."""
        return float((self.weight * relieved).sum())

    def level(self, requirement: Requirement, relieved: NDArray[np.float64]) -> float:
        """How far (n,) reliefs go towards one requirement, in its own measure."""
        mine = self.rule == requirement.rule
        if requirement.counted == "amount":
            return float(relieved[mine].sum())
        return float(self.count[mine & (relieved >= self.amount * FULL)].sum())

    def meets(self, relieved: NDArray[np.float64]) -> bool:
        """Whether (n,) reliefs meet every requirement."""
        return all(self.level(r, relieved) >= r.floor for r in self.requirements)

    def price(self, opened: NDArray[np.bool_]) -> float:
        """What the candidates marked in (m,) cost together, in the unit of the prices."""
        return float(self.candidates.price[opened].sum())

    @property
    def pairs(self) -> Pairs:
        """Needs and candidates with their relief, from both sides."""
        return pairs_of(self.start, self.candidate, self.relief, self.n_candidates)

    def with_requirements(self, requirements: tuple[Requirement, ...]) -> SitingProblem:
        """This problem with other requirements."""
        return replace(self, requirements=requirements)


def merged(problem: SitingProblem) -> SitingProblem:
    """The same problem with fewer needs: those of one rule that every candidate relieves by the same share are added up.

    What goes beyond the amount of a need relieves nothing, so in a need without negative relief each arc is first cut to the amount.
    Needs that no candidate changes are left out; they count for no requirement, since `at_least` has been lowered to what can be reached.
    """
    arcs = problem.relief.copy()
    need = problem.arc_need
    harmed = np.zeros(problem.n_needs, dtype=bool)
    harmed[need[problem.relief < 0]] = True
    arcs = np.where(harmed[need], arcs, np.minimum(arcs, problem.amount[need]))
    share = arcs / problem.amount[need]
    first = first_equal(problem.start, problem.rule, problem.candidate, share)
    rows = np.flatnonzero(first == np.arange(problem.n_needs))
    has = first >= 0
    into = np.searchsorted(rows, first[has])
    amount = np.bincount(into, weights=problem.amount[has], minlength=len(rows))
    lengths = np.diff(problem.start)[rows]
    at = np.repeat(problem.start[rows] - np.concatenate([[0], lengths.cumsum()[:-1]]), lengths) + np.arange(lengths.sum())
    return replace(
        problem,
        needs=problem.needs.iloc[:0],
        rule=problem.rule[rows],
        amount=amount.astype(np.float64),
        weight=problem.weight[rows],
        count=np.bincount(into, weights=problem.count[has], minlength=len(rows)).astype(np.float64),
        start=np.concatenate([[0], lengths.cumsum()]).astype(np.int64),
        candidate=problem.candidate[at],
        relief=share[at] * np.repeat(amount, lengths),
    )


def first_equal(
    start: NDArray[np.int64], kind: NDArray[np.integer], candidate: NDArray[np.int32], share: NDArray[np.float64]
) -> NDArray[np.int64]:
    """(n,) the first row of the same kind (n,) with the same candidates and shares (k,) on its arcs start[i] : start[i + 1], -1 without arcs.

    Rows are brought together by a sum of hashes of their arcs (splitmix64: Steele, Lea and Flood 2014), then compared arc by arc.
    """
    lengths = np.diff(start)
    rows, begin = np.flatnonzero(lengths), start[:-1]
    first = np.full(len(lengths), -1, dtype=np.int64)
    if not len(rows):
        return first
    arcs = _mixed(candidate.astype(np.uint64) + np.uint64(1)) ^ _mixed((share + 0.0).view(np.uint64))
    table = np.zeros(len(rows), dtype=[("kind", "i8"), ("length", "i8"), ("hash", "u8")])
    table["kind"], table["length"] = kind[rows], lengths[rows]
    table["hash"] = np.add.reduceat(_mixed(arcs), begin[rows])
    _, earliest, group = np.unique(table, return_index=True, return_inverse=True)
    first[rows] = rows[earliest[group]]
    row = np.repeat(np.arange(len(lengths)), lengths)
    at = begin[first[row]] + np.arange(len(share)) - begin[row]
    alone = np.unique(row[(candidate[at] != candidate) | (share[at] != share)])
    first[alone] = alone  # rows that only share a hash stay by themselves
    return first


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """(k,) hashes of whole numbers."""
    with np.errstate(over="ignore"):
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))
