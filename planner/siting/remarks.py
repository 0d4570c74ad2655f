"""What must be said of a choice that cannot do all that was asked: which villages stay short, and limits that buy nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from layers.place_names import place_names
from layers.saying import Word, say
from layers.study_area import StudyArea
from planner.rules import Rule
from planner.siting.names import names_of
from planner.siting.problem import SitingProblem

SHOWN = 10
"""places named at most"""


def notes_of(area: StudyArea, rules: Sequence[Rule], problem: SitingProblem, unmet: pd.DataFrame) -> Iterator[str]:
    """The remarks, each a sentence."""
    yield from _mandatory_out_of_reach(area, names_of(rules), problem, unmet)
    yield from _budget_too_small(problem)
    yield from _idle_candidates(problem)
    yield from _search_areas(area)
    yield from _counted_without(problem)


def _mandatory_out_of_reach(area: StudyArea, names: Mapping[str, Word], problem: SitingProblem, unmet: pd.DataFrame) -> Iterator[str]:
    """Mandatory rules that no choice of candidates can meet, with the places that stand in the way."""
    name = place_names(area)
    reach = problem.reach()
    for requirement in problem.requirements:
        if problem.level(requirement, reach) >= requirement.floor:
            continue
        rule_id = problem.rule_ids[requirement.rule]
        rows = unmet[(unmet["rule_id"] == rule_id) & unmet["code"].isin(["out_of_reach", "unreached", "in_part"])]
        places: list[str] = [name.get(unit_id) or unit_id or say("(outside)") for unit_id in dict.fromkeys(rows["unit_id"])]
        shown: str | list[str] = places
        if len(places) > SHOWN:
            shown = say("{names} and {n} more", names=places[:SHOWN], n=len(places) - SHOWN)
        yield say(
            "{rule} cannot be met by any choice of these candidates: {places} ({n} place(s)) stay short; "
            "the rest is met as far as possible. Add candidates within reach of them",
            rule=names[rule_id],
            places=shown,
            n=len(places),
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
        yield say(
            "the budget left, {left:,.0f} yuan, is below the cheapest site that mends anything, {cheapest:,.0f} yuan: raise it, or add cheaper candidates",
            left=who.budget_left,
            cheapest=cheapest,
        )


def _idle_candidates(problem: SitingProblem) -> Iterator[str]:
    """Candidates that mend nothing of what is short: no capacity stated, of another kind, or nobody short in reach."""
    helps = np.zeros(problem.n_candidates, dtype=bool)
    helps[problem.candidate[problem.relief > 0]] = True
    n = int((~helps & ~problem.candidates.is_kept).sum())
    if n and problem.n_needs and len(problem.relief):
        yield say(
            "{n} of {n_all} candidate(s) would mend nothing of what is short: no capacity, another kind, or nobody short near; check their kinds and capacities",
            n=n,
            n_all=int((~problem.candidates.is_kept).sum()),
        )


def _search_areas(area: StudyArea) -> Iterator[str]:
    """Candidates that are no plots."""
    table = area.candidates
    n = int(table["is_search_area"].sum()) if "is_search_area" in table.columns else 0
    if n:
        yield say(
            "{n} candidate(s) are search areas: places to look for premises amid people outside the circle, not plots; "
            "nobody has looked there",
            n=n,
        )


def _counted_without(problem: SitingProblem) -> Iterator[str]:
    """Facilities that could be replaced."""
    who = problem.candidates
    kept = sorted(str(id_).removeprefix("keep ") for id_ in who.ids[who.is_kept])
    if kept:
        yield say(
            "needs and relief are counted without {facilities}, which could be replaced; where they stay, they count as relief",
            facilities=kept,
        )
