"""Minutes against networkx and scipy: `python -m benchmarks.travel` prints ratios on a synthetic town of 20,000 junctions; `--large` adds
200,000 and 1,000,000.

All engines get one task: every pair of a site and a demand point, both part-way along their edges, at most 1000 m apart along the streets, doors
included. networkx and scipy search a graph that was split at the points beforehand; that, and the graph of ours, is not in the times. They are
given some of the sites and their time is scaled up to all; for these sites the pairs must be the same and the metres equal to 1e-6 m.
Times are the least seconds of processor time of a few rounds, ours in one thread.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from layers.streets import StreetNetwork
from planner.travel.arcs import Arcs
from planner.travel.costs import edge_minutes
from planner.travel.graph import street_graph
from planner.travel.kernels import Task
from planner.travel.model import PROFILES, Travel
from planner.travel.searches import Reach, buckets_per_minute, by_demand, limit_included, search_all
from planner.travel.snap import Snapped, open_edges, snap
from tests.towns import town

LIMIT_M = 1000.0
METRES = PROFILES["distance"]
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Size:
    """A size of the task, and how many sites the others are given (0: left out, it would not fit)."""

    side: int
    n_sites: int
    n_demand: int
    sites_scipy: int
    sites_networkx: int


SMALL = (Size(141, 200, 10_000, 200, 50),)
LARGE = (Size(447, 2_000, 100_000, 40, 20), Size(1_000, 20_000, 1_000_000, 8, 0))


def least_seconds(task: Callable[[], Answer], rounds: int) -> tuple[float, Answer]:
    """Least processor time of some rounds, and the answer."""
    best = float("inf")
    for _ in range(rounds):
        begin = time.process_time()
        answer = task()
        best = min(best, time.process_time() - begin)
    return best, answer


@dataclass(frozen=True, eq=False)
class SplitStreets:
    """The graph of junctions and doors that the other engines search."""

    graph: csr_array
    demand_node: NDArray[np.int64]
    site_node: NDArray[np.int64]


def split(streets: StreetNetwork, demand: Snapped, sites: Snapped) -> SplitStreets:
    """The streets cut at all doors, in metres; parallel ways keep the shortest."""
    n, m = streets.n_nodes, streets.n_edges
    door_edge = np.concatenate([demand.edge, sites.edge])
    door_node = n + np.arange(len(door_edge))
    edge = np.concatenate([np.arange(m), door_edge, np.arange(m)])
    share = np.concatenate([np.zeros(m), demand.share, sites.share, np.ones(m)])
    node = np.concatenate([streets.edge_from, door_node, streets.edge_to])
    order = np.lexsort((np.arange(len(edge)), share, edge))
    edge, share, node = edge[order], share[order], node[order]
    same = edge[1:] == edge[:-1]
    start, end = node[:-1][same], node[1:][same]
    metres = np.diff(share)[same] * streets.edge_length_m[edge[1:][same]]
    metres = np.maximum(metres, 1e-12)  # a stored 0 would be "no way" to scipy
    start, end, metres = np.concatenate([start, end]), np.concatenate([end, start]), np.tile(metres, 2)
    keep = np.lexsort((metres, end, start))
    start, end, metres = start[keep], end[keep], metres[keep]
    first = np.append(True, (np.diff(start) != 0) | (np.diff(end) != 0))
    size = n + len(door_edge)
    graph = csr_array((metres[first], (start[first], end[first])), shape=(size, size))
    return SplitStreets(graph, door_node[: len(demand.edge)], door_node[len(demand.edge) :])


def by_scipy(doors: SplitStreets, demand: Snapped, sites: Snapped, chosen: range) -> dict[tuple[int, int], float]:
    """(demand, site) -> metres, by scipy's dijkstra with a limit, a few sites at a time."""
    found: dict[tuple[int, int], float] = {}
    for site in chosen:
        metres = dijkstra(doors.graph, indices=doors.site_node[site], limit=LIMIT_M)[doors.demand_node] + demand.leg_m + sites.leg_m[site]
        rows = np.flatnonzero(metres <= limit_included(LIMIT_M))
        found.update(zip([(int(row), site) for row in rows], metres[rows].tolist(), strict=True))
    return found


def by_networkx(
    graph: nx.DiGraph[int], doors: SplitStreets, demand: Snapped, sites: Snapped, chosen: range
) -> dict[tuple[int, int], float]:
    """(demand, site) -> metres, by networkx with a cutoff."""
    first, n_demand = int(doors.demand_node[0]), len(doors.demand_node)
    found: dict[tuple[int, int], float] = {}
    for site in chosen:
        reached = nx.single_source_dijkstra_path_length(graph, int(doors.site_node[site]), cutoff=LIMIT_M, weight="weight")
        for node, metres in reached.items():
            row = node - first
            if 0 <= row < n_demand and metres + demand.leg_m[row] + sites.leg_m[site] <= limit_included(LIMIT_M):
                found[row, site] = metres + demand.leg_m[row] + sites.leg_m[site]
    return found


def reach_of(streets: StreetNetwork, walkable: NDArray[np.int32], demand: Snapped, sites: Snapped) -> Reach:
    """Our task, ready to search."""
    graph = street_graph(streets, walkable)
    homes, demand_row = graph.homes(demand, 1.0)
    roads = graph.roads(edge_minutes(streets, METRES, Travel()))
    task = Task(roads, graph.doors(sites, 1.0), homes, limit_included(LIMIT_M), buckets_per_minute(LIMIT_M, 1.0))
    return Reach(task, np.flatnonzero(sites.is_on).astype(np.int32), demand_row)


def assert_equal(arcs: Arcs, theirs: dict[tuple[int, int], float], chosen: range, engine: str) -> None:
    """The same pairs, the same metres."""
    of_chosen = np.isin(arcs.site_row, np.asarray(chosen))
    columns = (arcs.demand_row[of_chosen], arcs.site_row[of_chosen], arcs.minutes[of_chosen])
    ours = {(int(d), int(s)): float(m) for d, s, m in zip(*columns, strict=True)}
    if ours.keys() != theirs.keys() or max(abs(ours[pair] - theirs[pair]) for pair in ours) > 1e-6:
        raise AssertionError(f"{engine} finds {len(theirs)} pairs, ours are {len(ours)}, or their metres differ")


def compare(size: Size) -> None:
    """Print one block of figures."""
    streets, rng = town(size.side, seed=1), np.random.default_rng(2)
    low, high = streets.node_xy_m.min(axis=0), streets.node_xy_m.max(axis=0)
    walkable = open_edges(streets, ())
    snap_seconds, both = least_seconds(
        lambda: snap(rng.uniform(low, high, (size.n_demand + size.n_sites, 2)), streets, walkable, limit_m=500.0), 1
    )
    demand, sites = both.part(0, size.n_demand), both.part(size.n_demand, len(both.edge))
    reach = reach_of(streets, walkable, demand, sites)
    seconds, arcs = least_seconds(lambda: by_demand(search_all(reach, n_threads=1), LIMIT_M, size.n_demand, size.n_sites), 4)
    print(f"{streets.n_nodes:,} junctions, {size.n_sites:,} sites x {size.n_demand:,} demand points: {len(arcs.minutes):,} pairs")
    print(f"  snapping (shapely)      {snap_seconds:10.4f} s")
    print(f"  ours, one thread        {seconds:10.4f} s")
    doors = split(streets, demand, sites)
    graph = nx.from_scipy_sparse_array(doors.graph, create_using=nx.DiGraph) if size.sites_networkx else nx.DiGraph()
    engines: tuple[tuple[str, int, Callable[[range], dict[tuple[int, int], float]]], ...] = (
        ("scipy dijkstra", size.sites_scipy, lambda chosen: by_scipy(doors, demand, sites, chosen)),
        ("networkx", size.sites_networkx, lambda chosen: by_networkx(graph, doors, demand, sites, chosen)),
    )
    for engine, n, search in engines:
        if n:
            some, found = least_seconds(lambda: search(range(n)), 1)  # noqa: B023 -- called at once
            assert_equal(arcs, found, range(n), engine)
            print(
                f"  {engine:24s}{some * size.n_sites / n:10.4f} s  {some * size.n_sites / n / seconds:8.0f} x  (from {n} sites; same answer)"
            )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true", help="also 200,000 and 1,000,000 junctions (a few minutes, 3 GB)")
    for size in SMALL + (LARGE if parser.parse_args().large else ()):
        compare(size)


if __name__ == "__main__":
    main()
