"""What must be said of a choice that cannot do all that was asked: which villages stay short, and limits that buy nothing."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from layers.study_area import StudyArea
from planner.siting.problem import SitingProblem

SHOWN = 10
"""places named at most"""


def notes_of(area: StudyArea, problem: SitingProblem, unmet: pd.DataFrame) -> Iterator[str]:
    """The remarks, each a sentence."""
    yield from _mandatory_out_of_reach(area, problem, unmet)
    yield from _budget_too_small(problem)
    yield from _idle_candidates(problem)
    yield from _search_areas(area)
    yield from _counted_without(problem)


def _mandatory_out_of_reach(area: StudyArea, problem: SitingProblem, unmet: pd.DataFrame) -> Iterator[str]:
    """Mandatory rules that no choice of candidates can meet, with the places that stand in the way."""
    name = dict(zip(area.units["unit_id"], area.units["name"], strict=True))
    reach = problem.reach()
    for requirement in problem.requirements:
        if problem.level(requirement, reach) >= requirement.floor:
            continue
        rule_id = problem.rule_ids[requirement.rule]
        rows = unmet[(unmet["rule_id"] == rule_id) & unmet["code"].isin(["out_of_reach", "in_part"])]
        places = [str(name.get(unit_id, unit_id or "(outside)")) for unit_id in dict.fromkeys(rows["unit_id"])]
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        yield (
            f"{rule_id} cannot be met by any choice of these candidates: {', '.join(places[:SHOWN])}{more} "
            f"({len(places)} place(s)) stay short; the rest is met as far as possible"
        )


def _budget_too_small(problem: SitingProblem) -> Iterator[str]:
    """A budget that does not pay a single useful site."""
    who = problem.candidates
    useful = np.zeros(problem.n_candidates, dtype=bool)
    useful[problem.candidate[problem.relief > 0]] = True
    useful &= ~who.required
    if not useful.any() or not np.isfinite(who.budget_left) or (who.required.any() and who.budget_left == 0):
        return
    cheapest = float(who.price[useful].min())
    if cheapest > who.budget_left * (1 + 1e-9):
        yield f"the budget left, {who.budget_left:,.0f} yuan, is below the cheapest site that mends anything, {cheapest:,.0f} yuan"


def _idle_candidates(problem: SitingProblem) -> Iterator[str]:
    """Candidates that mend nothing of what is short: no capacity stated, of another kind, or nobody short in reach."""
    helps = np.zeros(problem.n_candidates, dtype=bool)
    helps[problem.candidate[problem.relief > 0]] = True
    n = int((~helps & ~problem.candidates.is_kept).sum())
    if n and problem.n_needs and len(problem.relief):
        yield f"{n} of {problem.n_candidates} candidate(s) would mend nothing of what is short: no capacity, another kind, or nobody short near"


def _search_areas(area: StudyArea) -> Iterator[str]:
    """Candidates that are no plots."""
    table = area.candidates
    n = int(table["is_search_area"].sum()) if "is_search_area" in table.columns else 0
    if n:
        yield f"{n} candidate(s) are search areas: places to look for premises amid people outside the circle, not plots; nobody has looked there"


def _counted_without(problem: SitingProblem) -> Iterator[str]:
    """Facilities that could be replaced."""
    who = problem.candidates
    kept = sorted(str(id_).removeprefix("keep ") for id_ in who.ids[who.is_kept])
    if kept:
        yield f"needs and relief are counted without {', '.join(kept)}, which could be replaced; where they stay, they count as relief"
