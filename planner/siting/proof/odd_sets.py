"""A bound for coverings above their linear relaxation: any three needs, added up and halved, ask for two sites; any five for three.

For an odd number k of needs let a_j be how many of them site j meets. Half the sum of their rows is sum_j a_j/2 x_j + sum z_i/2 >= k/2;
rounded up on both sides,

    sum_j ceil(a_j / 2) x_j + sum z_i >= (k + 1) / 2,

which every choice of whole sites keeps and a relaxation that opens halves does not (Chvatal-Gomory cuts with multipliers 0 and 1/2: Caprara
and Fischetti 1996; z_i is 1 where need i is left, see `covering`). It is broken when the sites that meet an odd number of the needs,
and what the needs have more than 1 or are left by, come to less than 1 together. Such sets are built about every need, pair by pair, and what the
relaxation breaks is added round by round.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from layers.compiled import compiled, inner
from planner.siting.proof.bound import rounded_up
from planner.siting.proof.covering import Covering, Cuts, no_cuts, relaxed
from planner.siting.proof.exact import PROVED_GAP

BROKEN = 0.02
"""sets that miss 1 by less are not added"""
OVERLAP = 30.0
"""cuts of one round that the sites of a new one stand in already, on average, at most"""
PAIRS = 3
"""largest sets: of one need and so many pairs"""
NEAREST = 24
"""needs out of which a pair is taken: those which leave least odd by themselves"""
TIGHT = 1e-3
"""shares of a site that are nothing (the interior point method leaves some everywhere)"""
LOOSE = 0.5
"""needs that are off by so much are in no set"""
CHEAP = 0.35
"""share of the needs, those of least worth, that are in no set"""
WORSE = 0.3
"""a set that has become so much worse than its best is not built on"""


def bound_by_odd_sets(covering: Covering, known: float, rounds: int, time_limit_s: float) -> float:
    """The least that any choice can cost; no more is sought than `known`, what one costs, and no more than so many rounds of cuts.

    Where every need has to be met and all prices are whole multiples of one sum, so is the bound.
    """
    if not covering.met.shape[0]:
        return 0.0
    cuts, best, seen = no_cuts(covering), 0.0, set[bytes]()
    for turn in range(rounds + 1):
        found = relaxed(covering, cuts, time_limit_s)
        if found is None:
            break
        best = max(best, found.bound if covering.may_leave else rounded_up(found.bound, covering.price))
        if best >= known * (1 - PROVED_GAP) or turn == rounds:
            break
        fresh = broken_cuts(covering, found.share, seen)
        if not len(fresh.least):
            break
        cuts = cuts.of(found.has_price).and_those(fresh)
    return best


def broken_cuts(covering: Covering, share: NDArray[np.float64], seen: set[bytes]) -> Cuts:
    """Cuts that the (m,) shares break, the most broken first and not too many about one site; none of the sets `seen`, which grow."""
    part = np.flatnonzero(share > TIGHT)
    off = np.abs(covering.met @ share - 1.0)  # more than is asked for, or what the need is left by
    needs = _asked(covering, part, off < LOOSE)
    met = covering.met[needs][:, part].tocsr()
    met.sort_indices()
    sets, odd = _sets_of(met, share[part], off[needs])
    taken, members = np.zeros(len(share)), list[NDArray[np.int64]]()
    for at in np.argsort(odd, kind="stable"):
        if odd[at] > 1 - BROKEN:
            break
        inside = np.sort(needs[sets[at][sets[at] >= 0]])
        sites = covering.met[inside].indices
        sites = np.unique(sites[share[sites] > TIGHT])
        if inside.tobytes() not in seen and taken[sites].mean() <= OVERLAP:
            taken[sites] += 1
            seen.add(inside.tobytes())
            members.append(inside)
    return cuts_of(covering, members)


def cuts_of(covering: Covering, sets: list[NDArray[np.int64]]) -> Cuts:
    """The cuts of sets of needs, an odd number each."""
    sizes = np.array([len(inside) for inside in sets], dtype=np.int64)
    start, needs = np.concatenate([[0], sizes.cumsum()]), np.concatenate([*sets, np.zeros(0, dtype=np.int64)])
    left = sparse.csr_matrix((np.ones(len(needs)), needs, start), shape=(len(sets), covering.met.shape[0]))
    sites = (left @ covering.met).tocsr()
    sites.data = np.ceil(sites.data / 2)
    return Cuts(sites, left, (sizes + 1) / 2)


def _asked(covering: Covering, part: NDArray[np.int64], tight: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Tight needs of two or more sites in `part`, without the cheapest: leaving out a need costs what it is worth, and a cut is
    worth no more than the cheapest of its needs. Of those of equal sites the dearest."""
    dear = covering.worth >= np.quantile(covering.worth, CHEAP) if covering.may_leave else np.ones(len(tight), dtype=bool)
    rows = np.flatnonzero(tight & dear)
    met = covering.met[rows][:, part].tocsr()
    met.sort_indices()
    found: dict[bytes, int] = {}
    for at in np.argsort(-covering.worth[rows], kind="stable"):
        sites = met.indices[met.indptr[at] : met.indptr[at + 1]]
        if len(sites) > 1:
            found.setdefault(sites.tobytes(), int(rows[at]))
    return np.sort(np.array(list(found.values()), dtype=np.int64))


class Room(NamedTuple):
    """Needs and sites as the kernels read them, and where they write."""

    start: NDArray[np.int32]
    site: NDArray[np.int32]
    by_start: NDArray[np.int32]
    by_need: NDArray[np.int32]
    share: NDArray[np.float64]
    off: NDArray[np.float64]
    """(n,) by how much what each need has is off the 1 that it asks for"""
    odd: NDArray[np.bool_]
    """(m,) whether a site meets an odd number of the set"""
    stamp: NDArray[np.int64]
    """(n,) in which turn a need was last looked at"""
    near: NDArray[np.int64]
    """(NEAREST,) the needs that leave least odd by themselves"""
    change: NDArray[np.float64]
    """(NEAREST,) by how much"""


def _sets_of(met: sparse.csr_matrix, share: NDArray[np.float64], off: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Sets of needs (-1 fills up), the best about each need, and their weights: the odd sites, and what the needs are off."""
    n, m = met.shape
    turned = met.T.tocsr()
    sets, weights = np.full((n, 1 + 2 * PAIRS), -1, dtype=np.int64), np.full(n, np.inf)
    room = Room(
        met.indptr.astype(np.int32),
        met.indices.astype(np.int32),
        turned.indptr.astype(np.int32),
        turned.indices.astype(np.int32),
        share,
        off,
        np.zeros(m, dtype=bool),
        np.full(n, -1, dtype=np.int64),
        np.zeros(NEAREST, dtype=np.int64),
        np.zeros(NEAREST),
    )
    _grow(room, sets, weights)
    return sets, weights


@compiled
def _grow(room: Room, sets: NDArray[np.int64], weights: NDArray[np.float64]) -> None:
    """Each set is the one before and the pair of needs that leaves least; the best on the way is kept."""
    pairs = (sets.shape[1] - 1) // 2
    for a in range(len(weights)):
        sets[a, 0], size, best_size = a, 1, 1
        weight = room.off[a] + _turned(room, a)
        for stage in range(pairs):
            n_near = _look_near(room, sets[a], size, a * pairs + stage)
            b, c, change = _best_pair(room, n_near)
            if b < 0:
                break
            _turned(room, b)
            _turned(room, c)
            sets[a, size], sets[a, size + 1] = b, c
            size += 2
            weight += change
            if weight < weights[a] - 1e-9:
                weights[a], best_size = weight, size
            if weight > weights[a] + WORSE:
                break
        for at in range(size):
            _turned(room, sets[a, at])
        sets[a, best_size:] = -1


@inner
def _look_near(room: Room, members: NDArray[np.int64], size: int, turn: int) -> int:
    """Write down the needs that share an odd site with the set and leave least odd by themselves; how many."""
    n_near = 0
    for at in range(size):
        room.stamp[members[at]] = turn
    for at in range(size):
        for e in range(room.start[members[at]], room.start[members[at] + 1]):
            if room.odd[room.site[e]]:
                for f in range(room.by_start[room.site[e]], room.by_start[room.site[e] + 1]):
                    b = room.by_need[f]
                    if room.stamp[b] != turn:
                        room.stamp[b] = turn
                        n_near = _kept_near(room, n_near, b, room.off[b] + _change(room, b))
    return n_near


@inner
def _kept_near(room: Room, n_near: int, b: int, change: float) -> int:
    """Put a need in its place among the nearest; how many these are then."""
    if n_near == len(room.near):
        if change >= room.change[n_near - 1]:
            return n_near
        n_near -= 1
    at = n_near
    while at > 0 and room.change[at - 1] > change:
        room.near[at], room.change[at] = room.near[at - 1], room.change[at - 1]
        at -= 1
    room.near[at], room.change[at] = b, change
    return n_near + 1


@inner
def _best_pair(room: Room, n_near: int) -> tuple[int, int, float]:
    """Of the nearest the two needs that leave least together, -1 where there are none, and the change."""
    best_b, best_c, least = -1, -1, np.inf
    for x in range(n_near):
        b = room.near[x]
        of_b = room.off[b] + _turned(room, b)
        for y in range(x + 1, n_near):
            c = room.near[y]
            change = of_b + room.off[c] + _change(room, c)
            if change < least - 1e-12:
                best_b, best_c, least = b, c, change
        _turned(room, b)
    return best_b, best_c, least


@inner
def _change(room: Room, need: int) -> float:
    """By how much the weight of the odd sites changes when the sites of a need are turned."""
    change = 0.0
    for e in range(room.start[need], room.start[need + 1]):
        j = room.site[e]
        change += -room.share[j] if room.odd[j] else room.share[j]
    return change


@inner
def _turned(room: Room, need: int) -> float:
    """Turn the sites of a need from even to odd or back; the change of the weight of the odd ones."""
    change = _change(room, need)
    for e in range(room.start[need], room.start[need + 1]):
        room.odd[room.site[e]] = not room.odd[room.site[e]]
    return change
