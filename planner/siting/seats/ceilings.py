"""How many people each closed site could serve more, at most, beside the flow that stands: a ceiling that spares most searches for paths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.siting.seats.flow import Search
from planner.siting.seats.load import SMALLEST, Load
from planner.siting.seats.ways import Ways


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
