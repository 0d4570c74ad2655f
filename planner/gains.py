"""The people whom each site of a plan gains: newly within the circle, or under goal `serve` newly with a place.

Sites open one after another in the order of the plan, and each counts what it changes; so the gains add up to that of the whole plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.kinds import rows_of_kind
from layers.study_area import StudyArea
from planner.circle import Circle
from planner.measures import open_of_kind
from planner.siting.actions import CLOSE
from planner.siting.model import Siting
from planner.siting.seats.flow import attract, release, search_of
from planner.siting.seats.load import load_of
from planner.siting.serve import ways_in
from planner.travel.arcs import Arcs
from planner.travel.times import TravelTimes

PARTS: dict[str, tuple[str, ...]] = {"pop60": ("pop65", "pop80"), "pop65": ("pop80",)}
"""groups of people that are part of another, beside all that are part of `pop_total`"""
OLD, YOUNG = ("pop60", "pop65", "pop80"), ("pop_u3",)
"""groups that have nobody in common: of a circle for the one the others are not told"""

Change = Callable[[list[int], list[int]], NDArray[np.float64]]
"""(site rows that open, site rows that close) -> (d,) what changes at each place of people"""


def people_gained(area: StudyArea, times: TravelTimes, order: Sequence[int], circle: Circle, siting: Siting) -> pd.DataFrame:
    """(p, groups) people gained by each candidate row of `order`; below 0 where it replaces a facility that did more, NaN where it neither
    opens nor closes anything of the circle's kinds.

    The first column is the circle's base; groups of another age have none. Within the circle every group is counted by itself. Under goal
    `serve` only the base is led to places: of the groups that are part of it as many are taken to be among the served as live among the base
    at each place; other groups have no column.
    """
    arcs = times.by_profile[circle.profile].within(circle.minutes or 0.0, np.ones(len(area.site_xy_m), dtype=bool))
    stands = open_of_kind(area.facilities, circle.kinds)
    if siting.goal == "serve":
        amount, change = _parts_of(area, circle.base), _served(area, times, stands, circle, siting)
    else:
        amount, change = _people(area, _groups(area, circle.base)), _reached(arcs, stands)
    people = amount.to_numpy()
    nothing = np.full(people.shape[1], np.nan)
    gained = [
        change(opens, closes) @ people if opens or closes else nothing for opens, closes in _sites_changed(area, order, stands, circle)
    ]
    return pd.DataFrame(np.array(gained).reshape(len(order), len(amount.columns)), columns=amount.columns)


def _groups(area: StudyArea, base: str) -> list[str]:
    apart = YOUNG if base in OLD else OLD if base in YOUNG else ()
    return list(dict.fromkeys((base, *(name for name in area.bases if name.startswith("pop") and name not in apart))))


def _people(area: StudyArea, groups: list[str]) -> pd.DataFrame:
    people: pd.DataFrame = area.demand[groups].fillna(0.0)
    return people


def _parts_of(area: StudyArea, base: str) -> pd.DataFrame:
    """(d, groups) of one of the base's people at each place, how much belongs to each group that is part of the base."""
    groups = _groups(area, base)
    people = _people(area, groups if base == "pop_total" else [name for name in groups if name in (base, *PARTS.get(base, ()))])
    whole = people[base].to_numpy(copy=True)
    shares: pd.DataFrame = people.div(np.where(whole > 0, whole, 1.0), axis=0).clip(upper=1.0)
    return shares


def _reached(arcs: Arcs, stands: NDArray[np.bool_]) -> Change:
    """1 where a place of people comes within reach of a site, -1 where it leaves the reach of all."""
    n_near = np.bincount(arcs.demand_row[np.isin(arcs.site_row, np.flatnonzero(stands))], minlength=arcs.n_demand)
    by_site = np.argsort(arcs.site_row, kind="stable")
    start = np.searchsorted(arcs.site_row[by_site], np.arange(arcs.n_sites + 1))

    def change(opens: list[int], closes: list[int]) -> NDArray[np.float64]:
        was = n_near > 0
        for sites, step in ((opens, 1), (closes, -1)):
            for site in sites:
                n_near[arcs.demand_row[by_site[start[site] : start[site + 1]]]] += step
        return (n_near > 0).astype(np.float64) - was

    return change


def _served(area: StudyArea, times: TravelTimes, stands: NDArray[np.bool_], circle: Circle, siting: Siting) -> Change:
    """How many people more have a place, each person served once and within the places there are (`seats.flow`)."""
    ways, site_at, place_at = ways_in(area, times, siting, circle)
    load, search = load_of(ways, np.inf, 0), search_of(ways)
    k, n = len(ways.site), len(ways.people)
    for site in np.sort(site_at[np.flatnonzero(stands)]):
        attract(ways, load, search, int(site))

    def change(opens: list[int], closes: list[int]) -> NDArray[np.float64]:
        without = load.value[k : k + n].copy()
        for site in opens:
            attract(ways, load, search, int(site_at[site]))
        for site in closes:
            release(ways, load, search, int(site_at[site]))
        return (without - load.value[k : k + n])[place_at]

    return change


def _sites_changed(
    area: StudyArea, order: Sequence[int], stands: NDArray[np.bool_], circle: Circle
) -> Iterator[tuple[list[int], list[int]]]:
    """Site rows of the circle that open and that close with each candidate of `order`."""
    candidates = area.candidates.iloc[list(order)]
    nothing = pd.Series([""] * len(candidates))
    of_kind = rows_of_kind(candidates["kind"], circle.kinds)
    standing = {str(area.facilities["facility_id"].iloc[site]): int(site) for site in np.flatnonzero(stands)}
    told = zip(order, of_kind, candidates.get("action", nothing), candidates.get("replaces", nothing), strict=True)
    for row, is_of_kind, action, replaced in told:
        closes = standing.get(str(replaced))
        yield ([area.n_facilities + row] if is_of_kind and str(action) != CLOSE else []), ([] if closes is None else [closes])
