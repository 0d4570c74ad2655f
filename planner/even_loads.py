"""Even loads: the people who have a place led so that no facility is needlessly fuller than another, within a limit of extra minutes.

Of the shortest assignment it is kept how many people of each place are served; they may go to every facility that is at most so many
minutes farther than the farthest to which it leads the people of their place. Of all such assignments the one is taken whose fullest
facility is least full, then the next fullest, and so on (the lexicographically optimal base: Fujishige 1980), and of these the one of
fewest minutes. How full a facility is counts in people per place; where no capacity is asked for, in people.

The rates are found by halving: were all facilities equally full, either everybody finds a place, or some people can only go to facilities
that are too small for them (the least cut). These facilities are fuller than the others, and both parts are looked at by themselves.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from planner.access import Assignment, assign_people
from planner.siting.seats.flow import attract, search_of
from planner.siting.seats.load import load_of
from planner.siting.seats.ways import Ways, ways_of
from planner.travel.arcs import LIMIT_TOLERANCE_MINUTES, Arcs

LEAST = 1e-6
"""fewer people are rounding"""


def evened(
    found: Assignment,
    arcs: Arcs,
    extra_minutes: float,
    *,
    demand_ids: NDArray[np.object_],
    site_ids: NDArray[np.object_],
) -> Assignment:
    """The assignment with even loads; `found` is the shortest one along the arcs (`access.assign_people`)."""
    flows = found.flows
    farthest = np.full(len(found.served), -np.inf)
    np.maximum.at(farthest, flows["demand_row"].to_numpy(), flows["minutes"].to_numpy())
    keep = (arcs.minutes <= farthest[arcs.demand_row] + extra_minutes + LIMIT_TOLERANCE_MINUTES) & (found.capacity[arcs.site_row] > 0)
    ways = Arcs(arcs.demand_row[keep], arcs.site_row[keep], arcs.minutes[keep], arcs.limit_minutes, arcs.n_demand, arcs.n_sites)
    places = np.where(np.isinf(found.capacity), 1.0, found.capacity)
    people = np.bincount(flows["demand_row"], weights=flows["people"], minlength=len(found.served)).astype(np.float64)
    room = even_rates(ways.demand_row, ways.site_row, people, places) * places
    again = assign_people(ways, people, room + LEAST, demand_ids=demand_ids, site_ids=site_ids).flows
    counted = np.bincount(again["demand_row"], weights=again["people"], minlength=len(people))
    # the room has no slack, so sums may be short by rounding: everybody who had a place has one
    to_whole = np.divide(people, counted, out=np.ones(len(people)), where=counted > 0)
    again = again.assign(people=again["people"] * to_whole[again["demand_row"]])
    load = np.bincount(again["site_row"], weights=again["people"], minlength=len(room)).astype(np.float64)
    return replace(found, flows=again, load=load)


def even_rates(
    demand: NDArray[np.int32], site: NDArray[np.int32], people: NDArray[np.float64], places: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(s,) people per place at each site when loads are even; 0 where nobody can go. (k,) pairs in reach, each person in one at least."""
    rates = np.zeros(len(places))
    waiting = [(people > LEAST, np.bincount(site, minlength=len(places)) > 0)]
    while waiting:
        who, where = waiting.pop()
        total = float(people[who].sum())
        if total <= LEAST:
            continue
        rate = total / float(places[where].sum())
        used = who[demand] & where[site]
        stuck, full = _too_small(demand[used], site[used], np.where(who, people, 0.0), np.where(where, rate * places, 0.0))
        if full.any() and full.sum() < where.sum():
            waiting += [(who & stuck, full), (who & ~stuck, where & ~full)]
        else:
            rates[where] = rate
    return rates


def _too_small(
    demand: NDArray[np.int32], site: NDArray[np.int32], people: NDArray[np.float64], capacity: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(d,) people who can only go to (s,) sites that are too small for them; nobody and none where everybody finds a place."""
    order = np.lexsort((site, demand))
    ways = ways_of(people, capacity, demand[order], site[order])
    load, search = load_of(ways, np.inf, 0), search_of(ways)
    for s in np.flatnonzero(np.diff(ways.by_start)).tolist():
        attract(ways, load, search, s)
    return _behind(ways, load.value)


def _behind(ways: Ways, value: NDArray[np.float64]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The side of the least cut on which the people without a place are."""
    k, n = len(ways.site), len(ways.people)
    stuck, full = value[k : k + n] > LEAST, np.zeros(len(ways.capacity), dtype=bool)
    while True:
        full[ways.site[stuck[ways.demand]]] = True
        more = stuck.copy()
        more[ways.demand[full[ways.site] & (value[:k] > LEAST)]] = True
        if (more == stuck).all():
            return stuck, full
        stuck = more
