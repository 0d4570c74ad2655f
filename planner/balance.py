"""The balance sheet of people: served + too far + off the network + unassigned = total, in every unit and in all."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.study_area import StudyArea


def balance_of_people(area: StudyArea, base: str, minutes: NDArray[np.float64], off_network: pd.DataFrame) -> pd.DataFrame:
    """One row per unit of the finest level that has people, one for people outside all units, and one ("") for all.

    Parameters
    ----------
    area
        the place; `unassigned` holds the people of its input that have no demand point
    base
        whose people are counted, e.g. pop60
    minutes
        (d,) minutes to the nearest facility of the circle, inf when none is in reach
    off_network
        the table of `TravelTimes`

    Returns
    -------
    DataFrame
        unit_id, name, served, too_far, off_network, unassigned, total [people]; the parts of a row add up to its total. Who has no figure
        is in no row, so that a unit of which nothing is known has none; NaN for all when nothing is known at all.
    """
    people = area.demand[base].to_numpy(dtype=float)
    stray = area.demand["demand_id"].isin(off_network.loc[off_network["table"] == "demand", "id"]).to_numpy()
    reached = np.isfinite(minutes)
    parts = pd.DataFrame(
        {
            "unit_id": area.demand["unit_id"].to_numpy(),
            "served": np.where(reached, people, 0.0),
            "too_far": np.where(~reached & ~stray, people, 0.0),
            "off_network": np.where(~reached & stray, people, 0.0),
            "unassigned": 0.0,
        }
    )
    parts = parts[~np.isnan(people)]
    lost = area.unassigned[area.unassigned["base"] == base]
    without_point = pd.DataFrame(
        {"unit_id": lost["unit_id"], "served": 0.0, "too_far": 0.0, "off_network": 0.0, "unassigned": lost["people"]}
    )
    every = pd.concat([parts, without_point], ignore_index=True) if len(without_point) else parts
    columns = ["served", "too_far", "off_network", "unassigned"]
    rows = every.groupby("unit_id", sort=True)[columns].agg(math.fsum).reset_index()
    rows.loc[rows["unit_id"] == "", "unit_id"] = OUTSIDE
    total = pd.DataFrame([{"unit_id": "", **{column: math.fsum(every[column]) if len(every) else np.nan for column in columns}}])
    names = dict(zip(area.units["unit_id"], area.units["name"], strict=True))
    balance: pd.DataFrame = pd.concat([total, rows], ignore_index=True)
    balance.insert(1, "name", balance["unit_id"].map(names).fillna(""))
    balance["total"] = balance[columns].sum(axis=1, skipna=False)
    return balance


def units_without_figure(area: StudyArea, base: str) -> list[str]:
    """The units with places of people of which none has a figure of the base, in the order of the demand: they are in no sum of it."""
    is_known = area.demand[base].notna().groupby(area.demand["unit_id"], sort=False).any()
    return [str(unit_id) for unit_id, known in is_known.items() if unit_id and not known]


OUTSIDE = "(outside)"
"""stands for a unit in the balance: people whose point lies in no unit"""
