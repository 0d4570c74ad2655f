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
from planner.siting.problem import first_equal

SMALLEST = 1e-9
"""shares of a person that are rounding"""


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


class Load(NamedTuple):
    """Who goes where at the moment, and how to take the last steps back."""

    value: NDArray[np.float64]
    """(k + n + s,) people along each arc, people of each place without a site, places free at each open site"""
    opened: NDArray[np.bool_]
    """(s,)"""
    near: NDArray[np.int64]
    """(k,) of the arcs of people i those to open sites stand first: near[start[i] : start[i] + n_near[i]]"""
    n_near: NDArray[np.int64]
    log_at: NDArray[np.int64]
    log_old: NDArray[np.float64]
    tally: NDArray[np.float64]
    """[entries of the log, steps left]"""


class Search(NamedTuple):
    """Room for one breadth first search."""

    seen: NDArray[np.int64]
    """(s,) 0 not seen, 1 seen, 2 seen and known to lead nowhere"""
    queue: NDArray[np.int64]
    leaves: NDArray[np.int64]
    """(s,) arc along which somebody would go away from ..."""
    comes: NDArray[np.int64]
    """(s,) ... to another site along this arc"""


def ways_of(people: NDArray[np.float64], capacity: NDArray[np.float64], demand: NDArray[np.int32], site: NDArray[np.int32]) -> Ways:
    """The network of (n,) people, (s,) capacities (inf without a limit) and the (k,) pairs in reach, sorted by people."""
    n, s = len(people), len(capacity)
    in_reach = np.bincount(site, weights=people[demand], minlength=s)
    by_arc = np.argsort(site, kind="stable")
    return Ways(
        people=people,
        capacity=np.minimum(capacity, in_reach),
        start=np.concatenate([[0], np.bincount(demand, minlength=n).cumsum()]).astype(np.int64),
        site=site.astype(np.int32),
        demand=demand.astype(np.int32),
        by_start=np.concatenate([[0], np.bincount(site, minlength=s).cumsum()]).astype(np.int64),
        by_arc=by_arc.astype(np.int64),
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


def load_of(ways: Ways, steps: float, n_log: int = 4096) -> Load:
    """Nobody served, every site closed; `n_log` changes can be taken back."""
    n, s, k = len(ways.people), len(ways.capacity), len(ways.site)
    return Load(
        value=np.concatenate([np.zeros(k), ways.people, np.zeros(s)]),
        opened=np.zeros(s, dtype=bool),
        near=np.zeros(k, dtype=np.int64),
        n_near=np.zeros(n, dtype=np.int64),
        log_at=np.zeros(n_log, dtype=np.int64),
        log_old=np.zeros(n_log),
        tally=np.array([0.0, steps]),
    )


def search_of(ways: Ways) -> Search:
    """Empty room."""
    s = len(ways.capacity)
    return Search(*(np.zeros(s, dtype=np.int64) for _ in range(4)))


@inner
def _change(load: Load, at: int, by: float) -> None:
    """Change one value, and write the old one down as long as there is room."""
    n = int(load.tally[0])
    if n < len(load.log_at):
        load.log_at[n], load.log_old[n] = at, load.value[at]
    load.tally[0] += 1
    load.value[at] += by


@inner
def _list(ways: Ways, load: Load, j: int) -> None:
    """Open j: its arcs join those to open sites."""
    load.opened[j] = True
    for e in range(ways.by_start[j], ways.by_start[j + 1]):
        i = ways.demand[ways.by_arc[e]]
        load.near[ways.start[i] + load.n_near[i]] = ways.by_arc[e]
        load.n_near[i] += 1


@inner
def _unlist(ways: Ways, load: Load, j: int) -> None:
    """Close j: its arcs leave those to open sites."""
    load.opened[j] = False
    for e in range(ways.by_start[j], ways.by_start[j + 1]):
        a = ways.by_arc[e]
        i = ways.demand[a]
        load.n_near[i] -= 1
        last = ways.start[i] + load.n_near[i]
        at = last
        while load.near[at] != a:
            at -= 1
        load.near[at] = load.near[last]


@compiled
def attract(ways: Ways, load: Load, search: Search, j: int) -> float:
    """Open j and serve as many people more as it allows; how many."""
    free = len(ways.site) + len(ways.people) + j
    _list(ways, load, j)
    _change(load, free, ways.capacity[j])
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
    _change(load, k + ways.demand[a], -amount)
    _change(load, a, amount)
    at = s
    while at != j:
        _change(load, search.leaves[at], -amount)
        _change(load, search.comes[at], amount)
        at = ways.site[search.comes[at]]
    _change(load, k + n + j, -amount)
    return True


@compiled
def release(ways: Ways, load: Load, search: Search, j: int) -> float:
    """Close j and seat its people elsewhere as far as there is room; how many lose their place."""
    k, n = len(ways.site), len(ways.people)
    _unlist(ways, load, j)
    _change(load, k + n + j, -load.value[k + n + j])
    lost = 0.0
    search.seen[:] = 0
    for e in range(ways.by_start[j], ways.by_start[j + 1]):
        a = ways.by_arc[e]
        amount = load.value[a]
        if amount > 0.0:
            i = ways.demand[a]
            before = load.value[k + i]
            _change(load, k + i, amount)
            _change(load, a, -amount)
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
    _change(load, k + n + last, -amount)
    at = last
    while search.leaves[at] >= 0:
        _change(load, search.comes[at], amount)
        _change(load, search.leaves[at], -amount)
        at = ways.site[search.leaves[at]]
    _change(load, search.comes[at], amount)
    _change(load, k + i, -amount)


@compiled
def undo(ways: Ways, load: Load, mark: int, reopened: int, closed: int) -> None:
    """Take every change back since the log held `mark` entries; `closed` is the site (-1 for none) opened since, `reopened` the one closed."""
    for at in range(int(load.tally[0]) - 1, mark - 1, -1):
        load.value[load.log_at[at]] = load.log_old[at]
    load.tally[0] = mark
    if closed >= 0:
        _unlist(ways, load, closed)
    if reopened >= 0:
        _list(ways, load, reopened)


@compiled
def most_gained(ways: Ways, load: Load, search: Search, takeable: NDArray[np.float64], most: NDArray[np.float64]) -> None:
    """Write in (s,) `most` how many people each closed site could serve more, at most; `takeable` (n,) is room.

    A site can only take people who have no place, or whose site could then, directly or by a chain, serve somebody who has none. This is
    the side of the residual network from which people without a place are reached (the least cut).
    """
    k = len(ways.site)
    search.seen[:] = 0
    head, tail = 0, 0
    for i in range(len(ways.people)):
        takeable[i] = load.value[k + i]
        if takeable[i] > SMALLEST:
            tail = _look_around(ways, load, search, i, tail)
    while head < tail:
        s = search.queue[head]
        head += 1
        for e in range(ways.by_start[s], ways.by_start[s + 1]):
            b = ways.by_arc[e]
            if load.value[b] > SMALLEST:
                takeable[ways.demand[b]] += load.value[b]
                tail = _look_around(ways, load, search, ways.demand[b], tail)
        load.tally[1] -= ways.by_start[s + 1] - ways.by_start[s]
    for s in range(len(ways.capacity)):
        if not load.opened[s]:
            total = 0.0
            for e in range(ways.by_start[s], ways.by_start[s + 1]):
                total += takeable[ways.demand[ways.by_arc[e]]]
            most[s] = min(ways.capacity[s], total)
            load.tally[1] -= ways.by_start[s + 1] - ways.by_start[s]


@inner
def _look_around(ways: Ways, load: Load, search: Search, i: int, tail: int) -> int:
    """Put the open sites near people i on the queue; its new end."""
    for f in range(ways.start[i], ways.start[i] + load.n_near[i]):
        s = ways.site[load.near[f]]
        if search.seen[s] == 0:
            search.seen[s], search.queue[tail] = 1, s
            tail += 1
    return tail
