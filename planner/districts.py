"""Service districts: who goes where when places are limited, how full each facility is, and who is left without a place.

Everybody is served once, by an open facility within the minutes, as many people as there are places for; of these assignments the one of
fewest minutes (`planner.access`), or, where it is asked for, the one of even loads (`planner.even_loads`). Facilities that state no capacity take nobody in: who reaches one and has no place elsewhere is counted
by himself, since nobody knows whether he has one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from layers.kinds import kinds
from layers.saying import say
from layers.study_area import StudyArea
from layers.tables import BASE_NAMES, QUANTITY_NAMES
from planner.access import Assignment, assign_people, balance_with_capacity
from planner.circle import Circle
from planner.even_loads import evened
from planner.measures import open_of_kind
from planner.rules import one_of
from planner.travel.model import PROFILES
from planner.travel.times import TravelTimes

Kind = Annotated[str, one_of(tuple(kinds()), say("kind of facility"))]


class Districts(BaseModel):
    """The `[districts]` part of a scenario; what is not given is that of the shown circle."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False)

    base: Annotated[str, one_of(BASE_NAMES, "base")] = ""
    """whose places are sought, e.g. pop_u3"""
    kinds: tuple[Kind, ...] = ()
    """kinds of facilities that take people in, e.g. ["childcare"]"""
    capacity: Annotated[str, one_of(QUANTITY_NAMES, "quantity")] = ""
    """column of the facilities that holds their places, e.g. childcare_places or beds_total; empty: no limit, everybody goes to the nearest"""
    persons_per_place: float = Field(default=1.0, gt=0)
    """people of the base that one place stands for: 1 when each has to have one, 10 when one in ten comes"""
    minutes: float | None = Field(default=None, gt=0)
    """how far people go"""
    profile: Annotated[str, one_of(tuple(PROFILES), "pace")] = ""
    """their pace, e.g. general_walk"""
    max_extra_minutes: float | None = Field(default=None, ge=0)
    """loads are evened out: people may be led so many minutes farther than the shortest assignment leads the people of their place; empty:
    nobody goes farther than he has to"""

    def completed(self, circle: Circle) -> Districts:
        """These districts with every gap filled from the shown circle, which is complete."""
        return Districts(
            base=self.base or circle.base,
            kinds=self.kinds or circle.kinds,
            capacity=self.capacity,
            persons_per_place=self.persons_per_place,
            minutes=self.minutes or circle.minutes,
            profile=self.profile or circle.profile,
            max_extra_minutes=self.max_extra_minutes,
        )


@dataclass(frozen=True, eq=False)
class Assigned:
    """Who goes where in one state of the place."""

    flows: pd.DataFrame
    """demand_id, unit_id, facility_id, people (> 0), minutes: one row per place of people and facility they go to"""
    loads: pd.DataFrame
    """facility_id, name, unit_id, kind, places, capacity, load, free [people], mean_minutes, longest_minutes (NaN where nobody comes): every
    open facility of the kinds, in the order of the place; where no capacity is stated or asked for places, capacity and free are NaN, and
    load too where it is asked for"""
    balance: pd.DataFrame
    """unit_id ("" for all, "(outside)" in no unit), `access.BALANCE_PARTS`, total [people]"""


@dataclass(frozen=True, eq=False)
class WhoGoesWhere:
    """The answer to `[districts]`."""

    asked: Districts
    """with every gap filled"""
    before: Assigned
    after: Assigned


def assigned(area: StudyArea, times: TravelTimes, asked: Districts) -> Assigned:
    """Who goes where in a place; `asked` is completed.

    `BalanceError` when people were lost on the way.
    """
    serving = np.flatnonzero(open_of_kind(area.facilities, asked.kinds))
    places = _places(area, asked)
    known = np.zeros(len(area.site_xy_m), dtype=bool)
    known[serving] = ~np.isnan(places[serving])
    arcs = times.by_profile[asked.profile].within(asked.minutes or 0.0, known)
    capacity = np.zeros(len(known))
    capacity[: area.n_facilities] = np.nan_to_num(places, posinf=np.inf) * asked.persons_per_place
    demand_ids = area.demand["demand_id"].to_numpy(dtype=object)
    site_ids = np.concatenate([area.facilities["facility_id"], area.candidates["candidate_id"]]).astype(object)
    people = area.demand[asked.base].fillna(0.0).to_numpy(dtype=float)
    found = assign_people(arcs, people, capacity, demand_ids=demand_ids, site_ids=site_ids)
    if asked.max_extra_minutes is not None:
        found = evened(found, arcs, asked.max_extra_minutes, demand_ids=demand_ids, site_ids=site_ids)
    silent = np.zeros(len(known), dtype=bool)
    silent[serving] = np.isnan(places[serving])
    in_doubt = np.isfinite(times.nearest(asked.profile, asked.minutes or 0.0, silent)[0])
    return Assigned(
        flows=_flows(area, found),
        loads=_loads(area, serving, places, found),
        balance=balance_with_capacity(area, asked.base, found, times.off_network, in_doubt=in_doubt),
    )


def not_in_place(area: StudyArea, asked: Districts) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """What the districts ask for and the place does not have: (keys in the scenario, what is wrong, how to mend it)."""
    if asked.base and asked.base not in area.bases:
        yield (
            ("districts", "base"),
            say("no people of base {base} are read", base=asked.base),
            say("Known: {bases}.", bases=", ".join(area.bases)),
        )
    column = area.facilities.get(asked.capacity) if asked.capacity else None
    if asked.capacity and (column is None or column.isna().all()):
        what = say("no facility states {column}", column=asked.capacity)
        yield ("districts", "capacity"), what, say("Read a table of facilities that holds it, or leave capacity out.")


def _places(area: StudyArea, asked: Districts) -> NDArray[np.float64]:
    """(f,) places of each facility: NaN where it states none, inf where none are asked for."""
    if not asked.capacity:
        return np.full(area.n_facilities, np.inf)
    if asked.capacity not in area.facilities.columns:
        return np.full(area.n_facilities, np.nan)
    places: NDArray[np.float64] = area.facilities[asked.capacity].to_numpy(dtype=float)
    return places


def _flows(area: StudyArea, found: Assignment) -> pd.DataFrame:
    demand, site = found.flows["demand_row"].to_numpy(), found.flows["site_row"].to_numpy()
    return pd.DataFrame(
        {
            "demand_id": area.demand["demand_id"].to_numpy()[demand],
            "unit_id": area.demand["unit_id"].to_numpy()[demand],
            "facility_id": area.facilities["facility_id"].to_numpy()[site],
            "people": found.flows["people"],
            "minutes": found.flows["minutes"],
        }
    )


def _loads(area: StudyArea, serving: NDArray[np.int64], places: NDArray[np.float64], found: Assignment) -> pd.DataFrame:
    """How full each facility is."""
    stated = np.isfinite(places[serving])
    load, capacity = found.load[serving], np.where(stated, found.capacity[serving], np.nan)
    # a full facility is full to the last digit, whatever the solver's sums leave over
    load = np.where(np.isclose(load, capacity, rtol=1e-9, atol=1e-6), capacity, load)
    by_site = found.flows.assign(person_minutes=found.flows["people"] * found.flows["minutes"]).groupby("site_row")
    mean = (by_site["person_minutes"].sum() / by_site["people"].sum()).reindex(serving)
    table = pd.DataFrame(area.facilities.iloc[serving][["facility_id", "name", "unit_id", "kind"]].reset_index(drop=True))
    return table.assign(
        places=np.where(stated, places[serving], np.nan),
        capacity=capacity,
        load=np.where(np.isnan(places[serving]), np.nan, load),
        free=capacity - load,
        mean_minutes=mean.to_numpy(),
        longest_minutes=by_site["minutes"].max().reindex(serving).to_numpy(),
    )
