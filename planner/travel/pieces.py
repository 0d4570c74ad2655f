"""Pieces of street that join no other: whoever stands on a short one reaches nothing, mostly because the map has a gap."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layers.streets import StreetNetwork
from planner.travel.snap import Snapped

SHORT_PIECE_M = 1000.0
"""shorter than a walk of fifteen minutes to and fro; a true island has more streets than this"""


def short_pieces(streets: StreetNetwork, walkable: NDArray[np.int32]) -> NDArray[np.bool_]:
    """(edges of the network,) whether an open edge belongs to a piece of less than `SHORT_PIECE_M` of open street, other than the longest."""
    start, end = streets.edge_from[walkable], streets.edge_to[walkable]
    joined = coo_array((np.ones(len(walkable), dtype=np.int8), (start, end)), shape=(streets.n_nodes, streets.n_nodes))
    _, piece = connected_components(joined, directed=False)
    length_m = np.bincount(piece[start], weights=streets.edge_length_m[walkable])
    short = np.zeros(streets.n_edges, dtype=bool)
    short[walkable] = (length_m[piece[start]] < SHORT_PIECE_M) & (piece[start] != length_m.argmax())
    return short


def on_short_piece(snapped: Snapped, short: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) whether a point has joined a short piece."""
    on: NDArray[np.bool_] = snapped.is_on.copy()
    on[snapped.is_on] = short[snapped.edge[snapped.is_on]]
    return on
