"""Which facilities count for a rule, and what each of them, or each candidate once opened, brings.

What is not known stays so: a facility counts (True), does not (False), or may (None).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.kinds import rows_of_kind
from layers.predicates import Function, Predicate
from layers.study_area import StudyArea
from layers.tables import QUANTITIES
from planner.indicators.places import with_unit_columns
from planner.measures import open_of_kind
from planner.rules import readable

ONE = "one"
"""a quantity of 1 per facility"""
QUANTITY_UNITS = {ONE: "facilities", **{column.name: column.unit for column in QUANTITIES}}


def per(frame: pd.DataFrame, quantity: str, divisor: str) -> NDArray[np.float64]:
    """`per(floor_area_m2, beds_total)`: one column divided by another, NaN where either is missing or the divisor is 0."""
    over, under = (quantity_of(frame, name) for name in (quantity, divisor))
    quotient: NDArray[np.float64] = np.divide(over, under, out=np.full(len(frame), np.nan), where=under > 0)
    return quotient


FUNCTIONS: dict[str, Function] = {"per": per}
"""what a condition on facilities can call"""

FacilityCondition = Annotated[str, readable(*FUNCTIONS)]


def facilities_of(area: StudyArea) -> gpd.GeoDataFrame:
    """The facilities that stand, with `subtype` and `urban_class` of their units."""
    return with_unit_columns(area, area.facilities)


def openings_of(area: StudyArea) -> gpd.GeoDataFrame:
    """The candidates as the facilities they would be once opened, one row each in their order; columns as `facilities_of`.

    One that only closes a facility is of no kind, so that it counts nowhere.
    """
    offered = area.candidates
    if "action" in offered.columns:
        closes = offered["action"] == "close"
        offered = offered.assign(kind=offered["kind"].mask(closes, ""), action="")
    opened = replace(area, candidates=offered).with_opened(range(len(offered))).facilities.iloc[area.n_facilities :]
    return with_unit_columns(area, opened.reset_index(drop=True))


def counted(frame: pd.DataFrame, kinds: Sequence[str], where: str, barred: Sequence[str] = ()) -> NDArray[np.object_]:
    """(n,) whether each facility counts: it is open, of a wanted kind and not of a barred one, and `where` holds. None: `where` cannot be told."""
    answers = Predicate.parse(where).evaluate(frame, FUNCTIONS)
    answers[~open_of_kind(frame, kinds) | rows_of_kind(frame["kind"], barred)] = False
    return answers


def quantity_of(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """(n,) a quantity of each facility, NaN where it is not known."""
    if name == ONE:
        return np.ones(len(frame))
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return frame[name].to_numpy(dtype=float)


def members(place_row: NDArray[np.int64], counts: NDArray[np.object_], n_places: int) -> list[list[int]]:
    """For each place the rows of the facilities in it that count or may count."""
    rows: list[list[int]] = [[] for _ in range(n_places)]
    for row in np.flatnonzero(counts != False):  # noqa: E712 - elementwise; None counts too
        if place_row[row] >= 0:
            rows[place_row[row]].append(int(row))
    return rows


def names_of(frame: pd.DataFrame, rows: Sequence[int]) -> list[str]:
    """How facilities or units are called in notes: by name, else by id."""
    ids = frame["facility_id" if "facility_id" in frame.columns else "unit_id"]
    named = frame["name"] if "name" in frame.columns else ids
    return [str(named.iloc[row] or ids.iloc[row]) for row in rows]
