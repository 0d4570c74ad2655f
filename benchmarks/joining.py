"""Pairs of sites and demand points the plain way: our search of the junctions first, then a join in numpy with the points on their edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layers.streets import StreetNetwork
from planner.travel.snap import Snapped

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]


def pairs_by_joining(
    site: Longs, node: Longs, metres: Floats, demand: Snapped, sites: Snapped, streets: StreetNetwork, limit_m: float
) -> tuple[Longs, Longs, Floats]:
    """Site, demand point and metres of every pair within the limit on two-way streets, from the `metres` to each `node` that a `site` reaches."""
    row, whole_m = np.arange(len(demand.edge)), streets.edge_length_m[demand.edge]
    ends = np.concatenate([streets.edge_from[demand.edge], streets.edge_to[demand.edge]])
    to_end_m = np.concatenate([demand.share, 1 - demand.share]) * np.tile(whole_m, 2) + np.tile(demand.leg_m, 2)
    by_node, at_node = _matches(node, ends, streets.n_nodes)
    by_edge, on_edge = _matches(sites.edge, demand.edge, streets.n_edges)
    straight_m = np.abs(sites.share[by_edge] - demand.share[on_edge]) * whole_m[on_edge] + sites.leg_m[by_edge] + demand.leg_m[on_edge]
    s, d = np.concatenate([site[by_node], by_edge]), np.concatenate([np.tile(row, 2)[at_node], on_edge])
    m = np.concatenate([metres[by_node] + to_end_m[at_node], straight_m])
    near = m <= limit_m
    s, d, m = s[near], d[near], m[near]
    order = np.lexsort((m, d, s))
    s, d, m = s[order], d[order], m[order]
    first = np.append(True, (np.diff(s) != 0) | (np.diff(d) != 0))[: len(s)]
    return s[first], d[first], m[first]


def _matches(left: Longs | NDArray[np.int32], right: Longs | NDArray[np.int32], n: int) -> tuple[Longs, Longs]:
    """All positions i, j with left[i] == right[j], which are numbers below n."""
    order, first = np.argsort(right, kind="stable"), np.concatenate([[0], np.cumsum(np.bincount(right, minlength=n))])
    count = (first[1:] - first[:-1])[left]
    i = np.repeat(np.arange(len(left)), count)
    return i, order[first[left][i] + np.arange(len(i)) - np.repeat(np.cumsum(count) - count, count)]
