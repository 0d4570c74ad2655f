"""The proposals: the opened candidates, best first, each with what it mends, whom it reaches and what else could stand in for it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.study_area import StudyArea
from planner.circle import Circle
from planner.for_whom import people_of_sites
from planner.gains import people_gained
from planner.measures import TO_CONVERT, unit_name
from planner.rules import Rule
from planner.siting.circle_goals import goal_id
from planner.siting.model import Choice, Siting
from planner.travel.times import TravelTimes


def proposals_of(
    area: StudyArea, rules: Sequence[Rule], times: TravelTimes, choice: Choice, siting: Siting, circle: Circle
) -> gpd.GeoDataFrame:
    """One row per opened candidate in the order of `choice.order`; columns as `Assessment.proposals` lists them.

    `people_gained` are the people of `for_whom` whom this site brings within the circle and whom neither an open facility nor a proposal
    before it in the list reaches (`planner.for_whom`); under goal `serve` those who have a place with it and had none before it. So for
    the circle's base the column adds up to the gain of the whole plan (`planner.gains`). `people_per_10k_yuan` are these people per 10,000
    yuan of the site's cost, NaN where it costs nothing or the cost is not known; `gained_pop80` and its like say of the shown circle what
    it gains of every group that the data tells apart, under `serve` of those that are part of the base.
    """
    order = list(choice.order)
    table = area.candidates.iloc[order].reset_index(drop=True)
    gained = people_gained(area, times, order, circle, siting)
    whom = people_of_sites(area, rules, times, order, gained, circle, siting)
    table = table.assign(**{str(name): whom[name].to_numpy() for name in whom})
    table = table.assign(**{f"gained_{base}": gained[base].to_numpy() for base in gained})
    table["people_per_10k_yuan"] = _per_10k_yuan(table)
    why = [_reasons(rules, choice.reasons[choice.reasons["candidate_id"] == id_]) for id_ in table["candidate_id"]]
    table["reason_zh"] = [zh for zh, _ in why]
    table["reason_en"] = [en for _, en in why]
    table = table.merge(choice.next_best, on="candidate_id", how="left", validate="one_to_one")
    table["next_best_id"] = table["next_best_id"].fillna("")
    return gpd.GeoDataFrame(table, geometry="geometry", crs=area.crs)


def _per_10k_yuan(table: pd.DataFrame) -> NDArray[np.float64]:
    """(p,) people gained per 10,000 yuan."""
    cost = table["cost_yuan"].to_numpy(dtype=float) if "cost_yuan" in table.columns else np.full(len(table), np.nan)
    return table["people_gained"].to_numpy() / np.where(cost > 0, cost, np.nan) * 10_000.0


def _reasons(rules: Sequence[Rule], mends: pd.DataFrame) -> tuple[str, str]:
    """What one site mends, in Chinese and in English: rule by rule, with amount and number of places."""
    titles = {rule.full_id: (f"{rule.marked_title}：补足", rule.marked_title_en) for rule in rules} | GOAL_TITLES
    zh, en = [], []
    for row in mends.itertuples():
        title_zh, title_en = titles[str(row.rule_id)]
        unit = str(row.unit)
        amount = amount_text(float(row.relieved), unit)  # type: ignore[arg-type]  # a column of numbers
        zh.append(f"{title_zh} {amount} {unit_name(unit).zh}")
        en.append(f"{title_en}: {amount} {ONE.get(unit, unit) if amount == '1' else 'm²' if unit == 'm2' else unit}")
    return "；".join(zh), "; ".join(en)


def amount_text(amount: float, unit: str) -> str:
    """The digits of an amount: of whole things as `maps.numbers.shown` writes them (a part of one with one digit), of others whole from 10 upward."""
    if unit in COUNTED:
        return f"{math.floor(amount + 0.5):,}" if abs(amount) >= 1 else f"{amount:.1g}"
    return f"{amount:,.0f}" if abs(amount) >= 10 else f"{amount:,.3g}"


CONVERTED = tuple(f"{unit}{TO_CONVERT}" for unit in ("facilities", "beds", "places"))
COUNTED = ("people", "facilities", "beds", "places", "households", "points", *CONVERTED)
"""units that come in whole numbers; people spread over dwellings are shares of persons, shown as persons"""
ONE = {
    "people": "person",
    "facilities": "facility",
    "beds": "bed",
    "places": "place",
    "households": "household",
    "points": "point",
}
"""English, of a single one"""
GOAL_TITLES = {
    goal_id("share"): ("新增圈内人口", "newly inside the circle"),
    goal_id("backup"): ("新增第一、第二处可达设施", "first and second facilities newly in reach"),
    goal_id("mean_minutes"): ("节省步行时间", "walking time saved"),
    goal_id("worst_minutes"): ("更近的人口", "brought nearer"),
    goal_id("serve"): ("新增有位可去的人口", "newly with a place in reach"),
}
"""what is said in place of a rule where the goal looks at the circle"""
