"""The `[siting]` part of a scenario, and the `Choice` that answers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field


class Siting(BaseModel):
    """The `[siting]` part of a scenario."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    goal: Literal["meet", "relieve", "none"] = "relieve"
    """meet: the cheapest set of sites that meets the mandatory rules, as far as the candidates can; relieve: the most weighted
    shortfall relieved within the budget or the number of sites; none: measure only"""
    budget_yuan: float | None = Field(default=None, ge=0)
    max_sites: int | None = Field(default=None, ge=0)
    rules: tuple[str, ...] = ()
    """full ids of the rules that sites are chosen for; empty: every rule of strength must or target that falls short"""
    mandatory: tuple[str, ...] = ()
    """full ids that goal "relieve" meets first; goal "meet" takes every chosen rule as mandatory when empty"""
    weights: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """weight of a rule's relief by full id; by default 1. Relief is counted as the share of the rule's whole shortfall"""
    method: Literal["auto", "exact", "heuristic"] = "auto"
    """auto: heuristic with a proven bound, and exact when the gap is open and the problem small"""
    time_limit_s: float = Field(default=20.0, gt=0)
    """a safety net for the exact method and the bound; effort is limited by counted steps and nodes first, so that a choice which does
    not run into this limit is the same on every machine"""


Status = Literal["optimal", "feasible", "time limit", "nothing to do"]


@dataclass(frozen=True, eq=False)
class Choice:
    """The sites chosen, how good the choice provably is, and what was left."""

    opened: tuple[int, ...]
    """candidate rows, ascending"""
    status: Status
    """optimal only when proved; feasible: a heuristic's answer; "time limit": the best found when the time was over"""
    method: str
    objective: float
    """goal relieve: weighted relief [rules' whole shortfalls]; goal meet: cost [yuan], or the number of sites when a cost is missing"""
    bound: float
    """no choice can do better than this; equal to the objective when optimal"""
    gap_share: float
    """|bound - objective| / max(|objective|, 1e-9), 0 when optimal"""
    cost_yuan: float
    claimed: pd.DataFrame
    """rule_id, shortfall_before, relieved, unit: what the solver says its choice mends; held against the second measuring"""
    unmet: pd.DataFrame
    """rule_id, unit_id, amount, unit, reason, code (`reasons.UNMET`): what no candidate can mend, and of
    mandatory rules that are not met all that is left"""
    excluded: pd.DataFrame
    """candidate_id, rule_id ("" when no rule is the cause), reason, code (`eligible.EXCLUDED`): candidates that may not be opened"""
    reasons: pd.DataFrame
    """candidate_id, rule_id, relieved, unit, n_units: what each opened site mends on its own (shared relief is split in the order
    of `order`)"""
    order: tuple[int, ...] = ()
    """opened candidate rows, the most useful per yuan first"""
    next_best: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"candidate_id": [], "next_best_id": [], "next_best_loss": []}))
    """candidate_id, next_best_id, next_best_loss [share of all rules' weighted needs]: see `reasons.next_best`"""
    objective_unit: Literal["shortfalls", "yuan", "sites"] = "shortfalls"
    """of objective and bound"""
    notes: tuple[str, ...] = ()
    """what every output must say of the choice: costs that are missing, rules that could not be judged, limits that bind"""
