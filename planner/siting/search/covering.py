"""The weighted covering search: from a choice that meets the requirements to cheaper and cheaper ones (goal meet)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import allocating, inner
from planner.siting.pairs import mark_neighbours
from planner.siting.problem import FULL
from planner.siting.search.moves import NOBODY, TIE, Net, State, fits_inside, is_met_inside, toggle_inside, whole


class Walk(NamedTuple):
    """What the search remembers of its way."""

    stamp: NDArray[np.int64]
    """(m,) turn in which a candidate was last opened or closed"""
    moved: NDArray[np.bool_]
    """(m,) whether a neighbour moved since the candidate was closed: without that it is not opened again"""
    unmet: NDArray[np.int64]
    """(n,) needs that count for a requirement and are not relieved in full: the first `n_unmet[0]`"""
    place: NDArray[np.int64]
    """(n,) where a need stands in `unmet`, -1 when it does not"""
    n_unmet: NDArray[np.int64]


def walk(net: Net, state: State) -> Walk:
    """The memory of a search that begins from a state."""
    n, m = len(net.amount), len(net.price)
    short = np.flatnonzero((net.requirement >= 0) & (state.have < net.amount * FULL))
    unmet, place = np.zeros(n, dtype=np.int64), np.full(n, -1, dtype=np.int64)
    unmet[: len(short)], place[short] = short, np.arange(len(short))
    return Walk(np.zeros(m, dtype=np.int64), np.ones(m, dtype=bool), unmet, place, np.array([len(short)]))


@allocating
def cover(net: Net, state: State, way: Walk, divisor: NDArray[np.float64]) -> NDArray[np.bool_]:
    """The cheapest choice seen that meets the requirements, from a state that meets them; `net.weight` is changed.

    Close what is missed least, then open for one unmet need after another as long as the whole stays cheaper than the best; a need that
    stays unmet gains weight, so that the search is driven to other choices (row weighting local search: Gao et al. 2015).
    """
    best, unit = state.opened.copy(), net.weight.copy()
    price = net.price[state.opened].sum()
    best_price = price
    turn, last = 0, NOBODY
    while state.left[2] > 0:
        turn += 1
        while is_met_inside(net, state):
            if price < best_price * (1.0 - TIE):
                best, best_price = state.opened.copy(), price
            j = _least_missed(net, state, way, divisor, NOBODY)
            if j < 0:
                return best
            price += _move(net, state, way, j, turn)
        j = _least_missed(net, state, way, divisor, last)
        if j >= 0:
            price += _move(net, state, way, j, turn)
        while not is_met_inside(net, state):
            k = _best_for(net, state, way, _some_unmet(net, state, way, turn), divisor, best_price * (1.0 - TIE) - price)
            if k < 0:
                break
            price += _move(net, state, way, k, turn)
            last = k
            turn += 1
        for at in range(way.n_unmet[0]):
            _reweigh(net, state, way.unmet[at], unit)
    return best


@inner
def _move(net: Net, state: State, way: Walk, j: int, turn: int) -> float:
    """Open or close j; the change of price."""
    toggle_inside(net, state, j)
    mark_neighbours(net.pairs, j, way.moved)
    way.moved[j] = state.opened[j]
    way.stamp[j] = turn
    for e in range(net.pairs.by_start[j], net.pairs.by_start[j + 1]):
        i = net.pairs.by_row[e]
        short = net.requirement[i] >= 0 and state.have[i] < net.amount[i] * FULL
        if short and way.place[i] < 0:
            way.unmet[way.n_unmet[0]], way.place[i] = i, way.n_unmet[0]
            way.n_unmet[0] += 1
        elif not short and way.place[i] >= 0:
            way.n_unmet[0] -= 1
            final = way.unmet[way.n_unmet[0]]
            way.unmet[way.place[i]], way.place[final] = final, way.place[i]
            way.place[i] = -1
    return float(net.price[j]) if state.opened[j] else -float(net.price[j])


@inner
def _least_missed(net: Net, state: State, way: Walk, divisor: NDArray[np.float64], tabu: int) -> int:
    """The open candidate whose weighted loss per price is least, the longest unmoved of equal ones; -1 when none may be closed."""
    worst, worst_rate = NOBODY, 0.0
    for j in range(len(net.price)):
        if state.opened[j] and not net.required[j] and j != tabu:
            rate = state.gain[j] / divisor[j]
            tie = abs(rate - worst_rate) <= TIE * (1.0 + abs(worst_rate))
            if worst < 0 or (not tie and rate < worst_rate) or (tie and way.stamp[j] < way.stamp[worst]):
                worst, worst_rate = j, rate
    state.left[2] -= len(net.price) * 0.25
    return worst


@inner
def _some_unmet(net: Net, state: State, way: Walk, turn: int) -> int:
    """A need that is not relieved in full, of a requirement that is not met: another one every turn, -1 when there is none."""
    n = way.n_unmet[0]
    begin = ((turn * 2654435761) & 0xFFFFFFFF) >> 11  # multiplicative hashing (Knuth): spread like chance, but always the same
    for step in range(n):
        i = way.unmet[(begin + step) % n]
        r = net.requirement[i]
        if state.level[r] < net.floor[r]:
            return int(i)
    return -1


@inner
def _best_for(net: Net, state: State, way: Walk, i: int, divisor: NDArray[np.float64], room: float) -> int:
    """The closed candidate that relieves need i, costs less than `room` and gains most per price; -1 when there is none."""
    best, best_rate, pairs = NOBODY, 0.0, net.pairs
    if i < 0:
        return best
    for f in range(pairs.start[i], pairs.start[i + 1]):
        k = whole(pairs.candidate[f])
        if state.opened[k] or pairs.value[f] <= 0.0 or not way.moved[k] or net.price[k] >= room or not fits_inside(net, state, k, NOBODY):
            continue
        rate = state.gain[k] / divisor[k]
        tie = abs(rate - best_rate) <= TIE * (1.0 + abs(best_rate))
        if best < 0 or (not tie and rate > best_rate) or (tie and way.stamp[k] < way.stamp[best]):
            best, best_rate = k, rate
    return best


@inner
def _reweigh(net: Net, state: State, i: int, unit: NDArray[np.float64]) -> None:
    """Make need i worth one more of its first weight, and keep the gains."""
    b, h, more, pairs = net.amount[i], state.have[i], unit[i], net.pairs
    net.weight[i] += more
    for f in range(pairs.start[i], pairs.start[i + 1]):
        k, a = whole(pairs.candidate[f]), pairs.value[f]
        base = h - a if state.opened[k] else h
        state.gain[k] += more * (min(b, base + a) - min(b, base))
    state.left[2] -= pairs.start[i + 1] - pairs.start[i]
