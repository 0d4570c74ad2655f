"""The `[siting]` part of a scenario, and the `Choice` that answers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Annotated, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from layers.saying import say
from layers.tables import QUANTITY_NAMES
from planner.rules import one_of
from planner.siting.alternatives import Alternative
from planner.siting.curve import Curve
from planner.siting.phases import PHASE_COLUMNS, Phase


class Siting(BaseModel):
    """The `[siting]` part of a scenario."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    goal: Literal["meet", "relieve", "share", "backup", "mean_minutes", "worst_minutes", "serve", "none"] = "relieve"
    """meet: the cheapest set of sites that meets the mandatory rules, as far as the candidates can; relieve: the most weighted
    shortfall relieved within the budget or the number of sites; none: measure only. For the people of the shown circle: share, the
    cheapest set that brings `target_share` of them inside; backup, the most first and second facilities in reach; mean_minutes and
    worst_minutes, the least mean and the least worst minutes; serve, the most people served within `capacity`"""
    target_share: float = Field(default=0.9, gt=0, le=1)
    """of goal share"""
    beyond_minutes: float | None = Field(default=None, gt=0)
    """what people outside the circle count with in goal mean_minutes; by default twice its minutes"""
    capacity: Annotated[str, one_of(QUANTITY_NAMES, "quantity")] = ""
    """of goal serve, needed there: the column of facilities and candidates that says how many places each has, e.g. beds_total. Each
    person is served once; what does not say serves nobody, and is named"""
    persons_per_place: float = Field(default=1.0, gt=0)
    """of goal serve: people of the circle's base that one place stands for"""
    budget_yuan: float | None = Field(default=None, ge=0)
    """what the opened sites may cost together"""
    max_sites: int | None = Field(default=None, ge=0)
    """so many sites at most, those that are decided already included"""
    rules: tuple[str, ...] = ()
    """full ids of the rules that sites are chosen for; empty: every rule of strength must or target that falls short, and the first
    service circle in minutes, which the page shows"""
    mandatory: tuple[str, ...] = ()
    """full ids that goal "relieve" meets first; goal "meet" takes every chosen rule as mandatory when empty"""
    weights: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """weight of a rule's relief by full id; by default 1. Relief is counted as the share of the rule's whole need: of a
    service-circle rule everybody outside the circle, also where a share of them would do"""
    method: Literal["auto", "exact", "heuristic"] = "auto"
    """auto: heuristic with a proven bound, and exact when the gap is open and the problem small"""
    effort: Literal["usual", "thorough"] = "usual"
    """of the heuristic: thorough searches longer and sharpens the bounds of large covers by more cuts, a minute instead of some seconds"""
    time_limit_s: float = Field(default=20.0, gt=0)
    """a safety net for the exact method and the bound; effort is limited by counted steps and nodes first, so that a choice which does
    not run into this limit is the same on every machine"""
    phases: tuple[Phase, ...] = ()
    """[[siting.phases]] year = 2027, budget_yuan = 6_000_000: the plan is chosen for their money together and split into them"""
    search_areas: int = Field(default=0, ge=0)
    """so many places on reachable streets amid people outside the circle are added to the candidates: where to look for premises, not plots"""
    search_area_cost_yuan: float | None = Field(default=None, ge=0)
    """what a facility in a search area is taken to cost; needed where a budget is to be kept"""
    curve: bool = True
    """whether the curve of budget against shortfall left is worked out"""
    alternatives: int = Field(default=3, ge=0)
    """so many near-best plans are looked for"""
    alternatives_within_share: float = Field(default=0.02, ge=0)
    """how much worse than the plan they may be"""

    @model_validator(mode="after")
    def _phases_agree(self) -> Siting:
        if any(a.year >= b.year for a, b in pairwise(self.phases)):
            raise ValueError(say("phases: write each year once, the first year first"))
        total = sum(phase.budget_yuan for phase in self.phases)
        if self.phases and self.budget_yuan is not None and self.budget_yuan != total:
            raise ValueError(
                say(
                    "budget_yuan is {budget:,.0f}, but the phases add up to {total:,.0f}: leave budget_yuan out",
                    budget=self.budget_yuan,
                    total=total,
                )
            )
        return self

    @model_validator(mode="after")
    def _capacity_is_known(self) -> Siting:
        if self.goal == "serve" and not self.capacity:
            raise ValueError(say("capacity: goal serve needs one of {columns}", columns=QUANTITY_NAMES))
        if self.goal != "serve" and (self.capacity or self.persons_per_place != 1.0):
            raise ValueError(say('capacity and persons_per_place belong to goal serve: leave them out, or set goal = "serve"'))
        return self

    @property
    def limit_yuan(self) -> float | None:
        """The money there is: the budget, or that of all phases together."""
        return sum(phase.budget_yuan for phase in self.phases) if self.phases else self.budget_yuan


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
    objective_unit: Literal["shortfalls", "yuan", "sites", "minutes", "people"] = "shortfalls"
    """of objective and bound"""
    curve: Curve | None = None
    """budget against shortfall left; None when not asked for, or nothing can be relieved"""
    alternatives: tuple[Alternative, ...] = ()
    """near-best plans, the best first"""
    yardstick_closed: tuple[int, ...] = ()
    """facility rows without which needs and relief are counted, since a candidate could replace them: they count as relief where they stay"""
    phases: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({name: [] for name in PHASE_COLUMNS}))
    """columns of `phases.PHASE_COLUMNS`: in which year each site is built; empty without phases"""
    notes: tuple[str, ...] = ()
    """what every output must say of the choice: costs that are missing, rules that could not be judged, limits that bind"""
