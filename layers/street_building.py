"""From lines to a street network: cut where streets meet, joined where nothing happens, junctions numbered along a Hilbert curve.

Every source of streets (OSM ways, a line layer, osmnx) brings its lines here as `Chains` of vertices; two lines meet where they use
the same vertex and nowhere else. Bridges and underpasses therefore stay apart without any rule for them.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from layers.streets import StreetNetwork

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Flags = NDArray[np.bool_]

VERTICES_PER_M = 1000
"""Vertices of a line layer are one vertex when they are equal after rounding to 1 mm."""


@dataclass(frozen=True, eq=False)
class Chains:
    """Lines as runs of vertices: `c` chains with `k` vertex uses in all, of `v` vertices."""

    xy_m: Floats
    """(v, 2) position of each vertex [m]"""
    vertex: Rows
    """(k,) row in `xy_m`, chain by chain"""
    start: Rows
    """(c + 1,) where each chain starts in `vertex`"""
    street_class: NDArray[np.int16]
    """(c,) position in `class_names`"""
    oneway: NDArray[np.int8]
    """(c,) 1 when the chain can only be walked in its own direction, else 0"""
    class_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Pieces:
    """Stretches of chains between two cuts: positions of the first and last vertex use, both included, and the chain."""

    first: Rows
    last: Rows
    chain: Rows


@dataclass(frozen=True, eq=False)
class _Runs:
    """Edges as runs of pieces: where the run of each edge starts, the piece of each step, whether the step goes against the piece."""

    start: Rows
    piece: Rows
    backward: Flags


def network_from_chains(chains: Chains) -> StreetNetwork:
    """The network of some chains.

    A vertex is a junction when other than two street ends meet there, or two whose class or direction differ; closed streets that
    meet no other get one junction. Dead ends, loops, parallel streets and all components are kept. Lengths are planar, along the shape.
    """
    chains = _without_standstill(chains)
    if not len(chains.vertex):
        return no_streets(chains.class_names)
    ends = chains.vertex[np.r_[chains.start[:-1], chains.start[1:] - 1]]
    degree = 2 * np.bincount(chains.vertex, minlength=len(chains.xy_m)) - np.bincount(ends, minlength=len(chains.xy_m))
    pieces = _cut(chains, degree)
    runs = _joined(chains, pieces, degree)
    return _numbered(chains, pieces.chain[runs.piece[runs.start[:-1]]], *_vertices_of_runs(chains, pieces, runs))


def streets_from_lines(lines: gpd.GeoDataFrame, *, class_column: str | None, oneway_column: str | None) -> StreetNetwork:
    """The network of a line layer in a metric system.

    Lines meet where they share a vertex (equal to 1 mm), be it an end or not; where they cross without one they do not meet.
    `class_column`: text, "" for no data; without it every class is "street". `oneway_column`: numbers, 0 both ways, 1 along the line,
    -1 against it. Multi-lines are taken apart; Z and geometries other than lines are left out.
    """
    if lines.crs is None or not lines.crs.is_projected:
        raise ValueError("streets_from_lines: the lines are not in a projected system")
    names, classes = _class_codes(lines, class_column)
    oneway = lines[oneway_column].to_numpy(np.int8) if oneway_column else np.zeros(len(lines), np.int8)
    parts, row = shapely.get_parts(shapely.force_2d(lines.geometry.to_numpy()), return_index=True)
    is_line = np.isin(shapely.get_type_id(parts), (1, 2)) & ~shapely.is_empty(parts)
    parts, row = parts[is_line], row[is_line]
    parts = np.where(oneway[row] < 0, shapely.reverse(parts), parts)
    xy_m, owner = shapely.get_coordinates(parts, return_index=True)
    vertex_xy_m, vertex = _same_to_the_millimetre(xy_m)
    start = np.r_[0, np.cumsum(np.bincount(owner, minlength=len(parts)))]
    return network_from_chains(Chains(vertex_xy_m, vertex, start, classes[row], np.abs(oneway[row]), names))


def _class_codes(lines: gpd.GeoDataFrame, column: str | None) -> tuple[tuple[str, ...], NDArray[np.int16]]:
    """Names of the street classes in alphabetical order, and the position of each line's class in them."""
    words = lines[column].to_numpy(dtype=str) if column else np.full(len(lines), "street")
    names, codes = np.unique(words, return_inverse=True)
    return tuple(str(name) for name in names), codes.astype(np.int16)


def _same_to_the_millimetre(xy_m: Floats) -> tuple[Floats, Rows]:
    """Positions rounded to 1 mm, each once, and the row of every given position among them."""
    x, y = np.round(xy_m * VERTICES_PER_M).T
    order = np.lexsort((y, x))
    is_new = np.r_[True, (np.diff(x[order]) != 0) | (np.diff(y[order]) != 0)][: len(order)]
    vertex = np.empty(len(order), np.int64)
    vertex[order] = np.cumsum(is_new) - 1
    return np.column_stack([x, y])[order[is_new]] / VERTICES_PER_M, vertex


def _without_standstill(chains: Chains) -> Chains:
    """The chains without steps of length 0 (vertices at one place become one vertex there) and without chains of a single vertex."""
    vertex, owner = chains.vertex, np.repeat(np.arange(len(chains.start) - 1), np.diff(chains.start))
    step = np.flatnonzero(owner[1:] == owner[:-1])
    still = step[(chains.xy_m[vertex[step]] == chains.xy_m[vertex[step + 1]]).all(axis=1)]
    if len(still):
        n = len(chains.xy_m)
        links = coo_array((np.ones(len(still), np.int8), (vertex[still], vertex[still + 1])), shape=(n, n))
        group = connected_components(links, directed=False)[1]
        vertex = np.unique(group, return_index=True)[1][group][vertex]
    keep = np.ones(len(vertex), bool)
    keep[1:] = (owner[1:] != owner[:-1]) | (vertex[1:] != vertex[:-1])
    size = np.bincount(owner[keep], minlength=len(chains.start) - 1)
    keep &= size[owner] > 1
    is_street = size > 1
    start = np.r_[0, np.cumsum(size[is_street])]
    return Chains(chains.xy_m, vertex[keep], start, chains.street_class[is_street], chains.oneway[is_street], chains.class_names)


def no_streets(class_names: tuple[str, ...] = ()) -> StreetNetwork:
    """A network without a street."""
    rows, points = np.zeros(0, np.int32), np.zeros((0, 2))
    nothing = np.zeros(0)
    start = np.zeros(1, np.int64)
    return StreetNetwork(points, rows, rows, nothing, nothing, rows.astype(np.int8), rows.astype(np.int16), class_names, start, points)


def _cut(chains: Chains, degree: Rows) -> _Pieces:
    """The chains, cut at every vertex where other than two street ends meet."""
    owner = np.repeat(np.arange(len(chains.start) - 1), np.diff(chains.start))
    is_cut = degree[chains.vertex] != 2
    is_cut[chains.start[:-1]] = True
    is_cut[chains.start[1:] - 1] = True
    cut = np.flatnonzero(is_cut)
    same_chain = owner[cut[1:]] == owner[cut[:-1]]
    return _Pieces(cut[:-1][same_chain], cut[1:][same_chain], owner[cut[:-1][same_chain]])


def _joined(chains: Chains, pieces: _Pieces, degree: Rows) -> _Runs:
    """The pieces, joined where two ends of one class and one direction meet and nothing else does."""
    n = len(pieces.first)
    mates = _mates(chains, pieces, degree)
    may_enter = np.r_[np.ones(n, bool), chains.oneway[pieces.chain] == 0]  # a one-way piece is entered at its start
    rings_from = np.argsort(chains.vertex[pieces.first], kind="stable")
    entries = np.r_[np.flatnonzero((mates < 0) & may_enter), rings_from].tolist()
    mate, is_done, steps, starts = mates.tolist(), [False] * n, [], [0]
    for entry in entries:
        end = entry
        while end >= 0 and not is_done[end % n]:
            is_done[end % n] = True
            steps.append(end)
            end = mate[(end + n) % (2 * n)]
        if len(steps) > starts[-1]:
            starts.append(len(steps))
    step = np.asarray(steps, np.int64)
    return _Runs(np.asarray(starts, np.int64), step % n, step >= n)


def _mates(chains: Chains, pieces: _Pieces, degree: Rows) -> Rows:
    """(2p,) the end that each end of a piece is joined with, or -1; ends 0 .. p-1 are first vertices, p .. 2p-1 last ones."""
    n = len(pieces.first)
    vertex = chains.vertex[np.r_[pieces.first, pieces.last]]
    order = np.argsort(vertex, kind="stable")
    order = order[degree[vertex[order]] == 2]
    a, b = order[0::2], order[1::2]  # exactly two ends at such a vertex
    chain = np.tile(pieces.chain, 2)
    oneway = chains.oneway[chain]
    fits = (chains.street_class[chain[a]] == chains.street_class[chain[b]]) & (oneway[a] == oneway[b])
    fits &= (oneway[a] == 0) | ((a < n) != (b < n))
    mates = np.full(2 * n, -1, np.int64)
    mates[a[fits]], mates[b[fits]] = b[fits], a[fits]
    return mates


def _vertices_of_runs(chains: Chains, pieces: _Pieces, runs: _Runs) -> tuple[Rows, Rows]:
    """The vertices along each edge, and where each edge starts among them."""
    follows = np.ones(len(runs.piece), np.int64)
    follows[runs.start[:-1]] = 0  # a later step of a run leaves out the vertex it shares with the step before
    first, last = pieces.first[runs.piece], pieces.last[runs.piece]
    sign = np.where(runs.backward, -1, 1)
    count = last - first + 1 - follows
    vertex = chains.vertex[_ranges(np.where(runs.backward, last, first) + sign * follows, count, sign)]
    return vertex, np.r_[0, np.cumsum(count)][runs.start]


def _ranges(begin: Rows, count: Rows, sign: Rows) -> Rows:
    """begin[i], begin[i] + sign[i], ... (`count[i]` numbers) for every i, one after the other."""
    offset: Rows = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(begin, count) + np.repeat(sign, count) * offset


def _numbered(chains: Chains, edge_chain: Rows, vertex: Rows, start: Rows) -> StreetNetwork:
    """The network with junctions along a Hilbert curve, two-way edges from the lower to the higher junction, edges in that order."""
    ends = np.column_stack([vertex[start[:-1]], vertex[start[1:] - 1]])
    junctions, node = np.unique(ends, return_inverse=True)
    along = gpd.GeoSeries(gpd.points_from_xy(*chains.xy_m[junctions].T)).hilbert_distance().to_numpy()
    order = np.argsort(along, kind="stable")
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    edge_from, edge_to = rank[node.reshape(-1, 2)].T
    oneway, street_class = chains.oneway[edge_chain], chains.street_class[edge_chain]
    turned = (oneway == 0) & (edge_from > edge_to)
    edge_from, edge_to = np.where(turned, edge_to, edge_from), np.where(turned, edge_from, edge_to)
    length_m = _lengths_m(chains.xy_m[vertex], start)
    row = np.lexsort((oneway, street_class, length_m, edge_to, edge_from))
    count = np.diff(start)[row]
    begin = np.where(turned, start[1:] - 1, start[:-1])[row]
    return StreetNetwork(
        node_xy_m=chains.xy_m[junctions[order]],
        edge_from=edge_from[row],
        edge_to=edge_to[row],
        edge_length_m=length_m[row],
        edge_rise_m=np.zeros(len(row)),
        edge_oneway=oneway[row],
        edge_class=street_class[row],
        class_names=chains.class_names,
        shape_start=np.r_[0, np.cumsum(count)],
        shape_xy_m=chains.xy_m[vertex[_ranges(begin, count, np.where(turned, -1, 1)[row])]],
    )


def _lengths_m(xy_m: Floats, start: Rows) -> Floats:
    """Planar length of each run of points [m]."""
    step_m = np.hypot(*np.diff(xy_m, axis=0, prepend=xy_m[:1]).T)
    step_m[start[:-1]] = 0.0
    return np.add.reduceat(step_m, start[:-1])
