"""Service circles against the union of buffered streets, on the same facilities and limits.

The polygons are not the same shape: ours are cut where a street is out of reach and hold the people who are counted; the union of buffers
leaves out neither blocks' far sides nor people beyond the band. So only our promise is asserted: people inside are the people counted, to 1 %.
What the streets take to be read and put in order is in nobody's time: it is that of one site, and taken off.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from benchmarks.common import Row, least_seconds
from layers.study_area import StudyArea
from planner.circles import HALF_WIDTH_M, merged_circles, service_circles
from planner.travel.costs import edge_minutes
from planner.travel.graph import street_graph
from planner.travel.kernels import Task, desk, search
from planner.travel.measure import measure_times
from planner.travel.model import PROFILES, Travel
from planner.travel.searches import buckets_per_minute, limit_included
from planner.travel.snap import open_edges, snap
from tests.towns import area_of, town

TRAVEL = Travel()
ROUNDS = 3
MOST_UNITED = 200
"""circles; to unite 2,000 of 3 km takes minutes"""


def buffered(area: StudyArea, site_rows: NDArray[np.int64], limit_m: float, quad_segs: int) -> NDArray[np.object_]:
    """The customary way: the streets reached from each site, cut at the limit, buffered one by one and united."""
    streets = area.streets
    assert streets is not None  # noqa: S101 -- a town has streets
    walkable = open_edges(streets, ())
    graph, sites = street_graph(streets, walkable), snap(area.site_xy_m[site_rows], streets, walkable, limit_m=500.0)
    nobody, _ = graph.homes(sites.part(0, 0), 1.0)
    roads = graph.roads(edge_minutes(streets, PROFILES["distance"], TRAVEL))
    task = Task(roads, graph.doors(sites, 1.0), nobody, limit_included(limit_m), buckets_per_minute(limit_m, 1.0))
    work, lines, found = desk(task), streets.lines()[graph.edge_row], []
    for site in range(len(site_rows)):
        nodes = work.reached[: search(task, site, site + 1, work)]
        metres = work.minutes.copy()
        work.minutes[nodes] = np.inf
        start, end, length = metres[graph.start], metres[graph.end], streets.edge_length_m[graph.edge_row]
        pieces = []
        for near, reverse in ((start, False), (end, True)):
            edges = np.flatnonzero(near <= limit_m)
            share = np.clip((limit_m - near[edges]) / length[edges], 0.0, 1.0)
            line = shapely.reverse(lines[edges]) if reverse else lines[edges]
            part = shapely.line_interpolate_point(line, share, normalized=True)
            whole = share >= 1.0
            straight = shapely.linestrings(
                np.stack([shapely.get_coordinates(shapely.get_point(line, 0)), shapely.get_coordinates(part)], axis=1)
            )
            pieces.append(np.where(whole, line, straight))
        found.append(shapely.union_all(shapely.buffer(np.concatenate(pieces), HALF_WIDTH_M, quad_segs=quad_segs)))
    return np.asarray(found, dtype=object)


def seconds_of(task: Callable[[NDArray[np.int64]], object], n: int) -> float:
    """Processor time of a task for n sites, less what the first of them takes with all that comes before; each the least of some rounds."""
    (one, _), (all_of_them, _) = (least_seconds(partial(task, np.arange(k)), ROUNDS) for k in (1, n))
    return max(all_of_them - one, 1e-9) * n / max(n - 1, 1)


def compare(side: int, n_sites: int, limit_m: float, n_given: int) -> Iterator[Row]:
    """One size; the other way is given some of the sites."""
    rng = np.random.default_rng(4)
    span = (side - 1) * 100.0
    area = area_of(town(side, seed=1), rng.uniform(0, span, (20_000, 2)), rng.uniform(0, span, (n_sites, 2)))
    minutes, name = limit_m / 50.0, f"{side * side:,}: {n_sites:,} at {limit_m:,.0f} m"

    def drawn(rows: NDArray[np.int64]) -> gpd.GeoDataFrame:
        return service_circles(area, TRAVEL, profile="elder_walk", site_rows=rows, bands=(minutes,))

    def together(rows: NDArray[np.int64]) -> gpd.GeoDataFrame:
        return merged_circles(area, TRAVEL, profile="elder_walk", site_rows=rows, bands=(minutes,))

    drawn(np.arange(2)), together(np.arange(2))
    seconds, wall = seconds_of(drawn, n_sites), time.perf_counter()
    each = drawn(np.arange(n_sites)).geometry.to_numpy()
    wall, merging = time.perf_counter() - wall, time.process_time()
    merged = together(np.arange(n_sites)).geometry.iloc[0]
    merging = time.process_time() - merging
    off_share = assert_people(area, each[:50], minutes)
    note = f"{wall:.3g} s wall with all that comes before; people inside and counted differ by {100 * off_share:.2f} %"
    yield Row("T4 circles", name, "ours", seconds, seconds, note)
    for quad_segs in (2, 16):
        theirs = seconds_of(lambda rows, q=quad_segs: buffered(area, rows, limit_m, q), n_given) * n_sites / n_given
        yield Row("T4 circles", name, f"union of street buffers, quad_segs {quad_segs}", theirs, seconds, f"from {n_given}")
    yield Row("T4 merged", name, "ours", merging, merging, "one search and one drawing, all that comes before included")
    begin = time.process_time()
    union = shapely.union_all(each[:MOST_UNITED])
    theirs = time.process_time() - begin
    assert_same_ground(merged, union, whole=n_sites <= MOST_UNITED)
    yield Row("T4 merged", name, "union of the circles", theirs, merging, f"of {min(n_sites, MOST_UNITED)} that are there already")


def assert_same_ground(merged: shapely.Geometry, union: shapely.Geometry, *, whole: bool) -> None:
    """The merged circle is the union of the circles, to 0.2 % of its area, or holds it when that is of some of them."""
    off = shapely.area(shapely.difference(union, merged))
    if whole:
        off += shapely.area(shapely.difference(merged, union))
    if off > 0.002 * shapely.area(union):
        raise AssertionError(f"merged circles and their union differ by {off:,.0f} m2")


def assert_people(area: StudyArea, circles: NDArray[np.object_], minutes: float) -> float:
    """The share by which people inside the circles differ from the people counted, of those who live within the width of a street."""
    arcs = measure_times(area, TRAVEL, {"elder_walk": minutes}).by_profile["elder_walk"]
    assert area.streets is not None  # noqa: S101 -- a town has streets
    near = snap(area.demand_xy_m, area.streets, open_edges(area.streets, ()), limit_m=HALF_WIDTH_M).is_on
    counted = inside = 0
    for site, circle in enumerate(circles):
        counted += int(near[arcs.demand_row[arcs.site_row == site]].sum())
        inside += int((shapely.contains_xy(circle, area.demand_xy_m) & near).sum())
    off = abs(inside - counted) / max(counted, 1)
    if off > 0.01:
        raise AssertionError(f"{inside} people inside the circles, {counted} counted")
    return off


def rows(*, large: bool) -> Iterator[Row]:
    """Small towns first."""
    yield from compare(141, 100, 1000.0, 40)
    if large:
        yield from compare(447, 200, 1000.0, 40)
        yield from compare(447, 2_000, 3000.0, 4)
