"""The checked place that everything after the reading works on: units, people, facilities, candidates and streets in one metric system.

Whoever holds a `StudyArea` may rely on what `__post_init__` asserts; the planner checks nothing of it again. A new part of the place
is a field here, filled by `layers.assemble`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from layers.levels import LEVELS
from layers.own_minutes import OwnMinutes
from layers.problems import Problem
from layers.streets import StreetNetwork
from layers.tables import BASE_NAMES, FACILITIES, QUANTITY_NAMES


@dataclass(frozen=True)
class Source:
    """One input file: the layer it fed, its name as written in the scenario, its fingerprint and what was read from it."""

    layer: str
    path: str
    sha256: str
    rows: int
    note: str = ""


@dataclass(frozen=True, eq=False)
class StudyArea:
    """A place. All geometry in `crs`, a projected system in metres; all ids text; NaN or None means no data, never 0."""

    name: str
    crs: CRS
    units: gpd.GeoDataFrame
    """polygons of all levels: unit_id, name, level, parent_id ("" at the top), subtype, urban_class, base columns (totals)"""
    demand: gpd.GeoDataFrame
    """points where people are: demand_id, unit_id (a unit of the finest level, "" outside every unit), base columns [people]"""
    facilities: gpd.GeoDataFrame
    """points: columns of `tables.FACILITIES`; unit_id "" when it stands outside every unit"""
    candidates: gpd.GeoDataFrame
    """points: columns of `tables.CANDIDATES`; may be empty"""
    residential: gpd.GeoDataFrame
    """polygons: columns of `tables.RESIDENTIAL`, and unit_id; may be empty"""
    streets: StreetNetwork | None = None
    own_minutes: OwnMinutes | None = None
    """minutes that the scenario brings along, in place of those along the streets"""
    unassigned: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"base": [], "people": [], "unit_id": [], "reason": []}))
    """people of the input that are in no demand point: base, people, unit_id, reason. sum(demand) + unassigned = input total"""
    sources: tuple[Source, ...] = ()
    problems: tuple[Problem, ...] = ()
    """warnings and notes of the reading; shown in every output"""
    assumptions: tuple[str, ...] = ()
    """what the scenario assumed where data is missing, in its own words; shown in every output"""
    is_synthetic: bool = False
    """an invented place; every page, map and file says so"""

    def __post_init__(self) -> None:
        axis = self.crs.axis_info[0]
        if not self.crs.is_projected or axis.unit_name != "metre":
            raise ValueError(f"StudyArea: {self.crs.to_string()} is not a projected system in metres")
        for table, key in (
            ("units", "unit_id"),
            ("demand", "demand_id"),
            ("facilities", "facility_id"),
            ("candidates", "candidate_id"),
            ("residential", "residential_id"),
        ):
            frame: gpd.GeoDataFrame = getattr(self, table)
            if not frame[key].is_unique:
                raise ValueError(f"StudyArea.{table}: {key} is not unique")
            if not isinstance(frame.index, pd.RangeIndex) or (len(frame) and (frame.index[0] != 0 or frame.index.step != 1)):
                raise ValueError(f"StudyArea.{table}: rows are not numbered from 0")
            if len(frame) and frame.crs != self.crs:
                raise ValueError(f"StudyArea.{table}: not in {self.crs.to_string()}")
        finest = set(self.units.loc[self.units["level"] == self.finest_level, "unit_id"]) | {""}
        for table in ("demand", "facilities", "candidates", "residential"):
            stray = set(getattr(self, table)["unit_id"]) - finest
            if stray:
                raise ValueError(f"StudyArea.{table}: unit_id {sorted(stray)[:3]} is no unit of the finest level")

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """The levels that have units, coarse to fine."""
        present = set(self.units["level"])
        return tuple(level for level in LEVELS if level in present)

    @property
    def finest_level(self) -> str:
        """The level that people, facilities and candidates are assigned to."""
        return self.levels[-1]

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """The base columns that the demand carries."""
        return tuple(name for name in BASE_NAMES if name in self.demand.columns)

    @cached_property
    def _ancestors(self) -> pd.DataFrame:
        """Index: unit_id of the finest level; one column per level: the unit_id of that level above it ("" if none)."""
        parent = dict(zip(self.units["unit_id"], self.units["parent_id"], strict=True))
        level = dict(zip(self.units["unit_id"], self.units["level"], strict=True))
        rows = {}
        for unit_id in self.units.loc[self.units["level"] == self.finest_level, "unit_id"]:
            chain, at = {}, unit_id
            while at:
                chain[level[at]] = at
                at = parent[at]
            rows[unit_id] = chain
        table = pd.DataFrame.from_dict(rows, orient="index", columns=list(self.levels)).fillna("")
        table.loc[""] = ""
        return table

    def unit_at(self, level: str, finest_unit_ids: pd.Series) -> pd.Series:
        """The unit of `level` that each finest unit lies in, same index as given; "" where there is none."""
        if level not in self.levels:
            return pd.Series("", index=finest_unit_ids.index, dtype=object)
        return finest_unit_ids.map(self._ancestors[level])

    def places(self, level: str) -> gpd.GeoDataFrame:
        """The places that a rule of `level` is evaluated on, `unit_id` first; residential areas are places with their own id.

        For units the base columns hold the totals of the people in them (demand and, at the finest level, unit totals without a
        point); NaN where any unit below has no data.
        """
        if level == "residential_area":
            return self.residential.rename(columns={"unit_id": "within_unit_id", "residential_id": "unit_id"})
        return self.units[self.units["level"] == level].reset_index(drop=True)

    @property
    def n_facilities(self) -> int:
        """Number of facilities; site rows from here on are candidates."""
        return len(self.facilities)

    @cached_property
    def site_xy_m(self) -> NDArray[np.float64]:
        """(f + c, 2) facilities, then candidates: the order of every `site_row` [m]."""
        points = [frame.geometry for frame in (self.facilities, self.candidates)]
        return np.concatenate([np.column_stack([p.x, p.y]).reshape(-1, 2) for p in points])

    @cached_property
    def demand_xy_m(self) -> NDArray[np.float64]:
        """(d, 2) demand points [m]."""
        return np.column_stack([self.demand.geometry.x, self.demand.geometry.y]).reshape(-1, 2)

    def with_opened(self, candidate_rows: Sequence[int]) -> StudyArea:
        """This place with some candidates standing as facilities of status `proposed`; the candidates are left as they are.

        What a candidate brings (the columns of `tables.FACILITIES`) comes with it, also where no facility has such a column yet. A quantity
        that it does not state it does not bring: 0, so that a plan never makes a rule less certain than it was. A facility that a candidate
        replaces is closed; a candidate of action `close` puts nothing in its place.
        """
        opened = self.candidates.iloc[list(candidate_rows)].rename(columns={"candidate_id": "facility_id"})
        facilities = self.facilities
        if "replaces" in opened.columns and (opened["replaces"] != "").any():
            is_replaced = facilities["facility_id"].isin(opened["replaces"])
            facilities = facilities.assign(status=facilities["status"].mask(is_replaced, "closed"))
        if "action" in opened.columns:
            opened = opened[opened["action"] != "close"]
        kept = {column.name for column in FACILITIES} | set(self.facilities.columns)
        opened = opened.drop(columns=[c for c in opened.columns if c not in kept]).assign(status="proposed")
        if not len(opened):
            return replace(self, facilities=facilities)
        quantities = [name for name in QUANTITY_NAMES if name in opened.columns or name in self.facilities.columns]
        opened = opened.assign(**{name: opened[name].fillna(0.0) if name in opened.columns else 0.0 for name in quantities})
        together = pd.concat([facilities, opened], ignore_index=True)
        texts = [c.name for c in FACILITIES if c.type in ("text", "list", "choice") and c.name in together.columns]
        together[texts] = together[texts].fillna("")
        return replace(self, facilities=gpd.GeoDataFrame(together, geometry="geometry", crs=self.crs))
