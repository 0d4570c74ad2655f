"""Goal `serve`: the most people of the circle served, each once, within the places that facilities and candidates have.

From a place to `Seats`, and back to tables that add up: what a site brings is how many people are served more when it opens after those
before it in the order of usefulness. People are led to a site for good (an augmenting path takes nobody's place away), so these parts
are the whole gain, and `planner.access` must find the same number of people served when the plan is measured again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from layers.saying import say
from layers.study_area import StudyArea
from layers.tables import column_name
from planner.access import Assignment, assign_people
from planner.circle import Circle
from planner.measures import open_of_kind
from planner.relief import NEED_COLUMNS, Relief
from planner.siting.circle_goals import Reach, goal_id, reach_of
from planner.siting.model import Siting
from planner.siting.problem import SitingProblem
from planner.siting.reasons import UNMET
from planner.siting.search import heuristic
from planner.siting.seats import search
from planner.siting.seats.search import LEAST, Seats, SeatSearch
from planner.siting.seats.ways import Ways, ways_of
from planner.travel.times import TravelTimes

GOAL = goal_id("serve")
SHOWN = 5
"""facilities named at most"""


@dataclass(frozen=True, eq=False)
class Standing:
    """The people of the circle and who could serve them."""

    reach: Reach
    to_facility: tuple[NDArray[np.int32], NDArray[np.int32]]
    """demand rows and facility rows of the pairs in reach"""
    of_facility: NDArray[np.float64]
    """(f,) people that each facility can serve; 0 where it is of another kind, not open, or says nothing"""
    of_candidate: NDArray[np.float64]
    """(c,) the same of the candidates"""


def standing(area: StudyArea, times: TravelTimes, siting: Siting, circle: Circle) -> Standing:
    """Who could serve the people of a completed circle. `ValueError` where nobody says how many places there are."""
    if not any(siting.capacity in table.columns and table[siting.capacity].notna().any() for table in (area.facilities, area.candidates)):
        raise ValueError(
            say(
                "siting.capacity: no facility and no candidate has {column}. Enter it, or choose another goal.",
                column=column_name(siting.capacity),
            )
        )
    open_ = open_of_kind(area.facilities, circle.kinds)
    sites = np.concatenate([open_, np.zeros(len(area.candidates), dtype=bool)])
    arcs = times.by_profile[circle.profile].within(circle.minutes or 0.0, sites)
    facility = _places(area.facilities, siting)
    return Standing(
        reach=reach_of(area, times, circle),
        to_facility=(arcs.demand_row, arcs.site_row),
        of_facility=np.where(open_, facility, 0.0),
        of_candidate=_places(area.candidates, siting),
    )


def _places(table: pd.DataFrame, siting: Siting) -> NDArray[np.float64]:
    """(rows,) people that each row can serve; 0 where it does not say."""
    if siting.capacity not in table.columns:
        return np.zeros(len(table))
    return table[siting.capacity].fillna(0.0).to_numpy(dtype=float) * siting.persons_per_place


def assigned(area: StudyArea, times: TravelTimes, siting: Siting, circle: Circle) -> Assignment:
    """Who goes where among the facilities that stand: most people, then fewest minutes."""
    open_ = open_of_kind(area.facilities, circle.kinds)
    n_candidates = len(area.site_xy_m) - area.n_facilities
    arcs = times.by_profile[circle.profile].within(circle.minutes or 0.0, np.concatenate([open_, np.zeros(n_candidates, dtype=bool)]))
    ids = [*area.facilities["facility_id"].astype(str), *(f"candidate {row}" for row in range(n_candidates))]
    people = area.demand[circle.base].fillna(0.0).to_numpy(dtype=float)
    capacity = np.concatenate([np.where(open_, _places(area.facilities, siting), 0.0), np.zeros(n_candidates)])
    return assign_people(
        arcs, people, capacity, demand_ids=area.demand["demand_id"].to_numpy(dtype=object), site_ids=np.array(ids, dtype=object)
    )


def seats_of(who: Standing, problem: SitingProblem) -> Seats:
    """The people and places of the circle within the limits and mandatory rules of a merged problem; people by id, sites in its order."""
    m, area = problem.n_candidates, who.reach.area
    position = np.full(len(who.of_candidate), -1, dtype=np.int64)
    position[problem.candidates.row] = np.arange(m)
    near = position[who.reach.candidate_row]
    demand = np.concatenate([who.reach.demand_row[near >= 0], who.to_facility[0]])
    site = np.concatenate([near[near >= 0], m + _by_id(area.facilities["facility_id"])[who.to_facility[1]]])
    capacity = np.zeros(m + len(who.of_facility))
    capacity[:m] = who.of_candidate[problem.candidates.row]
    capacity[m + _by_id(area.facilities["facility_id"])] = who.of_facility
    rank = _by_id(area.demand["demand_id"])
    people = np.zeros(len(rank))
    people[rank] = who.reach.people
    used = (capacity[site] > 0) & (who.reach.people[demand] > 0)
    order = np.lexsort((site[used], rank[demand[used]]))
    return Seats(problem, ways_of(people, capacity, rank[demand[used]][order].astype(np.int32), site[used][order].astype(np.int32)))


def ways_in(area: StudyArea, times: TravelTimes, siting: Siting, circle: Circle) -> tuple[Ways, NDArray[np.int64], NDArray[np.int64]]:
    """The people and places of a completed circle without limits and rules, every facility and candidate a site; and where each site row
    and each demand row of the place stands in it: facilities, candidates and people by id, so that the order of the rows does not matter."""
    arcs = times.by_profile[circle.profile].within(circle.minutes or 0.0, np.ones(len(area.site_xy_m), dtype=bool))
    site_at = np.concatenate([_by_id(area.facilities["facility_id"]), area.n_facilities + _by_id(area.candidates["candidate_id"])])
    place_at = _by_id(area.demand["demand_id"])
    people, capacity = np.zeros(len(place_at)), np.zeros(len(site_at))
    people[place_at] = area.demand[circle.base].fillna(0.0).to_numpy(dtype=float)
    capacity[site_at] = np.concatenate([_places(table, siting) for table in (area.facilities, area.candidates)])
    demand, site = place_at[arcs.demand_row], site_at[arcs.site_row]
    order = np.lexsort((site, demand))
    order = order[(capacity[site[order]] > 0) & (people[demand[order]] > 0)]
    return ways_of(people, capacity, demand[order].astype(np.int32), site[order].astype(np.int32)), site_at, place_at


def _by_id(ids: pd.Series) -> NDArray[np.int64]:
    """(rows,) place of each row in the order of the ids."""
    rank = np.empty(len(ids), dtype=np.int64)
    rank[np.argsort(ids.astype(str).to_numpy(), kind="stable")] = np.arange(len(ids))
    return rank


def relief_of(who: Standing, seats: Seats, opened: NDArray[np.bool_]) -> Relief | None:
    """People without a place as needs, and what each site does for them: the opened ones as they are used one after another, the others as
    many as they could take. None when everybody has a place."""
    ways, m = seats.ways, seats.problem.n_candidates
    state = SeatSearch(seats, np.zeros(m, dtype=bool), np.inf, keep_limits=False)
    short = _without(state)
    rank = _by_id(who.reach.area.demand["demand_id"])
    rows = np.flatnonzero(short[rank] > LEAST)
    if not len(rows):
        return None
    need_of = np.full(len(rank), -1)
    need_of[rank[rows]] = np.arange(len(rows))
    parts: list[tuple[NDArray[np.int64], int, NDArray[np.float64]]] = []
    left = short
    for j in _in_order(seats, opened):
        state.open(j)
        now = _without(state)
        mine = np.flatnonzero(left - now > LEAST)
        parts.append((mine, j, (left - now)[mine]))
        left = now
    for j in np.flatnonzero(~opened & (ways.capacity[:m] > 0)).tolist():
        mine = ways.demand[ways.by_arc[ways.by_start[j] : ways.by_start[j + 1]]].astype(np.int64)
        mine = mine[short[mine] > LEAST]
        parts.append((mine, j, np.minimum(short[mine], ways.capacity[j])))
    need = np.concatenate([need_of[mine] for mine, _, _ in parts] or [np.zeros(0, dtype=np.int64)])
    candidate = np.concatenate(
        [np.full(len(mine), seats.problem.candidates.row[j]) for mine, j, _ in parts] or [np.zeros(0, dtype=np.int32)]
    )
    amount = np.concatenate([people for _, _, people in parts] or [np.zeros(0)])
    order = np.lexsort((candidate, need))
    return Relief(
        needs=_needs(who.reach, rows, short[rank[rows]]),
        need_row=need[order].astype(np.int32),
        candidate_row=candidate[order].astype(np.int32),
        amount=amount[order],
        at_least=0.0,
        counted="amount",
    )


def _without(state: SeatSearch) -> NDArray[np.float64]:
    """(n,) people of each place without a seat."""
    k, n = len(state.seats.ways.site), len(state.seats.ways.people)
    return state.load.value[k : k + n].copy()


def _in_order(seats: Seats, opened: NDArray[np.bool_]) -> list[int]:
    """The opened candidates, each the one that serves most people more per price after those before it."""
    others = np.flatnonzero(~opened).tolist()
    state = SeatSearch(seats, np.zeros(len(opened), dtype=bool), np.inf, keep_limits=False)
    path = search.fill(state, heuristic.per_price(seats.problem), barred=others)
    return [*path, *np.setdiff1d(np.flatnonzero(opened), path).tolist()]


def next_best(seats: Seats, opened: NDArray[np.bool_], short: float) -> pd.DataFrame:
    """The table of `reasons.next_best`; the loss is a share of the `short` people who have no place without any site."""
    state, who = SeatSearch(seats, opened, np.inf), seats.problem.candidates
    most, takeable = np.zeros(len(seats.ways.capacity)), np.zeros(len(seats.ways.people))
    rows: list[tuple[str, str, float]] = []
    for j in np.flatnonzero(opened & ~who.is_kept).tolist():
        allowed = search.keeping_met(state, j, state.fitting(j) & ~who.is_kept)
        allowed[j] = False
        k, change = search.best_exchange(seats.ways, state.load, state.search, j, allowed, takeable, most, -np.inf)
        while state.is_torn:
            state.mend()
            k, change = search.best_exchange(seats.ways, state.load, state.search, j, allowed, takeable, most, -np.inf)
        rows.append((str(who.ids[j]), str(who.ids[k]) if k >= 0 else "", max(0.0, -change) / max(short, LEAST)))
    return pd.DataFrame(rows, columns=["candidate_id", "next_best_id", "next_best_loss"]).sort_values("candidate_id", ignore_index=True)


def overflow(who: Standing, seats: Seats, opened: NDArray[np.bool_]) -> pd.DataFrame:
    """People without a place after the choice, as rows of `Choice.unmet`: out of reach of every place, or all places in reach are full."""
    rank = _by_id(who.reach.area.demand["demand_id"])
    left = (seats.ways.people - seats.served_by_place(opened))[rank]
    in_reach = (np.diff(seats.ways.start) > 0)[rank]
    is_open = np.concatenate([opened, np.ones(seats.n_standing, dtype=bool)])
    near_open = (np.bincount(seats.ways.demand, weights=is_open[seats.ways.site], minlength=len(rank)) > 0)[rank]
    codes: NDArray[np.object_] = np.where(near_open, "full", np.where(in_reach, "limits", "out_of_reach")).astype(object)
    rows = np.flatnonzero(left > LEAST)
    needs = _needs(who.reach, rows, left[rows]).assign(code=codes[rows])
    table = needs.groupby(["rule_id", "unit_id", "unit", "code"], sort=True, as_index=False)["amount"].sum()
    table["reason"] = pd.Series([UNMET[code] for code in table["code"]], index=table.index, dtype=object)
    return pd.DataFrame(table, columns=["rule_id", "unit_id", "amount", "unit", "reason", "code"])


def _needs(reach: Reach, rows: NDArray[np.integer], amount: NDArray[np.float64]) -> pd.DataFrame:
    demand = reach.area.demand
    ids, units = (demand[name].to_numpy(dtype=object)[rows] for name in ("demand_id", "unit_id"))
    columns = {"rule_id": GOAL, "unit_id": units, "place_id": ids, "amount": amount, "unit": "people", "people": reach.people[rows]}
    return pd.DataFrame(columns, columns=list(NEED_COLUMNS))


def notes_of(area: StudyArea, siting: Siting, circle: Circle) -> Iterator[str]:
    """Who says nothing of places."""
    open_ = open_of_kind(area.facilities, circle.kinds)
    for table, rows, of_candidates in ((area.facilities, open_, False), (area.candidates, np.ones(len(area.candidates), dtype=bool), True)):
        known = table[siting.capacity].notna().to_numpy() if siting.capacity in table.columns else np.zeros(len(table), dtype=bool)
        ids = sorted(table["candidate_id" if of_candidates else "facility_id"][rows & ~known].astype(str))
        if not ids:
            continue
        shown, n = ", ".join(ids[:SHOWN]), len(ids)
        if of_candidates:
            yield say(
                "{n} candidate(s) do not say {column} and serve nobody in this choice; fill it in: {shown}",
                n=n,
                column=column_name(siting.capacity),
                shown=shown,
            )
        else:
            yield say(
                "open facilities without {column}: {n}; they serve nobody in this choice, fill it in: {shown}",
                n=n,
                column=column_name(siting.capacity),
                shown=shown,
            )
