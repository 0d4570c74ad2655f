"""Ruin and refill: close a site and its neighbours, refill without it, exchange; keep what gains (goal relieve).

A round changes the gains of its neighbourhood only. So the candidates are ranked once for all rounds that start from one choice, and a round
looks at its neighbours and at the first of the others: what it takes does not grow with the number of candidates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.siting.pairs import Pairs, row_of
from planner.siting.search.filling import Listed, fill_up, list_near, ranked
from planner.siting.search.interchange import exchange_near
from planner.siting.search.moves import NO, NOBODY, NOTHING, Net, State, is_met_inside, toggle_inside

FAR = 1e-9
"""a need shared by way of a third candidate, in needs shared"""


class Room(NamedTuple):
    """Where rounds work."""

    before: NDArray[np.bool_]
    """(m,) what stood open before the round"""
    look: NDArray[np.bool_]
    """(m,) neighbours of what the round closed"""
    listed: Listed
    """neighbours of the site of the round, then of what it closes and opens"""
    closed: NDArray[np.int64]
    """(m,) what the round closed, then what it opened"""
    effort: NDArray[np.float64]
    """(m,) steps over arcs that it takes to list the neighbours of each candidate"""
    shared: NDArray[np.float64]
    movable: NDArray[np.int64]
    """(m,) each: room of `exchange_near`"""


def ruin_and_refill(net: Net, state: State, divisor: NDArray[np.float64], n_near: int) -> None:
    """Close each open candidate in turn with its `n_near` nearest, refill without it, exchange; keep what gains, until a round gains nothing."""
    room, begin = _room(net.pairs, len(net.price)), 0
    movable = np.flatnonzero(state.opened & ~net.required)
    while len(movable):
        at = _until_gain(net, state, divisor, n_near, movable, begin % len(movable), ranked(net, state, divisor), room)
        if at < 0:
            return
        begin, movable = at + 1, np.flatnonzero(state.opened & ~net.required)


def _room(pairs: Pairs, m: int) -> Room:
    effort = np.bincount(pairs.candidate, np.diff(pairs.start)[row_of(pairs.start)], minlength=m).astype(np.float64)
    before, look = np.zeros((2, m), dtype=bool)
    near, closed, movable = np.zeros((3, m), dtype=np.int64)
    common, shared = np.zeros((2, m))
    return Room(before, look, Listed(near, common), closed, effort, shared, movable)


@compiled
def _until_gain(
    net: Net,
    state: State,
    divisor: NDArray[np.float64],
    n_near: int,
    movable: NDArray[np.int64],
    begin: int,
    ranks: NDArray[np.int64],
    room: Room,
) -> int:
    """Rounds for one after another of the movable sites, from the one at `begin`; where the round that gained is, or -1 when none does."""
    record = _worth(net, state)
    for turn in range(len(movable)):
        if state.left[2] <= 0:
            break
        at = (begin + turn) % len(movable)
        for k in range(len(state.opened)):
            room.before[k], room.look[k], room.listed.common[k] = state.opened[k], False, 0.0
        n = _ruin(net, state, movable[at], n_near, room)
        fill_up(net, state, divisor, ranks, n, room.listed, NO, room.closed)
        exchange_near(net, state, room.look, movable[at], NO, room.shared, room.movable)
        if _worth(net, state) > record + 10 * net.least[0] and is_met_inside(net, state):
            return at
        _restore(net, state, room.before)
    return NOBODY


@inner
def _worth(net: Net, state: State) -> float:
    """Weighted relief of the open candidates."""
    total = 0.0
    for i in range(len(net.amount)):
        total += net.weight[i] * min(net.amount[i], state.have[i])
    return total


@inner
def _restore(net: Net, state: State, before: NDArray[np.bool_]) -> None:
    """First close, then open what differs from (m,) `before`, so that every limit is kept on the way."""
    for was_open in (False, True):
        for k in range(len(before)):
            if before[k] == was_open and state.opened[k] != was_open:
                toggle_inside(net, state, k)


@inner
def _list_common(net: Net, state: State, j: int, room: Room) -> int:
    """List who shares needs with j, or with a closed candidate that does; how many are listed."""
    pairs, listed = net.pairs, room.listed
    n_first = list_near(pairs, j, 1.0, NOTHING, listed)
    n = n_first
    for at in range(n_first):
        k = listed.near[at]
        if k != j and not state.opened[k]:
            n = list_near(pairs, k, FAR, n, listed)
            state.left[2] -= room.effort[k]
    return n


@inner
def _ruin(net: Net, state: State, j: int, n_near: int, room: Room) -> int:
    """Close j and the open candidates nearest to it, those that share most needs with it, at most `n_near`; list and mark the neighbours of
    them all, in `near` and `look`; how many are listed."""
    listed = room.listed
    n, n_closed = _list_common(net, state, j, room), 0
    while n_closed < n_near:
        best = NOBODY
        for at in range(n):
            k = listed.near[at]
            if not state.opened[k] or net.required[k] or k == j or listed.common[k] <= 0.0:
                continue
            if best < 0 or listed.common[k] > listed.common[best] or (listed.common[k] == listed.common[best] and k < best):
                best = k
        if best < 0:
            break
        listed.common[best] = 0.0
        room.closed[n_closed] = best
        n_closed += 1
    for at in range(n):
        listed.common[listed.near[at]] = 0.0
    room.closed[n_closed] = j
    listed.common[j] = 1.0  # is not opened again
    n = NOTHING
    for at in range(n_closed + 1):
        toggle_inside(net, state, room.closed[at])
        n = list_near(net.pairs, room.closed[at], 1.0, n, listed)
    for at in range(n):
        room.look[listed.near[at]] = True
    return n
