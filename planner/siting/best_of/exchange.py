"""One move after another where the best open site counts: a site opened or closed, who would best stand in for whom, filling and exchanging.

Every place keeps its best and second best open site, so that an exchange is weighed in one look over the arcs of the newcomer (Whitaker 1983;
Resende and Werneck 2004). Effort is counted in steps over arcs. The searches made of these moves are in `search`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled, inner
from planner.siting.pairs import Pairs
from planner.siting.search.moves import NOBODY, whole


class Sites(NamedTuple):
    """A `BestOf` as the kernels read it."""

    pairs: Pairs
    """of places and candidates, with the value"""
    required: NDArray[np.bool_]
    least: NDArray[np.float64]
    """[smallest gain that is not rounding, number of sites, steps left]"""


class Plan(NamedTuple):
    """Who is open, and what each place has of it."""

    opened: NDArray[np.bool_]
    first: NDArray[np.int64]
    """(n,) best open site, -1 for none"""
    best: NDArray[np.float64]
    second: NDArray[np.float64]
    """(n,) value of the second best open site, 0 for none"""
    loss: NDArray[np.float64]
    """(m,) what closing an open site loses"""
    shared: NDArray[np.float64]
    """(m,) room, zeros"""
    look: NDArray[np.bool_]
    """(m,) closed candidates to be weighed again"""
    rows: NDArray[np.int64]
    """(m,) room"""


@inner
def _rescan(sites: Sites, plan: Plan, i: int) -> None:
    """Find the two best open sites of place i."""
    pairs = sites.pairs
    first, best, second = NOBODY, 0.0, 0.0
    for f in range(pairs.start[i], pairs.start[i + 1]):
        k = whole(pairs.candidate[f])
        if plan.opened[k]:
            v = pairs.value[f]
            if v > best or first < 0:
                first, second, best = k, best, v
            elif v > second:
                second = v
    plan.first[i], plan.best[i], plan.second[i] = first, best, second
    sites.least[2] -= pairs.start[i + 1] - pairs.start[i]


@inner
def _toggle(sites: Sites, plan: Plan, j: int) -> None:
    """Open candidate j if it is closed, close it if it is open, and mark its neighbours."""
    pairs = sites.pairs
    opening = not plan.opened[j]
    plan.opened[j] = opening
    for e in range(pairs.by_start[j], pairs.by_start[j + 1]):
        i, v = pairs.by_row[e], pairs.by_value[e]
        was = plan.first[i]
        if was >= 0:
            plan.loss[was] -= plan.best[i] - plan.second[i]
        if opening:
            if v > plan.best[i] or was < 0:
                plan.first[i], plan.second[i], plan.best[i] = j, plan.best[i], v
            elif v > plan.second[i]:
                plan.second[i] = v
        elif was == j or v >= plan.second[i]:
            _rescan(sites, plan, i)
        now = plan.first[i]
        if now >= 0:
            plan.loss[now] += plan.best[i] - plan.second[i]
        for f in range(pairs.start[i], pairs.start[i + 1]):
            plan.look[pairs.candidate[f]] = True
        sites.least[2] -= pairs.start[i + 1] - pairs.start[i]


@inner
def _gain(sites: Sites, plan: Plan, k: int) -> float:
    """What opening k adds."""
    pairs = sites.pairs
    total = 0.0
    for e in range(pairs.by_start[k], pairs.by_start[k + 1]):
        total += max(0.0, pairs.by_value[e] - plan.best[pairs.by_row[e]])
    sites.least[2] -= pairs.by_start[k + 1] - pairs.by_start[k]
    return total


@inner
def _best_exchange(sites: Sites, plan: Plan, k: int, cheapest: int) -> tuple[int, float]:
    """The open site that k would best stand in for, and the change of worth; `cheapest` is the open site that is missed least."""
    pairs = sites.pairs
    gain = 0.0
    for e in range(pairs.by_start[k], pairs.by_start[k + 1]):
        i, v = pairs.by_row[e], pairs.by_value[e]
        first, best, second = plan.first[i], plan.best[i], plan.second[i]
        if v > best:
            gain += v - best
            if first >= 0:
                plan.shared[first] += best - second
        elif v > second and first >= 0:
            plan.shared[first] += v - second
    out, change = cheapest, -1e300
    if cheapest >= 0:
        change = gain - plan.loss[cheapest] + plan.shared[cheapest]
    for e in range(pairs.by_start[k], pairs.by_start[k + 1]):
        first = plan.first[pairs.by_row[e]]
        if first >= 0 and plan.shared[first] > 0.0:
            if not sites.required[first]:
                here = gain - plan.loss[first] + plan.shared[first]
                if here > change or (here == change and first < out):
                    out, change = first, here
            plan.shared[first] = 0.0
    sites.least[2] -= 2 * (pairs.by_start[k + 1] - pairs.by_start[k])
    return out, change


@inner
def _missed_least(sites: Sites, plan: Plan) -> int:
    """The open site whose closing loses least, -1 when none may close."""
    out = NOBODY
    for j in range(len(plan.opened)):
        if plan.opened[j] and not sites.required[j] and (out < 0 or plan.loss[j] < plan.loss[out]):
            out = j
    sites.least[2] -= len(plan.opened) * 0.1
    return out


@compiled
def fill(sites: Sites, plan: Plan, n_open: int, tabu: int) -> int:
    """Open the marked candidate that gains most until the number is reached or nothing gains; the number open."""
    m = len(plan.opened)
    n_rows = 0
    for k in range(m):
        if plan.look[k] and not plan.opened[k] and k != tabu:
            plan.rows[n_rows] = k
            plan.shared[k] = _gain(sites, plan, k)  # gains only fall as others open (Minoux 1978)
            n_rows += 1
    while n_open < sites.least[1]:
        lead = NOBODY
        for at in range(n_rows):
            k = plan.rows[at]
            if not plan.opened[k] and (lead < 0 or plan.shared[k] > plan.shared[lead]):
                lead = k
        if lead < 0 or plan.shared[lead] <= sites.least[0]:
            break
        now = _gain(sites, plan, lead)
        if now < plan.shared[lead] * (1.0 - 1e-12):
            plan.shared[lead] = now
            continue
        _toggle(sites, plan, lead)
        n_open += 1
    for at in range(n_rows):
        plan.shared[plan.rows[at]] = 0.0
    return n_open


@compiled
def interchange(sites: Sites, plan: Plan, tabu: int) -> None:
    """Exchange for marked candidates until none gains or the steps are over; `tabu` is not opened."""
    m = len(plan.opened)
    idle, k = 0, NOBODY
    cheapest = _missed_least(sites, plan)
    while idle < m and sites.least[2] > 0 and cheapest >= 0:
        k = (k + 1) % m
        idle += 1
        if plan.look[k] and not plan.opened[k] and k != tabu:
            plan.look[k] = False
            out, change = _best_exchange(sites, plan, k, cheapest)
            if change > sites.least[0]:
                _toggle(sites, plan, out)
                _toggle(sites, plan, k)
                cheapest = _missed_least(sites, plan)
                idle = 0


@compiled
def toggle_all(sites: Sites, plan: Plan, rows: NDArray[np.int64]) -> None:
    """Toggle each of the candidates, in their order, and mark their neighbours."""
    for j in rows:
        _toggle(sites, plan, j)
