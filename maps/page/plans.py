"""What the page says of each proposal beside its reasons, and of the plans beside the plan: years, groups of people, money, near-best plans."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from maps.numbers import shown, shown_yuan
from maps.page.island import Json, in_both
from maps.tables.plan_tables import actions, phase_of
from planner.assessment import Assessment
from planner.siting.alternatives import Alternative


def proposal_details(assessment: Assessment) -> list[Json]:
    """For every proposal in the order of the list: action, year of building, people gained by group, people per 10,000 yuan."""
    year, action = phase_of(assessment), actions(assessment)
    groups = [str(column) for column in assessment.proposals.columns if str(column).startswith("gained_")]
    rows = assessment.proposals.to_dict("records")
    return [
        {
            "action": action.get(str(row["candidate_id"]), ""),
            "year": year.get(str(row["candidate_id"])),
            "groups": [[name.removeprefix("gained_"), shown(_number(row[name]), "people")] for name in groups if pd.notna(row[name])],
            "per_10k_yuan": shown(_number(row.get("people_per_10k_yuan"))),
        }
        for row in rows
    ]


def alternatives(assessment: Assessment) -> list[Json]:
    """Near-best plans, the best first: the candidate rows they open, and what they cost, lose, add and drop."""
    return [_alternative(assessment, other) for other in assessment.choice.alternatives]


def _alternative(assessment: Assessment, other: Alternative) -> Json:
    table = assessment.before.area.candidates
    names = dict(zip(table["candidate_id"].astype(str), table["name"].astype(str), strict=True))
    added, dropped = ([names.get(id_) or id_ for id_ in ids] for ids in (other.added, other.dropped))
    return {
        "rows": list(other.opened),
        "cost": {language: list(shown_yuan(other.cost_yuan, language)) for language in ("zh", "en")},
        "loss": shown(100 * other.loss_share, "%"),
        "added": added,
        "dropped": dropped,
    }


def curve(assessment: Assessment) -> Json:
    """The curve of cost against needs relieved: points of both readings as numbers and as digits; None without one."""
    found = assessment.choice.curve
    if found is None:
        return None
    table = assessment.before.area.candidates
    names = dict(zip(table["candidate_id"].astype(str), table["name"].astype(str), strict=True))
    return {
        "unit": found.unit,
        "knee": found.knee_step,
        "aside": in_both(found.aside) if found.aside else None,
        "required": np.flatnonzero(table["role"] == "required").tolist() if "role" in table.columns else [],
        "rules": _weighed(assessment),
        "steps": [
            {**_spent(found.unit, row.cost), **_share(row.relieved_share), "name": names.get(str(row.candidate_id), "")}
            for row in found.steps.itertuples()
        ],
        "points": [
            {
                **_spent(found.unit, row.cost),
                **_share(row.relieved_share),
                "budget": _digits(found.unit, _number(row.budget)),
                "n_sites": shown(_number(row.n_sites), "sites"),
                "bound": None if math.isnan(_number(row.bound_share)) else _number(row.bound_share),
                "bound_digits": shown(100 * _number(row.bound_share), "%"),
            }
            for row in found.points.itertuples()
        ],
    }


def _weighed(assessment: Assessment) -> Json:
    """The rules whose needs the curve speaks of, what is short of each, and its weight, so that the page can say where any set of sites lies
    on it; None for goals on the circle, and where a facility could be replaced: needs are then counted without it."""
    choice, siting = assessment.choice, assessment.siting
    position = {rule.full_id: i for i, rule in enumerate(assessment.rules)}
    if choice.yardstick_closed or not set(choice.claimed["rule_id"]) <= set(position):
        return None
    return [
        {"rule": position[str(row.rule_id)], "short": _number(row.shortfall_before), "weight": siting.weights.get(str(row.rule_id), 1.0)}
        for row in choice.claimed.itertuples()
    ]


def _spent(unit: str, cost: object) -> dict[str, Json]:
    return {"cost": _number(cost), "cost_digits": _digits(unit, _number(cost))}


def _share(share: object) -> dict[str, Json]:
    return {"share": _number(share), "share_digits": shown(100 * _number(share), "%")}


def _digits(unit: str, value: float) -> dict[str, Json]:
    """A cost of the curve in both languages: money, or a number of sites."""
    if unit == "yuan":
        return {language: list(shown_yuan(value, language)) for language in ("zh", "en")}
    return {language: [shown(value, "sites"), "sites"] for language in ("zh", "en")}


def _number(value: object) -> float:
    """A figure of a table; NaN where there is none."""
    return math.nan if value is None or value is pd.NA else float(np.float64(value))  # type: ignore[arg-type]  # a column of numbers
