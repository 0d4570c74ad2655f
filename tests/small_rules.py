"""Places and rules for the tests of indicators: units of one level side by side, written down row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.levels import LEVELS
from layers.study_area import StudyArea
from planner.indicators import KINDS
from planner.rules import Rule
from planner.travel.arcs import Arcs
from planner.travel.times import TravelTimes
from planner.verdicts import verdicts
from tests.small import METRIC, X0, Y0

NO_TIMES = TravelTimes({}, pd.DataFrame({"table": [], "id": []}))
AS_OF = date(2026, 11, 25)

Row = Mapping[str, Any]

_TEXT = ("kind", "serves", "functions", "residential_id", "name")


def a_rule(kind: str, **keys: object) -> Rule:
    """A rule of a kind; what the texts say does not matter here."""
    said = dict.fromkeys(("pack", "pack_title", "pack_title_en", "id", "title", "title_en", "quote", "clause", "gloss"), "test")
    return KINDS[kind](**{**said, "kind": kind, "strength": "must", "spatial": True, "unit": "village", **keys})


def a_place(
    units: Sequence[Row],
    *,
    level: str = "village",
    demand: Sequence[Row] = (),
    facilities: Sequence[Row] = (),
    candidates: Sequence[Row] = (),
    residential: Sequence[Row] = (),
    **more: object,
) -> StudyArea:
    """Units `A`, `B`, ... of one level in a county `county`, squares of 1000 m in a row from the corner of the small place.

    Points are rows with `unit` ("A") and `xy` (metres from the corner; the middle of the unit by default) and any columns. Bases of the
    units are added up for the county.
    """
    ids = [chr(ord("A") + i) if i < 26 else f"Z{i}" for i in range(len(units))]
    boxes = [shapely.box(X0 + 1000 * i, Y0, X0 + 1000 * (i + 1), Y0 + 1000) for i in range(len(units))]
    own = pd.DataFrame(
        [{"unit_id": id_, "name": id_, "level": level, "parent_id": "county", **row} for id_, row in zip(ids, units, strict=True)]
    )
    bases = own.select_dtypes("number").sum(skipna=False)
    county = pd.DataFrame([{"unit_id": "county", "name": "county", "level": "county", "parent_id": "", **bases}])
    table = own.assign(parent_id="") if level == "county" else pd.concat([county, own], ignore_index=True)
    polygons = boxes if level == "county" else [shapely.union_all(boxes), *boxes]
    assert level in LEVELS
    middle = {id_: (1000.0 * i + 500.0, 500.0) for i, id_ in enumerate(ids)}
    areas = pd.DataFrame(
        [{"residential_id": f"r{i}", "name": "", "unit_id": row["unit"], **row} for i, row in enumerate(residential, start=1)],
        columns=None if residential else ["residential_id", "name", "unit_id", "geometry"],
    )
    return StudyArea(
        name="place",
        crs=METRIC,
        units=gpd.GeoDataFrame(table, geometry=polygons, crs=METRIC),
        demand=_points("demand_id", "d", demand, middle),
        facilities=_points("facility_id", "f", facilities, middle, status="open"),
        candidates=_points("candidate_id", "c", candidates, middle, role="candidate"),
        residential=gpd.GeoDataFrame(areas, geometry="geometry", crs=METRIC),
        **more,
    )


def _points(key: str, letter: str, rows: Sequence[Row], middle: Mapping[str, tuple[float, float]], **fill: str) -> gpd.GeoDataFrame:
    table = pd.DataFrame([{key: f"{letter}{i}", "unit_id": row["unit"], **fill, **row} for i, row in enumerate(rows, start=1)])
    if not rows:
        table = pd.DataFrame({name: pd.Series(dtype=object) for name in (key, "unit_id", *fill)})
    texts = {name: table[name].fillna("") if name in table else "" for name in _TEXT} if letter != "d" else {}
    xy = np.array([row.get("xy", middle.get(row["unit"], (0.0, 0.0))) for row in rows], dtype=float).reshape(-1, 2) + (X0, Y0)
    table = table.assign(**texts).drop(columns=["unit", "xy"], errors="ignore")
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=METRIC)


def parcel(unit: str, x: float, y: float, width: float, height: float, **columns: object) -> Row:
    """A residential area: a rectangle in metres from the corner of the place."""
    return {"unit": unit, "geometry": shapely.box(X0 + x, Y0 + y, X0 + x + width, Y0 + y + height), **columns}


def times_of(area: StudyArea, profile: str, triples: Sequence[tuple[int, int, float]], limit: float) -> TravelTimes:
    """Minutes written down: (demand row, site row, minutes)."""
    kept = sorted(t for t in triples if t[2] <= limit)
    demand, site, minutes = zip(*kept, strict=True) if kept else ((), (), ())
    arcs = Arcs(
        np.array(demand, np.int32), np.array(site, np.int32), np.array(minutes, float), limit, len(area.demand), len(area.site_xy_m)
    )
    return TravelTimes({profile: arcs}, pd.DataFrame({"table": [], "id": []}))


def straight_times(area: StudyArea, profile: str, m_per_min: float, limit: float) -> TravelTimes:
    """Minutes along the x axis: as if one street led past everything."""
    pairs = [(d, s, abs(p[0] - q[0]) / m_per_min) for d, p in enumerate(area.demand_xy_m) for s, q in enumerate(area.site_xy_m)]
    return times_of(area, profile, pairs, limit)


def measured(rule: Rule, area: StudyArea, times: TravelTimes = NO_TIMES) -> pd.DataFrame:
    """The measures of a rule by unit_id."""
    return rule.measure(area, times).set_index("unit_id")


def judged(rule: Rule, area: StudyArea, times: TravelTimes = NO_TIMES) -> pd.Series:
    """The one verdict of a rule."""
    return verdicts(rule.measure(area, times), [rule.model_copy(update={"readings": ()})], AS_OF).iloc[0]
