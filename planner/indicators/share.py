"""Share: so much of a whole, e.g. 60 % nursing beds among all beds, every institution up to the norm. Never a mean of shares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import AfterValidator, model_validator

from layers.condition_words import condition_words
from layers.predicates import Predicate
from layers.saying import Said, Word, say
from layers.study_area import StudyArea
from layers.tables import BASE_NAMES, column_name
from planner.attested import Attested
from planner.exact import exact, exact_sum
from planner.indicators.counting import (
    FUNCTIONS,
    ONE,
    QUANTITY_UNITS,
    FacilityCondition,
    counted,
    facilities_of,
    members,
    names_of,
    openings_of,
    quantity_of,
)
from planner.indicators.figures import Figure, both, group_of, judge, naming, nothing_to_ask, table, unknown
from planner.indicators.needs import relief_of_units
from planner.indicators.places import Places, place_of_answer, places_of, with_unit_columns
from planner.ledger import NOTHING, Item, Ledger, frames_of, is_true, ledger_of, who_brings
from planner.measures import TO_CONVERT
from planner.relief import Relief
from planner.rules import Kinds, Rule, check_condition, check_known
from planner.travel.times import TravelTimes

COUNT = "count"
_COUNT_IF = re.compile(r"count_if\((.*)\)", re.DOTALL)


def _check_term(term: str) -> str:
    if match := _COUNT_IF.fullmatch(term):
        check_condition(match[1], tuple(FUNCTIONS))
    else:
        check_known(term, (COUNT, *QUANTITY_UNITS, *BASE_NAMES), say("quantity, base, count or count_if(condition)"))
    return term


Term = Annotated[str, AfterValidator(_check_term)]
"""a quantity, a base, `count`, or `count_if(condition)`"""


@dataclass(frozen=True, eq=False)
class _Terms:
    """Both parts of the share for each row: NaN where not known."""

    num: NDArray[np.float64]
    den: NDArray[np.float64]

    def rows(self, rows: list[int]) -> _Terms:
        """Those of some rows."""
        return _Terms(self.num[rows], self.den[rows])


class Ratio(Rule):
    """value(unit) = 100 * sum(num) / sum(den) over the open facilities of the unit, or over its units of the finest level.

    Registers of people (`over = "records"`) are not read by this program: their sums are attested, and without them the rule stays no_data.
    """

    pooled_scale: ClassVar[float | None] = 100.0
    kind: Literal["ratio"]
    over: Literal["facilities", "units", "records"]
    facilities: Kinds | None = None
    where: FacilityCondition = ""
    """condition on the facilities or units"""
    num: Term
    den: Term
    attested: Attested | None = None
    """the sums of a register, as somebody states them"""

    @model_validator(mode="before")
    @classmethod
    def _facilities_when_over_them(cls, data: object) -> object:
        if isinstance(data, dict) and data.get("over") == "facilities" and not data.get("facilities"):
            raise ValueError(say("facilities is missing: name the kinds that the share is taken over"))
        return data

    @property
    def asked_of_people(self) -> str:
        """The sums of the register, while nobody has stated them."""
        needs = "; ".join(self.needs)
        return "" if self.over != "records" or self.attested else f"How many meet this sentence (num), of how many (den). Needed: {needs}."

    def unfit(self, answer: Attested) -> str:
        """Only sums of a register can be attested; what facilities or units give is measured."""
        if self.over != "records":
            return super().unfit(answer)
        return "" if answer.value is None else say("{rule} asks for num and den, not for a value", rule=self.full_id)

    def travel_limits(self) -> Mapping[str, float]:
        """Nothing: no travel is asked about."""
        return {}

    def measure(self, area: StudyArea, times: TravelTimes) -> pd.DataFrame:  # noqa: ARG002 - the same form for every kind
        """One row per unit: have = sum(num), base = sum(den), shortfall = required share * base - have, as many of those there as would
        have to become the ones asked for."""
        places = place_of_answer(self, area) if self.attested else places_of(self, area)
        if self.attested:
            figures = [self._attested(self.attested)]
        elif self.over == "records":
            figures = [unknown(say("needs the user's own register (records)"))] * len(places.frame)
        else:
            figures = self._figures(places, self._rows(area))
        people = places.base(group_of(self.facilities or ()))
        return table(self, places, figures, unit="%", shortfall_unit=self._short_unit, people=people)

    def relief(self, area: StudyArea, times: TravelTimes) -> Relief | None:
        """What each failing unit lacks in num, and num - share * den of each candidate in it: below 0 where it lowers the share."""
        if self.over != "facilities" or self.value is None:
            return None
        openings = openings_of(area)
        terms = self._terms(openings)
        place_row = places_of(self, area).rows_of(openings)
        counts = counted(openings, self.facilities or (), self.where, self.barred) == True  # noqa: E712 - elementwise
        candidate_row = np.flatnonzero(counts & ~np.isnan(terms.den) & (place_row >= 0))
        gain = np.nan_to_num(terms.num) - self.value / 100 * terms.den
        return relief_of_units(self, self.measure(area, times), place_row[candidate_row], candidate_row, gain[candidate_row])

    def relieved(self, before: pd.DataFrame, after: pd.DataFrame) -> float:
        """As for every rule; what came in addition is num, less the share that the additional den asks for."""
        asked = after["required"] / 100 * after["base"]
        base_asked = before["required"] / 100 * before["base"]
        return super().relieved(before.assign(have=before["have"] - base_asked), after.assign(have=after["have"] - asked))

    def ledger(self, area: StudyArea, times: TravelTimes) -> Ledger:  # noqa: ARG002 - the same form for every kind
        """Columns: num, den, facilities whose num is not known, facilities of which nothing can be said. Units and registers do not change."""
        if self.attested or self.over != "facilities":
            return NOTHING
        places = places_of(self, area)
        return ledger_of(self._items(area, places), 4, is_true(places.applies), np.zeros((len(places.frame), 0)))

    def _items(self, area: StudyArea, places: Places) -> Iterator[Item]:
        who = who_brings(area)
        for frame, sites in frames_of(area, facilities_of(area), openings_of(area)):
            counts, terms, place_row = self._counts(frame), self._terms(frame), places.rows_of(frame)
            for row in np.flatnonzero((counts != False) & (place_row >= 0)):  # noqa: E712 - elementwise; None may count
                place, site, num, den = int(place_row[row]), who[sites[row]], float(terms.num[row]), float(terms.den[row])
                if not counts[row] or np.isnan(den):
                    yield place, 3, site, 1.0
                    continue
                yield place, 1, site, den
                yield (place, 2, site, 1.0) if np.isnan(num) else (place, 0, site, num)

    def _attested(self, answer: Attested) -> Figure:
        num, den = exact(answer.num or 0.0), exact(answer.den or 0.0)
        if not den:
            return nothing_to_ask(both(say("there is nothing to take a share of"), answer.told))
        return judge(self, num, den, most=num, scale=100, note=answer.told)

    @property
    def _short_unit(self) -> str:
        """Unit of the shortfall: that of num; of a part of the same things, so many of them to convert."""
        num, den = self._unit_of(self.num), self._unit_of(self.den)
        return num + TO_CONVERT if self.over == "facilities" and num == den else num

    def _unit_of(self, term: str) -> str:
        if term in QUANTITY_UNITS:
            return QUANTITY_UNITS[term]
        return "people" if term in BASE_NAMES else self.over

    def _rows(self, area: StudyArea) -> gpd.GeoDataFrame:
        if self.over == "facilities":
            return facilities_of(area)
        return with_unit_columns(area, area.places(area.finest_level))

    def _counts(self, frame: gpd.GeoDataFrame) -> NDArray[np.object_]:
        if self.over == "facilities":
            return counted(frame, self.facilities or (), self.where, self.barred)
        return Predicate.parse(self.where).evaluate(frame, FUNCTIONS)

    def _terms(self, frame: gpd.GeoDataFrame) -> _Terms:
        return _Terms(*(_term(frame, term) for term in (self.num, self.den)))

    def _figures(self, places: Places, frame: gpd.GeoDataFrame) -> list[Figure]:
        counts, terms = self._counts(frame), self._terms(frame)
        rows = members(places.rows_of(frame), counts, len(places.frame))
        return [self._figure(frame, counts, terms, inside) for inside in rows]

    def _figure(self, frame: gpd.GeoDataFrame, counts: NDArray[np.object_], terms: _Terms, inside: list[int]) -> Figure:
        """Where `where` or den of a row is not known nothing can be said; a missing num counts as 0, or as 1 of a count at most."""
        lost = [row for row in inside if counts[row] is None or np.isnan(terms.den[row])]
        kept = [row for row in inside if row not in set(lost)]
        open_ = [row for row in kept if np.isnan(terms.num[row])]
        have = exact_sum(terms.num[row] for row in kept if not np.isnan(terms.num[row]))
        base = exact_sum(terms.den[row] for row in kept)
        in_doubt = lost + open_
        note = naming(names_of(frame, in_doubt), self._not_known(counts[in_doubt], terms.rows(in_doubt))) if in_doubt else ""
        if lost:
            return unknown(note, have=float(have), base=float(base))
        if base == 0:
            return nothing_to_ask(say("there is nothing to take a share of"))
        most = have + len(open_) if self.num.startswith(COUNT) or not open_ else None
        return judge(self, have, base, most=most, scale=100, note=note)

    def _not_known(self, counts: NDArray[np.object_], terms: _Terms) -> Said:
        """What is not known of rows of which something is not: only that."""
        told = [_told(term) for term, known in ((self.num, terms.num), (self.den, terms.den)) if np.isnan(known).any()]
        does_it_count = any(answer is None for answer in counts)
        return say("not known: {terms}", terms=told + [condition_words(self.where)] * does_it_count)


def _told(term: str) -> str:
    """A part of the share for readers: a column by its name, what is counted by its condition."""
    match = _COUNT_IF.fullmatch(term)
    return Word(term, condition_words(match[1]).zh) if match else column_name(term)


def _term(frame: gpd.GeoDataFrame, term: str) -> NDArray[np.float64]:
    """(n,) a part of the share for each row; count_if gives 1, 0 or NaN."""
    if term in (COUNT, ONE):
        return np.ones(len(frame))
    if match := _COUNT_IF.fullmatch(term):
        answers = Predicate.parse(match[1]).evaluate(frame, FUNCTIONS)
        return np.array([np.nan if a is None else float(a) for a in answers])
    return quantity_of(frame, term)
