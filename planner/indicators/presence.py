"""Presence: so many facilities in every unit, e.g. two mutual-aid points per village, a centre in 60 % of the townships."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import model_validator

from layers.condition_words import condition_words
from layers.kinds import is_of_kind, rows_of_kind
from layers.saying import say
from layers.study_area import StudyArea
from planner.indicators.counting import FacilityCondition, counted, facilities_of, names_of, openings_of
from planner.indicators.figures import Figure, group_of, judge, naming, table
from planner.indicators.needs import units_short
from planner.indicators.places import Places, places_of
from planner.ledger import Item, Ledger, frames_of, is_true, ledger_of, who_brings
from planner.relief import NEED_COLUMNS, Relief
from planner.rules import Kinds, Rule
from planner.travel.times import TravelTimes

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class _Tally:
    """How many facilities of each kind asked for are in, or serve, each place: (places, kinds)."""

    sure: Counts
    most: Counts
    """with those that may count"""
    unsure: list[list[int]]
    """per place the rows of the facilities that may count"""


class FacilityCountPerUnit(Rule):
    """value(unit) = number of open facilities in the unit, plus those whose `serves` names it when `shared`.

    With `together`, each of these kinds must be there `value` times: value(unit) is the number of the scarcest.
    """

    kind: Literal["facility_count_per_unit"]
    facilities: Kinds
    where: FacilityCondition = ""
    """condition on facilities"""
    shared: bool = False
    """whether a facility also counts for the units that its `serves` names"""
    together: Kinds | None = None
    """kinds that must each be there; each is one of `facilities` or below one"""

    @model_validator(mode="after")
    def _together_are_facilities(self) -> FacilityCountPerUnit:
        stray = [kind for kind in self.together or () if not is_of_kind(kind, self.facilities)]
        if stray:
            raise ValueError(say("together names {kinds}, which is not among facilities", kinds=stray))
        return self

    def travel_limits(self) -> Mapping[str, float]:
        """Nothing: no travel is asked about."""
        return {}

    def measure(self, area: StudyArea, times: TravelTimes) -> pd.DataFrame:  # noqa: ARG002 - the same form for every kind
        """One row per unit: have = facilities that count (with `together`: of each kind no more than are asked for), no base."""
        places, facilities = places_of(self, area), facilities_of(area)
        tally = self._tally(places, facilities)
        figures = [self._figure(facilities, tally, row) for row in range(len(places.frame))]
        people = places.base(group_of(self.facilities))
        return table(self, places, figures, unit="facilities", shortfall_unit="facilities", people=people)

    def relief(self, area: StudyArea, times: TravelTimes) -> Relief | None:
        """How many facilities each failing unit lacks; a candidate mends one in its own unit and, when `shared`, in each that it serves.

        With `together` every kind that is lacking is a need of its own, and all of them must be relieved, also where `units_pct` would let
        some units be.
        """
        if self.value is None or self.op not in (">=", ">"):
            return None
        measures, places, openings = self.measure(area, times), places_of(self, area), openings_of(area)
        short = np.maximum(0, self.n_asked - self._tally(places, facilities_of(area)).sure)
        short[(measures["verdict"] != "fail").to_numpy()[: len(short)]] = 0
        if not short.any():
            return None
        arcs = list(self._arcs(places, openings, short))
        need_row, candidate_row = np.array(sorted(arcs), dtype=np.int32).reshape(-1, 2).T
        needs = self._needs(measures, short)
        return Relief(
            needs=needs,
            need_row=need_row,
            candidate_row=candidate_row,
            amount=np.ones(len(need_row)),
            at_least=float(min(units_short(self, measures), len(needs)) if self.together is None else len(needs)),
            counted="needs",
        )

    def ledger(self, area: StudyArea, times: TravelTimes) -> Ledger:  # noqa: ARG002 - the same form for every kind
        """Columns: for each group of kinds asked for, facilities that count, then for each those that count or may count."""
        places = places_of(self, area)
        return ledger_of(self._items(area, places), 2 * len(self.kinds_asked), is_true(places.applies), np.zeros((len(places.frame), 0)))

    def _items(self, area: StudyArea, places: Places) -> Iterator[Item]:
        who, n_kinds = who_brings(area), len(self.kinds_asked)
        for frame, sites in frames_of(area, facilities_of(area), openings_of(area)):
            counts = counted(frame, self.facilities, self.where, self.barred)
            of_kind = np.column_stack([rows_of_kind(frame["kind"], kinds) for kinds in self.kinds_asked])
            for place, row in self._place_and_row(places, frame, counts):
                for kind in np.flatnonzero(of_kind[row]).tolist():
                    yield place, n_kinds + kind, who[sites[row]], 1.0
                    if counts[row]:
                        yield place, kind, who[sites[row]], 1.0

    @property
    def kinds_asked(self) -> tuple[tuple[str, ...], ...]:
        """The groups of kinds that are counted apart from each other."""
        return (self.facilities,) if self.together is None else tuple((kind,) for kind in self.together)

    @property
    def n_asked(self) -> int:
        """How many of each there must be."""
        value = self.value or 0.0
        return math.floor(value) + 1 if self.op == ">" else math.ceil(value)

    def _tally(self, places: Places, facilities: gpd.GeoDataFrame) -> _Tally:
        counts = counted(facilities, self.facilities, self.where, self.barred)
        of_kind = np.column_stack([rows_of_kind(facilities["kind"], kinds) for kinds in self.kinds_asked])
        sure, most = (np.zeros((len(places.frame), len(self.kinds_asked)), dtype=np.int64) for _ in range(2))
        unsure: list[list[int]] = [[] for _ in range(len(places.frame))]
        for place, row in self._place_and_row(places, facilities, counts):
            most[place] += of_kind[row]
            if counts[row]:
                sure[place] += of_kind[row]
            else:
                unsure[place].append(row)
        return _Tally(sure, most, unsure)

    def _place_and_row(self, places: Places, frame: gpd.GeoDataFrame, counts: NDArray[np.object_]) -> Iterator[tuple[int, int]]:
        """Every place and every facility that counts or may count there, each pair once."""
        own = places.rows_of(frame)
        for row in np.flatnonzero(counts != False):  # noqa: E712 - elementwise; None may count
            served = places.rows_served(frame["serves"].iloc[row]) if self.shared and "serves" in frame.columns else []
            for place in sorted({int(own[row]), *served} - {-1}):
                yield place, int(row)

    def _figure(self, facilities: gpd.GeoDataFrame, tally: _Tally, row: int) -> Figure:
        note = (
            naming(names_of(facilities, tally.unsure[row]), say("not known whether {condition}", condition=condition_words(self.where)))
            if tally.unsure[row]
            else ""
        )
        sure, most = (Fraction(int(counts[row].min())) for counts in (tally.sure, tally.most))
        figure = judge(self, sure, Fraction(1), most=most, note=note)
        have, short = figure.have, figure.shortfall
        if self.together is not None and self.value is not None:
            have = float(np.minimum(tally.sure[row], self.n_asked).sum())
        if figure.verdict == "fail" and self.op in (">=", ">"):
            short = float(np.maximum(0, self.n_asked - tally.sure[row]).sum())
        return replace(figure, have=have, base=np.nan, shortfall=short)

    def _arcs(self, places: Places, openings: gpd.GeoDataFrame, short: Counts) -> Iterator[tuple[int, int]]:
        """(need row, candidate row) of every candidate whose opening would count for something that is lacking."""
        need = np.where(short > 0, np.cumsum(short > 0).reshape(short.shape) - 1, -1)
        counts = counted(openings, self.facilities, self.where, self.barred)
        counts[counts == None] = False  # noqa: E711 - elementwise; what may count is not promised
        of_kind = np.column_stack([rows_of_kind(openings["kind"], kinds) for kinds in self.kinds_asked])
        for place, row in self._place_and_row(places, openings, counts):
            for kind in np.flatnonzero(of_kind[row]):
                if need[place, kind] >= 0:
                    yield int(need[place, kind]), row

    def _needs(self, measures: pd.DataFrame, short: Counts) -> pd.DataFrame:
        place, kind = np.nonzero(short)
        needs = measures.iloc[place].assign(place_id=measures["unit_id"].iloc[place], amount=short[place, kind].astype(float))
        return needs.assign(unit=needs["shortfall_unit"])[list(NEED_COLUMNS)].reset_index(drop=True)
