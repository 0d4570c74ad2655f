"""From the rules of a place to a `SitingProblem`: needs of all chosen rules one after another, relief arcs, weights and requirements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.study_area import StudyArea
from planner.circle import circle_rule
from planner.relief import NEED_COLUMNS, Relief
from planner.rules import Rule
from planner.siting.model import Siting
from planner.siting.problem import Candidates, Requirement, SitingProblem
from planner.travel.times import TravelTimes


def build_problem(
    area: StudyArea,
    rules: Sequence[Rule],
    times: TravelTimes,
    siting: Siting,
    candidates: Candidates,
    extra: Mapping[str, Relief] | None = None,
) -> SitingProblem:
    """What the chosen rules find short and what the candidates would mend of it. `ValueError` for a rule id that is not there.

    With a goal on the shown circle, `extra` holds what it finds short, the mandatory rules are met first, and nothing else has weight.
    """
    rules_only = siting.goal in ("meet", "relieve")
    chosen = chosen_rules(rules, siting, mandatory_only=not rules_only)
    reliefs = {rule.full_id: relief for rule in chosen if (relief := rule.relief(area, times)) is not None and len(relief.needs)}
    mandatory = siting.mandatory or (tuple(reliefs) if siting.goal == "meet" else ())
    weight_of = {rule_id: siting.weights.get(rule_id, 1.0) if rules_only else 0.0 for rule_id in reliefs} | dict.fromkeys(extra or {}, 1.0)
    reliefs |= extra or {}
    if siting.goal in ("share", "worst_minutes"):
        mandatory = (*mandatory, *(extra or {}))
    position = np.full(len(area.candidates), -1, dtype=np.int32)
    position[candidates.row] = np.arange(len(candidates.row), dtype=np.int32)

    parts = [_Part(relief, position) for relief in reliefs.values()]
    whole = [float(part.needs["amount"].sum()) for part in parts]
    weights = [weight_of[rule_id] / total for rule_id, total in zip(reliefs, whole, strict=True)]
    sizes = [len(part.needs) for part in parts]
    needs = pd.concat([part.needs for part in parts], ignore_index=True) if parts else pd.DataFrame(columns=list(NEED_COLUMNS))
    return SitingProblem(
        goal="meet" if siting.goal in ("meet", "share", "worst_minutes") else "relieve",
        candidates=candidates,
        rule_ids=tuple(reliefs),
        needs=needs,
        rule=np.repeat(np.arange(len(parts), dtype=np.int32), sizes),
        amount=needs["amount"].to_numpy(dtype=float),
        weight=np.repeat(np.array(weights, dtype=float), sizes),
        count=np.ones(len(needs)),
        start=np.concatenate([[0], *[part.n_arcs for part in parts]]).cumsum().astype(np.int64),
        candidate=np.concatenate([np.zeros(0, dtype=np.int32), *[part.candidate for part in parts]]),
        relief=np.concatenate([np.zeros(0), *[part.amount for part in parts]]),
        requirements=tuple(
            Requirement(at, relief.at_least, relief.counted) for at, (rule_id, relief) in enumerate(reliefs.items()) if rule_id in mandatory
        ),
    )


def chosen_rules(rules: Sequence[Rule], siting: Siting, *, mandatory_only: bool = False) -> list[Rule]:
    """The rules that sites are chosen for, in the order given: those named, or every must and target and the one whose circle is shown;
    the mandatory ones always."""
    known = {rule.full_id for rule in rules}
    unknown = sorted({*siting.rules, *siting.mandatory, *siting.weights} - known)
    if unknown:
        raise ValueError(f"siting: no rule is called {', '.join(unknown)}. Known: {', '.join(sorted(known))}.")
    named = {*siting.mandatory} if mandatory_only else {*siting.rules, *siting.mandatory}
    if not siting.rules and not mandatory_only:
        shown = circle_rule(rules)
        named |= {rule.full_id for rule in rules if rule.strength in ("must", "target") or rule is shown}
    return [rule for rule in rules if rule.full_id in named and not rule.reading_id]


class _Part:
    """One rule's needs in the order of their places, and its arcs to the candidates that may be opened."""

    def __init__(self, relief: Relief, position: NDArray[np.int32]) -> None:
        needs = relief.needs.reset_index(drop=True)
        order = needs.sort_values(["place_id", "unit_id"], kind="stable").index.to_numpy()
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        self.needs = needs.loc[order, list(NEED_COLUMNS)].reset_index(drop=True)
        candidate = position[relief.candidate_row]
        keep = (candidate >= 0) & (relief.amount != 0)
        need, candidate, amount = rank[relief.need_row[keep]], candidate[keep], relief.amount[keep]
        by_need = np.lexsort((candidate, need))
        self.n_arcs = np.bincount(need, minlength=len(order))
        self.candidate = candidate[by_need]
        self.amount = amount[by_need].astype(float)
