"""Quota: so much of something for so many, e.g. 0.1 m2 of land per resident, 20 m2 of floor per 100 households, 40 beds per 1000 elders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, ClassVar, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from layers.condition_words import condition_words
from layers.saying import say
from layers.study_area import StudyArea
from layers.tables import BASE_NAMES, COUNTED_QUANTITIES, column_name
from planner.exact import exact, exact_sum
from planner.indicators.counting import (
    QUANTITY_UNITS,
    FacilityCondition,
    counted,
    facilities_of,
    members,
    names_of,
    openings_of,
    quantity_of,
)
from planner.indicators.figures import Figure, group_of, judge, naming, nothing_to_ask, table, unknown
from planner.indicators.needs import relief_of_units
from planner.indicators.places import Places, places_of, pooled
from planner.ledger import Item, Ledger, frames_of, is_true, ledger_of, who_brings
from planner.relief import Relief
from planner.rules import Amount, Kinds, LevelName, Rule, one_of
from planner.travel.times import TravelTimes
from planner.uplift import Asked, Uplift, required_of


class QuantityPerBase(Rule):
    """value(unit) = sum of a quantity over the open facilities of the unit / (base of the unit / per).

    A facility belongs to the unit it stands in, to a residential area by its `residential_id` or, without one, by where it stands. Where
    quantities are missing the known ones decide if they suffice; otherwise the unit is no_data and the facilities are named.
    """

    pooled_scale: ClassVar[float | None] = 1.0
    kind: Literal["quantity_per_base"]
    facilities: Kinds
    where: FacilityCondition = ""
    """condition on facilities"""
    quantity: Annotated[str, one_of(tuple(QUANTITY_UNITS), "quantity")]
    base: Annotated[str, one_of(BASE_NAMES, "base")]
    per: Amount = Field(default=1, gt=0)
    pooled_over: LevelName = ""
    """for residential areas: take all of a unit of this level together (统筹), e.g. township"""
    uplift: tuple[Uplift, ...] = ()
    """higher values that a scenario asks of some units"""

    @property
    def comes_whole(self) -> bool:
        """Whether the quantity comes in whole things only: beds, places."""
        return self.quantity in COUNTED_QUANTITIES

    def travel_limits(self) -> Mapping[str, float]:
        """Nothing: no travel is asked about."""
        return {}

    def measure(self, area: StudyArea, times: TravelTimes) -> pd.DataFrame:  # noqa: ARG002 - the same form for every kind
        """One row per unit: have in the quantity's unit, base in `per` people or households, shortfall = required * base / per - have."""
        places = self._places(area)
        facilities = facilities_of(area)
        counts = counted(facilities, self.facilities, self.where, self.barred)
        rows = members(places.rows_of(facilities), counts, len(places.frame))
        amounts = quantity_of(facilities, self.quantity)
        required = required_of(self.value, self.uplift, places.frame)
        figures = [
            self._figure(base, facilities, counts, amounts, inside, asked)
            for base, inside, asked in zip(places.base(self.base), rows, required, strict=True)
        ]
        group = self.base if self.base.startswith("pop") else group_of(self.facilities)
        shortfall_unit = QUANTITY_UNITS[self.quantity]
        return table(self, places, figures, unit=shortfall_unit, shortfall_unit=shortfall_unit, people=places.base(group))

    def relief(self, area: StudyArea, times: TravelTimes) -> Relief | None:
        """What each failing unit lacks of the quantity, and what each candidate in it would bring."""
        openings = openings_of(area)
        amounts = quantity_of(openings, self.quantity)
        place_row = self._places(area).rows_of(openings)
        brings = (counted(openings, self.facilities, self.where, self.barred) == True) & (amounts > 0) & (place_row >= 0)  # noqa: E712
        candidate_row = np.flatnonzero(brings)
        return relief_of_units(self, self.measure(area, times), place_row[candidate_row], candidate_row, amounts[candidate_row])

    def ledger(self, area: StudyArea, times: TravelTimes) -> Ledger:  # noqa: ARG002 - the same form for every kind
        """Columns: amounts that count, amounts that may count, amounts that are not known; terms: base, the least and the most required."""
        places = self._places(area)
        base = places.base(self.base)
        asked = [[asked.least, asked.most] for asked in required_of(self.value, self.uplift, places.frame)]
        terms = np.column_stack([base, np.array(asked, dtype=float).reshape(-1, 2)])
        return ledger_of(self._items(area, places), 3, is_true(places.applies) & (base > 0), terms)

    def _items(self, area: StudyArea, places: Places) -> Iterator[Item]:
        who = who_brings(area)
        for frame, sites in frames_of(area, facilities_of(area), openings_of(area)):
            counts = counted(frame, self.facilities, self.where, self.barred)
            amounts, place_row = quantity_of(frame, self.quantity), places.rows_of(frame)
            for row in np.flatnonzero((counts != False) & (place_row >= 0)):  # noqa: E712 - elementwise; None may count
                place, site = int(place_row[row]), who[sites[row]]
                if np.isnan(amounts[row]):
                    yield place, 2, site, 1.0
                else:
                    yield place, 0 if counts[row] else 1, site, float(amounts[row])

    def _places(self, area: StudyArea) -> Places:
        places = places_of(self, area)
        return pooled(places, self.pooled_over) if self.pooled_over else places

    def _figure(
        self,
        base: float,
        facilities: gpd.GeoDataFrame,
        counts: NDArray[np.object_],
        amounts: NDArray[np.float64],
        inside: list[int],
        asked: Asked,
    ) -> Figure:
        if np.isnan(base):
            return replace(unknown(say("{column} is not known", column=column_name(self.base))), required=asked.least)
        if base == 0:
            return replace(nothing_to_ask(say("{column} is 0", column=column_name(self.base))), required=asked.least)
        sure = [row for row in inside if counts[row] is True and not np.isnan(amounts[row])]
        is_sure = set(sure)
        open_ = [row for row in inside if row not in is_sure]
        have = exact_sum(amounts[row] for row in sure)
        without_limit = any(np.isnan(amounts[row]) for row in open_)
        most = None if without_limit else exact_sum(amounts[row] for row in sure + open_)
        column = column_name(self.quantity)
        what = say("{column} not known", column=column)
        if self.where:
            what = say("{column} or `{condition}` not known", column=column, condition=condition_words(self.where))
        note = naming(names_of(facilities, open_), what) if open_ else ""
        group = exact(base) / exact(self.per)
        figure = judge(self, have, group, most=most, note=note, asked=asked.least, is_whole=self.comes_whole)
        if asked.least == asked.most or figure.verdict == "fail":
            return figure
        lifted = judge(self, have, group, most=most, note=note, asked=asked.most, is_whole=self.comes_whole)
        if lifted.verdict == "pass":
            return lifted
        return replace(unknown(say("not known whether the uplift applies"), have=float(have), base=float(group)), required=asked.least)
