"""Whom each site of a plan is for, how many of them live in its reach, and how many it gains: each group in a circle of its own.

A site of the shown circle is for those whom the circle counts. Any other is for those whose facilities are of its kind (`group_of`): a
childcare centre for the children under three, who are counted in the circle of all childcare. Figures of different groups are never added up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.kinds import is_of_kind, lineage
from layers.study_area import StudyArea
from planner.circle import Circle, circle_rule
from planner.gains import people_gained
from planner.indicators.figures import group_of
from planner.indicators.reach import ServiceCircleCoverage
from planner.rules import Rule
from planner.siting.actions import CLOSE
from planner.siting.model import Siting
from planner.travel.times import TravelTimes


def people_of_sites(
    area: StudyArea, rules: Sequence[Rule], times: TravelTimes, order: Sequence[int], gained: pd.DataFrame, circle: Circle, siting: Siting
) -> pd.DataFrame:
    """(p,) for_whom, people_in_reach, people_gained of each candidate row of `order`; `gained` is `people_gained` of the shown circle.

    `people_in_reach` are those of the group within the minutes of the site itself, whoever else is near them. Both are NaN where nobody
    counts such sites in a circle (an institution of the county beside a circle of community care), where the group is not known, and
    `people_gained` also where goal `serve` counts places, which only the shown circle has.
    """
    counted = gained[circle.base].notna().to_numpy()
    kinds = [tuple(text.split(";")) for text in area.candidates["kind"].iloc[list(order)]]
    groups = [circle.base if is_counted else group_of(kind) for is_counted, kind in zip(counted, kinds, strict=True)]
    found = pd.DataFrame({"for_whom": groups, "people_in_reach": np.nan, "people_gained": gained[circle.base].to_numpy()})
    for group in dict.fromkeys(groups):
        mine = np.array([g == group for g in groups]) & (counted if group == circle.base else ~counted)
        if group not in area.bases or not mine.any():
            continue
        tops = {lineage(part)[-1] for row in np.flatnonzero(mine) for part in kinds[row]}
        own = circle if group == circle.base else circle_of(group, sorted(tops), rules, circle, times)
        found.loc[mine, "people_in_reach"] = _in_reach(area, times, np.array(order)[mine], own)
        if group != circle.base and siting.goal != "serve":
            found.loc[mine, "people_gained"] = people_gained(area, times, order, own, siting)[group].to_numpy()[mine]
    return found


def circle_of(group: str, kinds: Sequence[str], rules: Sequence[Rule], shown: Circle, times: TravelTimes) -> Circle:
    """The circle of a group beside the shown one: minutes and pace of the first rule that asks for one, else those of the shown circle."""
    of_group = [rule for rule in rules if isinstance(rule, ServiceCircleCoverage) and rule.weight == group]
    fit = [rule for rule in of_group if rule.profile in times.by_profile and all(is_of_kind(kind, kinds) for kind in rule.facilities)]
    if rule := circle_rule(fit):
        return Circle(kinds=rule.facilities, base=group, minutes=rule.max_minutes, profile=rule.profile)
    return shown.model_copy(update={"kinds": tuple(kinds), "base": group})


def _in_reach(area: StudyArea, times: TravelTimes, rows: NDArray[np.int64], circle: Circle) -> list[float]:
    """People of the circle's base within its minutes of each candidate of `rows`; NaN for one that only closes."""
    arcs = times.by_profile[circle.profile].within(circle.minutes or 0.0, np.ones(len(area.site_xy_m), dtype=bool))
    people = area.demand[circle.base].fillna(0.0).to_numpy()[arcs.demand_row]
    by_site = np.bincount(arcs.site_row, weights=people, minlength=arcs.n_sites)
    actions = area.candidates["action"] if "action" in area.candidates.columns else pd.Series("", index=area.candidates.index)
    return [np.nan if actions.iloc[row] == CLOSE else float(by_site[area.n_facilities + row]) for row in rows]
