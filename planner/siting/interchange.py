"""Interchange: exchange open for closed candidates as long as something is gained, and the ways out of what it leaves (goal relieve)."""

from __future__ import annotations

import numba
import numpy as np
from numpy.typing import NDArray

from planner.siting.moves import Net, State, fill, fits, is_met, toggle, worth


@numba.njit(cache=True, nogil=True)
def exchange_gain(net: Net, state: State, k: int, shared: NDArray[np.float64], movable: NDArray[np.int64]) -> tuple[int, float]:
    """The movable open candidate that k would best stand in for (-1 if none fits), and the change of worth by the exchange.

    Closing j after opening k loses less than `gain[j]` where both serve the same needs; `shared` (zeros, given back as zeros) sums that.
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
    best, best_change = -1, 0.0
    for j in movable:
        change = state.gain[k] - state.gain[j] + shared[j]
        if (best < 0 or change > best_change + net.least[0]) and fits(net, state, k, j):
            best, best_change = j, change
    for e in range(net.by_start[k], net.by_start[k + 1]):
        i = net.by_need[e]
        for f in range(net.start[i], net.start[i + 1]):
            shared[net.candidate[f]] = 0.0
    return best, best_change


@numba.njit(cache=True, nogil=True)
def mark_neighbours(net: Net, j: int, look: NDArray[np.bool_]) -> None:
    """Mark in (m,) every candidate that shares a need with j."""
    for e in range(net.by_start[j], net.by_start[j + 1]):
        i = net.by_need[e]
        for f in range(net.start[i], net.start[i + 1]):
            look[net.candidate[f]] = True


@numba.njit(cache=True, nogil=True)
def exchange(net: Net, state: State, look: NDArray[np.bool_], tabu: int) -> None:
    """Open what fits and gains, and exchange one open for one closed candidate, until nothing gains (Teitz and Bart 1968; bookkeeping of
    Whitaker 1983) or the steps are over. Only candidates marked in (m,) are looked at, and those near a change; `tabu` is not opened."""
    m = len(net.price)
    shared = np.zeros(m)
    movable = np.flatnonzero(state.opened & ~net.required)
    idle, k = 0, -1
    while idle < m and state.left[2] > 0:
        k = (k + 1) % m
        idle += 1
        if not look[k] or state.opened[k] or k == tabu or state.gain[k] <= net.least[0]:
            continue
        look[k] = False
        if not fits(net, state, k, -1):
            state.left[2] -= len(movable)
            j, change = exchange_gain(net, state, k, shared, movable)
            if j < 0 or change <= net.least[0]:
                continue
            toggle(net, state, j)
            mark_neighbours(net, j, look)
        toggle(net, state, k)
        mark_neighbours(net, k, look)
        movable = np.flatnonzero(state.opened & ~net.required)
        idle = 0


@numba.njit(cache=True, nogil=True)
def _nearest_open(net: Net, state: State, j: int, n_near: int) -> NDArray[np.int64]:
    """The open, not required candidates that share most needs (via one further candidate at most) with j, at most `n_near`."""
    m = len(net.price)
    common = np.zeros(m)
    via = np.zeros(m, dtype=np.bool_)
    for e in range(net.by_start[j], net.by_start[j + 1]):
        i = net.by_need[e]
        for f in range(net.start[i], net.start[i + 1]):
            k = net.candidate[f]
            if k != j:
                common[k] += 1.0
                via[k] = not state.opened[k]
    for k in np.flatnonzero(via):
        for e in range(net.by_start[k], net.by_start[k + 1]):
            i = net.by_need[e]
            for f in range(net.start[i], net.start[i + 1]):
                common[net.candidate[f]] += 1.0 / m
            state.left[2] -= net.start[i + 1] - net.start[i]
    common[j] = 0.0
    for k in range(m):
        if net.required[k] or not state.opened[k]:
            common[k] = 0.0
    ranked = np.argsort(-common, kind="mergesort")[:n_near]
    return ranked[common[ranked] > 0.0]


@numba.njit(cache=True, nogil=True)
def _ruin(net: Net, state: State, j: int, n_near: int, look: NDArray[np.bool_]) -> None:
    """Close j and its nearest open candidates; mark their neighbours."""
    for near in _nearest_open(net, state, j, n_near):
        toggle(net, state, near)
        mark_neighbours(net, near, look)
    toggle(net, state, j)
    mark_neighbours(net, j, look)


@numba.njit(cache=True, nogil=True)
def ruin_and_refill(net: Net, state: State, divisor: NDArray[np.float64], n_near: int) -> None:
    """Close each open candidate in turn with its `n_near` nearest, refill without it, exchange; keep what gains, until a round gains nothing."""
    m = len(net.price)
    allowed, order, look = np.ones(m, dtype=np.bool_), np.empty(m, dtype=np.int32), np.zeros(m, dtype=np.bool_)
    movable = np.flatnonzero(state.opened & ~net.required)
    record = worth(net, state)
    idle, at = 0, -1
    while idle < len(movable) and state.left[2] > 0:
        at = (at + 1) % len(movable)
        idle += 1
        before, j = state.opened.copy(), movable[at]
        _ruin(net, state, j, n_near, look)
        allowed[j] = False
        fill(net, state, divisor, allowed, order, False)
        allowed[j] = True
        exchange(net, state, look, j)
        now = worth(net, state)
        if now > record + 10 * net.least[0] and is_met(net, state):
            movable = np.flatnonzero(state.opened & ~net.required)
            record, idle = now, 0
        else:
            _move_back(net, state, before)


@numba.njit(cache=True, nogil=True)
def _move_back(net: Net, state: State, before: NDArray[np.bool_]) -> None:
    """Close and open candidates until those marked in (m,) stand open: first close, so that every limit is kept on the way."""
    for k in range(len(before)):
        if state.opened[k] and not before[k]:
            toggle(net, state, k)
    for k in range(len(before)):
        if before[k] and not state.opened[k]:
            toggle(net, state, k)


@numba.njit(cache=True, nogil=True)
def settle(net: Net, state: State) -> None:
    """Exchange equals until the cheapest and of these the lowest stand open: nothing may get dearer, lose worth or miss a requirement."""
    m = len(net.price)
    shared = np.zeros(m)
    changed = True
    while changed:
        changed = False
        for k in range(m):
            if state.opened[k]:
                continue
            behind = np.flatnonzero(state.opened & ~net.required)
            behind = behind[(net.price[behind] > net.price[k]) | ((net.price[behind] == net.price[k]) & (behind > k))]
            j, change = exchange_gain(net, state, k, shared, behind)
            if j >= 0 and change >= -net.least[0]:
                toggle(net, state, j)
                toggle(net, state, k)
                if is_met(net, state):
                    changed = True
                else:
                    toggle(net, state, k)
                    toggle(net, state, j)
