"""Good sites where the best open site counts (`best_of`): filled and exchanged, then one neighbourhood after another ruined and refilled.

The moves are those of `exchange`. Effort is counted in steps over arcs; the way is mixed by multiplicative hashing, always the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layers.compiled import compiled
from planner.siting.best_of.exchange import Plan, Sites, fill, interchange, toggle_all
from planner.siting.best_of.model import BestOf
from planner.siting.pairs import Pairs
from planner.siting.search.moves import NOBODY
from planner.siting.search.ruin import FAR

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


def improved(problem: BestOf, begin: NDArray[np.bool_], *, thorough: bool) -> NDArray[np.bool_]:
    """(m,) a choice that is no worse than the (m,) `begin`, filled up and exchanged; `thorough`: ruined and refilled, too."""
    arcs = len(problem.value) + problem.n_candidates
    steps = max(min(PER_ARC * arcs, STEPS[arcs > RUNS_ARCS]), N_TURNS * TURN_STEPS)
    pairs, begin = problem.pairs, begin | problem.limits.required
    if not thorough:
        return _search(_sites(problem, pairs, steps), _nobody(problem), begin, None)
    runs = RUNS if arcs <= RUNS_ARCS else 1
    found = [_search(_sites(problem, pairs, steps / runs), _nobody(problem), begin, run * FIRST_TURN) for run in range(runs)]
    return max(found, key=problem.worth)


FIRST_TURN = 1_000_003
"""where the next search begins in the same series of numbers"""


def _sites(problem: BestOf, pairs: Pairs, steps: float) -> Sites:
    n_sites = np.floor(problem.limits.sites) + problem.limits.required.sum()
    left = np.array([TINY * float(problem.most.sum()), n_sites, steps])
    return Sites(pairs, problem.limits.required, left)


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


@compiled
def _common_places(sites: Sites, plan: Plan, j: int) -> None:
    """Write in `shared` how many places each candidate shares with j, and next to nothing for each shared with a closed one that does."""
    pairs = sites.pairs
    for e in range(pairs.by_start[j], pairs.by_start[j + 1]):
        i = pairs.by_row[e]
        for f in range(pairs.start[i], pairs.start[i + 1]):
            plan.shared[pairs.candidate[f]] += 1.0
    for k in range(len(plan.opened)):
        if plan.shared[k] >= 1.0 and not plan.opened[k]:
            for e in range(pairs.by_start[k], pairs.by_start[k + 1]):
                first = plan.first[pairs.by_row[e]]
                if first >= 0:
                    plan.shared[first] += FAR
            sites.least[2] -= pairs.by_start[k + 1] - pairs.by_start[k]


def _nearest_open(sites: Sites, plan: Plan, j: int, n_near: int) -> NDArray[np.int64]:
    """The site j and the open sites that share most places with it, at most `n_near` of those that may close."""
    _common_places(sites, plan, j)
    near = np.flatnonzero((plan.shared > 0) & plan.opened & ~sites.required)
    near = near[near != j]
    near = near[np.argsort(-plan.shared[near], kind="stable")][:n_near]
    plan.shared[:] = 0.0
    return np.concatenate([[j], near])


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
    toggle_all(sites, plan, np.flatnonzero(begin))
    plan.look[:] = True
    n_open = fill(sites, plan, int(begin.sum()), NOBODY)
    plan.look[:] = True
    interchange(sites, plan, NOBODY)
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
        toggle_all(sites, plan, closed)
        n_open = fill(sites, plan, n_open - len(closed), j)
        interchange(sites, plan, j)
        now = float(plan.best.sum())
        if now > record + sites.least[0]:
            best, record = plan.opened.copy(), now
        elif now < record * (1 - min(WORSE[0], WORSE[1] / n_open) * sites.least[2] / steps):
            toggle_all(sites, plan, np.concatenate([np.flatnonzero(plan.opened & ~before), np.flatnonzero(before & ~plan.opened)]))
            n_open = int(before.sum())
    return best
