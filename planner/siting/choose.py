"""Sites are chosen: who may be opened, what is short, how far the mandatory rules can be met, the goal, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.saying import say
from layers.study_area import StudyArea
from planner.circle import Circle
from planner.rules import Rule
from planner.siting import serve
from planner.siting.actions import staged
from planner.siting.alternatives import near_best
from planner.siting.answer import Answer, answer, is_idle
from planner.siting.curve import curve_of
from planner.siting.eligible import Eligible, eligible
from planner.siting.model import Choice, Siting, Status
from planner.siting.phases import phases_table
from planner.siting.reasons import claimed_table, most_useful_first, next_best, reasons_table, unmet_table
from planner.siting.remarks import notes_of
from planner.siting.seats import plans
from planner.travel.times import TravelTimes

PRICE_OPEN = say("everything that the candidates can relieve is relieved; that no cheaper set does so is not proved")
"""said of a choice without limits whose relief is at its bound and whose price is not"""

NOT_EVERYBODY = say("within the limits not everybody who could be reached is reached: the sites reach as many as they can")
"""said of the worst minutes where they have no end"""


def choose_sites(area: StudyArea, rules: Sequence[Rule], times: TravelTimes, siting: Siting, circle: Circle | None = None) -> Choice:
    """The candidates to open for the goal of `siting`, with a proven bound; `rules` are base rules, site rules among them.

    `circle` (completed) is what the goals on people look at. `ValueError` for rule ids that are not there; `LayerFaultsError` where
    required candidates contradict each other, or the table of candidates holds what cannot be.
    """
    if siting.goal == "none":
        rules, siting = (), Siting(goal="none")
    stage = staged(area, times)
    who = eligible(stage.area, rules, siting)
    found = answer(stage.area, rules, stage.times, siting, who.candidates, circle)
    return replace(_report(stage.area, rules, who, found, siting), yardstick_closed=stage.replaced)


def _report(area: StudyArea, rules: Sequence[Rule], who: Eligible, found: Answer, siting: Siting) -> Choice:
    """The tables that stand beside the chosen candidates."""
    problem, solved = found.problem, found.solved
    opened, candidates = solved.opened, problem.candidates
    relieved = problem.relieved(opened)
    order = most_useful_first(problem, opened)
    status: Status = "nothing to do" if is_idle(problem) else solved.status
    unmet = _unmet(found, relieved)
    is_open = status == "feasible" and found.bound == found.objective and found.unit == "shortfalls"
    is_endless = found.unit == "minutes" and np.isinf(found.objective)
    choice = Choice(
        opened=tuple(sorted(int(row) for row in candidates.row[opened & ~candidates.is_kept])),
        status=status,
        method=solved.method,
        objective=found.objective,
        bound=found.bound,
        gap_share=_gap_share(found),
        cost_yuan=float(candidates.cost_yuan[opened].sum()),
        claimed=claimed_table(problem, relieved),
        unmet=unmet,
        excluded=who.excluded,
        reasons=reasons_table(problem, order),
        order=tuple(int(row) for row in candidates.row[order]),
        objective_unit=found.unit,
        notes=(
            *who.notes,
            *found.notes,
            *notes_of(area, rules, problem, unmet),
            *([PRICE_OPEN] if is_open else []),
            *([NOT_EVERYBODY] if is_endless else []),
        ),
        phases=phases_table(problem, order, siting.phases),
    )
    stand_in = next_best(problem, opened) if found.next_best is None else found.next_best
    choice = replace(choice, next_best=stand_in)
    return choice if status == "nothing to do" else _with_others(found, choice, siting)


def _unmet(found: Answer, relieved: NDArray[np.float64]) -> pd.DataFrame:
    """What stays short; of a goal under capacities what it says itself."""
    table = unmet_table(found.problem, relieved)
    if found.overflow is None:
        return table
    of_rules = table[table["rule_id"] != serve.GOAL]
    return pd.concat([of_rules, found.overflow], ignore_index=True) if len(of_rules) else found.overflow


def _with_others(found: Answer, choice: Choice, siting: Siting) -> Choice:
    """The choice with the plans beside it: those of other budgets, and those that are nearly as good."""
    problem, opened, seats = found.problem, found.solved.opened, found.seats
    loss_of = dict(zip(choice.next_best["candidate_id"], choice.next_best["next_best_loss"], strict=True))
    loss = np.array([loss_of.get(str(id_), 0.0) for id_ in problem.candidates.ids])
    sought = plans.near(seats, opened) if seats else None
    others = near_best(problem, opened, loss, n=siting.alternatives, within_share=siting.alternatives_within_share, sought=sought)
    if not siting.curve:
        return replace(choice, alternatives=others)
    curve = plans.curve_of(seats, opened) if seats else curve_of(problem, opened)
    notes = (*choice.notes, *([curve.aside] if curve and curve.aside else []))
    return replace(choice, alternatives=others, curve=curve, notes=notes)


def _gap_share(found: Answer) -> float:
    """How far the bound is from the objective; 0 where both are infinite."""
    if found.bound == found.objective:
        return 0.0
    return abs(found.bound - found.objective) / max(abs(found.objective), 1e-9)
