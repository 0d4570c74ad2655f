"""What is lost if a facility closes, or several at once: rule by rule, and the people who are reached no longer.

Each question is answered by measuring the place again with the facility shut, so the losses are those that every rule would find. What
several facilities together carry is lost only when all of them close: ask for them together, the sum of single closures does not tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from layers.saying import say
from layers.study_area import StudyArea
from layers.tables import QUANTITY_NAMES
from planner.circle import Circle
from planner.measures import OPEN_STATUSES, open_of_kind
from planner.rules import Rule
from planner.travel.times import TravelTimes

CLOSURE_COLUMNS: dict[str, str] = {
    "closure": "the facilities that close, as `Closure.label` writes them",
    "rule_id": "a rule, or 'circle' for the people of the shown circle",
    "shortfall_before": "what is short while it stands, over all units, in `unit`; NaN where no unit has data",
    "shortfall_added": ">= 0 for most rules; below 0 where the facility weighed a share down",
    "unit": "of the shortfalls",
    "n_units_lost": "units that pass while it stands and fail without it",
    "people_lost": "people of these units; for the circle: people reached no longer",
}
"""One row per closure and rule that gets worse or better; a closure that changes nothing has one row with rule_id ''."""
IN_CIRCLE = "circle"
"""stands for a rule where the people of the shown circle are meant"""


class Closure(BaseModel):
    """One row of `[[closures]]`: what would be lost if this closed? Nothing is closed by asking."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    facilities: tuple[str, ...] = Field(min_length=1)
    """facility ids; several of them close together"""
    into: str = ""
    """facility id of the one that takes over what they have (land, floor, beds, places ...), a merger; empty: nobody does"""

    @model_validator(mode="after")
    def _each_once(self) -> Closure:
        named = [*self.facilities, *([self.into] if self.into else [])]
        if len(set(named)) < len(named):
            raise ValueError(say("name each facility once: what closes cannot take over from itself"))
        return self

    @property
    def label(self) -> str:
        """`f1;f2` for two that close together, `f1>f3` for one that moves into another."""
        return ";".join(self.facilities) + (f">{self.into}" if self.into else "")


def with_closed(area: StudyArea, facility_rows: Sequence[int]) -> StudyArea:
    """This place with some facilities closed; their rows stay, so that travel times stay valid."""
    status = area.facilities["status"].to_numpy(dtype=object, copy=True)
    status[list(facility_rows)] = "closed"
    return replace(area, facilities=area.facilities.assign(status=status))


def without(area: StudyArea, closure: Closure) -> StudyArea:
    """The place after a closure; of a merger the one that stays has in addition what the others state. What they do not state they do
    not bring along."""
    row_of = {str(id_): row for row, id_ in enumerate(area.facilities["facility_id"])}
    rows = [row_of[id_] for id_ in closure.facilities]
    shut = with_closed(area, rows)
    if not closure.into:
        return shut
    table = shut.facilities.copy()
    for name in (name for name in QUANTITY_NAMES if name in table.columns):
        table.loc[row_of[closure.into], name] += float(table[name].iloc[rows].sum())
    return replace(shut, facilities=table)


def closure_losses(
    area: StudyArea, rules: Sequence[Rule], times: TravelTimes, closures: Sequence[Closure], circle: Circle | None = None
) -> pd.DataFrame:
    """What each closure would cost, each from the place as it is.

    `rules` are measured as they are given, each id once; `circle`, completed, adds the people of the shown circle. Returns the columns of
    `CLOSURE_COLUMNS`, in the order of the closures and of the rules.
    """
    before = _State(area, times, {rule.full_id: rule.measure(area, times) for rule in rules} if closures else {}, circle)
    return pd.DataFrame([row for closure in closures for row in _losses(before, rules, closure)], columns=list(CLOSURE_COLUMNS))


def named_wrongly(area: StudyArea, closures: Sequence[Closure]) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """What the closures name and cannot be closed: (keys in the scenario, what is wrong, how to mend it)."""
    for number, closure in enumerate(closures):
        for place, id_ in enumerate(closure.facilities):
            if fault := _fault(area, id_):
                yield ("closures", number, "facilities", place), *fault
        if closure.into and (fault := _fault(area, closure.into)):
            yield ("closures", number, "into"), *fault


_Row = tuple[str, str, float, float, str, int, float]


@dataclass(frozen=True, eq=False)
class _State:
    """The place while everything stands, and what the rules find of it."""

    area: StudyArea
    times: TravelTimes
    measured: dict[str, pd.DataFrame]
    circle: Circle | None


def _losses(before: _State, rules: Sequence[Rule], closure: Closure) -> list[_Row]:
    """One row per rule that says something else of the place after, and one for the people of the circle."""
    shut = without(before.area, closure)
    after = ((rule, rule.measure(shut, before.times)) for rule in rules)
    found = [row for rule, table in after if (row := _of_rule(closure.label, rule, before.measured[rule.full_id], table)) is not None]
    if before.circle is not None and (row := _of_circle(closure.label, before, shut, before.circle)) is not None:
        found.append(row)
    return found or [(closure.label, "", 0.0, 0.0, "", 0, 0.0)]


def _of_rule(label: str, rule: Rule, was: pd.DataFrame, is_now: pd.DataFrame) -> _Row | None:
    """What one rule finds short in addition; None where nothing changes."""
    both = was.merge(is_now, on="unit_id", suffixes=("", "_after"))
    added = both["shortfall_after"] - both["shortfall"]
    lost = both[(both["verdict"] == "pass") & (both["verdict_after"] == "fail")]
    if not len(lost) and not (added.abs() > LEAST).any():
        return None
    unit = str(both["shortfall_unit"].iloc[0])
    short = float(was["shortfall"].sum(min_count=1))
    return (label, rule.full_id, short, float(added.sum()), unit, len(lost), float(lost["people"].sum(skipna=False)))


def _of_circle(label: str, before: _State, shut: StudyArea, circle: Circle) -> _Row | None:
    """People of the circle's base who are within its minutes of an open facility now, and not after; None where there is nobody."""
    people = before.area.demand[circle.base].fillna(0.0).to_numpy()
    reached = [np.isfinite(_minutes(state, before.times, circle)) for state in (before.area, shut)]
    lost = float(people[reached[0] & ~reached[1]].sum())
    if lost <= 0:
        return None
    return (label, IN_CIRCLE, float(people[~reached[0]].sum()), lost, "people", 0, lost)


def _minutes(area: StudyArea, times: TravelTimes, circle: Circle) -> NDArray[np.float64]:
    """(d,) minutes to the nearest open facility of the circle, inf beyond."""
    sites = np.zeros(len(area.site_xy_m), dtype=bool)
    sites[: area.n_facilities] = open_of_kind(area.facilities, circle.kinds)
    return times.nearest(circle.profile, circle.minutes or 0.0, sites)[0]


def _fault(area: StudyArea, id_: str) -> tuple[str, str] | None:
    """Why a facility cannot close or take over, and how to mend it; None where it can."""
    table = area.facilities
    found = table[table["facility_id"] == id_]
    if len(found):
        status = str(found["status"].iloc[0])
        if status in OPEN_STATUSES:
            return None
        return say("facility {id} is not open ({status})", id=id_, status=status), say("Ask about facilities that are open.")
    if (area.candidates["candidate_id"] == id_).any():
        return say("{id} is a candidate, not a facility: what is not built cannot close", id=id_), say("Name a facility that stands.")
    return say("there is no facility {id}", id=id_), _meant(table, id_)


def _meant(table: pd.DataFrame, id_: str) -> str:
    """What may have been meant: the id of a facility of this name, or the nearest id."""
    of_name = table.loc[table["name"] == id_, "facility_id"] if "name" in table.columns else table["facility_id"].iloc[:0]
    near = [str(i) for i in of_name] or get_close_matches(id_, [str(i) for i in table["facility_id"]], n=1)
    return say("Did you mean {near}?", near=", ".join(near)) if near else say("Write a facility_id of the table of facilities.")


LEAST = 1e-9
"""smaller changes are rounding"""
