"""Minutes where there are no streets: straight lines, lengthened by a stated detour factor."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.spatial import cKDTree

from layers.study_area import StudyArea
from planner.travel.arcs import Arcs
from planner.travel.model import Profile, Travel
from planner.travel.searches import Pairs, by_demand, limit_included

SITES_PER_BLOCK = 512


def straight_arcs(area: StudyArea, travel: Travel, profile: Profile, limit_minutes: float) -> Arcs:
    """Arcs of straight metres x `travel.detour_factor` over the pace of the profile, the limit included."""
    blocks = list(straight_blocks(area, travel, profile, limit_minutes, SITES_PER_BLOCK))
    return by_demand(blocks, limit_minutes, len(area.demand), len(area.site_xy_m))


def straight_blocks(area: StudyArea, travel: Travel, profile: Profile, limit_minutes: float, n_sites: int) -> Iterator[Pairs]:
    """The same pairs, those of `n_sites` sites at a time, sorted by site."""
    demand_xy_m, site_xy_m, limit_minutes = area.demand_xy_m, area.site_xy_m, limit_included(limit_minutes)
    if not len(demand_xy_m):
        return
    minutes_per_m = travel.detour_factor / profile.speed_m_per_min
    tree = cKDTree(demand_xy_m)
    radius_m = limit_minutes / minutes_per_m * (1 + 1e-9)
    for start in range(0, len(site_xy_m), n_sites):
        sites = site_xy_m[start : start + n_sites]
        found = cKDTree(sites).query_ball_tree(tree, radius_m)
        site = np.repeat(np.arange(len(sites)), [len(rows) for rows in found])
        demand = np.concatenate([np.asarray(rows, dtype=np.int64) for rows in found])
        apart = demand_xy_m[demand] - sites[site]
        minutes = np.hypot(apart[:, 0], apart[:, 1]) * minutes_per_m
        near = minutes <= limit_minutes
        site_row = np.arange(start, start + len(sites), dtype=np.int32)
        yield Pairs(demand[near].astype(np.int32), minutes[near], site_row, np.bincount(site[near], minlength=len(sites)))
