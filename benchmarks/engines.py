"""The other engines on a graph of junctions: scipy and networkx always, osmnx's way, GraphBLAS and pandana where they are installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from types import ModuleType

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from layers.streets import StreetNetwork

Floats = NDArray[np.float64]
Areas = dict[tuple[int, int], float]
"""(site, junction) -> metres"""


def joined(start: NDArray[np.int64], end: NDArray[np.int64], metres: Floats, n: int) -> csr_array:
    """Two-way streets as a sparse graph; of parallel ones the shortest, since a sparse matrix would add them up."""
    start, end, metres = np.concatenate([start, end]), np.concatenate([end, start]), np.tile(metres, 2)
    keep = np.lexsort((metres, end, start))
    start, end, metres = start[keep], end[keep], metres[keep]
    first = np.append(True, (np.diff(start) != 0) | (np.diff(end) != 0))[: len(start)]
    return csr_array((metres[first], (start[first], end[first])), shape=(n, n))


def junctions(streets: StreetNetwork) -> csr_array:
    """The graph of the junctions."""
    return joined(streets.edge_from.astype(np.int64), streets.edge_to.astype(np.int64), streets.edge_length_m, streets.n_nodes)


def as_networkx(graph: csr_array) -> nx.DiGraph[int]:
    """The same graph for networkx."""
    found: nx.DiGraph[int] = nx.from_scipy_sparse_array(graph, create_using=nx.DiGraph)
    return found


def areas_by_scipy(graph: csr_array, sites: Sequence[int], limit_m: float) -> Areas:
    """Every junction within the limit, site by site."""
    found: Areas = {}
    for s, site in enumerate(sites):
        metres = dijkstra(graph, indices=site, limit=limit_m)
        nodes = np.flatnonzero(metres <= limit_m)
        found.update(zip([(s, int(node)) for node in nodes], metres[nodes].tolist(), strict=True))
    return found


def areas_by_cropped_scipy(graph: csr_array, xy_m: Floats, sites: Sequence[int], limit_m: float) -> Areas:
    """The same on the part of the graph within the limit as the crow flies: scipy at its best."""
    found: Areas = {}
    near = cKDTree(xy_m).query_ball_point(xy_m[list(sites)], limit_m + 1e-6)
    for s, site in enumerate(sites):
        part = np.sort(np.asarray(near[s]))
        metres = dijkstra(graph[part][:, part], indices=int(np.searchsorted(part, site)), limit=limit_m)
        inside = np.flatnonzero(metres <= limit_m)
        found.update(zip([(s, int(node)) for node in part[inside]], metres[inside].tolist(), strict=True))
    return found


def areas_by_networkx(graph: nx.DiGraph[int], sites: Sequence[int], limit_m: float) -> Areas:
    """Every junction within the limit, by networkx with a cutoff."""
    return {
        (s, node): float(metres)
        for s, site in enumerate(sites)
        for node, metres in nx.single_source_dijkstra_path_length(graph, site, cutoff=limit_m, weight="weight").items()
    }


def areas_by_graphblas(graph: csr_array, sites: Sequence[int], limit_m: float) -> tuple[NDArray[np.uint64], NDArray[np.uint64], Floats]:
    """Site, junction and metres of every pair within the limit, for all sites together, by products of sparse matrices in which + is the lesser
    and x is the sum (SuiteSparse, one thread)."""
    import graphblas as gb  # noqa: PLC0415 -- an engine that need not be there

    gb.ss.config["nthreads"] = 1
    streets, n = gb.io.from_scipy_sparse(graph), len(sites)
    found = gb.Matrix.from_coo(np.arange(n), np.asarray(sites), np.zeros(n), nrows=n, ncols=graph.shape[0])
    front = found.dup()
    while front.nvals:
        reached = gb.select.valuele(front.mxm(streets, gb.semiring.min_plus).new(), limit_m).new()
        nearer = reached.ewise_mult(found, gb.binary.lt).new()
        front = reached.dup(mask=~found.S)
        front(nearer.V, gb.binary.min) << reached
        found(gb.binary.min) << reached
    site, node, metres = found.to_coo()
    return site, node, metres


def as_osmnx(streets: StreetNetwork) -> nx.MultiDiGraph[int]:
    """The streets as osmnx hands them out: a directed multigraph, each street once in either direction, with what OSM says of it."""
    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph(crs="EPSG:4546")
    degree = np.bincount(np.concatenate([streets.edge_from, streets.edge_to]), minlength=streets.n_nodes)
    for node, ((x, y), count) in enumerate(zip(streets.node_xy_m.tolist(), degree.tolist(), strict=True)):
        graph.add_node(node, x=x, y=y, street_count=count)
    ends = zip(streets.edge_from.tolist(), streets.edge_to.tolist(), streets.edge_length_m.tolist(), streets.lines(), strict=True)
    for number, (a, b, metres, line) in enumerate(ends):
        for start, stop, is_back in ((a, b, False), (b, a, True)):
            told = {"osmid": number, "highway": "residential", "oneway": False, "reversed": is_back, "length": metres, "geometry": line}
            graph.add_edge(start, stop, **told)
    return graph


def areas_by_ego_graph(graph: nx.Graph[int], sites: Sequence[int], limit_m: float, length: str) -> set[tuple[int, int]]:
    """The way of most tutorials: nx.ego_graph per facility by the metres under the key `length`; it gives the junctions only."""
    return {(s, node) for s, site in enumerate(sites) for node in nx.ego_graph(graph, site, radius=limit_m, distance=length).nodes}


def pandana_network(streets: StreetNetwork) -> ModuleType | None:
    """A pandana network (with its contraction hierarchy), or None where pandana is not installed."""
    if find_spec("pandana") is None:
        return None
    import pandana  # noqa: PLC0415 -- an engine that need not be there
    import pandas as pd  # noqa: PLC0415

    nodes, edges = pd.DataFrame(streets.node_xy_m, columns=["x", "y"]), pd.DataFrame({"metres": streets.edge_length_m})
    network: ModuleType = pandana.Network(
        nodes["x"], nodes["y"], pd.Series(streets.edge_from), pd.Series(streets.edge_to), edges[["metres"]], twoway=True
    )
    return network
