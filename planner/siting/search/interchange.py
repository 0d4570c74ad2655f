"""Interchange: exchange open for closed candidates as long as something is gained (goal relieve)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.siting.search.moves import (
    NOBODY,
    Net,
    State,
    fits_inside,
    is_met_inside,
    mark_neighbours,
    toggle_inside,
)

GAINING: bool = np.bool_(False)  # type: ignore[assignment]  # a bool to mypy, and no type of its own to numba, as a plain False would be
"""not settling"""


def exchange(net: Net, state: State, look: NDArray[np.bool_] | None = None, tabu: int = -1) -> None:
    """Open what fits and gains, and exchange one open for one closed candidate, until nothing gains (Teitz and Bart 1968; bookkeeping of
    Whitaker 1983) or the steps are over. Only candidates marked in (m,) are looked at, and those near a change; `tabu` is not opened."""
    m = len(net.price)
    exchange_near(net, state, np.ones(m, dtype=bool) if look is None else look, tabu, False, np.zeros(m), np.zeros(m, dtype=np.int64))


def settle(net: Net, state: State) -> None:
    """Exchange equals until the cheapest and of these the lowest stand open: nothing may get dearer, lose worth or miss a requirement."""
    m = len(net.price)
    exchange_near(net, state, np.ones(m, dtype=bool), -1, True, np.zeros(m), np.zeros(m, dtype=np.int64))


@inner
def _is_behind(net: Net, j: int, k: int) -> bool:
    """Whether of two equally good candidates k is to be preferred to j."""
    return bool(net.price[j] > net.price[k] or (net.price[j] == net.price[k] and j > k))


@inner
def _exchange_gain(
    net: Net,
    state: State,
    k: int,
    settling: bool,  # noqa: FBT001  numba takes no keywords
    least_missed: float,
    shared: NDArray[np.float64],
    movable: NDArray[np.int64],
) -> tuple[int, float]:
    """The movable open candidate that k would best stand in for (-1 if none fits), and the change of worth by the exchange.

    Closing j after opening k loses less than `gain[j]` where both serve the same needs; `shared` (zeros, given back as zeros) sums that.
    Unless `settling` what would not gain is not looked for.
    """
    for e in range(net.by_start[k], net.by_start[k + 1]):
        i, ak = net.by_need[e], net.by_relief[e]
        b, w, h = net.amount[i], net.weight[i], state.have[i]
        state.left[2] -= net.start[i + 1] - net.start[i]
        if w != 0.0:
            for f in range(net.start[i], net.start[i + 1]):
                j, aj = net.candidate[f], net.relief[f]
                if state.opened[j]:
                    shared[j] += w * ((min(b, h + ak - aj) - min(b, h + ak)) - (min(b, h - aj) - min(b, h)))
    best, best_change = NOBODY, 0.0
    if not settling and _most_change(net, state, k, least_missed, shared) <= net.least[0]:
        movable = movable[:0]
    for j in movable:
        change = state.gain[k] - state.gain[j] + shared[j]
        better = (best < 0 or change > best_change + net.least[0]) and (not settling or _is_behind(net, j, k))
        if better and fits_inside(net, state, k, j):
            best, best_change = j, change
    for e in range(net.by_start[k], net.by_start[k + 1]):
        i = net.by_need[e]
        for f in range(net.start[i], net.start[i + 1]):
            shared[net.candidate[f]] = 0.0
    return best, best_change


@inner
def _most_change(net: Net, state: State, k: int, least_missed: float, shared: NDArray[np.float64]) -> float:
    """What opening k for any one open candidate changes at most: for one that shares no need with k, or for one that does."""
    most = state.gain[k] - least_missed
    for e in range(net.by_start[k], net.by_start[k + 1]):
        i = net.by_need[e]
        for f in range(net.start[i], net.start[i + 1]):
            j = net.candidate[f]
            if state.opened[j]:
                most = max(most, state.gain[k] - state.gain[j] + shared[j])
    return float(most)


@inner
def _list_movable(net: Net, state: State, movable: NDArray[np.int64]) -> int:
    """Write the open, not required candidates; their number."""
    n = 0
    for j in range(len(net.price)):
        if state.opened[j] and not net.required[j]:
            movable[n] = j
            n += 1
    return n


@inner
def _can_gain(net: Net, k: int) -> float:
    """What opening k could add at most, whatever stands open."""
    total = 0.0
    for e in range(net.by_start[k], net.by_start[k + 1]):
        total += net.weight[net.by_need[e]] * max(0.0, net.by_relief[e])
    return total


@inner
def _least_gain(state: State, movable: NDArray[np.int64]) -> float:
    """What the closing of any movable candidate loses, at least."""
    least = np.inf
    for j in movable:
        least = min(least, state.gain[j])
    return least


@compiled
def exchange_near(
    net: Net,
    state: State,
    look: NDArray[np.bool_],
    tabu: int,
    settling: bool,  # noqa: FBT001  numba takes no keywords
    shared: NDArray[np.float64],
    movable: NDArray[np.int64],
) -> None:
    """`exchange`, or with `settling` `settle`; `shared` (m,) zeros and `movable` (m,) are room."""
    m = len(net.price)
    n = _list_movable(net, state, movable)
    least_missed = _least_gain(state, movable[:n])
    idle, k = 0, -1
    while idle < m and state.left[2] > 0:
        k = k + 1 if k + 1 < m else 0
        idle += 1
        if not look[k] or state.opened[k] or k == tabu or (state.gain[k] <= net.least[0] and not settling):
            continue
        look[k] = False
        if settling and _can_gain(net, k) < least_missed - net.least[0]:
            continue
        j = NOBODY
        if settling or not fits_inside(net, state, k, NOBODY):
            state.left[2] -= n
            j, change = _exchange_gain(net, state, k, settling, least_missed, shared, movable[:n])
            if j < 0 or change < -net.least[0] or (change <= net.least[0] and not settling):
                continue
            toggle_inside(net, state, j)
        toggle_inside(net, state, k)
        if settling and not is_met_inside(net, state):
            toggle_inside(net, state, k)
            toggle_inside(net, state, j)
            continue
        mark_neighbours(net, k, look)
        if j >= 0:
            mark_neighbours(net, j, look)
        n = _list_movable(net, state, movable)
        least_missed = _least_gain(state, movable[:n])
        idle = 0
