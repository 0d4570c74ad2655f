"""What closures would lose, as tables: one row per closure, and rule by rule."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from layers.study_area import StudyArea
from layers.tables import QUANTITIES
from maps.tables.rule_tables import RULE_HEADINGS, titles
from maps.tables.shown import MOMENTS, Heading, ShownTable, both_states, heading_of, in_both_states, table
from planner.assessment import Assessment
from planner.closures import IN_CIRCLE, Closure

_CLOSURE = Heading("closure", "关停编号", "closure")
_NAMES = Heading("closes", "关停设施", "closes", is_list=True)
_INTO = Heading("into", "并入设施", "moves into")
_UNIT = Heading("unit", "缺口单位", "unit of the shortfall", codes="unit")
CIRCLE_TITLES = ("服务圈内人口", "people inside the shown circle")
"""zh and en: stands in place of a rule's title"""
NOTHING_TITLES = ("无任何规则因此变差", "no rule says anything else")
"""zh and en: of a closure that changes nothing"""

CLOSURES = (
    _CLOSURE,
    _NAMES,
    _INTO,
    *(heading_of(column) for column in QUANTITIES),
    *both_states("people_lost", "不再在服务圈内的人口", "people no longer inside the circle", unit="people"),
    *in_both_states(Heading("rules_worse", "变差的规则数", "rules that fall further short", unit="rules", is_count=True)),
)
LOSSES = (
    Heading("state", "状态", "state", codes="state"),
    _CLOSURE,
    _NAMES,
    *RULE_HEADINGS[:3],
    Heading("shortfall_before", "关停前缺口", "short while it stands", unit_column="unit"),
    Heading("shortfall_added", "新增缺口", "short in addition", unit_column="unit"),
    _UNIT,
    Heading("n_units_lost", "由达标变为不达标的单元", "units that pass now and would fail", unit="units", is_count=True),
    Heading("people_lost", "涉及人口", "people concerned", unit="people"),
)


def closure_tables(assessment: Assessment) -> tuple[ShownTable, ...]:
    """Both tables; none where nothing is asked."""
    return (closures(assessment), closure_losses(assessment)) if assessment.closures_asked else ()


def closures(assessment: Assessment) -> ShownTable:
    """One row per closure: what goes with it, and how many people and rules it would cost today and once the plan stands.

    The figures of a state are no data where the plan itself replaces one of the facilities.
    """
    area = assessment.before.area
    rows = [
        {
            "closure": closure.label,
            "closes": _names(area, closure),
            "into": _name(area, closure.into),
            **{column.name: _together(area, closure, column.name) for column in QUANTITIES},
            **{f"{name}_{state}": figure for state, *_ in MOMENTS for name, figure in _of_state(assessment, closure, state).items()},
        }
        for closure in assessment.closures_asked
    ]
    return table("closures", "关停设问", "If these closed", pd.DataFrame(rows, columns=[h.name for h in CLOSURES]), CLOSURES)


def closure_losses(assessment: Assessment) -> ShownTable:
    """What every rule would find short in addition; below 0 where a facility weighs a share down."""
    named = titles(assessment)
    label_of = {closure.label: _names(assessment.before.area, closure) for closure in assessment.closures_asked}
    found = assessment.closures
    said = [_titles(str(rule_id), named) for rule_id in found["rule_id"]]
    frame = found.assign(
        closes=[label_of[str(label)] for label in found["closure"]],
        rule_title=[zh for zh, _ in said],
        rule_title_en=[en for _, en in said],
    )
    return table("closure_losses", "关停的损失", "What the closures would lose", frame, LOSSES)


def _titles(rule_id: str, named: Mapping[tuple[str, str], Mapping[str, str]]) -> tuple[str, str]:
    """What a row of losses speaks of, in Chinese and in English."""
    if rule := named.get((rule_id, "")):
        return rule["rule_title"], rule["rule_title_en"]
    return CIRCLE_TITLES if rule_id == IN_CIRCLE else NOTHING_TITLES


def _of_state(assessment: Assessment, closure: Closure, state: str) -> dict[str, float]:
    """People who leave the circle, and rules that get worse; NaN where the closure is not asked of a state."""
    found = assessment.closures
    mine = found[(found["state"] == state) & (found["closure"] == closure.label)]
    if not len(mine):
        return {"people_lost": float("nan"), "rules_worse": float("nan")}
    of_circle = mine["rule_id"] == IN_CIRCLE
    is_worse = ~of_circle & (mine["rule_id"] != "") & ((mine["shortfall_added"] > 0) | (mine["n_units_lost"] > 0))
    return {"people_lost": float(mine.loc[of_circle, "people_lost"].sum()), "rules_worse": float(is_worse.sum())}


def _together(area: StudyArea, closure: Closure, column: str) -> float:
    """What the closing facilities state of a quantity; NaN where none states it."""
    rows = area.facilities[area.facilities["facility_id"].isin(closure.facilities)]
    return float(rows[column].sum(min_count=1)) if column in rows.columns else float("nan")


def closing_names(area: StudyArea, closure: Closure) -> list[str]:
    """The names of the facilities that close."""
    return [_name(area, id_) for id_ in closure.facilities]


def _names(area: StudyArea, closure: Closure) -> str:
    return "、".join(closing_names(area, closure))


def _name(area: StudyArea, id_: str) -> str:
    """The name of a facility, its id where it has none; "" for none."""
    names = area.facilities.loc[area.facilities["facility_id"] == id_, "name"] if "name" in area.facilities else ()
    return next((str(name) for name in names if name), id_)
