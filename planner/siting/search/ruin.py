"""Ruin and refill: close a site and its neighbours, refill without it, exchange; keep what gains (goal relieve).

A round changes the gains of its neighbourhood only. So the candidates are ranked once for all rounds that start from one choice, and a round
looks at its neighbours and at the first of the others: what it takes does not grow with the number of candidates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.siting.search.interchange import GAINING, exchange_near
from planner.siting.search.moves import NOBODY, TIE, Net, State, fits_inside, is_met_inside, mark_neighbours, toggle_inside

FAR = 1e-9
"""a need shared by way of a third candidate, in needs shared"""


class Room(NamedTuple):
    """Where rounds work."""

    before: NDArray[np.bool_]
    """(m,) what stood open before the round"""
    look: NDArray[np.bool_]
    """(m,) neighbours of what the round closed"""
    is_near: NDArray[np.bool_]
    """(m,) whether a candidate is listed in `near`"""
    near: NDArray[np.int64]
    """(m,) candidates whose gain the round may have changed"""
    closed: NDArray[np.int64]
    """(m,) what the round closed"""
    common: NDArray[np.float64]
    """(m,) zeros: needs shared with the site of the round"""
    shared: NDArray[np.float64]
    movable: NDArray[np.int64]
    """(m,) each: room of `exchange_near`"""


def ruin_and_refill(net: Net, state: State, divisor: NDArray[np.float64], n_near: int) -> None:
    """Close each open candidate in turn with its `n_near` nearest, refill without it, exchange; keep what gains, until a round gains nothing."""
    room, begin = _room(len(net.price)), 0
    movable = np.flatnonzero(state.opened & ~net.required)
    while len(movable):
        at = _until_gain(net, state, divisor, n_near, movable, begin % len(movable), _ranked(net, state, divisor), room)
        if at < 0:
            return
        begin, movable = at + 1, np.flatnonzero(state.opened & ~net.required)


def _room(m: int) -> Room:
    before, look, is_near = np.zeros((3, m), dtype=bool)
    near, closed, movable = np.zeros((3, m), dtype=np.int64)
    common, shared = np.zeros((2, m))
    return Room(before, look, is_near, near, closed, common, shared, movable)


def _ranked(net: Net, state: State, divisor: NDArray[np.float64]) -> NDArray[np.int64]:
    """The closed candidates that gain, the best gain / divisor first, of equal ones the first."""
    rows = np.flatnonzero(~state.opened & (state.gain > net.least[0]))
    return rows[np.argsort(-state.gain[rows] / divisor[rows], kind="stable")]


@compiled
def _until_gain(
    net: Net,
    state: State,
    divisor: NDArray[np.float64],
    n_near: int,
    movable: NDArray[np.int64],
    begin: int,
    ranked: NDArray[np.int64],
    room: Room,
) -> int:
    """Rounds for one after another of the movable sites, from the one at `begin`; where the round that gained is, or -1 when none does."""
    record = _worth(net, state)
    for turn in range(len(movable)):
        if state.left[2] <= 0:
            break
        at = (begin + turn) % len(movable)
        for k in range(len(state.opened)):
            room.before[k], room.look[k], room.is_near[k] = state.opened[k], False, False
        n = _ruin(net, state, movable[at], n_near, room)
        _refill(net, state, divisor, movable[at], ranked, n, room)
        exchange_near(net, state, room.look, movable[at], GAINING, room.shared, room.movable)
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
def _list_neighbours(net: Net, j: int, n: int, room: Room) -> int:
    """Add the candidates that share a need with j to the `n` that are near already; how many these are now."""
    for e in range(net.by_start[j], net.by_start[j + 1]):
        i = net.by_need[e]
        for f in range(net.start[i], net.start[i + 1]):
            k = net.candidate[f]
            if not room.is_near[k]:
                room.is_near[k] = True
                room.near[n] = k
                n += 1
    return n


@inner
def _add_common(net: Net, j: int, each: float, common: NDArray[np.float64]) -> None:
    """Add `each` to (m,) `common` for every need that a candidate shares with j."""
    for e in range(net.by_start[j], net.by_start[j + 1]):
        i = net.by_need[e]
        for f in range(net.start[i], net.start[i + 1]):
            common[net.candidate[f]] += each


@inner
def _list_common(net: Net, state: State, j: int, room: Room) -> int:
    """List in `near` who shares needs with j, or with a closed candidate that does, and in `common` how many; how many are listed."""
    _add_common(net, j, 1.0, room.common)
    n_first = _list_neighbours(net, j, 0, room)
    n = n_first
    for at in range(n_first):
        k = room.near[at]
        if k != j and not state.opened[k]:
            _add_common(net, k, FAR, room.common)
            n = _list_neighbours(net, k, n, room)
            for e in range(net.by_start[k], net.by_start[k + 1]):
                state.left[2] -= net.start[net.by_need[e] + 1] - net.start[net.by_need[e]]
    return n


@inner
def _ruin(net: Net, state: State, j: int, n_near: int, room: Room) -> int:
    """Close j and the open candidates nearest to it, those that share most needs with it, at most `n_near`; list and mark the neighbours of
    them all, in `near` and `look`; how many are listed."""
    n = _list_common(net, state, j, room)
    n_closed = 0
    while n_closed < n_near:
        best = NOBODY
        for at in range(n):
            k = room.near[at]
            if not state.opened[k] or net.required[k] or k == j or room.common[k] <= 0.0:
                continue
            if best < 0 or room.common[k] > room.common[best] or (room.common[k] == room.common[best] and k < best):
                best = k
        if best < 0:
            break
        room.common[best] = 0.0
        room.closed[n_closed] = best
        n_closed += 1
    for at in range(n):
        room.common[room.near[at]] = 0.0
        room.is_near[room.near[at]] = False
    room.closed[n_closed] = j
    n = 0
    for at in range(n_closed + 1):
        toggle_inside(net, state, room.closed[at])
        mark_neighbours(net, room.closed[at], room.look)
        n = _list_neighbours(net, room.closed[at], n, room)
    return n


@inner
def _is_ahead(rate: float, k: int, best_rate: float, best: int) -> bool:
    """Whether k comes before the best so far: it gains more, or as much and stands before it."""
    return rate > best_rate * (1.0 + TIE) or (best >= 0 and k < best and rate >= best_rate * (1.0 - TIE))


@inner
def _refill(net: Net, state: State, divisor: NDArray[np.float64], tabu: int, ranked: NDArray[np.int64], n: int, room: Room) -> None:
    """Open the candidate of the best gain / divisor that fits, but not `tabu`, again and again (`fill`). The first `n` of `near` may have
    another gain than when the others were `ranked`."""
    while True:
        best, best_rate = NOBODY, 0.0
        for at in range(n):
            k = room.near[at]
            if k != tabu and not state.opened[k] and state.gain[k] > net.least[0]:
                rate = state.gain[k] / divisor[k]
                if _is_ahead(rate, k, best_rate, best) and fits_inside(net, state, k, NOBODY):
                    best, best_rate = k, rate
        for k in ranked:
            if not room.is_near[k]:
                rate = state.gain[k] / divisor[k]
                if not _is_ahead(rate, k, best_rate, best):
                    break
                if fits_inside(net, state, k, NOBODY):
                    best, best_rate = k, rate
                    break
        if best < 0:
            return
        toggle_inside(net, state, best)
        n = _list_neighbours(net, best, n, room)
