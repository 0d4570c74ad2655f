"""A siting problem without some of its candidates, for the question what would be if these could not be had."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.siting.problem import Candidates, SitingProblem


def restricted(problem: SitingProblem, keep: NDArray[np.bool_]) -> SitingProblem:
    """The same problem with only the candidates marked in (m,), in the same order."""
    number = np.cumsum(keep, dtype=np.int32) - 1
    arcs = keep[problem.candidate]
    lengths = np.bincount(problem.arc_need[arcs], minlength=problem.n_needs)
    return replace(
        problem,
        candidates=candidates_of(problem.candidates, keep),
        start=np.concatenate([[0], lengths.cumsum()]).astype(np.int64),
        candidate=number[problem.candidate[arcs]].astype(np.int32),
        relief=problem.relief[arcs],
    )


def candidates_of(who: Candidates, keep: NDArray[np.bool_]) -> Candidates:
    """The candidates marked in (m,)."""
    return replace(
        who,
        ids=who.ids[keep],
        row=who.row[keep],
        cost_yuan=who.cost_yuan[keep],
        price=who.price[keep],
        required=who.required[keep],
        plot=who.plot[keep],
        kept=who.is_kept[keep],
    )


def with_needs(problem: SitingProblem, keep: NDArray[np.bool_]) -> SitingProblem:
    """The same problem with only the needs marked in (n,)."""
    lengths = np.diff(problem.start)[keep]
    arcs = keep[problem.arc_need]
    return replace(
        problem,
        needs=problem.needs.iloc[:0],
        rule=problem.rule[keep],
        amount=problem.amount[keep],
        weight=problem.weight[keep],
        count=problem.count[keep],
        start=np.concatenate([[0], lengths.cumsum()]).astype(np.int64),
        candidate=problem.candidate[arcs],
        relief=problem.relief[arcs],
    )
