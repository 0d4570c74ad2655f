"""The proposals: the opened candidates, best first, each with what it mends, whom it reaches and what else could stand in for it."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.kinds import rows_of_kind
from layers.study_area import StudyArea
from planner.circle import Circle
from planner.measures import open_of_kind
from planner.rules import Rule
from planner.siting.model import Choice
from planner.travel.times import TravelTimes


def proposals_of(area: StudyArea, rules: Sequence[Rule], times: TravelTimes, choice: Choice, circle: Circle) -> gpd.GeoDataFrame:
    """One row per opened candidate in the order of `choice.order`; columns as `Assessment.proposals` lists them.

    `people_gained` are the people of the circle's base whom this site brings within the circle and whom neither an open facility nor a
    proposal before it in the list reaches, so that the column adds up to the gain of the whole plan.
    """
    order = list(choice.order)
    table = area.candidates.iloc[order].reset_index(drop=True)
    table["people_gained"] = _people_gained(area, times, order, circle)
    why = [_reasons(rules, choice.reasons[choice.reasons["candidate_id"] == id_]) for id_ in table["candidate_id"]]
    table["reason_zh"] = [zh for zh, _ in why]
    table["reason_en"] = [en for _, en in why]
    table = table.merge(choice.next_best, on="candidate_id", how="left", validate="one_to_one")
    table["next_best_id"] = table["next_best_id"].fillna("")
    return gpd.GeoDataFrame(table, geometry="geometry", crs=area.crs)


def _people_gained(area: StudyArea, times: TravelTimes, order: Sequence[int], circle: Circle) -> NDArray[np.float64]:
    """(p,) people newly reached by each site, in the given order."""
    limit = circle.minutes or 0.0
    every_site = np.ones(len(area.site_xy_m), dtype=bool)
    arcs = times.by_profile[circle.profile].within(limit, every_site)
    standing = np.flatnonzero(open_of_kind(area.facilities, circle.kinds))
    reached = np.zeros(len(area.demand), dtype=bool)
    reached[arcs.demand_row[np.isin(arcs.site_row, standing)]] = True
    people = area.demand[circle.base].fillna(0.0).to_numpy()
    counts = rows_of_kind(area.candidates["kind"], circle.kinds)
    gained = np.zeros(len(order))
    for place, row in enumerate(order):
        if counts[row]:
            new = arcs.demand_row[arcs.site_row == area.n_facilities + row]
            gained[place] = people[new[~reached[new]]].sum()
            reached[new] = True
    return gained


def _reasons(rules: Sequence[Rule], mends: pd.DataFrame) -> tuple[str, str]:
    """What one site mends, in Chinese and in English: rule by rule, with amount and number of places."""
    by_id = {rule.full_id: rule for rule in rules}
    zh, en = [], []
    for row in mends.itertuples():
        rule = by_id[str(row.rule_id)]
        relieved = float(row.relieved)  # type: ignore[arg-type]  # a column of numbers
        whole = row.unit in COUNTED or abs(relieved) >= 10
        amount = f"{relieved:,.0f}" if whole else f"{relieved:,.3g}"
        amount = "<1" if row.unit in COUNTED and 0 < relieved < 0.5 else amount
        zh.append(f"{rule.marked_title}:补足 {amount} {UNITS_ZH.get(str(row.unit), row.unit)}")
        en.append(f"{rule.marked_title_en}: {amount} {row.unit}")
    return ";".join(zh), "; ".join(en)


COUNTED = ("people", "facilities", "beds", "places", "households", "points")
"""units that come in whole numbers; people spread over dwellings are shares of persons, shown as persons"""
UNITS_ZH = {"m2": "平方米", "people": "人", "facilities": "处", "beds": "张床位", "places": "个托位", "households": "户", "points": "个点"}
