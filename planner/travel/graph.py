"""The streets as the compiled searches read them: every junction with the edges that lead to it, and where the doors are.

Searches start at the sites and run against the direction of travel, so that one search gives the minutes of everyone *to* that site.
Junctions and edges are renumbered along a Z-curve (Morton 1966), so that what is near on the ground is near in memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layers.streets import StreetNetwork
from planner.travel.costs import EdgeMinutes
from planner.travel.kernels import Doors, Homes, Roads
from planner.travel.snap import Snapped
from planner.travel.z_curve import along_z_curve

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class StreetGraph:
    """The open streets, renumbered; the same for every pace."""

    edge_row: Ints
    """(m,) row in the `StreetNetwork` of each edge of the graph"""
    edge_position: Ints
    """(rows of the network,) its place in `edge_row`, -1 for a closed edge"""
    start: Ints
    """(m,) junction where the edge starts"""
    end: Ints
    """(m,) junction where the edge ends"""
    first: NDArray[np.int64]
    neighbour: Ints
    edge: Ints
    at_start: NDArray[np.bool_]
    """these four as in `Roads`"""

    def roads(self, minutes: EdgeMinutes) -> Roads:
        """The ways to each junction at one pace: arriving at its start means walking an edge backward."""
        row = self.edge_row[self.edge]
        arriving = np.where(self.at_start, minutes.backward[row], minutes.forward[row])
        ways = self.first.astype(np.uint32), self.neighbour.astype(np.uint32), self.edge, self.at_start, arriving
        return Roads(*ways, self.start, self.end, minutes.forward[self.edge_row], minutes.backward[self.edge_row])

    def doors(self, snapped: Snapped, pace_m_per_min: float) -> Doors:
        """The snapped sites that are on the network, in their order."""
        on = np.flatnonzero(snapped.is_on)
        at = self.edge_position[snapped.edge[on]]
        return Doors(at, self.start[at], self.end[at], snapped.share[on], snapped.leg_m[on] / pace_m_per_min)

    def homes(self, snapped: Snapped, pace_m_per_min: float) -> tuple[Homes, Ints]:
        """The snapped demand points that are on the network, by edge; (p,) their rows among all."""
        on = np.flatnonzero(snapped.is_on)
        at = self.edge_position[snapped.edge[on]]
        order = np.lexsort((snapped.share[on], at))
        first = np.searchsorted(at[order], np.arange(len(self.edge_row) + 1)).astype(np.int32)
        first_from = first[np.searchsorted(self.start, np.arange(len(self.first)))]
        rows = on[order].astype(np.int32)
        return Homes(first, first_from, at[order], snapped.share[rows], snapped.leg_m[rows] / pace_m_per_min), rows


def street_graph(streets: StreetNetwork, walkable: Ints) -> StreetGraph:
    """The graph of the `walkable` edges (rows of the network)."""
    rank = np.empty(streets.n_nodes, dtype=np.int32)
    rank[along_z_curve(streets.node_xy_m)] = np.arange(streets.n_nodes, dtype=np.int32)
    start, end = rank[streets.edge_from[walkable]], rank[streets.edge_to[walkable]]
    order = np.lexsort((end, start))
    start, end, edge_row = start[order], end[order], walkable[order]
    m = len(edge_row)
    position = np.full(streets.n_edges, -1, dtype=np.int32)
    position[edge_row] = np.arange(m, dtype=np.int32)
    at = np.concatenate([start, end])
    entries = np.argsort(at, kind="stable")
    first = np.searchsorted(at[entries], np.arange(streets.n_nodes + 1)).astype(np.int64)
    neighbour = np.concatenate([end, start])[entries]
    edge = (entries % max(m, 1)).astype(np.int32)
    return StreetGraph(edge_row, position, start, end, first, neighbour, edge, entries < m)
