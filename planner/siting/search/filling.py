"""Filling: open the candidate that gains most for its price, again and again, from any choice on.

Opening one changes the gains of its neighbours only. So the candidates are ranked once, and each step looks at the neighbours of what was
opened and at the first of the others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.siting.pairs import Pairs
from planner.siting.search.moves import NOBODY, NOTHING, TIE, Net, State, fits_inside, is_met_inside, toggle_inside


class Listed(NamedTuple):
    """Candidates whose gain may have changed."""

    near: NDArray[np.int64]
    """(m,) room for them"""
    common: NDArray[np.float64]
    """(m,) above 0 for what is listed, how many needs it shares with those it was listed for; and for what must not be"""


@inner
def list_near(pairs: Pairs, j: int, each: float, n: int, listed: Listed) -> int:
    """Count `each` for every need that a candidate shares with j, and add to the `n` listed ones those that had no count; how many are listed."""
    for e in range(pairs.by_start[j], pairs.by_start[j + 1]):
        i = pairs.by_row[e]
        for f in range(pairs.start[i], pairs.start[i + 1]):
            k = pairs.candidate[f]
            if listed.common[k] == 0.0:
                listed.near[n] = k
                n += 1
            listed.common[k] += each
    return n


def ranked(net: Net, state: State, divisor: NDArray[np.float64]) -> NDArray[np.int64]:
    """The closed candidates that gain, the best gain / divisor first, of equal ones the first."""
    rows = np.flatnonzero(~state.opened & (state.gain > net.least[0]))
    return rows[np.argsort(-state.gain[rows] / divisor[rows], kind="stable")]


@compiled
def fill_up(
    net: Net,
    state: State,
    divisor: NDArray[np.float64],
    ranks: NDArray[np.int64],
    n: int,
    listed: Listed,
    until_met: bool,  # noqa: FBT001  numba takes no keywords
    order: NDArray[np.int64],
) -> int:
    """Open the candidate of the best gain / divisor that fits, of equal ones the first, again and again, and write which in `order`; how many.

    The first `n` of `near` may have another gain than when all were `ranked`. What is counted in `common` and not listed is not opened.
    """
    n_opened = 0
    while not (until_met and is_met_inside(net, state)):
        best, best_rate = NOBODY, 0.0
        for at in range(n + len(ranks)):
            k = listed.near[at] if at < n else ranks[at - n]
            if state.opened[k] or state.gain[k] <= net.least[0] or (at >= n and listed.common[k] > 0.0):
                continue
            rate = state.gain[k] / divisor[k]
            ahead = rate > best_rate * (1.0 + TIE) or (best >= 0 and k < best and rate >= best_rate * (1.0 - TIE))
            if ahead and fits_inside(net, state, k, NOBODY):
                best, best_rate = k, rate
            if at >= n and rate < best_rate * (1.0 - TIE):
                break
        if best < 0:
            break
        toggle_inside(net, state, best)
        n = list_near(net.pairs, best, 1.0, n, listed)
        order[n_opened] = best
        n_opened += 1
    return n_opened


def fill(
    net: Net, state: State, divisor: NDArray[np.float64], allowed: NDArray[np.bool_] | None = None, *, until_met: bool = False
) -> NDArray[np.int64]:
    """Open the allowed (m,) candidate of the best gain / divisor that fits, again and again; the positions opened, in their order.

    Stops when nothing gains, or with `until_met` as soon as the requirements are met (Nemhauser, Wolsey and Fisher 1978: with a number of
    sites and no negative relief at least 1 - 1/e of the optimum).
    """
    m = len(divisor)
    listed = Listed(np.zeros(m, dtype=np.int64), np.zeros(m) if allowed is None else np.where(allowed, 0.0, 1.0))
    order = np.empty(m, dtype=np.int64)
    return order[: fill_up(net, state, divisor, ranked(net, state, divisor), NOTHING, listed, until_met, order)]
