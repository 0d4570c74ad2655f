"""People of several scenarios: who is within the circle with one plan and not with another."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from maps.comparison.model import Comparison, difference, same_points
from maps.tables.rule_values import value_word
from maps.words import words
from planner.assessment import Finding
from planner.balance import OUTSIDE


def why_other_people(comparison: Comparison, k: int, language: str) -> str:
    """Why the people within the circle of scenario `k` cannot be held against those of the reference, in a language; "" when they can."""
    mine, theirs = comparison.reference, comparison.assessments[k]
    names = ("circle_kinds", "circle_base", "circle_minutes", "circle_profile")
    parts = [(name, getattr(mine, name), getattr(theirs, name)) for name in names]
    told = [
        f"{words(language)[f'comparison.{name}']} {value_word(name, was, language)} / {value_word(name, now, language)}"
        for name, was, now in parts
        if was != now
    ]
    return ("；" if language == "zh" else "; ").join(told)


def people_differences(comparison: Comparison, k: int) -> pd.DataFrame:
    """Who gains and who loses with the plan of scenario `k`: one row for all people (level ""), each unit coarse to fine, people in no unit.

    level, unit_id, served_reference, served_scenario, total_reference, total_scenario (people of the circle's base), served_difference,
    and point by point gained and lost: people of demand points that are within the circle in one of the two plans alone. gained - lost =
    served_difference. Both are NaN where the demand points of the two differ, and every difference where the circles do.
    """
    mine, theirs = (comparison.assessments[i].after for i in (0, k))
    area = comparison.reference.before.area
    parts = pd.DataFrame(
        {
            f"{name}_{side}": _by_finest(finding, name)
            for name in ("served", "total")
            for side, finding in (("reference", mine), ("scenario", theirs))
        }
    )
    somebody = parts.notna().any(axis=1)
    parts = parts.fillna(0.0)
    changed = _changed(comparison, k)
    for i, name in enumerate(("gained", "lost")):
        parts[name] = np.nan if changed is None else changed[i].reindex(parts.index).fillna(0.0)
    parts = parts[somebody].reindex([OUTSIDE, *area.units.loc[area.units["level"] == area.finest_level, "unit_id"]])
    rows = [_whole(mine, theirs, parts).assign(level="")]
    finest = parts.drop(index=OUTSIDE)
    for level in area.levels:
        above = area.unit_at(level, pd.Series(finest.index)).to_numpy()
        added = finest.groupby(above).sum(min_count=1).reindex(area.units.loc[area.units["level"] == level, "unit_id"])
        rows.append(added.assign(level=level))
    rows.append(parts.loc[[OUTSIDE]].assign(level=""))
    table = pd.concat(rows).rename_axis("unit_id").reset_index()
    table["served_difference"] = difference(table["served_reference"], table["served_scenario"])
    if why_other_people(comparison, k, "en"):
        table[["served_difference", "gained", "lost"]] = np.nan
    first = ["level", "unit_id", "served_reference", "served_scenario", "total_reference", "total_scenario"]
    return table[[*first, "served_difference", "gained", "lost"]]


def _by_finest(finding: Finding, name: str) -> pd.Series:
    sheet = finding.balance[finding.balance["unit_id"] != ""]
    return sheet.set_index("unit_id")[name].astype(float)


def _whole(mine: Finding, theirs: Finding, parts: pd.DataFrame) -> pd.DataFrame:
    """The row of all people, as the balance sheets have it."""
    cells: dict[str, float] = {}
    for side, finding in (("reference", mine), ("scenario", theirs)):
        whole = finding.balance[finding.balance["unit_id"] == ""].iloc[0]
        cells |= {f"{name}_{side}": float(whole[name]) for name in ("served", "total")}
    cells |= {name: float(parts[name].sum(min_count=1)) for name in ("gained", "lost")}
    return pd.DataFrame([cells], index=[""])


def _changed(comparison: Comparison, k: int) -> tuple[pd.Series, pd.Series] | None:
    """People by finest unit whose point is within the circle in scenario `k` alone, and in the reference alone; None for other points."""
    mine, theirs = (comparison.assessments[i].after for i in (0, k))
    demand, base = mine.area.demand, comparison.reference.circle_base
    if not same_demand(demand, theirs.area.demand, base):
        return None
    unit_id = demand["unit_id"].where(demand["unit_id"] != "", OUTSIDE).to_numpy()
    people = demand[base].fillna(0.0).to_numpy()
    was, now = (np.isfinite(finding.minutes) for finding in (mine, theirs))  # as `planner.balance` counts: inf when none is in reach
    gained, lost = (pd.Series(np.where(only, people, 0.0)).groupby(unit_id).sum() for only in (now & ~was, was & ~now))
    return gained, lost


def same_demand(mine: gpd.GeoDataFrame, theirs: gpd.GeoDataFrame, base: str) -> bool:
    """Whether two tables of people have the same points, row by row, with the same people of a base at the same places."""
    if base not in mine.columns or base not in theirs.columns or len(mine) != len(theirs):
        return False
    alike = all(mine[name].tolist() == theirs[name].tolist() for name in ("demand_id", "unit_id"))
    if not alike or not np.array_equal(mine[base].to_numpy(dtype=float), theirs[base].to_numpy(dtype=float), equal_nan=True):
        return False
    return same_points(mine, theirs)
