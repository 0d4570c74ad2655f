"""Phases: in which year each site of the plan is built, the most useful first, within the money there is by then.

The plan is chosen for the money of all phases together; the phases only say when. What one phase leaves is carried over to the next, so
that a site dearer than one phase can be saved for. Required candidates, already decided, are built before all others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from planner.siting.problem import SitingProblem

PHASE_COLUMNS = ("year", "candidate_id", "decided", "cost_yuan", "spent_yuan", "granted_yuan", "relieved_share")


class Phase(BaseModel):
    """One row of `[[siting.phases]]`: a year and the money that becomes free in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    year: int = Field(ge=1900, le=2200)
    """of building"""
    budget_yuan: float = Field(ge=0)
    """that becomes free in this year; what is left over is carried on"""


def phases_table(problem: SitingProblem, order: NDArray[np.int64], phases: Sequence[Phase]) -> pd.DataFrame:
    """One row per opened candidate in the order of building.

    Parameters
    ----------
    problem
        what was solved
    order
        positions of the opened candidates, the most useful first
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
    who, built, year, granted, spent = problem.candidates, list[int](), list[int](), list[float](), 0.0
    left = sorted(order.tolist(), key=lambda j: not who.required[j])
    purse = 0.0
    for phase in phases:
        purse += phase.budget_yuan
        for j in [*left]:
            if spent + who.cost_yuan[j] <= purse * (1 + 1e-12):
                built.append(j)
                left.remove(j)
                year.append(phase.year)
                granted.append(purse)
                spent += float(who.cost_yuan[j])
            elif who.required[j]:
                break
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


def _relieved_shares(problem: SitingProblem, built: list[int]) -> list[float]:
    """The share of all weighted needs that is relieved when each site of the list stands."""
    whole = float((problem.weight * problem.amount).sum())
    who = problem.candidates
    opened, shares = who.is_kept.copy(), []
    for j in built:
        opened[who.is_kept & (who.plot == who.plot[j])] = False
        opened[j] = True
        shares.append(problem.worth(problem.relieved(opened)) / whole if whole > 0 else 0.0)
    return shares
