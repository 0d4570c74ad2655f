"""Good sites where the best open site counts (`best_of`): fast interchange, and ruin and refill of one neighbourhood after another.

Every place keeps its best and second best open site, so that an exchange is weighed in one look over the arcs of the newcomer (Whitaker 1983;
Resende and Werneck 2004). Effort is counted in steps over arcs; the way is mixed by multiplicative hashing, always the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from planner.compiled import compiled, inner
from planner.siting.best_of.model import BestOf, by_candidate
from planner.siting.search.interchange import FAR
from planner.siting.search.moves import NOBODY, whole

PER_ARC = 8000
"""steps over arcs of one search per arc of the problem ..."""
STEPS = (1.2e9, 4e9)
"""... but no more than the first, and from `RUNS_ARCS` arcs on no more than the second; a second holds about 2e8"""
RUNS, RUNS_ARCS = 3, 300_000
"""a problem of up to so many arcs is searched so many times from the same beginning, each time another way, in its share of the steps"""
TURN_STEPS = 2e4
"""what one turn of ruin and refill costs besides, in steps"""
N_TURNS = 100
"""turns at least"""
TINY = 1e-11
"""share of the worth of everything below which a gain is rounding"""


class Sites(NamedTuple):
    """A `BestOf` as the kernels read it."""

    start: NDArray[np.int64]
    candidate: NDArray[np.int32]
    value: NDArray[np.float64]
    by_start: NDArray[np.int64]
    by_place: NDArray[np.int32]
    by_value: NDArray[np.float64]
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


def improved(problem: BestOf, begin: NDArray[np.bool_], *, thorough: bool) -> NDArray[np.bool_]:
    """(m,) a choice that is no worse than the (m,) `begin`, filled up and exchanged; `thorough`: ruined and refilled, too."""
    arcs = len(problem.value) + problem.n_candidates
    steps = max(min(PER_ARC * arcs, STEPS[arcs > RUNS_ARCS]), N_TURNS * TURN_STEPS)
    turned, begin = by_candidate(problem), begin | problem.limits.required
    if not thorough:
        return _search(_sites(problem, turned, steps), _nobody(problem), begin, None)
    runs = RUNS if arcs <= RUNS_ARCS else 1
    found = [_search(_sites(problem, turned, steps / runs), _nobody(problem), begin, run * FIRST_TURN) for run in range(runs)]
    return max(found, key=problem.worth)


FIRST_TURN = 1_000_003
"""where the next search begins in the same series of numbers"""


def _sites(problem: BestOf, turned: tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float64]], steps: float) -> Sites:
    n_sites = np.floor(problem.limits.sites) + problem.limits.required.sum()
    left = np.array([TINY * float(problem.most.sum()), n_sites, steps])
    return Sites(problem.start, problem.candidate, problem.value, *turned, problem.limits.required, left)


def _nobody(problem: BestOf) -> Plan:
    """Every candidate closed."""
    n, m = len(problem.start) - 1, problem.n_candidates
    return Plan(
        opened=np.zeros(m, dtype=bool),
        first=np.full(n, NOBODY),
        best=np.zeros(n),
        second=np.zeros(n),
        loss=np.zeros(m),
        shared=np.zeros(m),
        look=np.ones(m, dtype=bool),
        rows=np.zeros(m, dtype=np.int64),
    )


@inner
def _rescan(sites: Sites, plan: Plan, i: int) -> None:
    """Find the two best open sites of place i."""
    first, best, second = NOBODY, 0.0, 0.0
    for f in range(sites.start[i], sites.start[i + 1]):
        k = whole(sites.candidate[f])
        if plan.opened[k]:
            v = sites.value[f]
            if v > best or first < 0:
                first, second, best = k, best, v
            elif v > second:
                second = v
    plan.first[i], plan.best[i], plan.second[i] = first, best, second
    sites.least[2] -= sites.start[i + 1] - sites.start[i]


@inner
def _toggle(sites: Sites, plan: Plan, j: int) -> None:
    """Open candidate j if it is closed, close it if it is open, and mark its neighbours."""
    opening = not plan.opened[j]
    plan.opened[j] = opening
    for e in range(sites.by_start[j], sites.by_start[j + 1]):
        i, v = sites.by_place[e], sites.by_value[e]
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
        for f in range(sites.start[i], sites.start[i + 1]):
            plan.look[sites.candidate[f]] = True
        sites.least[2] -= sites.start[i + 1] - sites.start[i]


@inner
def _gain(sites: Sites, plan: Plan, k: int) -> float:
    """What opening k adds."""
    total = 0.0
    for e in range(sites.by_start[k], sites.by_start[k + 1]):
        total += max(0.0, sites.by_value[e] - plan.best[sites.by_place[e]])
    sites.least[2] -= sites.by_start[k + 1] - sites.by_start[k]
    return total


@inner
def _best_exchange(sites: Sites, plan: Plan, k: int, cheapest: int) -> tuple[int, float]:
    """The open site that k would best stand in for, and the change of worth; `cheapest` is the open site that is missed least."""
    gain = 0.0
    for e in range(sites.by_start[k], sites.by_start[k + 1]):
        i, v = sites.by_place[e], sites.by_value[e]
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
    for e in range(sites.by_start[k], sites.by_start[k + 1]):
        first = plan.first[sites.by_place[e]]
        if first >= 0 and plan.shared[first] > 0.0:
            if not sites.required[first]:
                here = gain - plan.loss[first] + plan.shared[first]
                if here > change or (here == change and first < out):
                    out, change = first, here
            plan.shared[first] = 0.0
    sites.least[2] -= 2 * (sites.by_start[k + 1] - sites.by_start[k])
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
def _fill(sites: Sites, plan: Plan, n_open: int, tabu: int) -> int:
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
def _interchange(sites: Sites, plan: Plan, tabu: int) -> None:
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
def _common_places(sites: Sites, plan: Plan, j: int) -> None:
    """Write in `shared` how many places each candidate shares with j, and next to nothing for each shared with a closed one that does."""
    for e in range(sites.by_start[j], sites.by_start[j + 1]):
        i = sites.by_place[e]
        for f in range(sites.start[i], sites.start[i + 1]):
            plan.shared[sites.candidate[f]] += 1.0
    for k in range(len(plan.opened)):
        if plan.shared[k] >= 1.0 and not plan.opened[k]:
            for e in range(sites.by_start[k], sites.by_start[k + 1]):
                first = plan.first[sites.by_place[e]]
                if first >= 0:
                    plan.shared[first] += FAR
            sites.least[2] -= sites.by_start[k + 1] - sites.by_start[k]


def _nearest_open(sites: Sites, plan: Plan, j: int, n_near: int) -> NDArray[np.int64]:
    """The site j and the open sites that share most places with it, at most `n_near` of those that may close."""
    _common_places(sites, plan, j)
    near = np.flatnonzero((plan.shared > 0) & plan.opened & ~sites.required)
    near = near[near != j]
    near = near[np.argsort(-plan.shared[near], kind="stable")][:n_near]
    plan.shared[:] = 0.0
    return np.concatenate([[j], near])


@compiled
def _toggle_all(sites: Sites, plan: Plan, rows: NDArray[np.int64]) -> None:
    """Toggle each of the candidates, in their order, and mark their neighbours."""
    for j in rows:
        _toggle(sites, plan, j)


MOST_NEAR = 6
"""sites that are closed together with one, at most"""
WORSE = (0.0025, 0.25)
"""share of the best worth, and of what one site of it brings on average, that a plan may lack on the way at first (the less of the two); it
falls to nothing as the steps are used up (record-to-record travel: Dueck 1993)"""


def _mixed(turn: int) -> int:
    """A number that is spread like chance, always the same (multiplicative hashing: Knuth)."""
    return ((turn * 2654435761) & 0xFFFFFFFF) >> 8


def _search(sites: Sites, plan: Plan, begin: NDArray[np.bool_], first_turn: int | None) -> NDArray[np.bool_]:
    """The (m,) best plan met from the sites of `begin` on: filled and exchanged, then ruined and refilled as long as the steps last, in the
    order of the numbers from `first_turn` on (None: not at all)."""
    _toggle_all(sites, plan, np.flatnonzero(begin))
    plan.look[:] = True
    n_open = _fill(sites, plan, int(begin.sum()), NOBODY)
    plan.look[:] = True
    _interchange(sites, plan, NOBODY)
    best, record = plan.opened.copy(), float(plan.best.sum())
    steps, turn = sites.least[2], first_turn or 0
    while first_turn is not None and sites.least[2] > 0:
        before, turn = plan.opened.copy(), turn + 1
        sites.least[2] -= TURN_STEPS
        movable = np.flatnonzero(before & ~sites.required)
        if not len(movable):
            break
        j = int(movable[_mixed(turn) % len(movable)])
        closed = _nearest_open(sites, plan, j, 1 + _mixed(turn + 7919) % MOST_NEAR)
        plan.look[:] = False
        _toggle_all(sites, plan, closed)
        n_open = _fill(sites, plan, n_open - len(closed), j)
        _interchange(sites, plan, j)
        now = float(plan.best.sum())
        if now > record + sites.least[0]:
            best, record = plan.opened.copy(), now
        elif now < record * (1 - min(WORSE[0], WORSE[1] / n_open) * sites.least[2] / steps):
            _toggle_all(sites, plan, np.concatenate([np.flatnonzero(plan.opened & ~before), np.flatnonzero(before & ~plan.opened)]))
            n_open = int(before.sum())
    return best
