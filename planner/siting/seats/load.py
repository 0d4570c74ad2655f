"""`Load`: who goes where at the moment, and how the last changes are taken back.

Sites and people are led to each other by `flow`; here is only the book that is kept.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.siting.seats.ways import Ways

SMALLEST = 1e-9
"""shares of a person that are rounding"""


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


@inner
def change(load: Load, at: int, by: float) -> None:
    """Change one value, and write the old one down as long as there is room."""
    n = int(load.tally[0])
    if n < len(load.log_at):
        load.log_at[n], load.log_old[n] = at, load.value[at]
    load.tally[0] += 1
    load.value[at] += by


@inner
def list_ways(ways: Ways, load: Load, j: int) -> None:
    """Open j: its arcs join those to open sites."""
    load.opened[j] = True
    for e in range(ways.by_start[j], ways.by_start[j + 1]):
        i = ways.demand[ways.by_arc[e]]
        load.near[ways.start[i] + load.n_near[i]] = ways.by_arc[e]
        load.n_near[i] += 1


@inner
def unlist_ways(ways: Ways, load: Load, j: int) -> None:
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
def undo(ways: Ways, load: Load, mark: int, reopened: int, closed: int) -> None:
    """Take every change back since the log held `mark` entries; `closed` is the site (-1 for none) opened since, `reopened` the one closed."""
    for at in range(int(load.tally[0]) - 1, mark - 1, -1):
        load.value[load.log_at[at]] = load.log_old[at]
    load.tally[0] = mark
    if closed >= 0:
        unlist_ways(ways, load, closed)
    if reopened >= 0:
        list_ways(ways, load, reopened)
