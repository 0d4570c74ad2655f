"""Interchange: exchange open for closed candidates as long as something is gained (goal relieve)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.siting.pairs import mark_neighbours, row_of
from planner.siting.search.moves import NOBODY, Net, State, fits_inside, is_met_inside, toggle_inside


def exchange(net: Net, state: State, look: NDArray[np.bool_] | None = None, tabu: int = -1) -> None:
    """Open what fits and gains, and exchange one open for one closed candidate, until nothing gains (Teitz and Bart 1968; bookkeeping of
    Whitaker 1983) or the steps are over. Only candidates marked in (m,) are looked at, and those near a change; `tabu` is not opened."""
    m = len(net.price)
    exchange_near(net, state, np.ones(m, dtype=bool) if look is None else look, tabu, False, np.zeros(m), np.zeros(m, dtype=np.int64))


def settle(net: Net, state: State) -> None:
    """Exchange equals until the cheapest and of these the lowest stand open: nothing may get dearer, lose worth or miss a requirement."""
    m, pairs = len(net.price), net.pairs
    can_gain = np.bincount(pairs.candidate, np.maximum(0.0, pairs.value) * net.weight[row_of(pairs.start)], minlength=m)
    least_missed = state.gain[state.opened & ~net.required].min(initial=np.inf)
    look = can_gain >= least_missed - net.least[0]
    exchange_near(net, state, look, -1, True, np.zeros(m), np.zeros(m, dtype=np.int64))


@inner
def _is_behind(net: Net, j: int, k: int) -> bool:
    """Whether of two equally good candidates k is to be preferred to j."""
    return bool(net.price[j] > net.price[k] or (net.price[j] == net.price[k] and j > k))


@inner
def _best_exchange(
    net: Net,
    state: State,
    k: int,
    settling: bool,  # noqa: FBT001  numba takes no keywords
    shared: NDArray[np.float64],
    movable: NDArray[np.int64],
) -> int:
    """The movable open candidate that k would best stand in for; -1 if none fits with which something is gained, or with `settling` nothing lost.

    Closing j after opening k loses less than `gain[j]` where both serve the same needs; `shared` (zeros, given back as zeros) sums that.
    """
    pairs = net.pairs
    for e in range(pairs.by_start[k], pairs.by_start[k + 1]):
        i, ak = pairs.by_row[e], pairs.by_value[e]
        b, w, h = net.amount[i], net.weight[i], state.have[i]
        state.left[2] -= pairs.start[i + 1] - pairs.start[i]
        if w != 0.0:
            for f in range(pairs.start[i], pairs.start[i + 1]):
                j, aj = pairs.candidate[f], pairs.value[f]
                if state.opened[j] and not net.required[j]:
                    shared[j] += w * ((min(b, h + ak - aj) - min(b, h + ak)) - (min(b, h - aj) - min(b, h)))
    best, record = NOBODY, -net.least[0] if settling else net.least[0]
    for j in movable:
        change = state.gain[k] - state.gain[j] + shared[j]
        shared[j] = 0.0
        if change > record and (not settling or _is_behind(net, j, k)) and fits_inside(net, state, k, j):
            best, record = j, change + net.least[0]
    return best


@inner
def _list_movable(net: Net, state: State, movable: NDArray[np.int64]) -> int:
    """Write the open, not required candidates; their number."""
    n = 0
    for j in range(len(net.price)):
        if state.opened[j] and not net.required[j]:
            movable[n] = j
            n += 1
    return n


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
    idle, k = 0, -1
    while idle < m and state.left[2] > 0:
        k = k + 1 if k + 1 < m else 0
        idle += 1
        if not look[k] or state.opened[k] or k == tabu or (state.gain[k] <= net.least[0] and not settling):
            continue
        look[k] = False
        j = NOBODY
        if settling or not fits_inside(net, state, k, NOBODY):
            state.left[2] -= n
            j = _best_exchange(net, state, k, settling, shared, movable[:n])
            if j < 0:
                continue
            toggle_inside(net, state, j)
        toggle_inside(net, state, k)
        if settling and not is_met_inside(net, state):
            toggle_inside(net, state, k)
            toggle_inside(net, state, j)
            continue
        mark_neighbours(net.pairs, k, look)
        if j >= 0:
            mark_neighbours(net.pairs, j, look)
        n = _list_movable(net, state, movable)
        idle = 0
