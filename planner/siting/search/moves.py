"""The compiled moves that the heuristics are made of: open or close one candidate with every gain kept up to date.

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
from planner.siting.pairs import Pairs, mark_neighbours, row_of
from planner.siting.problem import FULL

TIE = 1e-12
"""gains that differ by less than this share are equal"""


DRIFT = 1e3
"""of the smallest worth that is not rounding: by so much at most rounding has piled up in a gain that is kept up to date"""

NOBODY: int = np.int64(-1)  # type: ignore[assignment]  # an int to mypy, and one type with every other position to numba
"""no candidate; a plain -1 would be a type of its own, and everything compiled twice"""
NOTHING: int = np.int64(0)  # type: ignore[assignment]  # as above
NO: bool = np.bool_(False)  # type: ignore[assignment]  # a bool to mypy; as above
"""nothing listed, and a flag that is not set"""


@inner
def whole(x: float) -> int:
    """A position of any width as the one type that positions have."""
    return np.int64(x)  # type: ignore[return-value]  # an int to mypy


class Net(NamedTuple):
    """A `SitingProblem` as the kernels read it; see there for the arrays."""

    pairs: Pairs
    """of needs and candidates, with the relief"""
    amount: NDArray[np.float64]
    weight: NDArray[np.float64]
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
    opened, have, gain, pairs = state.opened, state.have, state.gain, net.pairs
    sign = -1.0 if opened[j] else 1.0
    for e in range(pairs.by_start[j], pairs.by_start[j + 1]):
        i = pairs.by_row[e]
        b, w = net.amount[i], net.weight[i]
        before, after = have[i], have[i] + sign * pairs.by_value[e]
        f_before, f_after = min(b, before), min(b, after)
        state.left[2] -= pairs.start[i + 1] - pairs.start[i]
        if w != 0.0:
            for f in range(pairs.start[i], pairs.start[i + 1]):
                k, a = whole(pairs.candidate[f]), pairs.value[f]
                if k == j:
                    continue
                if opened[k]:
                    gain[k] += w * ((f_after - min(b, after - a)) - (f_before - min(b, before - a)))
                else:
                    gain[k] += w * ((min(b, after + a) - f_after) - (min(b, before + a) - f_before))
        r = net.requirement[i]
        if r >= 0:
            if not net.counts_needs[r]:
                state.level[r] += f_after - f_before
            elif (after >= b * FULL) != (before >= b * FULL):
                state.level[r] += net.multiplicity[i] if after > before else -net.multiplicity[i]
        have[i] = after
    opened[j] = not opened[j]
    if not net.required[j]:
        state.left[0] -= sign * net.price[j]
        state.left[1] -= sign * net.n_sites[j]
    state.taken[net.plot[j]] += 1 if opened[j] else -1


@compiled
def toggle_all(net: Net, state: State, rows: NDArray[np.int64], look: NDArray[np.bool_]) -> None:
    """Toggle each of the candidates, in their order, and mark their neighbours in (m,)."""
    for j in rows:
        toggle_inside(net, state, j)
        mark_neighbours(net.pairs, j, look)


def fits(net: Net, state: State, k: int, instead_of: int) -> bool:
    """Whether k may be opened within the limits when `instead_of` (-1 for none) is closed."""
    budget, sites, taken = state.left[0], state.left[1], state.taken[net.plot[k]]
    if instead_of >= 0:
        budget += net.price[instead_of]
        sites += net.n_sites[instead_of]
        if net.plot[instead_of] == net.plot[k]:
            taken -= 1
    return bool(taken <= 0 and net.price[k] <= budget + 1e-9 * abs(budget) and sites >= net.n_sites[k])


def is_met(net: Net, state: State) -> bool:
    """Whether every requirement is met."""
    for r in range(len(net.floor)):  # noqa: SIM110  numba compiles the loop faster than a generator
        if state.level[r] < net.floor[r]:
            return False
    return True


fits_inside = inner(fits)
is_met_inside = inner(is_met)
"""the same for compiled parts"""


def start(net: Net, budget: float, sites: float, steps: float) -> State:
    """The state in which only the required candidates stand open."""
    m = len(net.price)
    need = row_of(net.pairs.start)
    gain = net.weight[need] * np.minimum(net.pairs.value, net.amount[need])
    state = State(
        opened=np.zeros(m, dtype=bool),
        have=np.zeros(len(net.amount)),
        gain=np.bincount(net.pairs.candidate, weights=gain, minlength=m).astype(np.float64),
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


def prune(net: Net, state: State, order: NDArray[np.int64], may_lose: float) -> None:
    """Close, in the given order, what is not required and not missed: the requirements stay met, and at most `may_lose` of worth goes."""
    for j in order[state.opened[order] & ~net.required[order]]:
        if state.gain[j] <= may_lose + DRIFT * net.least[0] and _missed(net, state, j) <= may_lose:
            toggle(net, state, j)
            if not is_met(net, state):
                toggle(net, state, j)


def _missed(net: Net, state: State, j: int) -> float:
    """What closing j takes away, worked out anew: free of the rounding that `toggle` piles up."""
    mine = slice(net.pairs.by_start[j], net.pairs.by_start[j + 1])
    need, relief = net.pairs.by_row[mine], net.pairs.by_value[mine]
    with_it = np.minimum(net.amount[need], state.have[need])
    return float((net.weight[need] * (with_it - np.minimum(net.amount[need], state.have[need] - relief))).sum())


def worth(net: Net, state: State) -> float:
    """Weighted relief of the open candidates."""
    return float((net.weight * np.minimum(net.amount, state.have)).sum())
