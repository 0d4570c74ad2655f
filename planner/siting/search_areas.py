"""Search areas: where to look for premises when nobody has listed any, or the list leaves people outside the circle without hope.

They stand on streets that can be reached, amid people outside the circle, each the one that straight lines say reaches most of those
whom no earlier one reaches (greedy maximal covering: Church and ReVelle 1974). A search area is a hint for a walk, never a plot: it says so in
its name, it has no land or floor, and whether there is anything to rent or build on nobody has looked at.
"""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import KDTree

from layers.study_area import StudyArea
from layers.tables import CANDIDATES
from planner.circle import Circle
from planner.siting.circle_goals import reach_of
from planner.siting.model import Siting
from planner.travel.model import PROFILES, Travel
from planner.travel.snap import open_edges, snap
from planner.travel.times import TravelTimes

CELLS_PER_RADIUS = 5
"""people are looked at in squares of this part of the circle's radius: one place to stand in each"""
NAME = "查找区 {n}(非地块) / search area {n} (not a plot)"


def with_search_areas(area: StudyArea, times: TravelTimes, circle: Circle, travel: Travel, siting: Siting) -> StudyArea:
    """This place with up to `siting.search_areas` search areas among its candidates, marked in the column `is_search_area`.

    People whom a facility or a candidate of the circle (completed) has within its minutes already, and people off the network, ask for none.
    Minutes have to be measured anew. Where the place brings minutes of its own, none are added: nobody knows them for new sites.
    """
    if area.own_minutes is not None or not siting.search_areas:
        return area
    reach = reach_of(area, times, circle)
    hopeless = np.isinf(reach.minutes) & (reach.people > 0)
    hopeless[reach.demand_row] = False
    off = times.off_network
    hopeless &= ~area.demand["demand_id"].isin(off.loc[off["table"] == "demand", "id"]).to_numpy()
    people = np.flatnonzero(hopeless)
    radius_m = (circle.minutes or 0.0) * PROFILES[circle.profile].speed_m_per_min / travel.detour_factor
    rows = _best_rows(area.demand_xy_m[people], reach.people[people], radius_m, siting.search_areas)
    if not len(rows):
        return area
    found = _table(area, people[rows], circle, travel, siting)
    known = area.candidates.assign(is_search_area=False)
    together = pd.concat([known, found.reindex(columns=known.columns)], ignore_index=True) if len(known) else found
    return replace(area, candidates=gpd.GeoDataFrame(together, geometry="geometry", crs=area.crs))


def _best_rows(xy_m: NDArray[np.float64], people: NDArray[np.float64], radius_m: float, n: int) -> NDArray[np.int64]:
    """Up to n of (k, 2) points with (k,) people, each the one with most people in the radius of whom no earlier one reaches."""
    stands = _one_per_cell(xy_m, people, radius_m / CELLS_PER_RADIUS)
    if not len(stands):
        return stands
    near = KDTree(xy_m[stands]).query_ball_tree(KDTree(xy_m), radius_m)
    at = np.repeat(np.arange(len(stands)), [len(rows) for rows in near])
    who = np.concatenate([np.asarray(rows, dtype=np.int64) for rows in near])
    left, chosen = people.copy(), []
    for _ in range(n):
        gain = np.bincount(at, weights=left[who], minlength=len(stands))
        best = int(gain.argmax())
        if gain[best] <= 0:
            break
        chosen.append(int(stands[best]))
        left[who[at == best]] = 0.0
    return np.array(chosen, dtype=np.int64)


def _one_per_cell(xy_m: NDArray[np.float64], people: NDArray[np.float64], cell_m: float) -> NDArray[np.int64]:
    """Rows of the points that stand nearest to the middle of the people of their square, by square from south-west."""
    table = pd.DataFrame({"x": xy_m[:, 0], "y": xy_m[:, 1], "people": people})
    cells = [np.floor(table[axis] / cell_m) for axis in ("y", "x")]
    middle = table.assign(px=table["x"] * people, py=table["y"] * people).groupby(cells)[["px", "py", "people"]].transform("sum")
    apart = np.hypot(table["x"] - middle["px"] / middle["people"], table["y"] - middle["py"] / middle["people"])
    order = np.lexsort((table["x"], table["y"], apart, cells[1], cells[0]))
    first = ~pd.DataFrame({"y": cells[0], "x": cells[1]}).iloc[order].duplicated().to_numpy()
    rows: NDArray[np.int64] = order[first]
    return rows


def _table(area: StudyArea, rows: NDArray[np.int64], circle: Circle, travel: Travel, siting: Siting) -> gpd.GeoDataFrame:
    """Candidates at the doorsteps of some demand rows."""
    taken = set(area.candidates["candidate_id"]) | set(area.facilities["facility_id"])
    ids = [id_ for n in range(1, len(rows) + len(taken) + 1) if (id_ := f"search-{n:03d}") not in taken][: len(rows)]
    empty: dict[str, object] = {"number": np.nan, "count": np.nan, "flag": None}
    columns: dict[str, object] = {column.name: empty.get(column.type, "") for column in CANDIDATES}
    columns |= {
        "candidate_id": ids,
        "name": [NAME.format(n=n) for n in range(1, len(rows) + 1)],
        "unit_id": area.demand["unit_id"].to_numpy()[rows],
        "kind": circle.kinds[0],
        "role": "candidate",
        "site_id": ids,
        "cost_yuan": np.nan if siting.search_area_cost_yuan is None else siting.search_area_cost_yuan,
        "is_search_area": True,
    }
    xy_m = _on_street(area, rows, travel)
    return gpd.GeoDataFrame(pd.DataFrame(columns, index=range(len(rows))), geometry=gpd.points_from_xy(*xy_m.T), crs=area.crs)


def _on_street(area: StudyArea, rows: NDArray[np.int64], travel: Travel) -> NDArray[np.float64]:
    """(n, 2) where the doors of some demand rows meet the streets; the doors themselves where there are none."""
    doors = area.demand_xy_m[rows]
    if area.streets is None:
        return doors
    streets = area.streets
    snapped = snap(doors, streets, open_edges(streets, travel.classes_closed), limit_m=travel.snap_limit_m)
    feet = []
    for door, edge, share in zip(doors, snapped.edge, snapped.share, strict=True):
        line = shapely.LineString(streets.shape_xy_m[streets.shape_start[edge] : streets.shape_start[edge + 1]])
        foot = shapely.line_interpolate_point(line, share, normalized=True) if edge >= 0 else shapely.Point(door)
        feet.append((foot.x, foot.y))
    return np.array(feet)
