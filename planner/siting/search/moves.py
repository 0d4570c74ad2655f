"""The compiled moves that the heuristics are made of: open or close one candidate with every gain kept up to date, fill, prune.

Plain arrays in, nothing but `State` changed, no chance: ties go to the lowest position, and effort is counted in steps over arcs, not
in seconds, so that every machine stops at the same place. What is compiled is kept small, since a first run pays for it: inner parts have no
door to Python (`inner`), loops that are not hot are written in Python. The arithmetic is that of `SitingProblem`: need i is relieved by
f_i(h) = min(amount_i, h) where h is the sum of the relief of the open candidates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.siting.problem import FULL

TIE = 1e-12
"""gains that differ by less than this share are equal"""


NOBODY: int = np.int64(-1)  # type: ignore[assignment]  # an int to mypy, and one type with every other position to numba
"""no candidate; a plain -1 would be a type of its own, and everything compiled twice"""


@inner
def whole(x: float) -> int:
    """A position of any width as the one type that positions have."""
    return np.int64(x)  # type: ignore[return-value]  # an int to mypy


class Net(NamedTuple):
    """A `SitingProblem` as the kernels read it; see there for the arrays."""

    amount: NDArray[np.float64]
    weight: NDArray[np.float64]
    start: NDArray[np.int64]
    candidate: NDArray[np.int32]
    relief: NDArray[np.float64]
    by_start: NDArray[np.int64]
    by_need: NDArray[np.int32]
    by_relief: NDArray[np.float64]
    price: NDArray[np.float64]
    plot: NDArray[np.int32]
    n_sites: NDArray[np.float64]
    required: NDArray[np.bool_]
    requirement: NDArray[np.int32]
    """(n,) the requirement that a need counts for, -1 for none"""
    multiplicity: NDArray[np.float64]
    counts_needs: NDArray[np.bool_]
    """(r,) whether a requirement counts needs (True) or amounts"""
    floor: NDArray[np.float64]
    """(r,) the level from which on a requirement is met"""
    least: NDArray[np.float64]
    """[smallest worth that is not rounding]"""


class State(NamedTuple):
    """Where a search stands."""

    opened: NDArray[np.bool_]
    have: NDArray[np.float64]
    """(n,) sum of the relief of the open candidates"""
    gain: NDArray[np.float64]
    """(m,) worth that opening a closed candidate adds, or closing an open one takes away"""
    level: NDArray[np.float64]
    """(r,) how far each requirement is met"""
    taken: NDArray[np.int32]
    """(plots,) open candidates per plot"""
    left: NDArray[np.float64]
    """[budget left, sites left, steps left]"""


@inner
def toggle_inside(net: Net, state: State, j: int) -> None:
    """Open candidate j if it is closed, close it if it is open."""
    opened, have, gain = state.opened, state.have, state.gain
    sign = -1.0 if opened[j] else 1.0
    for e in range(net.by_start[j], net.by_start[j + 1]):
        i = net.by_need[e]
        b, w = net.amount[i], net.weight[i]
        before, after = have[i], have[i] + sign * net.by_relief[e]
        f_before, f_after = min(b, before), min(b, after)
        state.left[2] -= net.start[i + 1] - net.start[i]
        if w != 0.0:
            for f in range(net.start[i], net.start[i + 1]):
                k, a = whole(net.candidate[f]), net.relief[f]
                if k == j:
                    continue
                if opened[k]:
                    gain[k] += w * ((f_after - min(b, after - a)) - (f_before - min(b, before - a)))
                else:
                    gain[k] += w * ((min(b, after + a) - f_after) - (min(b, before + a) - f_before))
        r = net.requirement[i]
        if r >= 0:
            if net.counts_needs[r]:
                state.level[r] += net.multiplicity[i] * (int(after >= b * FULL) - int(before >= b * FULL))
            else:
                state.level[r] += f_after - f_before
        have[i] = after
    opened[j] = not opened[j]
    if not net.required[j]:
        state.left[0] -= sign * net.price[j]
        state.left[1] -= sign * net.n_sites[j]
    state.taken[net.plot[j]] += int(sign)


@inner
def mark_neighbours(net: Net, j: int, look: NDArray[np.bool_]) -> None:
    """Mark in (m,) every candidate that shares a need with j."""
    for e in range(net.by_start[j], net.by_start[j + 1]):
        i = net.by_need[e]
        for f in range(net.start[i], net.start[i + 1]):
            look[net.candidate[f]] = True


@compiled
def toggle_all(net: Net, state: State, rows: NDArray[np.int64], look: NDArray[np.bool_]) -> None:
    """Toggle each of the candidates, in their order, and mark their neighbours in (m,)."""
    for j in rows:
        toggle_inside(net, state, j)
        mark_neighbours(net, j, look)


@inner
def fresh_gain(net: Net, state: State, j: int) -> float:
    """The gain of j worked out anew, free of the rounding that `toggle` piles up."""
    total = 0.0
    for e in range(net.by_start[j], net.by_start[j + 1]):
        i = net.by_need[e]
        h = state.have[i] - (net.by_relief[e] if state.opened[j] else 0.0)
        total += net.weight[i] * (min(net.amount[i], h + net.by_relief[e]) - min(net.amount[i], h))
    return total


def fits(net: Net, state: State, k: int, instead_of: int) -> bool:
    """Whether k may be opened within the limits when `instead_of` (-1 for none) is closed."""
    back = net.price[instead_of] if instead_of >= 0 else 0.0
    free = net.n_sites[instead_of] if instead_of >= 0 else 0.0
    same = 1 if instead_of >= 0 and net.plot[instead_of] == net.plot[k] else 0
    budget = state.left[0] + back
    return bool(state.taken[net.plot[k]] <= same and net.price[k] <= budget + 1e-9 * abs(budget) and state.left[1] + free >= net.n_sites[k])


def is_met(net: Net, state: State) -> bool:
    """Whether every requirement is met."""
    for r in range(len(net.floor)):  # noqa: SIM110  numba compiles the loop faster than a generator
        if state.level[r] < net.floor[r]:
            return False
    return True


fits_inside = inner(fits)
is_met_inside = inner(is_met)
"""the same for compiled parts"""


@compiled
def _fill(
    net: Net,
    state: State,
    divisor: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    order: NDArray[np.int64],
    until_met: bool,  # noqa: FBT001  numba takes no keywords
) -> int:
    """Open as `fill` says; the number opened, listed in `order`."""
    n = 0
    while not (until_met and is_met_inside(net, state)):
        best, best_rate = NOBODY, 0.0
        for k in range(len(net.price)):
            if allowed[k] and not state.opened[k] and state.gain[k] > net.least[0]:
                rate = state.gain[k] / divisor[k]
                if rate > best_rate * (1.0 + TIE) and fits_inside(net, state, k, NOBODY):
                    best, best_rate = k, rate
        if best < 0:
            break
        toggle_inside(net, state, best)
        order[n] = best
        n += 1
    return n


@compiled
def _prune(net: Net, state: State, order: NDArray[np.int64], may_lose: float) -> None:
    """Close, in the given order, what is not required and not missed: the requirements stay met, and at most `may_lose` of worth goes."""
    for j in order:
        if not state.opened[j] or net.required[j] or fresh_gain(net, state, j) > may_lose:
            continue
        toggle_inside(net, state, j)
        if not is_met_inside(net, state):
            toggle_inside(net, state, j)


def start(net: Net, budget: float, sites: float, steps: float) -> State:
    """The state in which only the required candidates stand open."""
    m = len(net.price)
    need = np.repeat(np.arange(len(net.amount)), np.diff(net.start))
    gain = net.weight[need] * np.minimum(net.relief, net.amount[need])
    state = State(
        opened=np.zeros(m, dtype=bool),
        have=np.zeros(len(net.amount)),
        gain=np.bincount(net.candidate, weights=gain, minlength=m).astype(np.float64),
        level=np.zeros(len(net.floor)),
        taken=np.zeros(int(net.plot.max(initial=-1)) + 1, dtype=np.int32),
        left=np.array([budget, sites, steps]),
    )
    toggle_all(net, state, np.flatnonzero(net.required), np.zeros(m, dtype=bool))
    return state


def move_to(net: Net, state: State, opened: NDArray[np.bool_]) -> None:
    """Close and open candidates until those marked in (m,) stand open: first close, so that every limit is kept on the way."""
    rows = np.concatenate([np.flatnonzero(state.opened & ~opened), np.flatnonzero(opened & ~state.opened)])
    toggle_all(net, state, rows, np.zeros(len(opened), dtype=bool))


def toggle(net: Net, state: State, j: int) -> None:
    """Open candidate j if it is closed, close it if it is open."""
    toggle_all(net, state, np.array([j], dtype=np.int64), np.zeros(len(net.price), dtype=bool))


def fill(
    net: Net, state: State, divisor: NDArray[np.float64], allowed: NDArray[np.bool_] | None = None, *, until_met: bool = False
) -> NDArray[np.int64]:
    """Open the allowed (m,) candidate of the best gain / divisor that fits, again and again; the positions opened, in their order.

    Stops when nothing gains, or with `until_met` as soon as the requirements are met (Nemhauser, Wolsey and Fisher 1978: with a number of
    sites and no negative relief at least 1 - 1/e of the optimum).
    """
    m = len(net.price)
    order = np.empty(m, dtype=np.int64)
    n = _fill(net, state, divisor, np.ones(m, dtype=bool) if allowed is None else allowed, order, until_met)
    return order[:n]


def prune(net: Net, state: State, order: NDArray[np.int64], may_lose: float) -> None:
    """Close, in the given order, what is not required and not missed: the requirements stay met, and at most `may_lose` of worth goes."""
    _prune(net, state, order, may_lose)


def worth(net: Net, state: State) -> float:
    """Weighted relief of the open candidates."""
    return float((net.weight * np.minimum(net.amount, state.have)).sum())
