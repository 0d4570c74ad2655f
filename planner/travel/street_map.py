"""The open streets made ready for drawing: what painting reads of them, and how far they go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from planner.travel.graph import StreetGraph
from planner.travel.kernels import Doors, Floats, Ints, Roads
from planner.travel.segment_grid import Segments, Ways, along_segments_m
from planner.travel.sheet import Own, Sites, StreetMap

BOUNDS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]])
"""x, y, x + y and x - y: ground is bounded by the least and the most of each"""
PER_METRE = np.linalg.norm(BOUNDS, axis=1, keepdims=True)
"""by how much each of them changes at most in a metre"""


@dataclass(frozen=True, eq=False)
class Extent:
    """How far streets go from n junctions, numbered as in `StreetGraph`, and from s doors, numbered as in `Doors`."""

    xy_m: Floats
    """(n + s, 2) on the street; of the junctions those that any edge joins"""
    longest_m: Floats
    """(n + s,) of the edges there, along the shape"""
    fastest: float
    """metres in a minute, on any edge in either direction"""

    def reach_m(self, minutes: Floats, nodes: Ints, leg: Floats, sites: Sites, limit: float) -> Floats:
        """(2, 4) the least and the most of the `BOUNDS` on streets within the limit; inf and -inf where there are none.

        `minutes` (n,) are those of the junctions, `nodes` the junctions reached, `leg` (s,) the minutes between street and door. No part of an
        edge is farther from where it is entered than its length.
        """
        own = np.arange(*sites)
        at = np.concatenate([nodes, own + len(minutes)])
        left = limit - np.concatenate([minutes[nodes], leg[own]])
        around_m = np.where(left >= 0.0, np.minimum(left * self.fastest, self.longest_m[at]), -np.inf)
        at_m, around_m = BOUNDS @ self.xy_m[at].T, PER_METRE * around_m
        return np.array([(at_m - around_m).min(axis=1), (at_m + around_m).max(axis=1)])


def widened(bounds_m: Floats, margin_m: float) -> Floats:
    """(2, 4) the bounds of ground and all around it up to a margin."""
    return bounds_m + margin_m * np.stack([-PER_METRE[:, 0], PER_METRE[:, 0]])


def street_map(ways: Ways, edge_rows: Ints, graph: StreetGraph, roads: Roads, doors: Doors, pace: float) -> StreetMap:
    """What painting reads of the open streets, given as `ways` of some edges (rows of the network), and of the doors on them; the `pace`
    [m/min] is that of the walk to the street."""
    pieces, along_m = ways.pieces, along_segments_m(ways.pieces)
    edge, before_m = graph.edge_position[edge_rows][pieces.edge], along_m[pieces.first[:-1]][pieces.edge]
    whole_m = np.maximum(np.diff(along_m[pieces.first]), 1e-12)[pieces.edge]
    start, end = (along_m[:-1] - before_m) / whole_m, np.minimum((along_m[1:] - before_m) / whole_m, 1.0)
    end[pieces.first[1:] - 1] = 1.0
    forward, backward = roads.forward[edge], roads.backward[edge]
    way = np.column_stack([start * backward, (end - start) * backward, (1.0 - end) * forward, (end - start) * forward])
    ends = np.column_stack([graph.start[edge], graph.end[edge]])
    return StreetMap(pieces.xy_m, ways.grid, ends, way, own_pieces(pieces, places_of(edge_rows, graph), doors), pace)


def places_of(edge_rows: Ints, graph: StreetGraph) -> Ints:
    """(m,) where among some rows of the network, which are all open streets, each edge of the graph is."""
    place = np.empty(len(edge_rows), dtype=np.int32)
    place[graph.edge_position[edge_rows]] = np.arange(len(edge_rows), dtype=np.int32)
    return place


def own_pieces(pieces: Segments, place: Ints, doors: Doors) -> Own:
    """The pieces of the edges that doors stand on; edge e of the graph is number `place[e]` (m,) among the pieces."""
    along_m, begin, n_pieces = along_segments_m(pieces), pieces.first[place[doors.edge]], np.diff(pieces.first)[place[doors.edge]]
    first = np.concatenate([[0], np.cumsum(n_pieces)])
    piece = np.repeat(begin - first[:-1], n_pieces) + np.arange(first[-1])
    door_m = along_m[begin] + doors.share * (along_m[begin + n_pieces] - along_m[begin])
    at = np.column_stack([np.repeat(door_m, n_pieces) - along_m[piece], np.repeat(doors.leg, n_pieces)])
    return Own(first.astype(np.int32), piece.astype(np.int32), at)


def extent_of(pieces: Segments, place: Ints, roads: Roads, doors: Doors) -> Extent:
    """How far streets go; edge e of the graph is number `place[e]` (m,) among the pieces."""
    n, along_m, first = len(roads.first) - 1, along_segments_m(pieces), pieces.first[place]
    stop = first + np.diff(pieces.first)[place]
    xy_m, longest_m, length_m = np.zeros((n + len(doors.edge), 2)), np.zeros(n + len(doors.edge)), along_m[stop] - along_m[first]
    xy_m[roads.start], xy_m[roads.end] = pieces.xy_m[first, :2], pieces.xy_m[stop - 1, 2:]
    np.maximum.at(longest_m, roads.start, length_m)
    np.maximum.at(longest_m, roads.end, length_m)
    longest_m[n:], door_m = length_m[doors.edge], along_m[first[doors.edge]] + doors.share * length_m[doors.edge]
    piece = np.clip(np.searchsorted(along_m, door_m, side="right") - 1, first[doors.edge], stop[doors.edge] - 1)
    share = np.minimum((door_m - along_m[piece]) / np.maximum(along_m[piece + 1] - along_m[piece], 1e-12), 1.0)
    xy_m[n:] = pieces.xy_m[piece, :2] + share[:, None] * (pieces.xy_m[piece, 2:] - pieces.xy_m[piece, :2])
    fastest = length_m / np.maximum(np.minimum(roads.forward, roads.backward), 1e-12)
    return Extent(xy_m, longest_m, float(fastest.max(initial=0.0)))
