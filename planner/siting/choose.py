"""Sites are chosen: who may be opened, what is short, how far the mandatory rules can be met, the goal, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from layers.study_area import StudyArea
from planner.rules import Rule
from planner.siting.build import build_problem
from planner.siting.eligible import Eligible, eligible
from planner.siting.model import Choice, Siting, Status
from planner.siting.problem import SitingProblem
from planner.siting.reasons import claimed_table, most_useful_first, next_best, reasons_table, unmet_table
from planner.siting.solve import Solved, solve
from planner.travel.times import TravelTimes

PRICE_OPEN = "everything that the candidates can relieve is relieved; that no cheaper set does so is not proved"
"""said of a choice without limits whose relief is at its bound and whose price is not"""


def choose_sites(area: StudyArea, rules: Sequence[Rule], times: TravelTimes, siting: Siting) -> Choice:
    """The candidates to open for the goal of `siting`, with a proven bound; `rules` are base rules, site rules among them.

    `ValueError` for rule ids that are not there; `LayerFaultsError` where required candidates contradict each other.
    """
    if siting.goal == "none":
        rules, siting = (), Siting(goal="none")
    who = eligible(area, rules, siting)
    problem = build_problem(area, rules, times, siting, who.candidates)
    if not len(problem.relief) and not who.candidates.required.any():
        return _report(problem, who, Solved(np.zeros(problem.n_candidates, dtype=bool), 0.0, 0.0, "feasible", "none", ()), "nothing to do")
    solved = solve(problem, siting.method, siting.time_limit_s)
    return _report(problem, who, solved, solved.status)


def _report(problem: SitingProblem, who: Eligible, solved: Solved, status: Status) -> Choice:
    """The tables that stand beside the chosen candidates."""
    opened, candidates = solved.opened, problem.candidates
    relieved = problem.relieved(opened)
    order = most_useful_first(problem, opened)
    choice = Choice(
        opened=tuple(sorted(int(row) for row in candidates.row[opened])),
        status=status,
        method=solved.method,
        objective=solved.objective,
        bound=solved.bound,
        gap_share=abs(solved.bound - solved.objective) / max(abs(solved.objective), 1e-9),
        cost_yuan=float(candidates.cost_yuan[opened].sum()),
        claimed=claimed_table(problem, relieved),
        unmet=unmet_table(problem, relieved),
        excluded=who.excluded,
        reasons=reasons_table(problem, order),
        order=tuple(int(row) for row in candidates.row[order]),
        objective_unit="shortfalls" if problem.goal == "relieve" else candidates.price_unit,
        notes=(*who.notes, *([PRICE_OPEN] if status == "feasible" and solved.bound == solved.objective else [])),
    )
    return replace(choice, next_best=next_best(problem, choice))
