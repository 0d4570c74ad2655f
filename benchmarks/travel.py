"""Minutes against the other engines: nearest facility (T1), service areas (T2), sites x demand points (T3).

Every engine gets one task on one synthetic town; the slow ones are given some of the sites and their time is scaled up to all. For these
sites the answers must be the same, and the metres equal to 1e-6 m. Building the graphs is in nobody's time; where it is long it is told.
Times are the least seconds of processor time of a few rounds, ours in one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.common import Row, least_seconds
from benchmarks.engines import (
    Areas,
    areas_by_cropped_scipy,
    areas_by_ego_graph,
    areas_by_graphblas,
    areas_by_networkx,
    areas_by_scipy,
    as_networkx,
    as_osmnx,
    joined,
    junctions,
    nx,
    pandana_network,
)
from benchmarks.joining import pairs_by_joining
from layers.compiled import compiled
from layers.streets import StreetNetwork
from planner.travel.arcs import Arcs
from planner.travel.costs import edge_minutes
from planner.travel.graph import StreetGraph, street_graph
from planner.travel.kernels import Desk, Floats, Ints, Task, desk, search
from planner.travel.model import PROFILES, Travel
from planner.travel.searches import Reach, buckets_per_minute, by_demand, limit_included, search_all
from planner.travel.snap import Snapped, open_edges, snap
from planner.travel.tile_kernels import label_nearest, tiles_of
from planner.travel.z_curve import along_z_curve

LIMIT_M = 1000.0
FAR_M = 1e6
METRES = PROFILES["distance"]
MOST_OF_PYTHON = 300_000
"""junctions or demand points; of more networkx takes 6 GB, and pandana minutes for its hierarchy"""


@dataclass(frozen=True)
class Size:
    """A town of side x side junctions, its sites and demand points, and how many sites the slow engines are given (0: left out)."""

    side: int
    n_sites: int
    n_demand: int
    n_scipy: int
    n_networkx: int
    n_ego: int


SMALL = Size(141, 200, 10_000, 200, 50, 10)
LARGE = (Size(447, 2_000, 100_000, 40, 20, 5), Size(1_000, 20_000, 1_000_000, 8, 4, 2))


def task_of(streets: StreetNetwork, graph: StreetGraph, demand: Snapped, sites: Snapped, limit_m: float) -> tuple[Task, NDArray[np.int32]]:
    """The searches of some sites in metres, and the demand row of each home."""
    homes, demand_row = graph.homes(demand, 1.0)
    roads = graph.roads(edge_minutes(streets, METRES, Travel()))
    return Task(roads, graph.doors(sites, 1.0), homes, limit_included(limit_m), buckets_per_minute(limit_m, 1.0)), demand_row


def nodes_in_order(streets: StreetNetwork, graph: StreetGraph) -> NDArray[np.int64]:
    """Junction of the network for each junction of the graph that any edge joins, -1 for the others."""
    back = np.full(streets.n_nodes, -1, dtype=np.int64)
    back[graph.start], back[graph.end] = streets.edge_from[graph.edge_row], streets.edge_to[graph.edge_row]
    return back


def at_junctions(streets: StreetNetwork, chosen: NDArray[np.int64]) -> Snapped:
    """Doors that stand at these junctions: at the start or the end of some edge there."""
    edge, share = np.full(streets.n_nodes, -1, dtype=np.int32), np.zeros(streets.n_nodes)
    rows = np.arange(streets.n_edges, dtype=np.int32)
    edge[streets.edge_to], share[streets.edge_to] = rows, 1.0
    edge[streets.edge_from], share[streets.edge_from] = rows, 0.0
    return Snapped(edge[chosen], share[chosen], np.zeros(len(chosen)))


# ---------------------------------------------------------------- T1: the nearest facility of every junction


def nearest(size: Size, streets: StreetNetwork, chosen: NDArray[np.int64]) -> Iterator[Row]:
    """T1: which facility is nearest to each junction, and how far it is."""
    name, graph = f"{streets.n_nodes:,} x {size.n_sites:,}", street_graph(streets, open_edges(streets, ()))
    sites = at_junctions(streets, chosen)
    task, _ = task_of(streets, graph, sites.part(0, 0), sites, FAR_M)

    def ours() -> tuple[Floats, Ints]:
        work, door = desk(task), np.full(streets.n_nodes, -1, dtype=np.int32)
        label_nearest(task, work, door, tiles_of(streets.n_nodes))
        return work.minutes, door

    seconds, (metres, door) = least_seconds(ours, 4)
    yield Row("T1 nearest", name, "ours", seconds, seconds)
    back, plain = nodes_in_order(streets, graph), junctions(streets)
    theirs, (far, _, whose) = least_seconds(lambda: dijkstra(plain, indices=chosen, min_only=True, return_predecessors=True), 2)
    here = back >= 0
    assert_close(metres[here], far[back[here]], "scipy")
    told = here & np.isfinite(metres)
    same = chosen[door[told]] == whose[back[told]]
    yield Row(
        "T1 nearest", name, "scipy dijkstra(min_only)", theirs, seconds, f"{int((~same).sum())} of {len(same):,} name another, as near"
    )
    if size.n_networkx:
        network = as_networkx(plain)
        theirs, (found, _) = least_seconds(lambda: nx.multi_source_dijkstra(network, set(chosen.tolist()), weight="weight"), 1)
        assert_close(metres[told], np.array([found[node] for node in back[told].tolist()]), "networkx")
        yield Row("T1 nearest", name, "networkx multi_source", theirs, seconds, "the facility is where its path begins")


# ---------------------------------------------------------------- T2: service areas


@compiled
def reach_of_sites(task: Task, first_site: int, stop: int, work: Desk, out_node: Ints, out_metres: Floats, per_site: Ints) -> int:
    """The junctions that each site reaches, and their metres, as far as the tables have room. Returns how many there are in all."""
    n = 0
    for site in range(first_site, stop):
        reached = search(task, site, site + 1, work)
        for i in range(reached):
            node = work.reached[i]
            if n < len(out_node):
                out_node[n], out_metres[n] = node, work.minutes[node]
            work.minutes[node] = np.inf
            n += 1
        per_site[site] = reached
    return n


def areas(size: Size, streets: StreetNetwork, chosen: NDArray[np.int64]) -> Iterator[Row]:
    """T2: every junction within 1000 m of each facility, facilities in the order of the ground, as `search_all` takes them."""
    chosen = chosen[along_z_curve(streets.node_xy_m[chosen])]
    name, graph = f"{streets.n_nodes:,} x {size.n_sites:,}", street_graph(streets, open_edges(streets, ()))
    sites = at_junctions(streets, chosen)
    task, _ = task_of(streets, graph, sites.part(0, 0), sites, LIMIT_M)
    work, n_sites = desk(task), len(chosen)
    per_site = np.zeros(n_sites, dtype=np.int32)
    room = reach_of_sites(task, 0, n_sites, work, np.empty(0, dtype=np.int32), np.empty(0), per_site)
    out = np.empty(room, dtype=np.int32), np.empty(room), per_site
    seconds, n = least_seconds(lambda: reach_of_sites(task, 0, n_sites, work, *out), 4)
    yield Row("T2 areas 1000 m", name, "ours", seconds, seconds, f"{n:,} junctions reached")
    site, node = np.repeat(np.arange(n_sites), out[2]), nodes_in_order(streets, graph)[out[0][:n]]
    mine: Areas = dict(zip(zip(site.tolist(), node.tolist(), strict=True), out[1][:n].tolist(), strict=True))
    plain = junctions(streets)
    network = as_networkx(plain)
    engines: tuple[tuple[str, int, Callable[[list[int]], Areas]], ...] = (
        ("scipy, cropped by circle", size.n_scipy, lambda part: areas_by_cropped_scipy(plain, streets.node_xy_m, part, LIMIT_M)),
        ("scipy dijkstra(limit)", size.n_scipy, lambda part: areas_by_scipy(plain, part, LIMIT_M)),
        ("networkx cutoff", size.n_networkx, lambda part: areas_by_networkx(network, part, LIMIT_M)),
    )
    for engine, given, answer in engines:
        if given:
            theirs, found = least_seconds(lambda: answer(chosen[:given].tolist()), 1)  # noqa: B023 -- called at once
            assert_same(mine, found, given, engine)
            yield Row("T2 areas 1000 m", name, engine, theirs * n_sites / given, seconds, f"from {given}")
    tutorials: list[tuple[str, nx.Graph[int], str]] = [("nx.ego_graph, bare graph", network, "weight")]
    if streets.n_nodes <= MOST_OF_PYTHON:
        tutorials.append(("nx.ego_graph, graph of osmnx", as_osmnx(streets), "length"))
    for engine, theirs_graph, length in tutorials:
        ask = partial(areas_by_ego_graph, theirs_graph, chosen[: size.n_ego].tolist(), LIMIT_M, length)
        theirs, within = least_seconds(ask, 2)
        if within != {pair for pair in mine if pair[0] < size.n_ego}:
            raise AssertionError(f"{engine} finds other junctions")
        yield Row("T2 areas 1000 m", name, engine, theirs * n_sites / size.n_ego, seconds, f"from {size.n_ego}; junctions only")
    yield from areas_of_graphblas(name, plain, chosen, mine, seconds)
    yield from areas_of_pandana(name, streets, chosen, mine, seconds)


def areas_of_graphblas(name: str, plain: csr_array, chosen: NDArray[np.int64], mine: Areas, ours_seconds: float) -> Iterator[Row]:
    """The same by GraphBLAS, if it is there."""
    if find_spec("graphblas") is None:
        print("GraphBLAS is not installed and is left out")
        return
    theirs, (site, node, metres) = least_seconds(lambda: areas_by_graphblas(plain, chosen.tolist(), LIMIT_M), 2)
    found: Areas = dict(zip(zip(site.tolist(), node.tolist(), strict=True), metres.tolist(), strict=True))
    assert_same(mine, found, len(chosen), "GraphBLAS")
    yield Row("T2 areas 1000 m", name, "GraphBLAS min-plus, one thread", theirs, ours_seconds)


def areas_of_pandana(name: str, streets: StreetNetwork, chosen: NDArray[np.int64], mine: Areas, ours_seconds: float) -> Iterator[Row]:
    """The same by pandana, if it is there."""
    if streets.n_nodes > MOST_OF_PYTHON:
        return
    begin = time.process_time()
    network = pandana_network(streets)
    built = time.process_time() - begin
    if network is None:
        print("pandana is not installed and is left out")
        return
    theirs, table = least_seconds(lambda: network.nodes_in_range(chosen.tolist(), LIMIT_M), 1)
    place = {int(node): s for s, node in enumerate(chosen)}
    found = {(place[int(a)], int(b)) for a, b in zip(table["source"], table["destination"], strict=True)}
    differing = len(found ^ set(mine))
    note = f"its hierarchy took {built:.3g} s before; {differing} of {len(mine):,} pairs differ at the limit (it rounds to mm)"
    if differing > 1e-4 * len(mine):
        raise AssertionError(f"pandana: {differing} pairs differ")
    yield Row("T2 areas 1000 m", name, "pandana nodes_in_range", theirs, ours_seconds, note)


# ---------------------------------------------------------------- T3: sites x demand points


@dataclass(frozen=True, eq=False)
class SplitStreets:
    """The graph of junctions and doors that the other engines search."""

    graph: csr_array
    demand_node: NDArray[np.int64]
    site_node: NDArray[np.int64]


def split(streets: StreetNetwork, demand: Snapped, sites: Snapped) -> SplitStreets:
    """The streets cut at all doors, in metres."""
    n, m = streets.n_nodes, streets.n_edges
    door_edge = np.concatenate([demand.edge, sites.edge])
    door_node = n + np.arange(len(door_edge))
    edge = np.concatenate([np.arange(m), door_edge, np.arange(m)])
    share = np.concatenate([np.zeros(m), demand.share, sites.share, np.ones(m)])
    node = np.concatenate([streets.edge_from, door_node, streets.edge_to])
    order = np.lexsort((np.arange(len(edge)), share, edge))
    edge, share, node = edge[order], share[order], node[order]
    same = edge[1:] == edge[:-1]
    metres = np.diff(share)[same] * streets.edge_length_m[edge[1:][same]]
    metres = np.maximum(metres, 1e-12)  # a stored 0 would be "no way" to scipy
    graph = joined(node[:-1][same], node[1:][same], metres, n + len(door_edge))
    return SplitStreets(graph, door_node[: len(demand.edge)], door_node[len(demand.edge) :])


def pairs_by_scipy(doors: SplitStreets, demand: Snapped, sites: Snapped, n: int) -> Areas:
    """(site, demand) -> metres of the first n sites, by scipy's dijkstra with a limit."""
    found: Areas = {}
    for site in range(n):
        metres = dijkstra(doors.graph, indices=doors.site_node[site], limit=LIMIT_M)[doors.demand_node] + demand.leg_m + sites.leg_m[site]
        rows = np.flatnonzero(metres <= limit_included(LIMIT_M))
        found.update(zip([(site, int(row)) for row in rows], metres[rows].tolist(), strict=True))
    return found


def pairs_by_networkx(graph: nx.DiGraph[int], doors: SplitStreets, demand: Snapped, sites: Snapped, n: int) -> Areas:
    """The same by networkx with a cutoff."""
    first, n_demand = int(doors.demand_node[0]), len(doors.demand_node)
    found: Areas = {}
    for site in range(n):
        reached = nx.single_source_dijkstra_path_length(graph, int(doors.site_node[site]), cutoff=LIMIT_M, weight="weight")
        for node, metres in reached.items():
            row = node - first
            if 0 <= row < n_demand and metres + demand.leg_m[row] + sites.leg_m[site] <= limit_included(LIMIT_M):
                found[site, row] = metres + demand.leg_m[row] + sites.leg_m[site]
    return found


def pairs(size: Size, streets: StreetNetwork) -> Iterator[Row]:
    """T3: all pairs of a site and a demand point within 1000 m, both part-way along their edges, doors included."""
    rng = np.random.default_rng(2)
    low, high = streets.node_xy_m.min(axis=0), streets.node_xy_m.max(axis=0)
    walkable, points = open_edges(streets, ()), rng.uniform(low, high, (size.n_demand + size.n_sites, 2))
    points = points[snap(points, streets, walkable, limit_m=500.0).is_on]
    snap_seconds, both = least_seconds(lambda: snap(points, streets, walkable, limit_m=500.0), 2)
    size = replace(size, n_demand=len(points) - size.n_sites)
    demand, sites = both.part(0, size.n_demand), both.part(size.n_demand, len(both.edge))
    task, demand_row = task_of(streets, street_graph(streets, walkable), demand, sites, LIMIT_M)
    reach = Reach(task, np.flatnonzero(sites.is_on).astype(np.int32), demand_row)
    seconds, arcs = least_seconds(
        lambda: by_demand(search_all(reach, n_threads=1, memory_gib=Travel().memory_gib), LIMIT_M, size.n_demand, size.n_sites), 4
    )
    name = f"{streets.n_nodes:,}: {size.n_sites:,} x {size.n_demand:,}"
    per_point = f"{1e6 * snap_seconds / len(points):.2g} us a point"
    yield Row(
        "T3 pairs 1000 m", name, "ours", seconds, seconds, f"{len(arcs.minutes):,} pairs; doors found in {snap_seconds:.3g} s, {per_point}"
    )
    yield from pairs_by_a_join(name, streets, demand, sites, arcs, seconds)
    doors = split(streets, demand, sites)
    n_networkx = size.n_networkx if size.n_demand <= MOST_OF_PYTHON else 0
    graph = as_networkx(doors.graph) if n_networkx else nx.DiGraph()
    engines: tuple[tuple[str, int, Callable[[int], Areas]], ...] = (
        ("scipy dijkstra, split graph", size.n_scipy, lambda n: pairs_by_scipy(doors, demand, sites, n)),
        ("networkx, split graph", n_networkx, lambda n: pairs_by_networkx(graph, doors, demand, sites, n)),
    )
    for engine, given, answer in engines:
        if given:
            theirs, found = least_seconds(lambda: answer(given), 1)  # noqa: B023 -- called at once
            assert_same(areas_of_arcs(arcs, given), found, given, engine)
            yield Row("T3 pairs 1000 m", name, engine, theirs * size.n_sites / given, seconds, f"from {given}")


def pairs_by_a_join(name: str, streets: StreetNetwork, demand: Snapped, sites: Snapped, arcs: Arcs, ours_seconds: float) -> Iterator[Row]:
    """The same with our own search of the junctions alone, and the points joined to it afterwards."""
    graph, n_sites = street_graph(streets, open_edges(streets, ())), len(sites.edge)
    task, _ = task_of(streets, graph, sites.part(0, 0), sites, LIMIT_M)
    work, back, per_site = desk(task), nodes_in_order(streets, graph), np.zeros(n_sites, dtype=np.int32)
    room = reach_of_sites(task, 0, n_sites, work, np.empty(0, dtype=np.int32), np.empty(0), per_site)
    node, metres = np.empty(room, dtype=np.int32), np.empty(room)

    def join() -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
        reach_of_sites(task, 0, n_sites, work, node, metres, per_site)
        return pairs_by_joining(
            np.repeat(np.arange(n_sites), per_site), back[node], metres, demand, sites, streets, limit_included(LIMIT_M)
        )

    theirs, (site, row, far) = least_seconds(join, 3)
    order = np.lexsort((site, row))
    same = len(far) == len(arcs.minutes) and np.array_equal(site[order], arcs.site_row) and np.array_equal(row[order], arcs.demand_row)
    if not same:
        raise AssertionError(f"the join finds {len(far)} pairs, ours are {len(arcs.minutes)}, or others")
    assert_close(arcs.minutes, far[order], "the join")
    yield Row("T3 pairs 1000 m", name, "our search, then a join in numpy", theirs, ours_seconds)


def areas_of_arcs(arcs: Arcs, n: int) -> Areas:
    """(site, demand) -> metres of the first n sites."""
    own = arcs.site_row < n
    columns = (arcs.site_row[own], arcs.demand_row[own], arcs.minutes[own])
    return {(int(s), int(d)): float(m) for s, d, m in zip(*columns, strict=True)}


# ---------------------------------------------------------------- the same answers


def assert_close(ours: Floats, theirs: Floats, engine: str) -> None:
    """The same metres, and the same places out of reach."""
    if not np.allclose(ours, theirs, rtol=0.0, atol=1e-6):
        raise AssertionError(f"{engine} finds other metres")


def assert_same(mine: Areas, theirs: Areas, n: int, engine: str) -> None:
    """The same pairs and metres of the first n sites."""
    ours = {pair: metres for pair, metres in mine.items() if pair[0] < n}
    if ours.keys() != theirs.keys() or max((abs(ours[pair] - theirs[pair]) for pair in ours), default=0.0) > 1e-6:
        raise AssertionError(f"{engine} finds {len(theirs)} pairs, ours are {len(ours)}, or their metres differ")


def rows(size: Size, streets: StreetNetwork) -> Iterator[Row]:
    """All three tasks on some streets."""
    rng, used = np.random.default_rng(1), np.unique(np.concatenate([streets.edge_from, streets.edge_to]))
    chosen = np.sort(rng.choice(used, min(size.n_sites, len(used)), replace=False)).astype(np.int64)
    yield from nearest(size, streets, chosen)
    yield from areas(size, streets, chosen)
    yield from pairs(size, streets)
