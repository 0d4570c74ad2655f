"""The places a rule speaks of, and which facilities, candidates and people belong to each.

A place is a unit of the rule's level, a residential area, several residential areas taken together, or the whole area where the rule
speaks of a level above everything that the data holds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from layers.levels import LEVELS, level_name
from layers.predicates import Predicate
from layers.saying import say
from layers.study_area import StudyArea
from layers.tables import BASE_NAMES
from planner.rules import Rule

WHOLE_AREA = "*"
"""id of the place that stands for everything, when several units lie at the coarsest level and a rule speaks of a coarser one"""

Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Places:
    """The places of one rule, numbered from 0."""

    area: StudyArea
    frame: pd.DataFrame
    """one row per place: unit_id, name, base columns, and whatever else its table holds"""
    level: str
    applies: NDArray[np.object_]
    """(p,) whether the rule speaks of the place: True, False, None when the data does not tell"""
    note: str = ""
    """what stands in for what, or why there is no place at all"""
    is_whole: bool = False
    """one place that stands for everything"""
    parts: Places | None = None
    """of places pooled from smaller ones: these"""
    part_row: Rows | None = None
    """(parts,) the row of the pool that each part belongs to, -1 where the rule does not speak of it"""

    def rows_of(self, frame: pd.DataFrame) -> Rows:
        """(n,) row of the place that each facility, candidate or demand point lies in, -1 for none."""
        if self.parts is not None and self.part_row is not None:
            inner = self.parts.rows_of(frame)
            pool: Rows = np.append(self.part_row, -1)[inner]
            return pool
        if self.level == "residential_area":
            return self._rows(residential_ids(self.area, frame))
        if self.is_whole:
            return np.where(frame["unit_id"] == "", -1, 0).astype(np.int64)
        return self._rows(self.area.unit_at(self.level, frame["unit_id"]))

    def rows_served(self, serves: str) -> list[int]:
        """Rows of the places that a `serves` list names."""
        ids = (part.strip() for part in serves.split(";"))
        return [self._row[id_] for id_ in ids if id_ in self._row]

    def rows_above(self, unit_ids: pd.Series) -> Rows:
        """(n,) row of the place that units of any level are, or lie in, -1 for none."""
        parent = dict(zip(self.area.units["unit_id"], self.area.units["parent_id"], strict=True))

        def row(unit_id: str) -> int:
            while unit_id and unit_id not in self._row:
                if self.is_whole:
                    return 0
                unit_id = parent.get(unit_id, "")
            return self._row.get(unit_id, -1)

        return np.array([row(unit_id) for unit_id in unit_ids], dtype=np.int64)

    def base(self, name: str) -> NDArray[np.float64]:
        """(p,) a base of each place, NaN where it is not known."""
        if name not in self.frame.columns:
            return np.full(len(self.frame), np.nan)
        return self.frame[name].to_numpy(dtype=float)

    @cached_property
    def _row(self) -> dict[str, int]:
        return {id_: row for row, id_ in enumerate(self.frame["unit_id"])}

    def _rows(self, ids: pd.Series) -> Rows:
        return np.asarray(ids.map(self._row).fillna(-1), dtype=np.int64)


def places_of(rule: Rule, area: StudyArea) -> Places:
    """The places that a rule is evaluated on; none, with a note that says why, when the data has no such level."""
    if rule.unit == "residential_area":
        if not len(area.residential):
            return _none(area, rule.unit, say("no layer of residential areas"))
        frame = with_unit_columns(area, area.places(rule.unit), key="within_unit_id")
        return Places(area, frame, rule.unit, Predicate.parse(rule.universe).evaluate(frame))
    if rule.unit in area.levels:
        frame = area.places(rule.unit)
        return Places(area, frame, rule.unit, Predicate.parse(rule.universe).evaluate(frame))
    order = list(LEVELS)
    if order.index(rule.unit) > order.index(area.levels[0]):
        return _none(area, rule.unit, say("no units of level {level}", level=level_name(rule.unit)))
    return _whole(rule, area)


def place_of_answer(rule: Rule, area: StudyArea) -> Places:
    """The one place that an attested answer speaks of: the unit of the rule's level if there is one only, else everything."""
    if rule.unit in area.levels and len(area.places(rule.unit)) == 1:
        return replace(places_of(rule, area), applies=np.array([True], dtype=object))
    whole = _whole(rule, area)
    return replace(whole, level=area.levels[0], applies=np.array([True], dtype=object), note=say("one answer for the whole"))


def _none(area: StudyArea, level: str, note: str) -> Places:
    return Places(area, pd.DataFrame({"unit_id": pd.Series(dtype=str)}), level, np.empty(0, dtype=object), note)


def _whole(rule: Rule, area: StudyArea) -> Places:
    """Everything there is, for a rule of a level above it: the one coarsest unit, or `WHOLE_AREA`."""
    coarsest = area.places(area.levels[0])
    if len(coarsest) == 1:
        note = say("the {level} stands in for the {above}", level=level_name(area.levels[0]), above=level_name(rule.unit))
        return Places(area, coarsest, area.levels[0], Predicate.parse(rule.universe).evaluate(coarsest), note)
    bases = {base: [coarsest[base].sum(skipna=False)] for base in BASE_NAMES if base in coarsest.columns}
    frame = pd.DataFrame({"unit_id": [WHOLE_AREA], "name": [area.name], **bases})
    note = say("the whole area stands in for the {above}", above=level_name(rule.unit))
    return Places(area, frame, rule.unit, Predicate.parse(rule.universe).evaluate(frame), note, is_whole=True)


def pooled(places: Places, level: str) -> Places:
    """The residential areas of every unit of a level taken together: bases added up over those the rule speaks of."""
    area, frame = places.area, places.frame
    if not len(frame):
        return places
    ids = area.unit_at(level, frame["within_unit_id"])
    units = area.places(level)
    units = units[units["unit_id"].isin(ids)].reset_index(drop=True)
    if not len(units):
        return _none(area, level, say("no residential area lies in a unit of level {level}", level=level_name(level)))
    concerned = places.applies != False  # noqa: E712 - elementwise; None counts too
    row = {id_: i for i, id_ in enumerate(units["unit_id"])}
    part_row = ids.where(concerned, "").map(row).fillna(-1).to_numpy(dtype=np.int64)
    bases = [base for base in BASE_NAMES if base in frame.columns]
    sums = pd.DataFrame({base: by_place(part_row, frame[base].to_numpy(dtype=float), len(units)) for base in bases})
    unsure, sure = set(part_row[places.applies == None]), set(part_row)  # noqa: E711 - elementwise
    applies = np.array([None if i in unsure else i in sure for i in range(len(units))], dtype=object)
    table = pd.concat([units[["unit_id", "name"]], sums], axis=1)
    return Places(area, table, level, applies, say("residential areas taken together"), parts=places, part_row=part_row)


def by_place(place_row: Rows, amount: NDArray[np.float64], n_places: int) -> NDArray[np.float64]:
    """(p,) sums of (n,) amounts over the rows of each place, NaN where any of them is."""
    inside = place_row >= 0
    return np.bincount(place_row[inside], weights=amount[inside], minlength=n_places).astype(np.float64)


def with_unit_columns(area: StudyArea, frame: pd.DataFrame, key: str = "unit_id") -> pd.DataFrame:
    """The table with `subtype` and `urban_class` of the unit each row lies in, where it has no such column of its own."""
    unit = area.units.set_index("unit_id")
    new = {c: frame[key].map(unit[c]) for c in ("subtype", "urban_class") if c in unit.columns and c not in frame.columns}
    return frame.assign(**new)


def residential_ids(area: StudyArea, frame: pd.DataFrame) -> pd.Series:
    """The residential area of each row: the one it names, else the one it stands in (the first of several), "" for none."""
    named = frame["residential_id"] if "residential_id" in frame.columns else pd.Series("", index=frame.index)
    open_rows = np.flatnonzero(named.to_numpy() == "")
    if not len(open_rows) or not len(area.residential):
        return named
    points = gpd.GeoSeries(frame.geometry).iloc[open_rows].to_numpy()
    inside, polygon = shapely.STRtree(area.residential.geometry.to_numpy()).query(points, predicate="intersects")
    found = pd.Series(area.residential["residential_id"].to_numpy()[polygon], index=open_rows[inside]).groupby(level=0).min()
    ids = named.to_numpy(dtype=object, copy=True)
    ids[found.index.to_numpy()] = found.to_numpy()
    return pd.Series(ids, index=frame.index)
