"""Reach: what share of the people (or households, dwellings, residential land) has a facility within so many minutes or metres."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator

from layers.kinds import rows_of_kind
from layers.saying import say
from layers.study_area import StudyArea
from layers.tables import BASE_NAMES, column_name
from planner.exact import exact
from planner.indicators.figures import Figure, group_of, judge, nothing_to_ask, table, unknown
from planner.indicators.land import Land, land_of
from planner.indicators.needs import Lacking, units_short
from planner.indicators.places import Places, by_place, places_of
from planner.ledger import Item, Ledger, is_true, ledger_of, sites_in_reach, two_parts
from planner.measures import open_of_kind, unit_name
from planner.relief import NEED_COLUMNS, Relief
from planner.rules import Amount, Kinds, Rule, one_of
from planner.travel.arcs import LIMIT_TOLERANCE_MINUTES, Arcs
from planner.travel.model import PROFILES, Travel
from planner.travel.straight import straight_arcs
from planner.travel.times import TravelTimes

LAND = "res_area_m2"
ONE_EACH = ("unit", "building")
"""weights that count every demand point as 1"""


@dataclass(frozen=True, eq=False)
class _Reached:
    """Weight reached and whole weight of each place, and the weight that belongs to it without a known whereabouts."""

    have: NDArray[np.float64]
    base: NDArray[np.float64]
    adrift: NDArray[np.float64]


class ServiceCircleCoverage(Rule):
    """value(unit) = 100 * weight within the limit of an open facility / weight of the unit. The limit itself is inside.

    People off the network, and people of the unit whose whereabouts are not known, stay in the denominator; the latter may be reached or
    not, and where that would change the verdict it is no_data.
    """

    pooled_scale: ClassVar[float | None] = 100.0
    alternatives: ClassVar[tuple[str, ...]] = ("max_minutes", "max_metres")
    kind: Literal["service_circle_coverage"]
    facilities: Kinds
    weight: Annotated[str, one_of((*BASE_NAMES, LAND, *ONE_EACH), "weight")]
    method: Literal["network", "buffer"]
    """along the streets, or straight radii (a desk practice that overstates)"""
    max_minutes: Amount | None = Field(default=None, gt=0)
    max_metres: Amount | None = Field(default=None, gt=0)
    profile: Annotated[str, one_of(tuple(PROFILES), "pace")] = "elder_walk"
    """pace of `max_minutes`"""
    cross_boundary: bool = True
    """whether the nearest facility may stand in another unit"""

    @model_validator(mode="after")
    def _one_limit(self) -> ServiceCircleCoverage:
        if (self.max_minutes is None) == (self.max_metres is None):
            raise ValueError(say("give either max_minutes or max_metres"))
        if self.weight == LAND and self.method != "buffer":
            raise ValueError(say('{land} is measured by straight radii: give method = "buffer", or weigh by people', land=LAND))
        return self

    def travel_limits(self) -> Mapping[str, float]:
        """The minutes at the rule's pace, or its metres along the streets as minutes of the profile `distance`."""
        if self.method == "buffer":
            return {}
        return {self.profile: self.max_minutes} if self.max_minutes is not None else {"distance": self.max_metres or 0.0}

    def measure(self, area: StudyArea, times: TravelTimes) -> pd.DataFrame:
        """One row per unit: have = weight reached, base = whole weight, shortfall = weight still to be reached."""
        places = places_of(self, area)
        reached = self._reached_land(area, places) if self.weight == LAND else self._reached_people(area, times, places)
        figures = [self._figure(*place) for place in zip(reached.have, reached.base, reached.adrift, strict=True)]
        group = self.weight if self.weight.startswith("pop") else group_of(self.facilities)
        return table(self, places, figures, unit="%", shortfall_unit=self._unit, people=places.base(group))

    def relief(self, area: StudyArea, times: TravelTimes) -> Relief | None:
        """Every demand point (or piece of land) that no facility reaches in a failing unit, and the candidates that would reach it.

        `at_least` is what the units that must still pass lack together, those with the smallest shortfalls first; 0 for a rule that states
        no value. It is relief in all, so that one unit may get more than it lacks and another less: the second measuring tells.
        """
        if self.op in ("<=", "<"):
            return None
        measures, places = self.measure(area, times), places_of(self, area)
        short = measures["verdict"].isin(["fail", "report_only"]).to_numpy()
        if not len(places.frame) or not short.any():
            return None
        shortfalls = np.sort(measures.loc[measures["verdict"] == "fail", "shortfall"].to_numpy())
        lacking = self._lacking_land(area, places, short) if self.weight == LAND else self._lacking_people(area, times, places, short)
        return self._relief(measures, lacking, float(shortfalls[: units_short(self, measures)].sum()))

    def ledger(self, area: StudyArea, times: TravelTimes) -> Ledger | None:
        """Column: weight reached, of people with the same sites in reach together; terms: whole weight, weight at no known place. Land is
        not followed: pieces of ground are not added up to the last digit."""
        if self.weight == LAND:
            return None
        places = places_of(self, area)
        reached = self._reached_people(area, times, places)
        is_judged = is_true(places.applies) & (reached.base + reached.adrift > 0)
        return ledger_of(self._items(area, times, places), 1, is_judged, np.column_stack([reached.base, reached.adrift]))

    def _items(self, area: StudyArea, times: TravelTimes, places: Places) -> Iterator[Item]:
        """What is reached in each place by the same sites, or always."""
        place_row, weight = places.rows_of(area.demand), self._weights(area)
        together: dict[tuple[int, tuple[int, ...]], list[float]] = {}
        for demand, who in sites_in_reach(area, self._arcs(area, times, places)):
            if place_row[demand] >= 0 and weight[demand] != 0:
                together.setdefault((int(place_row[demand]), who), []).append(float(weight[demand]))
        for (place, who), weights in together.items():
            yield from ((place, 0, who, part) for part in two_parts(weights) if part)

    def relieved(self, before: pd.DataFrame, after: pd.DataFrame) -> float:
        """The weight newly reached in the units that failed or are only reported, also beyond what the value asks."""
        both = before.merge(after, on="unit_id", suffixes=("", "_after"))
        short = both[both["verdict"].isin(["fail", "report_only"])]
        return float((short["have_after"] - short["have"]).sum())

    @property
    def _unit(self) -> str:
        if self.weight == LAND:
            return "m2"
        if self.weight in ONE_EACH:
            return f"{self.weight}s"
        return "households" if self.weight == "households" else "people"

    @property
    def _radius_m(self) -> float:
        """Of the straight circle."""
        return self.max_metres or (self.max_minutes or 0.0) * PROFILES[self.profile].speed_m_per_min

    def _figure(self, have: float, base: float, adrift: float) -> Figure:
        if np.isnan(base):
            return unknown(say("{column} is not known", column=column_name(self.weight)))
        total = exact(base) + exact(adrift)
        if total == 0:
            return nothing_to_ask(say("no residential land") if self.weight == LAND else say("nobody lives here"))
        note = say("{n:g} {unit} are at no known place", n=adrift, unit=unit_name(self._unit)) if adrift else ""
        return judge(self, exact(have), total, most=exact(have) + exact(adrift), scale=100, note=note)

    def _weights(self, area: StudyArea) -> NDArray[np.float64]:
        """(d,) weight of each demand point, NaN where not known."""
        if self.weight in ONE_EACH:
            return np.ones(len(area.demand))
        if self.weight not in area.demand.columns:
            return np.full(len(area.demand), np.nan)
        return np.asarray(area.demand[self.weight], dtype=np.float64)

    def _sites(self, area: StudyArea) -> NDArray[np.bool_]:
        """(s,) which sites are of the kinds asked for: open facilities, and candidates."""
        barred = np.concatenate([rows_of_kind(table["kind"], self.barred) for table in (area.facilities, area.candidates)])
        there, offered = open_of_kind(area.facilities, self.facilities), rows_of_kind(area.candidates["kind"], self.facilities)
        sites: NDArray[np.bool_] = np.concatenate([there, offered]) & ~barred
        return sites

    @staticmethod
    def _site_places(area: StudyArea, places: Places) -> NDArray[np.int64]:
        return np.concatenate([places.rows_of(area.facilities), places.rows_of(area.candidates)])

    def _arcs(self, area: StudyArea, times: TravelTimes, places: Places) -> Arcs:
        """The arcs within the limit to every site of the kinds, open or to be opened."""
        sites = self._sites(area)
        if self.method == "buffer":
            straight = Travel(detour_factor=1.0)
            arcs = straight_arcs(area, straight, PROFILES["distance"], self._radius_m).within(self._radius_m, sites)
        else:
            [(profile, limit)] = self.travel_limits().items()
            found = times.by_profile[profile]
            if found.limit_minutes < limit - LIMIT_TOLERANCE_MINUTES:
                raise ValueError(f"{self.full_id} asks for {limit} minutes; arcs were sought to {found.limit_minutes} only")
            arcs = found.within(limit, sites)
        if self.cross_boundary:
            return arcs
        same = places.rows_of(area.demand)[arcs.demand_row] == self._site_places(area, places)[arcs.site_row]
        return Arcs(arcs.demand_row[same], arcs.site_row[same], arcs.minutes[same], arcs.limit_minutes, arcs.n_demand, arcs.n_sites)

    def _is_reached(self, arcs: Arcs, area: StudyArea) -> NDArray[np.bool_]:
        """(d,) whether an open facility is within the limit."""
        reached = np.zeros(len(area.demand), dtype=bool)
        reached[arcs.demand_row[arcs.site_row < area.n_facilities]] = True
        return reached

    def _reached_people(self, area: StudyArea, times: TravelTimes, places: Places) -> _Reached:
        n, row, weight = len(places.frame), places.rows_of(area.demand), self._weights(area)
        is_reached = self._is_reached(self._arcs(area, times, places), area)
        lost = area.unassigned[area.unassigned["base"] == self.weight]
        return _Reached(
            have=by_place(row, np.where(is_reached, weight, 0.0), n),
            base=by_place(row, weight, n) if self.weight in (*area.demand.columns, *ONE_EACH) else np.full(n, np.nan),
            adrift=by_place(places.rows_above(lost["unit_id"]), lost["people"].to_numpy(dtype=float), n),
        )

    def _lacking_people(self, area: StudyArea, times: TravelTimes, places: Places, short: NDArray[np.bool_]) -> Lacking:
        """The demand points that no facility reaches, in the places marked in (p,)."""
        arcs, row, weight = self._arcs(area, times, places), places.rows_of(area.demand), self._weights(area)
        lacking = ~self._is_reached(arcs, area) & (row >= 0) & (weight > 0)
        lacking[row >= 0] &= short[row[row >= 0]]
        demand = np.flatnonzero(lacking)
        need_of = np.full(len(area.demand), -1)
        need_of[demand] = np.arange(len(demand))
        helps = lacking[arcs.demand_row] & (arcs.site_row >= area.n_facilities)
        ids = area.demand["demand_id"].to_numpy(dtype=object)[demand]
        candidate_row = (arcs.site_row[helps] - area.n_facilities).astype(np.int64)
        return Lacking(row[demand], ids, weight[demand], need_of[arcs.demand_row[helps]], candidate_row)

    def _land(self, area: StudyArea, places: Places) -> Land:
        site_place = None if self.cross_boundary else self._site_places(area, places)
        return land_of(area, places.rows_of(area.residential), self._sites(area), site_place, self._radius_m)

    def _reached_land(self, area: StudyArea, places: Places) -> _Reached:
        n = len(places.frame)
        if not len(area.residential):
            return _Reached(np.zeros(n), np.full(n, np.nan), np.zeros(n))
        found = self._land(area, places)
        return _Reached(by_place(found.place_row, found.covered_m2(), n), by_place(found.place_row, found.area_m2, n), np.zeros(n))

    def _lacking_land(self, area: StudyArea, places: Places, short: NDArray[np.bool_]) -> Lacking:
        return self._land(area, places).lacking(short, area.residential["residential_id"].to_numpy(dtype=object))

    def _relief(self, measures: pd.DataFrame, lacking: Lacking, at_least: float) -> Relief | None:
        if not len(lacking.amount):
            return None
        concerned = measures.iloc[lacking.place_row]
        people = lacking.amount if self.weight.startswith("pop") else concerned["people"]
        needs = concerned.assign(place_id=lacking.ids, amount=lacking.amount, unit=self._unit, people=people)
        return Relief(
            needs=needs[list(NEED_COLUMNS)].reset_index(drop=True),
            need_row=lacking.need_row.astype(np.int32),
            candidate_row=lacking.candidate_row.astype(np.int32),
            amount=lacking.amount[lacking.need_row],
            at_least=at_least,
            counted="amount",
        )
