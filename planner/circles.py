"""Service circles: the ground within so many minutes of a facility, for drawing and for the customary land-weighted figure.

People are counted by minutes, never by these polygons. A circle is drawn from the same search and by the same definition: a place is in it
when its nearest street is at most `HALF_WIDTH_M` away and it is, the walk to that street included, within the band. So a street is cut where
the band ends, blocks wider than 80 m keep their holes, and a river is crossed only on its bridges. People whose homes are farther from the
street are counted but lie outside; of the others, those inside are those counted, but for a few on the outline, which is good to 5 m
(10 m where circles reach farther than `FINE_UP_TO_M`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import cast

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from layers.streets import StreetNetwork
from layers.study_area import StudyArea
from planner.travel.costs import edge_minutes, leg_pace_m_per_min
from planner.travel.graph import street_graph
from planner.travel.kernels import Task
from planner.travel.model import PROFILES, Travel
from planner.travel.outline import CELL_M, Nearest, lack, paint, trace
from planner.travel.searches import buckets_per_minute, limit_included, n_threads_default
from planner.travel.snap import open_edges, snap
from planner.travel.stretches import UNREACHED_MINUTES, ReachedStreets, Stretches

HALF_WIDTH_M = 40.0
"""to either side of a street: about half a block of houses"""
SMOOTHING_M = 1.0
"""the corners of a circle are thinned as long as its outline moves less than this"""
DRAWING_QUAD_SEGS = 16
LAND_QUAD_SEGS = 64
"""of a polygon that stands for a disc: 0.9999 of its area; shapely's own choice for buffers leaves 0.16 % to 0.64 % out"""

FINE_UP_TO_M = 2_000.0
"""circles of a longer reach are drawn on a grid of twice the step, in a quarter of the time: a kilometre is then 100 points wide"""

SITES_AT_ONCE = 64
"""whose streets are held in memory together"""

Polygons = NDArray[np.object_]


def service_circles(
    area: StudyArea,
    travel: Travel,
    *,
    profile: str,
    site_rows: Sequence[int] | NDArray[np.int_],
    bands: Sequence[float] = (5.0, 10.0, 15.0),
) -> gpd.GeoDataFrame:
    """One row per facility (row of `area.facilities`) and band: facility_id, kind, minutes, geometry (valid MultiPolygon).

    Facilities in the order given, bands [minutes] in rising order. The geometry is empty where a facility is off the network or farther
    from the street than the band. Without streets, discs of radius minutes x pace / detour factor.
    """
    rows, limits = np.asarray(site_rows, dtype=np.int64), sorted(bands)
    xy_m = area.site_xy_m[rows]
    if area.streets is None:
        radius = np.asarray(limits) * PROFILES[profile].speed_m_per_min / travel.detour_factor
        centres = shapely.points(np.repeat(xy_m, len(limits), axis=0))
        geometry = shapely.buffer(centres, np.tile(radius, len(rows)), quad_segs=DRAWING_QUAD_SEGS)
    else:
        geometry = _network_circles(area.streets, travel, xy_m, profile=profile, limits=limits)
    facilities = area.facilities.iloc[np.repeat(rows, len(limits))]
    columns = {
        "facility_id": facilities["facility_id"].to_numpy(),
        "kind": facilities["kind"].to_numpy(),
        "minutes": np.tile(np.asarray(limits, dtype=float), len(rows)),
    }
    return gpd.GeoDataFrame(columns, geometry=as_multipolygons(geometry), crs=area.crs)


def merged_circles(circles: gpd.GeoDataFrame, *, kind: str = "") -> gpd.GeoDataFrame:
    """One row per band, the union of the `circles` of that band: facility_id "", the `kind` given, minutes, geometry."""
    limits = np.unique(circles["minutes"].to_numpy(dtype=float))
    merged = [shapely.disjoint_subset_union_all(circles.geometry.array[circles["minutes"] == limit]) for limit in limits]
    columns = {"facility_id": [""] * len(limits), "kind": [kind] * len(limits), "minutes": limits}
    return gpd.GeoDataFrame(columns, geometry=as_multipolygons(np.asarray(merged, dtype=object)), crs=circles.crs)


def straight_circles(points_xy_m: NDArray[np.float64], radius_m: float) -> Polygons:
    """(n,) discs around the points (n, 2), for the bureaus' customary figure: residential land inside straight circles."""
    return np.asarray(shapely.buffer(shapely.points(points_xy_m), radius_m, quad_segs=LAND_QUAD_SEGS), dtype=object)


def as_multipolygons(polygons: Polygons) -> Polygons:
    """(n,) each polygon, multipolygon or collection of polygons as a MultiPolygon."""
    parts, owner = shapely.get_parts(polygons, return_index=True)
    together = np.full(len(polygons), shapely.MultiPolygon(), dtype=object)
    if len(parts):
        shapely.multipolygons(parts, indices=owner, out=together)
    return together


def _network_circles(
    streets: StreetNetwork, travel: Travel, xy_m: NDArray[np.float64], *, profile: str, limits: Sequence[float]
) -> Polygons:
    """(sites x limits,) the circles of each site, one limit after the other."""
    walkable = open_edges(streets, travel.classes_closed)
    graph, snapped = street_graph(streets, walkable), snap(xy_m, streets, walkable, limit_m=travel.snap_limit_m)
    pace, limit = leg_pace_m_per_min(PROFILES[profile], travel), limit_included(max(limits))
    fineness = buckets_per_minute(limit, PROFILES[profile].speed_m_per_min)
    nobody, _ = graph.homes(snapped.part(0, 0), pace)
    task = Task(graph.roads(edge_minutes(streets, PROFILES[profile], travel)), graph.doors(snapped, pace), nobody, limit, fineness)
    each = ReachedStreets(streets, graph, task, around_m=2 * HALF_WIDTH_M).of_each_site()
    scale = 0.5 if max(limits) * PROFILES[profile].speed_m_per_min > FINE_UP_TO_M else 1.0
    circles = np.full((len(xy_m), len(limits)), shapely.MultiPolygon(), dtype=object)
    sites = iter(np.flatnonzero(snapped.is_on))
    with ThreadPoolExecutor(n_threads_default()) as pool:
        while some := list(islice(each, SITES_AT_ONCE)):
            for outlines in pool.map(lambda reached: list(_outlines(reached, limits, pace, scale)), some):
                circles[next(sites)] = outlines
    return _thinned(circles.ravel())


def _outlines(reached: Stretches, limits: Sequence[float], pace_m_per_min: float, scale: float) -> Iterator[BaseGeometry]:
    """The circle of each limit [minutes] from the streets in and around what is reached within the longest.

    Drawn in a world that is `scale` times as large, where the step of the grid is the same.
    """
    ends = reached.reached_xy_m(limit_included(max(limits))) * scale
    if not len(ends):
        yield from (shapely.MultiPolygon() for _ in limits)
        return
    margin = HALF_WIDTH_M * scale + 2 * CELL_M
    corner = np.floor((ends.min(axis=0) - margin) / CELL_M) * CELL_M  # all circles share one grid, so that equal borders are equal
    columns, rows = np.ceil((ends.max(axis=0) + margin - corner) / CELL_M).astype(int) + 1
    nearest = Nearest(np.full((rows, columns), np.inf), np.full((rows, columns), UNREACHED_MINUTES))
    paint(reached.xy_m * scale, reached.minutes, (float(corner[0]), float(corner[1])), margin, nearest)
    for limit in limits:
        xy, ring = trace(lack(nearest, limit_included(limit), pace_m_per_min * scale, HALF_WIDTH_M * scale))
        yield area_within((xy + corner) / scale, ring)


def area_within(xy_m: NDArray[np.float64], ring: NDArray[np.int64]) -> BaseGeometry:
    """The area that rings enclose, holes left out: corners (k, 2) and the ring of each."""
    if not len(xy_m):
        return shapely.MultiPolygon()
    rings: NDArray[np.object_] = np.asarray(shapely.linestrings(xy_m, indices=ring), dtype=object)
    area = shapely.build_area(shapely.multilinestrings(rings))
    return cast("BaseGeometry", area)


def _thinned(polygons: Polygons) -> Polygons:
    """The polygons with fewer corners; those that would become invalid or vanish stay as they are."""
    simple = shapely.simplify(polygons, SMOOTHING_M, preserve_topology=False)  # seven times as fast, and hardly ever invalid
    kept = shapely.is_valid(simple) & (shapely.get_num_geometries(simple) == shapely.get_num_geometries(polygons))
    return np.where(kept, simple, polygons)
