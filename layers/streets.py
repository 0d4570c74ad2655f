"""The street network as arrays: junctions, the edges between them, and the shape of every edge.

An edge is stored once, from `edge_from` to `edge_to`; `edge_oneway` says whether it can be walked back. Shape points along an edge
are kept apart from the junctions, so that searches run over few nodes while snapping and drawing use the true line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class StreetNetwork:
    """Streets in the metric system of their study area.

    `n` junctions, `m` edges, `k` shape points in all (both ends of each edge included).
    """

    node_xy_m: Floats
    """(n, 2) easting and northing of the junctions [m]"""
    edge_from: Ints
    """(m,) junction row where the edge starts"""
    edge_to: Ints
    """(m,) junction row where the edge ends"""
    edge_length_m: Floats
    """(m,) length along the shape [m], > 0"""
    edge_rise_m: Floats
    """(m,) height of the end above the start [m]; 0 where there is no terrain"""
    edge_oneway: NDArray[np.int8]
    """(m,) 0 both ways, 1 only from `edge_from` to `edge_to`"""
    edge_class: NDArray[np.int16]
    """(m,) position in `class_names`"""
    class_names: tuple[str, ...]
    """the street classes, as OSM `highway` values or the source's own words"""
    shape_start: NDArray[np.int64]
    """(m + 1,) where the shape points of each edge start in `shape_xy_m`"""
    shape_xy_m: Floats
    """(k, 2) shape points, edge by edge, from start to end [m]"""

    def __post_init__(self) -> None:
        n, m = len(self.node_xy_m), len(self.edge_from)
        per_edge = (self.edge_to, self.edge_length_m, self.edge_rise_m, self.edge_oneway, self.edge_class)
        if any(len(values) != m for values in per_edge) or len(self.shape_start) != m + 1:
            raise ValueError("StreetNetwork: the arrays of edges have different lengths")
        if m and (min(self.edge_from.min(), self.edge_to.min()) < 0 or max(self.edge_from.max(), self.edge_to.max()) >= n):
            raise ValueError("StreetNetwork: an edge names a junction that is not there")
        if m and not (np.isfinite(self.edge_length_m).all() and (self.edge_length_m > 0).all()):
            raise ValueError("StreetNetwork: an edge length is not a number above 0 m")
        if not (np.isfinite(self.node_xy_m).all() and np.isfinite(self.edge_rise_m).all()):
            raise ValueError("StreetNetwork: a coordinate or height is not a number")

    @property
    def n_nodes(self) -> int:
        """Number of junctions."""
        return len(self.node_xy_m)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.edge_from)

    def lines(self) -> NDArray[np.object_]:
        """(m,) shapely LineStrings of the edges [m]."""
        owner = np.repeat(np.arange(self.n_edges), np.diff(self.shape_start))
        lines: NDArray[np.object_] = np.asarray(shapely.linestrings(self.shape_xy_m, indices=owner), dtype=object)
        return lines
