"""The compiled flows of people into places: open a site, close a site, and always as many people served as can be.

A bipartite network from people to sites, each person served once, each site within its capacity. `attract` opens a site and leads people to
it along augmenting paths (Ford and Fulkerson 1956): it takes somebody whom another site serves only where that site can serve somebody else
instead. `release` closes one and seats its people elsewhere as far as there is room. So the flow is greatest after every call, and what a
call changes is written down, to be taken back. Plain arrays, no chance: searches go breadth first in the order of the arcs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.siting.seats.load import SMALLEST, Load, change, list_ways, unlist_ways
from planner.siting.seats.ways import Ways


class Search(NamedTuple):
    """Room for one breadth first search."""

    seen: NDArray[np.int64]
    """(s,) 0 not seen, 1 seen, 2 seen and known to lead nowhere"""
    queue: NDArray[np.int64]
    leaves: NDArray[np.int64]
    """(s,) arc along which somebody would go away from ..."""
    comes: NDArray[np.int64]
    """(s,) ... to another site along this arc"""


def search_of(ways: Ways) -> Search:
    """Empty room."""
    s = len(ways.capacity)
    return Search(*(np.zeros(s, dtype=np.int64) for _ in range(4)))


@compiled
def attract(ways: Ways, load: Load, search: Search, j: int) -> float:
    """Open j and serve as many people more as it allows; how many."""
    free = len(ways.site) + len(ways.people) + j
    list_ways(ways, load, j)
    change(load, free, ways.capacity[j])
    while load.value[free] > SMALLEST and _attract_once(ways, load, search, j):
        pass
    return float(ways.capacity[j] - load.value[free])


@inner
def _attract_once(ways: Ways, load: Load, search: Search, j: int) -> bool:
    """Lead people without a site to j along the shortest chains of sites; False when no chain is left."""
    k = len(ways.site)
    search.seen[:] = 0
    search.queue[0], search.seen[j], head, tail = j, 1, 0, 1
    while head < tail:
        s = search.queue[head]
        head += 1
        for e in range(ways.by_start[s], ways.by_start[s + 1]):
            a = ways.by_arc[e]
            i = ways.demand[a]
            load.tally[1] -= 1
            if load.value[k + i] > SMALLEST:
                if _pull(ways, load, search, j, s, a) and s != j:
                    return True
                if load.value[k + len(ways.people) + j] <= SMALLEST:
                    return True
            for f in range(ways.start[i], ways.start[i] + load.n_near[i]):
                b = load.near[f]
                other = ways.site[b]
                if search.seen[other] == 0 and load.value[b] > SMALLEST:
                    search.seen[other], search.leaves[other], search.comes[other] = 1, b, a
                    search.queue[tail] = other
                    tail += 1
    return False


@inner
def _pull(ways: Ways, load: Load, search: Search, j: int, s: int, a: int) -> bool:
    """Seat people of arc a at site s, which is reached from j; every site on the way hands as many on to the one before."""
    k, n = len(ways.site), len(ways.people)
    amount = min(load.value[k + ways.demand[a]], load.value[k + n + j])
    at = s
    while at != j:
        amount = min(amount, load.value[search.leaves[at]])
        at = ways.site[search.comes[at]]
    if amount <= SMALLEST:
        return False
    change(load, k + ways.demand[a], -amount)
    change(load, a, amount)
    at = s
    while at != j:
        change(load, search.leaves[at], -amount)
        change(load, search.comes[at], amount)
        at = ways.site[search.comes[at]]
    change(load, k + n + j, -amount)
    return True


@compiled
def release(ways: Ways, load: Load, search: Search, j: int) -> float:
    """Close j and seat its people elsewhere as far as there is room; how many lose their place."""
    k, n = len(ways.site), len(ways.people)
    unlist_ways(ways, load, j)
    change(load, k + n + j, -load.value[k + n + j])
    lost = 0.0
    search.seen[:] = 0
    for e in range(ways.by_start[j], ways.by_start[j + 1]):
        a = ways.by_arc[e]
        amount = load.value[a]
        if amount > 0.0:
            i = ways.demand[a]
            before = load.value[k + i]
            change(load, k + i, amount)
            change(load, a, -amount)
            while load.value[k + i] > SMALLEST and _seat_once(ways, load, search, i):
                pass
            lost += load.value[k + i] - before
    return lost


@inner
def _seat_once(ways: Ways, load: Load, search: Search, i: int) -> bool:
    """Seat people i at the nearest chain of sites with room at its end; False, and its sites marked as dead, when there is none."""
    k, n = len(ways.site), len(ways.people)
    head, tail = 0, 0
    for f in range(ways.start[i], ways.start[i] + load.n_near[i]):
        s = ways.site[load.near[f]]
        if search.seen[s] == 0:
            search.seen[s], search.comes[s], search.leaves[s] = 1, load.near[f], -1
            search.queue[tail] = s
            tail += 1
    while head < tail:
        s = search.queue[head]
        head += 1
        if load.value[k + n + s] > SMALLEST:
            _push(ways, load, search, i, s)
            for t in range(tail):
                search.seen[search.queue[t]] = 0
            return True
        tail = _look_behind(ways, load, search, s, tail)
    for t in range(tail):
        search.seen[search.queue[t]] = 2
    return False


@inner
def _look_behind(ways: Ways, load: Load, search: Search, s: int, tail: int) -> int:
    """Put the sites to which somebody could go from site s on the queue; its new end."""
    for e in range(ways.by_start[s], ways.by_start[s + 1]):
        b = ways.by_arc[e]
        load.tally[1] -= 1
        if load.value[b] > SMALLEST:
            who = ways.demand[b]
            for f in range(ways.start[who], ways.start[who] + load.n_near[who]):
                other = ways.site[load.near[f]]
                if search.seen[other] == 0:
                    search.seen[other], search.leaves[other], search.comes[other] = 1, b, load.near[f]
                    search.queue[tail] = other
                    tail += 1
    return tail


@inner
def _push(ways: Ways, load: Load, search: Search, i: int, last: int) -> None:
    """Move as many along the chain that ends at site `last` as it allows."""
    k, n = len(ways.site), len(ways.people)
    amount, at = min(load.value[k + i], load.value[k + n + last]), last
    while search.leaves[at] >= 0:
        amount = min(amount, load.value[search.leaves[at]])
        at = ways.site[search.leaves[at]]
    change(load, k + n + last, -amount)
    at = last
    while search.leaves[at] >= 0:
        change(load, search.comes[at], amount)
        change(load, search.leaves[at], -amount)
        at = ways.site[search.leaves[at]]
    change(load, search.comes[at], amount)
    change(load, k + i, -amount)
