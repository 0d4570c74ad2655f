"""What is lost if a facility closes, or several at once: rule by rule, and the people who are reached no longer.

Each question is answered by measuring the place again with the facility shut, so the losses are those that every rule would find. What
several facilities together carry is lost only when all of them close: ask for them together, the sum of single closures does not tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.study_area import StudyArea
from layers.tables import QUANTITY_NAMES
from planner.circle import Circle
from planner.measures import open_of_kind
from planner.rules import Rule
from planner.travel.times import TravelTimes

CLOSURE_COLUMNS: dict[str, str] = {
    "facility_id": "the facility that closes; several closed together parted by ';'",
    "rule_id": "a rule, or 'circle' for the people of the shown circle",
    "shortfall_before": "what is short today, over all units, in `unit`; NaN where no unit has data",
    "shortfall_added": ">= 0 for most rules; below 0 where the facility weighed a share down",
    "unit": "of the shortfalls",
    "n_units_lost": "units that pass today and fail without the facility",
    "people_lost": "people of these units; for the circle: people reached no longer",
}
"""One row per closure and rule that gets worse or better; a closure that changes nothing has one row with rule_id ''."""


def with_closed(area: StudyArea, facility_rows: Sequence[int]) -> StudyArea:
    """This place with some facilities closed; their rows stay, so that travel times stay valid."""
    status = area.facilities["status"].to_numpy(dtype=object, copy=True)
    status[list(facility_rows)] = "closed"
    return replace(area, facilities=area.facilities.assign(status=status))


def closure_losses(
    area: StudyArea, rules: Sequence[Rule], times: TravelTimes, facility_rows: Sequence[int | Sequence[int]], circle: Circle | None = None
) -> pd.DataFrame:
    """What each closure would cost: one after another, each from the place as it is; a sequence of rows closes them together.

    `rules` are measured as they are given (base rules or readings); `circle`, completed, adds the people of the shown circle. Returns the
    columns of `CLOSURE_COLUMNS`, in the order of the closures and of the rules.
    """
    closures = [(rows,) if isinstance(rows, int | np.integer) else tuple(rows) for rows in facility_rows]
    before = {rule.full_id: rule.measure(area, times) for rule in rules}
    return _table([row for rows in closures for row in _losses(area, rules, times, rows, before, circle)])


def merge_losses(
    area: StudyArea, rules: Sequence[Rule], times: TravelTimes, *, closed_row: int, into_row: int, circle: Circle | None = None
) -> pd.DataFrame:
    """What a merger would cost: one facility closes, and what it has (land, floor, beds, places ...) the other has in addition.

    The same columns as `closure_losses`. What the closing one does not state it does not bring along.
    """
    table = with_closed(area, (closed_row,)).facilities.copy()
    for name in (name for name in QUANTITY_NAMES if name in table.columns):
        brought = float(table[name].iloc[closed_row])
        table.loc[into_row, name] += 0.0 if np.isnan(brought) else brought
    ids = area.facilities["facility_id"]
    before = {rule.full_id: rule.measure(area, times) for rule in rules}
    merged = replace(area, facilities=table)
    return _table(_compared(area, merged, rules, times, f"{ids.iloc[closed_row]}>{ids.iloc[into_row]}", before, circle))


_Row = tuple[str, str, float, float, str, int, float]


def _losses(
    area: StudyArea, rules: Sequence[Rule], times: TravelTimes, rows: Sequence[int], before: dict[str, pd.DataFrame], circle: Circle | None
) -> list[_Row]:
    """The rows of one closure."""
    label = ";".join(str(id_) for id_ in area.facilities["facility_id"].iloc[list(rows)])
    return _compared(area, with_closed(area, rows), rules, times, label, before, circle)


def _compared(
    area: StudyArea,
    shut: StudyArea,
    rules: Sequence[Rule],
    times: TravelTimes,
    label: str,
    before: dict[str, pd.DataFrame],
    circle: Circle | None,
) -> list[_Row]:
    """One row per rule that says something else of the place after, and one for the people of the circle."""
    found = [row for rule in rules if (row := _of_rule(label, rule, before[rule.full_id], rule.measure(shut, times))) is not None]
    if circle is not None and (row := _of_circle(label, area, shut, times, circle)) is not None:
        found.append(row)
    return found or [(label, "", 0.0, 0.0, "", 0, 0.0)]


def _of_rule(label: str, rule: Rule, was: pd.DataFrame, is_now: pd.DataFrame) -> _Row | None:
    """What one rule finds short in addition; None where nothing changes."""
    both = was.merge(is_now, on="unit_id", suffixes=("", "_after"))
    added = both["shortfall_after"] - both["shortfall"]
    lost = both[(both["verdict"] == "pass") & (both["verdict_after"] == "fail")]
    if not len(lost) and not (added.abs() > LEAST).any():
        return None
    unit = str(both["shortfall_unit"].iloc[0])
    short = float(was["shortfall"].sum(min_count=1))
    return (label, rule.full_id, short, float(added.sum()), unit, len(lost), float(lost["people"].sum()))


def _of_circle(label: str, area: StudyArea, shut: StudyArea, times: TravelTimes, circle: Circle) -> _Row | None:
    """People of the circle's base who are within its minutes of an open facility now, and not after; None where there is nobody."""
    people = area.demand[circle.base].fillna(0.0).to_numpy()
    reached = [np.isfinite(_minutes(state, times, circle)) for state in (area, shut)]
    lost = float(people[reached[0] & ~reached[1]].sum())
    if lost <= 0:
        return None
    return (label, "circle", float(people[~reached[0]].sum()), lost, "people", 0, lost)


def _minutes(area: StudyArea, times: TravelTimes, circle: Circle) -> NDArray[np.float64]:
    """(d,) minutes to the nearest open facility of the circle, inf beyond."""
    sites = np.zeros(len(area.site_xy_m), dtype=bool)
    sites[: area.n_facilities] = open_of_kind(area.facilities, circle.kinds)
    return times.nearest(circle.profile, circle.minutes or 0.0, sites)[0]


def _table(rows: list[_Row]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(CLOSURE_COLUMNS))


LEAST = 1e-9
"""smaller changes are rounding"""
