"""Service circles: the ground within so many minutes of a facility, for drawing and for the customary land-weighted figure.

People are counted by minutes, never by these polygons. A circle is drawn from the same search and by the same definition: a place is in it
when its nearest street is at most `HALF_WIDTH_M` away and it is, the walk to that street included, within the band. So a street is cut where
the band ends, blocks wider than 80 m keep their holes, and a river is crossed only on its bridges. People whose homes are farther from the
street are counted but lie outside; of the others, those inside are those counted, but for a few on the outline, which is good to less than
the step of the grid that it is drawn on: 10 m, 5 m where no circle reaches farther than `FINE_UP_TO_M`, and 15 m where one reaches beyond
`COARSE_UP_TO_M`.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from layers.streets import StreetNetwork
from layers.study_area import StudyArea
from planner.travel.costs import edge_minutes, leg_pace_m_per_min
from planner.travel.drawing import Drawing, Style
from planner.travel.graph import street_graph
from planner.travel.kernels import Task
from planner.travel.model import PROFILES, Travel
from planner.travel.rings import Polygons
from planner.travel.searches import buckets_per_minute, limit_included, n_threads_default
from planner.travel.segment_grid import ways_of
from planner.travel.snap import open_edges, snap
from planner.travel.street_map import extent_of, places_of, street_map

HALF_WIDTH_M = 40.0
"""to either side of a street: about half a block of houses"""
SMOOTHING_M = 0.5
"""the corners of a circle are thinned as long as its outline moves less than this"""
DRAWING_QUAD_SEGS = 16
LAND_QUAD_SEGS = 64
"""of a polygon that stands for a disc: 0.9999 of its area; shapely's own choice for buffers leaves 0.16 % to 0.64 % out"""

FINE_M, COARSE_M, WIDE_M = 5.0, 10.0, 15.0
"""step of the grid on which circles are drawn; the widest still has a point in every gap between streets 100 m apart"""
FINE_UP_TO_M, COARSE_UP_TO_M = 500.0, 2000.0
"""circles of a longer reach are drawn with the next step: the share of their people that is near the outline is smaller too"""


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
    circles = np.full((len(rows), len(limits)), shapely.MultiPolygon(), dtype=object)
    if area.streets is None:
        circles[:] = _discs(area.site_xy_m[rows], travel, profile, limits)
    else:
        drawing, is_on = _drawing(area.streets, travel, area.site_xy_m[rows], profile=profile, limits=limits)
        circles[is_on] = _circles_of_each(drawing, int(is_on.sum())) if drawing else circles[is_on]
    facilities = area.facilities.iloc[np.repeat(rows, len(limits))]
    columns = {
        "facility_id": facilities["facility_id"].to_numpy(),
        "kind": facilities["kind"].to_numpy(),
        "minutes": np.tile(np.asarray(limits, dtype=float), len(rows)),
    }
    return gpd.GeoDataFrame(columns, geometry=as_multipolygons(circles.ravel()), crs=area.crs)


def merged_circles(
    area: StudyArea,
    travel: Travel,
    *,
    profile: str,
    site_rows: Sequence[int] | NDArray[np.int_],
    bands: Sequence[float] = (5.0, 10.0, 15.0),
    kind: str = "",
) -> gpd.GeoDataFrame:
    """One row per band, the ground in the circle of any of the facilities: facility_id "", the `kind` given, minutes, geometry.

    It is drawn from one search that starts at all of them, not put together from their polygons; the two differ by less than the
    step of the grid. No row without facilities.
    """
    rows, limits = np.asarray(site_rows, dtype=np.int64), sorted(bands) if len(site_rows) else []
    circles = np.full(len(limits), shapely.MultiPolygon(), dtype=object)
    if area.streets is None:
        discs = _discs(area.site_xy_m[rows], travel, profile, limits)
        circles[:] = [shapely.disjoint_subset_union_all(discs[:, band]) for band in range(len(limits))]
    elif len(limits):
        drawing, _ = _drawing(area.streets, travel, area.site_xy_m[rows], profile=profile, limits=limits)
        circles = drawing.of_all() if drawing else circles
    columns = {"facility_id": [""] * len(limits), "kind": [kind] * len(limits), "minutes": np.asarray(limits, dtype=float)}
    return gpd.GeoDataFrame(columns, geometry=as_multipolygons(circles), crs=area.crs)


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


def _discs(xy_m: NDArray[np.float64], travel: Travel, profile: str, limits: Sequence[float]) -> Polygons:
    """(n, limits) what stands for circles where there are no streets."""
    radius_m = np.asarray(limits, dtype=float) * PROFILES[profile].speed_m_per_min / travel.detour_factor
    centres = np.asarray(shapely.points(xy_m), dtype=object).reshape(-1, 1)
    return np.asarray(shapely.buffer(centres, radius_m[None, :], quad_segs=DRAWING_QUAD_SEGS), dtype=object)


def _drawing(
    streets: StreetNetwork, travel: Travel, xy_m: NDArray[np.float64], *, profile: str, limits: Sequence[float]
) -> tuple[Drawing | None, NDArray[np.bool_]]:
    """What the circles of some sites (n, 2) are drawn from, None where there is nothing to draw; (n,) which sites are on the network."""
    walkable = open_edges(streets, travel.classes_closed)
    ways = ways_of(streets, walkable) if len(walkable) else None
    snapped = snap(xy_m, streets, walkable, limit_m=travel.snap_limit_m, ways=ways)
    if ways is None or not snapped.is_on.any() or not limits:
        return None, snapped.is_on
    graph = street_graph(streets, walkable)
    pace, limit = leg_pace_m_per_min(PROFILES[profile], travel), limit_included(max(limits))
    fineness = buckets_per_minute(limit, PROFILES[profile].speed_m_per_min)
    nobody, _ = graph.homes(snapped.part(0, 0), pace)
    task = Task(graph.roads(edge_minutes(streets, PROFILES[profile], travel)), graph.doors(snapped, pace), nobody, limit, fineness)
    cell_m = cell_of(max(limits) * PROFILES[profile].speed_m_per_min)
    style = Style(tuple(limit_included(limit) for limit in limits), HALF_WIDTH_M, cell_m, SMOOTHING_M)
    extent = extent_of(ways.pieces, places_of(walkable, graph), task.roads, task.doors)
    return Drawing(task, street_map(ways, walkable, graph, task.roads, task.doors, pace), extent, style), snapped.is_on


def cell_of(reach_m: float) -> float:
    """The step of the grid [m] for circles that reach so far."""
    if reach_m <= FINE_UP_TO_M:
        return FINE_M
    return COARSE_M if reach_m <= COARSE_UP_TO_M else WIDE_M


def _circles_of_each(drawing: Drawing, n: int) -> Polygons:
    """(n doors, limits) the circles of each, drawn by all processors."""
    n_threads = max(1, min(n_threads_default(), n))
    circles = np.full((n, len(drawing.style.limits)), shapely.MultiPolygon(), dtype=object)
    with ThreadPoolExecutor(n_threads) as pool:
        shares = np.array_split(np.argsort(drawing.task.doors.start, kind="stable"), n_threads)  # neighbours read the same streets
        for doors, drawn in zip(shares, pool.map(drawing.of_sites, shares), strict=True):
            circles[doors] = drawn
    return circles
