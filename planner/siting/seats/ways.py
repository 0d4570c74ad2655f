"""`Ways`: who can go where, as the flows of people into places (`flow`) read it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.siting.pairs import turned
from planner.siting.problem import first_equal


class Ways(NamedTuple):
    """Who can go where; the arcs of the people of one place stand together."""

    people: NDArray[np.float64]
    """(n,)"""
    capacity: NDArray[np.float64]
    """(s,) finite: no site needs more than all people in its reach"""
    start: NDArray[np.int64]
    """(n + 1,) the arcs of people i are start[i] : start[i + 1]"""
    site: NDArray[np.int32]
    """(k,) site of each arc"""
    demand: NDArray[np.int32]
    """(k,) people of each arc"""
    by_start: NDArray[np.int64]
    """(s + 1,)"""
    by_arc: NDArray[np.int64]
    """(k,) the arcs again, those of one site together"""


def ways_of(people: NDArray[np.float64], capacity: NDArray[np.float64], demand: NDArray[np.int32], site: NDArray[np.int32]) -> Ways:
    """The network of (n,) people, (s,) capacities (inf without a limit) and the (k,) pairs in reach, sorted by people."""
    n, s = len(people), len(capacity)
    in_reach = np.bincount(site, weights=people[demand], minlength=s)
    start = np.concatenate([[0], np.bincount(demand, minlength=n).cumsum()]).astype(np.int64)
    by_start, _, by_arc = turned(start, site, s)
    return Ways(
        people=people,
        capacity=np.minimum(capacity, in_reach),
        start=start,
        site=site.astype(np.int32),
        demand=demand.astype(np.int32),
        by_start=by_start,
        by_arc=by_arc,
    )


def merged_ways(ways: Ways) -> Ways:
    """The same network with people of equal sites brought together; a set of sites serves as many of them."""
    n = len(ways.people)
    first = first_equal(ways.start, np.zeros(n, dtype=np.int64), ways.site, np.zeros(len(ways.site)))
    rows = np.flatnonzero(first == np.arange(n))
    number = np.searchsorted(rows, first)
    people = np.bincount(number[first >= 0], weights=ways.people[first >= 0], minlength=len(rows)).astype(np.float64)
    kept = (first == np.arange(n))[ways.demand]
    return ways_of(people, ways.capacity, number[ways.demand[kept]].astype(np.int32), ways.site[kept])
