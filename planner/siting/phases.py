"""Phases: in which year each site of the plan is built, within the money there is by then.

The plan is chosen for the money of all phases together; the phases only say when. The first builds those of its sites that relieve most with
its money, the next those that add most to them, and so on. What one phase leaves is carried over, so that a site dearer than one phase can be
saved for. Required candidates, already decided, are built before all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from planner.siting.problem import SitingProblem
from planner.siting.restrict import restricted
from planner.siting.solve import solve

MOST_WEIGHED = 100
"""So many sites are weighed together for a phase; of more the most useful per yuan that its money pays are built first."""
LIMIT_S = 60.0
PHASE_COLUMNS = ("year", "candidate_id", "decided", "cost_yuan", "spent_yuan", "granted_yuan", "relieved_share")


class Phase(BaseModel):
    """One row of `[[siting.phases]]`: a year and the money that becomes free in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    year: int = Field(ge=1900, le=2200)
    """of building"""
    budget_yuan: float = Field(ge=0)
    """that becomes free in this year; what is left over is carried on"""


def phases_table(problem: SitingProblem, order: NDArray[np.int64], phases: Sequence[Phase]) -> pd.DataFrame:
    """One row per opened candidate in the order of building; within a phase the most useful per yuan first.

    Parameters
    ----------
    problem
        what was solved
    order
        positions of the opened candidates, the most useful per yuan first
    phases
        in the order of their years

    Returns
    -------
    DataFrame
        year (0 where the money of all phases does not reach: only required candidates can be so dear), candidate_id, decided (whether
        it is required), cost_yuan, spent_yuan (all so far), granted_yuan (all money up to this year), relieved_share (of all weighted
        needs, by all sites so far).
    """
    if not phases:
        return pd.DataFrame({name: [] for name in PHASE_COLUMNS})
    who, built, year, granted, purse = problem.candidates, list[int](), list[int](), list[float](), 0.0
    left = sorted(order.tolist(), key=lambda j: not who.required[j])
    for phase in phases:
        purse += phase.budget_yuan
        now = _built_now(problem, built, left, purse * (1 + 1e-12) - float(who.cost_yuan[built].sum()))
        built += now
        left = [j for j in left if j not in now]
        year += [phase.year] * len(now)
        granted += [purse] * len(now)
    built, year, granted = built + left, year + [0] * len(left), granted + [purse] * len(left)
    cost = who.cost_yuan[built]
    return pd.DataFrame(
        {
            "year": year,
            "candidate_id": [str(id_) for id_ in who.ids[built]],
            "decided": who.required[built],
            "cost_yuan": cost,
            "spent_yuan": np.cumsum(cost),
            "granted_yuan": granted,
            "relieved_share": _relieved_shares(problem, built),
        },
        columns=list(PHASE_COLUMNS),
    )


def _built_now(problem: SitingProblem, built: list[int], left: list[int], money: float) -> list[int]:
    """Those of `left`, the most useful first, that are built with this money beside what stands already."""
    who = problem.candidates
    now = _in_order(problem, [j for j in left if who.required[j]], money, skip=False)
    rest = [j for j in left if not who.required[j]]
    if len(now) + len(rest) < len(left):
        return now  # the money is saved for what is decided
    money -= float(who.cost_yuan[now].sum())
    by_use = _in_order(problem, rest, money, skip=True)
    if len(by_use) == len(rest) or len(rest) > MOST_WEIGHED:
        return now + by_use
    together = _relieving_most(problem, built + now, rest, money)
    worth_by_use, worth_together = (problem.worth(_relieved(problem, built + now + some)) for some in (by_use, together))
    return now + (together if worth_together > worth_by_use * (1 + 1e-9) else by_use)


def _in_order(problem: SitingProblem, sites: list[int], money: float, *, skip: bool) -> list[int]:
    """One site after another as the money allows; one that is too dear is passed over (`skip`) or waited for."""
    bought = list[int]()
    for j in sites:
        if problem.candidates.cost_yuan[j] <= money:
            bought.append(j)
            money -= float(problem.candidates.cost_yuan[j])
        elif not skip:
            break
    return bought


def _relieving_most(problem: SitingProblem, built: list[int], rest: list[int], money: float) -> list[int]:
    """Those of `rest`, in their order, that together relieve most beside what is built."""
    who = problem.candidates
    keep, stands = who.is_kept.copy(), np.zeros(problem.n_candidates, dtype=bool)
    keep[built + rest] = True
    stands[built] = True
    asked = restricted(problem, keep)
    limits = replace(asked.candidates, required=stands[keep], budget_left=max(money, 0.0), sites_left=np.inf)
    solved = solve(replace(asked, goal="relieve", requirements=(), candidates=limits), "exact", LIMIT_S)
    chosen = set(np.flatnonzero(keep)[solved.opened].tolist())
    return [j for j in rest if j in chosen]


def _relieved_shares(problem: SitingProblem, built: list[int]) -> list[float]:
    """The share of all weighted needs that is relieved when each site of the list stands."""
    whole = float((problem.weight * problem.amount).sum())
    return [problem.worth(_relieved(problem, built[: i + 1])) / whole if whole > 0 else 0.0 for i in range(len(built))]


def _relieved(problem: SitingProblem, built: list[int]) -> NDArray[np.float64]:
    """(n,) relief of each need when these stand; facilities that could be replaced do until one of these takes their plot."""
    who = problem.candidates
    opened = who.is_kept & ~np.isin(who.plot, who.plot[built])
    opened[built] = True
    return problem.relieved(opened)
