"""The nearest sites of many points in one search from all sites at once: for surfaces, and for places of millions of junctions.

Its answer is that of `measure_times` followed by `Arcs.nearest`, without the arcs: time and memory grow with the streets, not with
streets times sites.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from layers.streets import StreetNetwork
from planner.travel.costs import edge_minutes, leg_pace_m_per_min
from planner.travel.graph import street_graph
from planner.travel.kernels import Doors, Task, desk
from planner.travel.model import PROFILES, Travel
from planner.travel.nearest_kernels import NOBODY, DoorsByEdge, Labels, label_homes, label_k_nearest, no_labels
from planner.travel.searches import buckets_per_minute, limit_included
from planner.travel.snap import open_edges, snap
from planner.travel.tile_kernels import label_nearest, tiles_of

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NearestSites:
    """The k nearest sites of n points, nearest first; equally near ones by their row."""

    minutes: Floats
    """(n, k) inf where no further site is in reach"""
    site_row: NDArray[np.int32]
    """(n, k) -1 where no further site is in reach"""


def nearest_sites(
    streets: StreetNetwork | None,
    travel: Travel,
    points_xy_m: Floats,
    sites_xy_m: Floats,
    *,
    profile: str,
    limit_minutes: float,
    k: int = 1,
) -> NearestSites:
    """The k nearest of the sites (s, 2) for each point (n, 2), at most `limit_minutes` away (the limit included).

    Without streets by straight lines times the detour factor; of sites equally near any may then come first. Raises KeyError for a
    profile that is not in `PROFILES`.
    """
    if streets is None:
        return _straight(travel, points_xy_m, sites_xy_m, profile=profile, limit_minutes=limit_minutes, k=k)
    walkable = open_edges(streets, travel.classes_closed)
    graph, pace = street_graph(streets, walkable), leg_pace_m_per_min(PROFILES[profile], travel)
    points, sites = (snap(xy_m, streets, walkable, limit_m=travel.snap_limit_m) for xy_m in (points_xy_m, sites_xy_m))
    homes, point_row = graph.homes(points, pace)
    fineness = buckets_per_minute(limit_minutes, PROFILES[profile].speed_m_per_min)
    roads = graph.roads(edge_minutes(streets, PROFILES[profile], travel))
    task = Task(roads, graph.doors(sites, pace), homes, limit_included(limit_minutes), fineness)
    found = nearest_doors(task, k=k)
    site_of_door = np.append(np.flatnonzero(sites.is_on), -1).astype(np.int32)  # the last for "no door"
    minutes, site_row = no_labels(len(points_xy_m), k)
    minutes[point_row], site_row[point_row] = found.minutes, site_of_door[found.door]
    return NearestSites(minutes, site_row)


def nearest_doors(task: Task, *, k: int = 1) -> Labels:
    """The k nearest doors of every home of a task."""
    n_nodes = len(task.roads.first) - 1
    if k == 1:
        work, door = desk(task), np.full(n_nodes, NOBODY, dtype=np.int32)
        label_nearest(task, work, door, tiles_of(n_nodes))
        junctions = Labels(work.minutes.reshape(-1, 1), door.reshape(-1, 1))
    else:
        junctions = Labels(*no_labels(n_nodes, k))
        label_k_nearest(task, junctions)
    homes = Labels(*no_labels(len(task.homes.share), k))
    label_homes(task, doors_by_edge(task.doors, len(task.roads.start)), junctions, homes)
    return homes


def doors_by_edge(doors: Doors, n_edges: int) -> DoorsByEdge:
    """The doors of each of so many edges."""
    order = np.argsort(doors.edge, kind="stable").astype(np.int32)
    first = np.searchsorted(doors.edge[order], np.arange(n_edges + 1)).astype(np.int32)
    return DoorsByEdge(first, order)


def _straight(travel: Travel, points_xy_m: Floats, sites_xy_m: Floats, *, profile: str, limit_minutes: float, k: int) -> NearestSites:
    """Nearest as the crow flies."""
    minutes, site_row = no_labels(len(points_xy_m), k)
    if not len(points_xy_m) or not len(sites_xy_m):
        return NearestSites(minutes, site_row)
    found_m, found = cKDTree(sites_xy_m).query(points_xy_m, k=np.arange(1, k + 1))
    minutes[:] = found_m * travel.detour_factor / PROFILES[profile].speed_m_per_min
    near = minutes <= limit_included(limit_minutes)
    site_row[near] = np.asarray(found)[near]
    minutes[~near] = np.inf
    return NearestSites(minutes, site_row)
