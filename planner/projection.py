"""People in a target year, by yearly rates or by factors of single units: the same place with other numbers of people.

    people(year) = people(base year) * factor of the unit, or of the nearest unit above it that has one
                 = people(base year) * (1 + yearly rate) ** (year - base year) where no factor is given
                 = people(base year) where neither is; the notes say for which bases

Bases that count the same people (`total_is` of the population) grow alike, whichever of them is named. Where people live, what stands and what
is built stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from layers.layer_sources import FileSource
from layers.saying import say
from layers.study_area import StudyArea
from layers.tables import BASE_NAMES, column_name

Factors = Mapping[tuple[str, str], float]
"""(unit_id, base) -> people in the target year / people in the base year"""


def _base(name: str) -> str:
    if name not in BASE_NAMES:
        raise ValueError(say("{word} is no base; bases: {bases}", word=name, bases=BASE_NAMES))
    return name


class Projection(BaseModel):
    """The part `[projection]` of a scenario."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    year: int = Field(ge=1950, le=2150)
    """target year"""
    base_year: int | None = None
    """of the people in the layers; the year of `as_of` when not given"""
    growth: dict[Annotated[str, AfterValidator(_base)], Annotated[float, Field(gt=-1, lt=1)]] = Field(default_factory=dict)
    """base -> yearly rate: pop60 = 0.035 is 3.5 per cent more every year"""
    factors: FileSource | None = None
    """a table with columns unit_id, base, factor, e.g. from a cohort table: what it gives goes before `growth`"""


@dataclass(frozen=True)
class Growth:
    """A projection with its table read: what `projected` needs."""

    year: int
    base_year: int
    rates: Mapping[str, float]
    factors: Factors
    same_people: tuple[str, ...] = ()
    """bases that count the same people: what is said of one holds for all"""

    def factor(self, chain: Iterable[str], base: str) -> float:
        """For a unit with the units above it, nearest first."""
        names = self._names(base)
        own = next((self.factors[unit_id, name] for unit_id in chain for name in names if (unit_id, name) in self.factors), None)
        rate = next((self.rates[name] for name in names if name in self.rates), 0.0)
        return own if own is not None else float((1 + rate) ** (self.year - self.base_year))

    def moves(self, base: str) -> bool:
        """Whether anything is said of a base."""
        names = self._names(base)
        return any(name in self.rates for name in names) or any(of in names for _, of in self.factors)

    def _names(self, base: str) -> tuple[str, ...]:
        """The bases whose growth is that of a base."""
        return self.same_people if base in self.same_people else (base,)


def projected(area: StudyArea, growth: Growth) -> StudyArea:
    """The place with the people of the target year; every unit holds the people of those below it, as before."""
    chains = _chains(area)
    demand, units, residential, unassigned = area.demand, area.units, area.residential, area.unassigned
    for base in BASE_NAMES:
        of_unit = {unit_id: growth.factor(chain, base) for unit_id, chain in chains.items()}
        if base in demand.columns:
            demand = demand.assign(**{base: demand[base].to_numpy(dtype=float) * _factors(demand["unit_id"], of_unit)})
        if base in units.columns:
            units = units.assign(**{base: _units(area, units[base].to_numpy(dtype=float), of_unit)})
        if base in residential.columns and len(residential):
            residential = residential.assign(**{base: residential[base].to_numpy(dtype=float) * _factors(residential["unit_id"], of_unit)})
        mine = (unassigned["base"] == base).to_numpy()
        if mine.any():
            lost = unassigned["people"].to_numpy(dtype=float)
            unassigned = unassigned.assign(people=np.where(mine, lost * _factors(unassigned["unit_id"], of_unit), lost))
    return replace(area, demand=demand, units=units, residential=residential, unassigned=unassigned)


def people_table(before: StudyArea, after: StudyArea) -> pd.DataFrame:
    """base, people, people_then: all people of the input, in a unit or not, in both years; bases that the place does not hold are left out."""
    rows = [(base, _all(before, base), _all(after, base)) for base in before.bases]
    return pd.DataFrame(rows, columns=["base", "people", "people_then"])


def notes_of(area: StudyArea, growth: Growth) -> Iterator[str]:
    """What must be said of a projected place: bases taken as they are, and groups that would outgrow everybody."""
    kept = [base for base in area.bases if not growth.moves(base)]
    if kept:
        yield say(
            "{year}: no growth is given, kept as in {base_year}: {bases}",
            year=growth.year,
            base_year=growth.base_year,
            bases=[column_name(base) for base in kept],
        )
    places = area.places(area.finest_level)
    for part in ("pop60", "pop_u3"):
        if {part, "pop_total"} <= set(places.columns):
            n = int((places[part] > places["pop_total"] * (1 + 1e-9)).sum())
            if n:
                yield say(
                    "{year}: {part} is above pop_total in {n} unit(s): check the rates", year=growth.year, part=column_name(part), n=n
                )


def _chains(area: StudyArea) -> dict[str, tuple[str, ...]]:
    """unit_id -> itself and the units above it; "" for people in no unit."""
    parent = dict(zip(area.units["unit_id"], area.units["parent_id"], strict=True))

    def chain(unit_id: str) -> tuple[str, ...]:
        return (unit_id, *chain(parent.get(unit_id, ""))) if unit_id else ()

    return {unit_id: chain(unit_id) for unit_id in ("", *parent)}


def _factors(unit_ids: pd.Series, of_unit: Mapping[str, float]) -> NDArray[np.float64]:
    elsewhere = of_unit[""]
    return np.array([of_unit.get(unit_id, elsewhere) for unit_id in unit_ids], dtype=float)


def _units(area: StudyArea, people: NDArray[np.float64], of_unit: Mapping[str, float]) -> NDArray[np.float64]:
    """(u,) people of every unit then: those of its finest units, and what it holds beyond them by its own factor."""
    ids = area.units["unit_id"]
    is_finest = (area.units["level"] == area.finest_level).to_numpy()
    then = people * _factors(ids, of_unit)
    for level in area.levels[:-1]:
        above = area.unit_at(level, ids[is_finest])
        now_below = pd.Series(people[is_finest], index=above.index).groupby(above).sum(min_count=1)
        then_below = pd.Series(then[is_finest], index=above.index).groupby(above).sum(min_count=1)
        for row in np.flatnonzero((area.units["level"] == level).to_numpy()):
            unit_id = str(ids.iloc[row])
            below, grown = float(now_below.get(unit_id, 0.0)), float(then_below.get(unit_id, 0.0))
            if not np.isnan(below):
                then[row] = grown + (people[row] - below) * of_unit[unit_id]
    return then


def _all(area: StudyArea, base: str) -> float:
    frame: gpd.GeoDataFrame = area.demand
    lost = area.unassigned.loc[area.unassigned["base"] == base, "people"]
    return float(frame[base].sum()) + float(lost.sum())
