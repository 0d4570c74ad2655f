"""Minutes by another road: shapely finds the nearest street, networkx walks a graph in which every point is spliced into its edge."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

import networkx as nx
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.streets import StreetNetwork

Point = tuple[str, int]
"""("demand" | "site", row)"""


def minutes_by_networkx(
    streets: StreetNetwork,
    demand_xy_m: NDArray[np.float64],
    site_xy_m: NDArray[np.float64],
    *,
    speed_m_per_min: float,
    limit_minutes: float,
    snap_limit_m: float,
) -> dict[tuple[int, int], float]:
    """(demand row, site row) -> minutes of every pair within the limit, on level ground."""
    lines = streets.lines()
    leg_m: dict[Point, float] = {}
    on_edge: dict[int, list[tuple[float, Point]]] = defaultdict(list)
    tree = shapely.STRtree(lines)
    for table, xy in (("demand", demand_xy_m), ("site", site_xy_m)):
        points = shapely.points(xy)
        for row, (point, edge) in enumerate(zip(points, tree.nearest(points), strict=True)):
            distance = shapely.distance(point, lines[edge])
            if distance <= snap_limit_m:
                leg_m[table, row] = distance
                on_edge[edge].append((shapely.line_locate_point(lines[edge], point), (table, row)))
    graph = _spliced(streets, on_edge)
    found = {}
    for site in (key for key in leg_m if key[0] == "site"):
        reach_m = max(limit_minutes * speed_m_per_min - leg_m[site], 0.0)
        lengths = nx.single_source_dijkstra_path_length(graph, site, cutoff=reach_m, weight="length")
        for key in (key for key in lengths if isinstance(key, tuple) and key[0] == "demand"):
            minutes = (lengths[key] + leg_m[site] + leg_m[key]) / speed_m_per_min
            if minutes <= limit_minutes + 1e-9:
                found[key[1], site[1]] = minutes
    return found


def _spliced(streets: StreetNetwork, on_edge: dict[int, list[tuple[float, Point]]]) -> nx.Graph:
    """The streets as a graph in which the points on each edge are nodes of their own."""
    graph = nx.Graph()
    for edge, length in enumerate(streets.edge_length_m):
        stops = [
            (0.0, int(streets.edge_from[edge])),
            *((min(at, length), key) for at, key in sorted(on_edge.get(edge, ()))),
            (length, int(streets.edge_to[edge])),
        ]
        for (a, u), (b, v) in pairwise(stops):
            known = graph.get_edge_data(u, v)
            graph.add_edge(u, v, length=min(b - a, known["length"]) if known else b - a)
    return graph
