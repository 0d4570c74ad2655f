"""The cheapest choice of each region by itself, proved: branch and bound, whose bound are prices of the needs.

In a region site k costs price_k >= 0 and a need i that is left costs worth_i. For prices t_i in [0, worth_i] with sum of t over what k meets <=
price_k, what a choice costs is not less than the sites it has, and t of the needs that these leave. Such t are raised need by need (dual
ascent: Erlenkotter 1978). A site is not opened where what it still meets is worth no more than it costs, nor where the bound and its *slack*
(price less t of what it still meets) reach the best choice known. Where every need has to be met, a need that is left costs as much as its
cheapest site: that changes no least price.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from layers.compiled import compiled, inner
from planner.siting.proof.covering import Covering

MOST_NODES = 20_000
"""of one region; beyond, what is open counts by its bound"""


class Regions(NamedTuple):
    """Needs in the order of their regions, and pairs of a region and a site that meets one of its needs."""

    first_pair: NDArray[np.int64]
    """(r + 1,) the pairs of region r are first_pair[r] : first_pair[r + 1]"""
    first_need: NDArray[np.int64]
    """(r + 1,) its needs"""
    start: NDArray[np.int64]
    """(k + 1,) the needs that pair k meets are need[start[k] : start[k + 1]]"""
    need: NDArray[np.int32]
    by_start: NDArray[np.int64]
    by_pair: NDArray[np.int32]
    worth: NDArray[np.float64]
    """(n,) inf: has to be met"""
    price: NDArray[np.float64]
    """(k,) written before each search"""
    opened: NDArray[np.bool_]
    """(k,) the cheapest choice; that of the search before is where the next begins"""
    below: NDArray[np.float64]
    """(n,) prices of the needs, likewise"""
    left: NDArray[np.float64]
    """(n,) what a need costs that is left"""
    n_met: NDArray[np.int64]
    """(n,) open sites that meet each need"""
    nodes: NDArray[np.int64]
    """(1,) nodes of all searches"""
    path: Path


class Path(NamedTuple):
    """The nodes from the root of a search to where it stands, a row each; columns are the pairs or needs of the region."""

    gain: NDArray[np.float64]
    """what a site meets that is left, less its price"""
    slack: NDArray[np.float64]
    """inf: the site is not opened below"""
    t: NDArray[np.float64]
    """0 of needs that are met"""
    cost: NDArray[np.float64]
    """of the open sites"""
    worth: NDArray[np.float64]
    """of the needs that are left"""
    bound: NDArray[np.float64]
    branch: NDArray[np.int64]
    """the pair on which a node is branched"""
    into: NDArray[np.bool_]
    """whether it is open below"""


def regions_and_sites(covering: Covering, region: NDArray[np.int64], below: NDArray[np.float64]) -> tuple[Regions, NDArray[np.int64]]:
    """The regions (n,) of a covering, with first prices (n,) of its needs, and (k,) the site of each pair."""
    (n, m), order, count = covering.met.shape, np.argsort(region, kind="stable"), np.arange(int(region.max()) + 2)
    met, region = covering.met[order].tocsr(), region[order]
    key, pair = np.unique(np.repeat(region, np.diff(met.indptr)) * m + met.indices, return_inverse=True)
    k = len(key)
    by_need = sparse.csr_matrix((np.ones(len(pair)), pair, met.indptr), shape=(n, k))
    by_need.sort_indices()
    by_pair = by_need.T.tocsr()
    first_pair, first_need = np.searchsorted(key // m, count), np.searchsorted(region, count)
    most_pairs, most_needs = int(np.diff(first_pair).max()), int(np.diff(first_need).max())
    rows = most_pairs + 2
    regions = Regions(
        first_pair=first_pair.astype(np.int64),
        first_need=first_need.astype(np.int64),
        start=by_pair.indptr.astype(np.int64),
        need=by_pair.indices.astype(np.int32),
        by_start=by_need.indptr.astype(np.int64),
        by_pair=by_need.indices.astype(np.int32),
        worth=covering.worth[order],
        price=np.zeros(k),
        opened=np.zeros(k, dtype=bool),
        below=below[order],
        left=np.zeros(n),
        n_met=np.zeros(n, dtype=np.int64),
        nodes=np.zeros(1, dtype=np.int64),
        path=Path(
            gain=np.zeros((rows, most_pairs)),
            slack=np.zeros((rows, most_pairs)),
            t=np.zeros((rows, most_needs)),
            cost=np.zeros(rows),
            worth=np.zeros(rows),
            bound=np.zeros(rows),
            branch=np.zeros(rows, dtype=np.int64),
            into=np.zeros(rows, dtype=bool),
        ),
    )
    return regions, (key % m).astype(np.int64)


@compiled
def cheapest(g: Regions, most_nodes: int) -> float:
    """What the cheapest choices of all regions cost together, at least; they are written into `opened`."""
    total = 0.0
    for r in range(len(g.first_pair) - 1):
        total += _of_region(g, r, most_nodes)
        _complete(g, r)
    return total


@inner
def _of_region(g: Regions, r: int, most_nodes: int) -> float:
    """What the cheapest choice of a region costs; where the nodes end first, a bound of it."""
    path, first = g.path, g.first_pair[r]
    best, depth, n_nodes = _begun(g, r), 0, 1
    while True:
        pair = _branch(g, r, depth, best)
        if path.bound[depth] < best and path.cost[depth] + path.worth[depth] < best:
            best = path.cost[depth] + path.worth[depth]
            g.opened[first : g.first_pair[r + 1]] = False
            for d in range(depth):
                if path.into[d]:
                    g.opened[first + path.branch[d]] = True
        if path.bound[depth] < best and pair >= 0:
            if n_nodes >= most_nodes:
                break
            path.branch[depth], path.into[depth] = pair, True
        else:
            depth = _back(g, r, depth, best)
            if depth < 0:
                break
        _follow(g, r, depth)
        depth += 1
        n_nodes += 1
    g.nodes[0] += n_nodes
    return _least_open(path, depth, best)


@inner
def _least_open(path: Path, depth: int, best: float) -> float:
    """What is left to be searched below a node and on the way to it costs no less than this, if it is less than the best; depth -1: nothing."""
    if depth >= 0:
        best = min(best, path.bound[depth])
    for d in range(depth):
        if path.into[d]:
            best = min(best, path.bound[d])
    return best


@inner
def _begun(g: Regions, r: int) -> float:
    """Set up the root, with the prices of the search before made to fit; what the choice of the search before costs now."""
    low, high = g.first_need[r], g.first_need[r + 1]
    _write_needs(g, r)
    cost = _write_pairs(g, r)
    for i in range(low, high):
        cost += g.left[i] if g.n_met[i] == 0 else 0.0
        g.n_met[i] = 0
    for i in range(low, high):
        least = 0.0
        for f in range(g.by_start[i], g.by_start[i + 1]):
            least = min(least, g.path.slack[0, g.by_pair[f] - g.first_pair[r]])
        if least < 0.0:  # in the end no slack is below 0: where one stays so, all its needs have the price 0
            _raise(g, r, 0, i, max(least, -g.path.t[0, i - low]))
    _ascend(g, r, 0)
    for i in range(low, high):
        g.below[i] = g.path.t[0, i - low]
    return cost


@inner
def _write_needs(g: Regions, r: int) -> None:
    """What each need costs that is left, and its first price."""
    g.path.cost[0], g.path.worth[0] = 0.0, 0.0
    for i in range(g.first_need[r], g.first_need[r + 1]):
        g.n_met[i], g.left[i] = 0, g.worth[i]
        if g.worth[i] == np.inf:
            for f in range(g.by_start[i], g.by_start[i + 1]):
                g.left[i] = min(g.left[i], g.price[g.by_pair[f]])
        g.path.worth[0] += g.left[i]
        g.path.t[0, i - g.first_need[r]] = min(g.below[i], g.left[i])


@inner
def _write_pairs(g: Regions, r: int) -> float:
    """Gain and slack of each pair; what the open ones cost, after those that are not worth it any more are closed."""
    path, first, cost = g.path, g.first_pair[r], 0.0
    for k in range(first, g.first_pair[r + 1]):
        gain, slack, more = -g.price[k], g.price[k], -g.price[k]
        for e in range(g.start[k], g.start[k + 1]):
            gain += g.left[g.need[e]]
            slack -= path.t[0, g.need[e] - g.first_need[r]]
            more += g.left[g.need[e]] if g.n_met[g.need[e]] == 0 else 0.0
        path.gain[0, k - first], path.slack[0, k - first] = gain, slack if gain > 0.0 else np.inf
        g.opened[k] = g.opened[k] and more > 0.0
        if g.opened[k]:
            cost += g.price[k]
            for e in range(g.start[k], g.start[k + 1]):
                g.n_met[g.need[e]] = 1
    return cost


@inner
def _raise(g: Regions, r: int, depth: int, i: int, step: float) -> None:
    """Raise the price of a need."""
    g.path.t[depth, i - g.first_need[r]] += step
    for f in range(g.by_start[i], g.by_start[i + 1]):
        g.path.slack[depth, g.by_pair[f] - g.first_pair[r]] -= step


@inner
def _ascend(g: Regions, r: int, depth: int) -> None:
    """Raise the prices of all needs that are left as far as their sites have slack; the bound of the node."""
    path, low, first = g.path, g.first_need[r], g.first_pair[r]
    bound = path.cost[depth]
    for i in range(low, g.first_need[r + 1]):
        if g.n_met[i] == 0:
            step = g.left[i] - path.t[depth, i - low]
            for f in range(g.by_start[i], g.by_start[i + 1]):
                if step <= 0.0:
                    break
                step = min(step, path.slack[depth, g.by_pair[f] - first])
            if step > 0.0:
                _raise(g, r, depth, i, step)
            bound += path.t[depth, i - low]
    path.bound[depth] = bound


@inner
def _branch(g: Regions, r: int, depth: int, best: float) -> int:
    """The pair that gains most, -1 where none can lead to a better choice; those that cannot are out."""
    path, pair, most = g.path, -1, 0.0
    for k in range(g.first_pair[r + 1] - g.first_pair[r]):
        if path.bound[depth] + path.slack[depth, k] >= best:
            path.slack[depth, k] = np.inf
        elif path.gain[depth, k] > most:
            pair, most = k, path.gain[depth, k]
    return pair


@inner
def _follow(g: Regions, r: int, depth: int) -> None:
    """Set up the node below one, its branch opened or closed."""
    path, low, first = g.path, g.first_need[r], g.first_pair[r]
    below, n_pairs = depth + 1, g.first_pair[r + 1] - first
    for k in range(n_pairs):
        path.gain[below, k], path.slack[below, k] = path.gain[depth, k], path.slack[depth, k]
    for i in range(g.first_need[r + 1] - low):
        path.t[below, i] = path.t[depth, i]
    path.cost[below], path.worth[below] = path.cost[depth], path.worth[depth]
    branch = first + path.branch[depth]
    if path.into[depth]:
        path.cost[below] += g.price[branch]
        for e in range(g.start[branch], g.start[branch + 1]):
            i = g.need[e]
            g.n_met[i] += 1
            if g.n_met[i] == 1:
                path.worth[below] -= g.left[i]
                for f in range(g.by_start[i], g.by_start[i + 1]):
                    path.gain[below, g.by_pair[f] - first] -= g.left[i]
                _raise(g, r, below, i, -path.t[below, i - low])
        for k in range(n_pairs):
            if path.gain[below, k] <= 0.0:
                path.slack[below, k] = np.inf
    path.slack[below, path.branch[depth]] = np.inf
    _ascend(g, r, below)


@inner
def _back(g: Regions, r: int, depth: int, best: float) -> int:
    """The nearest node above whose branch is open and can still be closed, now closed; -1 where there is none."""
    path = g.path
    for d in range(depth - 1, -1, -1):
        if path.into[d]:
            branch = g.first_pair[r] + path.branch[d]
            for e in range(g.start[branch], g.start[branch + 1]):
                g.n_met[g.need[e]] -= 1
            path.into[d] = False
            if path.bound[d] < best:
                return d
    return -1


@inner
def _complete(g: Regions, r: int) -> None:
    """Open the cheapest site of every need that has to be met and is left: it costs what leaving it was counted."""
    for i in range(g.first_need[r], g.first_need[r + 1]):
        if g.worth[i] == np.inf:
            cheapest_pair, is_met = g.by_pair[g.by_start[i]], False
            for f in range(g.by_start[i], g.by_start[i + 1]):
                k = g.by_pair[f]
                is_met = is_met or g.opened[k]
                if g.price[k] < g.price[cheapest_pair]:
                    cheapest_pair = k
            if not is_met:
                g.opened[cheapest_pair] = True
