"""Row weighting local search for set covering (Gao, Weise and Li 2015): the fewest or cheapest sites that meet every need.

For problems of the form of `cover_form`. From a covering choice a site is taken out, then sites are exchanged, one out and one in that
meets an unmet need, until all are met again; needs that stay unmet gain weight, so that the search is driven elsewhere. Each need keeps how
many open sites meet it, so a move costs little more than its own arcs. `covering` does the same for every other problem of goal meet, more
slowly.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from layers.compiled import allocating, inner
from planner.siting.proof.cover_form import CoverForm
from planner.siting.search.moves import NOBODY, whole

PER_ARC = 6000
STEPS = (2e6, 1.2e9)
"""steps over arcs: `PER_ARC` for each of the problem, but between these; a second holds about 2e8"""


class Cover(NamedTuple):
    """Needs, sites and where the search stands."""

    start: NDArray[np.int64]
    site: NDArray[np.int32]
    by_start: NDArray[np.int64]
    by_need: NDArray[np.int32]
    price: NDArray[np.float64]
    opened: NDArray[np.bool_]
    n_met: NDArray[np.int64]
    """(n,) open sites that meet each need"""
    holder: NDArray[np.int64]
    """(n,) the positions of these, added up: where one alone meets a need, that one"""
    weight: NDArray[np.float64]
    score: NDArray[np.float64]
    """(m,) weight of the needs that opening a closed site meets, or that closing an open one leaves unmet"""
    stamp: NDArray[np.int64]
    """(m,) turn in which a site was last opened or closed"""
    moved: NDArray[np.bool_]
    """(m,) whether a neighbour moved since the site was closed: without that it is not opened again"""
    unmet: NDArray[np.int64]
    place: NDArray[np.int64]
    """(n,) where a need stands in `unmet`, -1 when it does not"""
    tally: NDArray[np.float64]
    """[needs unmet, steps left, open sites]"""
    rows: NDArray[np.int64]
    """(m,) the open sites: the first so many"""
    row: NDArray[np.int64]
    """(m,) where a site stands in `rows`"""


def covered(form: CoverForm, begin: NDArray[np.bool_], effort: float = 1.0) -> NDArray[np.bool_]:
    """(m,) candidates of a problem that meet every need, the cheapest found on the way from (m,) `begin`, in `effort` times the steps."""
    n, m = form.by_need.shape
    opened = form.required.copy()
    if not n:
        return opened
    cover = Cover(
        start=form.by_need.indptr.astype(np.int64),
        site=form.by_need.indices.astype(np.int32),
        by_start=form.by_site.indptr.astype(np.int64),
        by_need=form.by_site.indices.astype(np.int32),
        price=np.maximum(form.price, 1e-9 * float(form.price.max(initial=1.0))),
        opened=np.zeros(m, dtype=bool),
        n_met=np.zeros(n, dtype=np.int64),
        holder=np.zeros(n, dtype=np.int64),
        weight=np.ones(n),
        score=np.diff(form.by_site.indptr).astype(np.float64),
        stamp=np.zeros(m, dtype=np.int64),
        moved=np.ones(m, dtype=bool),
        unmet=np.arange(n),
        place=np.arange(n),
        tally=np.array([float(n), effort * np.clip(PER_ARC * (form.by_need.nnz + m), *STEPS), 0.0]),
        rows=np.zeros(m, dtype=np.int64),
        row=np.zeros(m, dtype=np.int64),
    )
    best = begin[form.candidate]
    _search(cover, best)
    opened[form.candidate[best]] = True
    return opened


@inner
def _open(c: Cover, j: int, turn: int) -> None:
    """Open site j."""
    c.opened[j] = True
    c.row[j] = whole(c.tally[2])
    c.rows[c.row[j]] = j
    c.tally[2] += 1.0
    c.stamp[j] = turn
    c.score[j] = 0.0
    for e in range(c.by_start[j], c.by_start[j + 1]):
        i = c.by_need[e]
        c.n_met[i] += 1
        if c.n_met[i] == 1:
            c.score[j] += c.weight[i]
            c.tally[0] -= 1.0
            last = c.unmet[whole(c.tally[0])]
            c.unmet[c.place[i]], c.place[last], c.place[i] = last, c.place[i], -1
            for f in range(c.start[i], c.start[i + 1]):
                k = c.site[f]
                c.moved[k] = True
                if k != j:
                    c.score[k] -= c.weight[i]
            c.tally[1] -= c.start[i + 1] - c.start[i]
        elif c.n_met[i] == 2:
            c.score[c.holder[i]] -= c.weight[i]
        c.holder[i] += j
    c.tally[1] -= 2 * (c.by_start[j + 1] - c.by_start[j])


@inner
def _close(c: Cover, j: int, turn: int) -> None:
    """Close site j."""
    c.opened[j] = False
    c.tally[2] -= 1.0
    final = c.rows[whole(c.tally[2])]
    c.rows[c.row[j]], c.row[final] = final, c.row[j]
    c.stamp[j] = turn
    c.score[j] = 0.0
    for e in range(c.by_start[j], c.by_start[j + 1]):
        i = c.by_need[e]
        c.n_met[i] -= 1
        c.holder[i] -= j
        if c.n_met[i] == 0:
            c.score[j] += c.weight[i]
            c.unmet[whole(c.tally[0])], c.place[i] = i, whole(c.tally[0])
            c.tally[0] += 1.0
            for f in range(c.start[i], c.start[i + 1]):
                k = c.site[f]
                c.moved[k] = True
                if k != j:
                    c.score[k] += c.weight[i]
            c.tally[1] -= c.start[i + 1] - c.start[i]
        elif c.n_met[i] == 1:
            c.score[c.holder[i]] += c.weight[i]
    c.moved[j] = False
    c.tally[1] -= 2 * (c.by_start[j + 1] - c.by_start[j])


@inner
def _least_missed(c: Cover, tabu: int) -> int:
    """The open site whose closing leaves least weight unmet per price, the longest unmoved of equal ones; -1 without one."""
    out, out_rate = NOBODY, 0.0
    for at in range(whole(c.tally[2])):
        j = c.rows[at]
        if j != tabu:
            rate = c.score[j] / c.price[j]
            older = c.stamp[j] < c.stamp[out] or (c.stamp[j] == c.stamp[out] and j < out)
            if out < 0 or rate < out_rate or (rate == out_rate and older):
                out, out_rate = j, rate
    c.tally[1] -= c.tally[2]
    return out


@inner
def _best_for(c: Cover, i: int, room: float) -> int:
    """The site that meets need i, costs less than `room` and gains most weight per price; -1 when there is none.

    One whose neighbours have not moved since it was closed comes only where no other is left.
    """
    best, best_rate, best_moved = NOBODY, 0.0, False
    for f in range(c.start[i], c.start[i + 1]):
        k = whole(c.site[f])
        if c.price[k] < room and (c.moved[k] or not best_moved):
            rate = c.score[k] / c.price[k]
            better = rate > best_rate or (rate == best_rate and c.stamp[k] < c.stamp[best])
            if best < 0 or better or (c.moved[k] and not best_moved):
                best, best_rate, best_moved = k, rate, c.moved[k]
    return best


@allocating
def _search(c: Cover, best: NDArray[np.bool_]) -> None:
    """Begin with the (m,) sites of `best` and what they lack to meet every need, and leave the cheapest met on the way in it."""
    price, turn, last = 0.0, NOBODY + 1, NOBODY
    for j in range(len(best)):
        if best[j]:
            _open(c, j, turn)
            price += c.price[j]
    while c.tally[0] > 0:
        j = _best_for(c, c.unmet[0], np.inf)
        _open(c, j, turn)
        price += c.price[j]
    best[:] = c.opened
    best_price = price
    while c.tally[1] > 0:
        turn += 1
        while c.tally[0] == 0:
            if price < best_price * (1.0 - 1e-12):
                best[:] = c.opened
                best_price = price
            j = _least_missed(c, NOBODY)
            if j < 0:
                return
            _close(c, j, turn)
            price -= c.price[j]
        j = _least_missed(c, last)
        if j >= 0:
            _close(c, j, turn)
            price -= c.price[j]
        k = _some(c, turn, best_price * (1.0 - 1e-12) - price)
        while k >= 0:
            _open(c, k, turn)
            price += c.price[k]
            last = k
            turn += 1
            k = _some(c, turn, best_price * (1.0 - 1e-12) - price)
        _reweigh(c)


@inner
def _some(c: Cover, turn: int, room: float) -> int:
    """The best site for one of the unmet needs, another one every turn; -1 when none is unmet, or nothing fits."""
    if c.tally[0] == 0:
        return NOBODY
    hashed = ((turn * 2654435761) & 0xFFFFFFFF) >> 11  # multiplicative hashing (Knuth): spread like chance, but always the same
    return _best_for(c, c.unmet[hashed % whole(c.tally[0])], room)


@inner
def _reweigh(c: Cover) -> None:
    """Every unmet need gains weight."""
    for at in range(whole(c.tally[0])):
        i = c.unmet[at]
        c.weight[i] += 1.0
        for f in range(c.start[i], c.start[i + 1]):
            c.score[c.site[f]] += 1.0
        c.tally[1] -= c.start[i + 1] - c.start[i]
