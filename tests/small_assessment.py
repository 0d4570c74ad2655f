"""An `Assessment` of the small place, worked out by hand: what the tests of `maps` draw and write.

The shown circle is 15 minutes of an elder (50 m/min, 750 m) to day-care centres and mutual-aid points, counted for the 650 people of
60 and over. Before: d1 2 min, d2 10 min, d3 2 min, d4 out of reach (1300 m), so 500 of 650 are inside. One site is proposed, the old
school of village 3 (c1): d4 then walks 300 m, 6 min, and all 650 are inside. 10 more people of the input stand in no unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from math import ceil

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from layers.problems import Problem
from layers.study_area import Source, StudyArea
from planner.assessment import Assessment, Finding
from planner.indicators import KINDS
from planner.measures import MEASURE_COLUMNS, VERDICT_COLUMNS
from planner.rules import Number, Reading, Rule
from planner.siting.model import Choice
from tests.small import METRIC, X0, Y0, small_area

VILLAGES = ("431299100001", "431299100201", "431299200201", "431299200202")


def written_rule(rule_id: str, kind: str, title: str, title_en: str, **more: object) -> Rule:
    """A rule of the pack `small`; keyword arguments are keys of `Rule`."""
    fields: dict[str, object] = {
        "pack": "small",
        "pack_title": "小县基本养老服务实施方案",
        "pack_title_en": "Small county plan for elderly care",
        "id": rule_id,
        "kind": kind,
        "title": title,
        "title_en": title_en,
        "clause": "二(三)8",
        "strength": "must",
        "spatial": True,
    }
    return KINDS[kind](**{**fields, **more})


def written_rules() -> tuple[Rule, ...]:
    """Five rules, one of each look: reach, quota with a rival reading, presence (overdue), a share without a limit, an attestation."""
    return (
        written_rule(
            "circle", "service_circle_coverage", "15分钟养老服务圈覆盖", "15-minute elderly-care circle", unit="village", op=">=",
            value=100.0, value_unit="%", quote="打造15分钟养老服务圈，实现老年人全覆盖", clause="二(一)2",
            facilities=("day_care", "mutual_aid_point"), weight="pop60", method="network", max_minutes=15.0,
            gloss="Build 15-minute elderly-care circles that cover all the elderly.",
            numbers=(Number(at="value", is_=100, status="implied", quote="全覆盖"),),
        ),
        written_rule(
            "land", "quantity_per_base", "村(居)社区养老服务设施人均用地", "Elderly-care land per resident", unit="village", op=">=",
            value=0.1, value_unit="m2 of land per person", quote="人均用地不少于0.1平方米",
            facilities=("community_elderly",), quantity="land_area_m2", base="pop_total",
            gloss="No less than 0.1 m2 of land per head.", ambiguity=("人均用地 is land; many points have floor area only.",),
            numbers=(Number(at="value", is_=0.1, status="seed", quote="人均用地不少于0.1平方米"),),
            readings=(Reading(id="floor", why="Other texts speak of 建筑面积/用房.", quantity="floor_area_m2", value_unit="m2 of floor per person"),),
        ),
        written_rule(
            "centre", "facility_count_per_unit", "乡镇综合养老服务中心", "A centre in every township", unit="township", op=">=",
            value=1.0, value_unit="centres", quote="每个乡镇至少有1个综合养老服务中心", clause="二(三)7", strength="target",
            facilities=("township_centre",),
            gloss="Every township has at least one integrated elderly-care centre.", deadline=date(2025, 12, 31),
            numbers=(Number(at="value", is_=1, status="seed", quote="至少有1个"), Number(at="deadline", is_="2025-12-31", status="knowledge")),
        ),
        written_rule(
            "nursing", "ratio", "护理型床位占比", "Share of nursing beds", unit="county", value_unit="%", strength="should",
            quote="提高护理型床位占比", clause="二(四)", over="facilities", facilities=("elderly",), num="beds_nursing", den="beds_total", gloss="Raise the share of nursing beds.", spatial=False,
        ),
        written_rule(
            "uplift", "attestation", "老龄化程度较高的村上调标准", "Higher standard for older villages", unit="village", strength="may",
            quote="老龄化程度较高的村或社区可结合实际适当上调标准", asks="a table of shares of 60+ and required m2 per person", gloss="Villages with a higher degree of ageing may raise the standard.",
        ),
    )  # fmt: skip


_MeasureRow = tuple[str, str, float, float, float, float, float, str, str]


def _measures(rows: list[tuple[str, str, list[_MeasureRow]]], units: dict[str, tuple[str, str, str]]) -> pd.DataFrame:
    """Rows of (rule, reading, [(unit_id, level, value, required, have, base, shortfall, verdict, note)])."""
    people = dict(zip(VILLAGES, (300.0, 200.0, 150.0, 0.0), strict=True)) | {"431299100": 500.0, "431299200": 150.0, "431299": 650.0}
    table = [
        {
            "rule_id": f"small.{rule_id}", "reading": reading, "unit_id": unit_id, "level": level, "value": value, "required": required,
            "unit": units[rule_id + ":" + reading][0], "have": have, "base": base, "shortfall": shortfall,
            "shortfall_unit": units[rule_id + ":" + reading][1], "people": people[unit_id], "verdict": verdict, "note": note,
        }
        for rule_id, reading, places in rows
        for unit_id, level, value, required, have, base, shortfall, verdict, note in places
    ]  # fmt: skip
    return pd.DataFrame(table, columns=list(MEASURE_COLUMNS))


_UNITS = {
    "circle:": ("%", "people", ""),
    "land:": ("m2 of land per person", "m2", ""),
    "land:floor": ("m2 of floor per person", "m2", ""),
    "centre:": ("centres", "facilities", ""),
    "nursing:": ("%", "% points", ""),
}


def _measures_of(*, opened: bool) -> pd.DataFrame:
    """The measures before, or after c1 (200 m2 of land, 180 m2 of floor) stands in village 3."""
    v1, v2, v3, v4 = VILLAGES
    nan = np.nan
    circle3 = (v3, "village", 100.0, 100.0, 150.0, 150.0, 0.0, "pass", "") if opened else (v3, "village", 0.0, 100.0, 0.0, 150.0, 150.0, "fail", "")  # fmt: skip
    land3 = (v3, "village", 0.4, 0.1, 200.0, 500.0, 0.0, "pass", "") if opened else (v3, "village", 0.0, 0.1, 0.0, 500.0, 50.0, "fail", "")  # fmt: skip
    floor3 = (v3, "village", 0.36, 0.1, 180.0, 500.0, 0.0, "pass", "") if opened else (v3, "village", 0.0, 0.1, 0.0, 500.0, 50.0, "fail", "")  # fmt: skip
    empty = (v4, "village", nan, 0.1, 0.0, 0.0, 0.0, "not_applicable", "nobody lives here")
    rows: list[tuple[str, str, list[_MeasureRow]]] = [
        ("circle", "", [
            (v1, "village", 100.0, 100.0, 300.0, 300.0, 0.0, "pass", ""),
            (v2, "village", 100.0, 100.0, 200.0, 200.0, 0.0, "pass", ""),
            circle3,
            (v4, "village", nan, 100.0, 0.0, 0.0, 0.0, "not_applicable", "nobody lives here"),
        ]),
        ("land", "", [
            (v1, "village", 120 / 1286, 0.1, 120.0, 1286.0, 8.6, "fail", ""),
            (v2, "village", 0.12, 0.1, 96.0, 800.0, 0.0, "pass", ""),
            land3, empty,
        ]),
        ("land", "floor", [
            (v1, "village", 240 / 1286, 0.1, 240.0, 1286.0, 0.0, "pass", ""),
            (v2, "village", nan, 0.1, nan, 800.0, nan, "no_data", "f2: floor_area_m2 is not known"),
            floor3, empty,
        ]),
        ("centre", "", [
            ("431299100", "township", 1.0, 1.0, 1.0, nan, 0.0, "pass", ""),
            ("431299200", "township", 0.0, 1.0, 0.0, nan, 1.0, "fail", ""),
        ]),
        ("nursing", "", [("431299", "county", 40.0, nan, 20.0, 50.0, 0.0, "report_only", "f2: beds_total is not known")]),
    ]  # fmt: skip
    return _measures(rows, _UNITS)


def verdicts_of(measures: pd.DataFrame, rules: tuple[Rule, ...], pooled: Mapping[tuple[str, str], float]) -> pd.DataFrame:
    """One row per rule and reading, by the formulas of `VERDICT_COLUMNS`; every `units_pct` is 100."""
    rows = []
    for rule in rules:
        for reading in ("", *(r.id for r in rule.readings)):
            mine = measures[(measures["rule_id"] == rule.full_id) & (measures["reading"] == reading)]
            n = {v: int((mine["verdict"] == v).sum()) for v in ("pass", "fail", "no_data", "not_applicable", "report_only")}
            applicable = n["pass"] + n["fail"] + n["no_data"]
            needed = ceil(rule.units_pct * applicable / 100)
            rows.append({
                "rule_id": rule.full_id, "reading": reading, "verdict": _verdict(n, needed, applicable, len(mine)),
                "n_pass": n["pass"], "n_fail": n["fail"], "n_no_data": n["no_data"], "n_not_applicable": n["not_applicable"],
                "lower_pct": 100 * n["pass"] / applicable if applicable else np.nan,
                "upper_pct": 100 * (n["pass"] + n["no_data"]) / applicable if applicable else np.nan,
                "units_pct": rule.units_pct, "units_needed": needed, "value": pooled.get((rule.full_id, reading), np.nan),
                "shortfall": mine["shortfall"].sum(skipna=True) if len(mine) else np.nan,
                "shortfall_unit": mine["shortfall_unit"].iloc[0] if len(mine) else "",
                "shortfall_is_open": needed > n["pass"] + n["fail"],
            })  # fmt: skip
    table = pd.DataFrame(rows)
    late = {r.full_id for r in rules if r.deadline is not None and r.deadline < date(2026, 6, 30)}
    table["overdue"] = table["rule_id"].isin(late) & (table["verdict"] != "pass")
    return table[list(VERDICT_COLUMNS)]


def _verdict(n: Mapping[str, int], needed: int, applicable: int, n_rows: int) -> str:
    if n_rows == 0:
        return "no_data"
    if n["report_only"]:
        return "report_only"
    if not applicable:
        return "not_applicable"
    if n["pass"] >= needed:
        return "pass"
    return "undetermined" if n["pass"] + n["no_data"] >= needed else "fail"


def _circles(sites: list[tuple[str, str, float]]) -> gpd.GeoDataFrame:
    """Circles of 5, 10 and 15 minutes along the street round sites (facility_id, kind, x), each and merged."""
    rows: list[tuple[str, float, str]] = []
    shapes = []
    for minutes in (5.0, 10.0, 15.0):
        reach_m = 50.0 * minutes
        boxes = [shapely.box(X0 + max(0.0, x - reach_m), Y0 + 350, X0 + min(4000.0, x + reach_m), Y0 + 650) for _, _, x in sites]
        rows += [(facility_id, minutes, kind) for facility_id, kind, _ in sites]
        rows.append(("", minutes, ""))
        shapes += [shapely.MultiPolygon([box]) for box in boxes]
        shapes.append(shapely.MultiPolygon(shapely.get_parts(shapely.union_all(boxes)).tolist()))
    return gpd.GeoDataFrame(pd.DataFrame(rows, columns=["facility_id", "minutes", "kind"]), geometry=shapes, crs=METRIC)


def _balance(served: tuple[float, ...], too_far: tuple[float, ...]) -> pd.DataFrame:
    """People of 60 and over: all, then those outside every unit, then by village with people; as `planner.balance` gives it."""
    rows = [("", "", sum(served), sum(too_far), 0.0, 10.0), ("(outside)", "", 0.0, 0.0, 0.0, 10.0)]
    names = ("一社区", "二村", "三村")
    rows += [(VILLAGES[i], names[i], served[i], too_far[i], 0.0, 0.0) for i in range(3)]
    table = pd.DataFrame(rows, columns=["unit_id", "name", "served", "too_far", "off_network", "unassigned"])
    return table.assign(total=table[["served", "too_far", "off_network", "unassigned"]].sum(axis=1))


def assessed_area(**changes: object) -> StudyArea:
    """The small place as read: an invented one, with its sources, one warning, one assumption and ten people in no unit."""
    fields: dict[str, object] = {
        "unassigned": pd.DataFrame({"base": ["pop60"], "people": [10.0], "unit_id": [""], "reason": ["outside every unit"]}),
        "sources": (
            Source("units", "data/units.gpkg", "0f" * 32, 7),
            Source("facilities", "data/养老机构.xlsx", "a1" * 32, 3, "gcj02 -> CGCS2000"),
        ),
        "problems": (Problem("warning", "data/养老机构.xlsx, floor_area_m2", "no figure in 1 row(s)", "Fill it in.", ("f2",), 1),),
        "assumptions": ("60岁及以上人口按村级台账",),
        "is_synthetic": True,
    }
    return small_area(**{**fields, **changes})


def small_assessment(area: StudyArea | None = None) -> Assessment:
    """The assessment of the small place; `area` may bring other names, with the rows of `assessed_area`."""
    place = assessed_area() if area is None else area
    rules = written_rules()
    before_measures, after_measures = _measures_of(opened=False), _measures_of(opened=True)
    pooled = {
        ("small.land", ""): 216 / 2586,
        ("small.nursing", ""): 40.0,
        ("small.circle", ""): 100 * 500 / 650,
        ("small.centre", ""): np.nan,
    }
    sites = [("f1", "day_care", 300.0), ("f2", "mutual_aid_point", 1400.0)]
    before = Finding(
        area=place,
        measures=before_measures,
        verdicts=verdicts_of(before_measures, rules, pooled),
        minutes=np.array([2.0, 10.0, 2.0, np.inf]),
        nearest_row=np.array([0, 0, 1, -1], dtype=np.int32),
        circles=_circles(sites),
        balance=_balance((300.0, 200.0, 0.0, 0.0), (0.0, 0.0, 150.0, 0.0)),
    )
    after = replace(
        before,
        area=place.with_opened([0]),
        measures=after_measures,
        verdicts=verdicts_of(after_measures, rules, {**pooled, ("small.land", ""): 416 / 2586, ("small.circle", ""): 100.0}),
        minutes=np.array([2.0, 10.0, 2.0, 6.0]),
        nearest_row=np.array([0, 0, 1, 3], dtype=np.int32),
        circles=_circles([*sites, ("c1", "mutual_aid_point", 2400.0)]),
        balance=_balance((300.0, 200.0, 150.0, 0.0), (0.0, 0.0, 0.0, 0.0)),
    )
    return Assessment(
        title={"zh": "小县养老服务设施布局", "en": "Small county elderly-care facilities"},
        as_of=date(2026, 6, 30),
        rules=rules,
        before=before,
        choice=_choice(),
        proposals=_proposals(place),
        after=after,
        circle_kinds=("day_care", "mutual_aid_point"),
        circle_base="pop60",
        circle_minutes=15.0,
        circle_profile="elder_walk",
        off_network=pd.DataFrame({"table": ["candidates"], "id": ["c2"], "name": ["四村仓库"], "unit_id": [VILLAGES[3]], "distance_m": [620.0], "people": [np.nan]}),
        notes=("老年人步行 50 m/min",),
    )  # fmt: skip


def _choice() -> Choice:
    return Choice(
        opened=(0,), status="optimal", method="exact", objective=1.85, bound=1.85, gap_share=0.0, cost_yuan=300_000.0, order=(0,),
        claimed=pd.DataFrame({"rule_id": ["small.circle", "small.land"], "shortfall_before": [150.0, 58.6], "relieved": [150.0, 50.0], "unit": ["people", "m2"]}),
        unmet=pd.DataFrame({"rule_id": ["small.centre"], "unit_id": ["431299200"], "amount": [1.0], "unit": ["facilities"], "reason": ["no candidate can relieve it"], "code": ["out_of_reach"]}),
        excluded=pd.DataFrame({"candidate_id": ["c2"], "rule_id": ["small.hazard"], "reason": ["forbidden by small.hazard, 二"], "code": ["site_rule_forbids"]}),
        reasons=pd.DataFrame({"candidate_id": ["c1", "c1"], "rule_id": ["small.circle", "small.land"], "relieved": [150.0, 50.0], "unit": ["people", "m2"], "n_units": [1, 1]}),
    )  # fmt: skip


def _proposals(place: StudyArea) -> gpd.GeoDataFrame:
    row = place.candidates.iloc[[0]].reset_index(drop=True)
    columns = {
        "candidate_id": row["candidate_id"], "name": row["name"], "unit_id": row["unit_id"], "kind": row["kind"], "cost_yuan": row["cost_yuan"],
        "for_whom": ["pop60"], "people_in_reach": [400.0], "people_gained": [150.0], "reason_zh": ["使三村150名60岁及以上老人进入15分钟服务圈；补足用地50平方米"],
        "reason_en": ["Brings 150 people aged 60+ of village 3 inside 15 minutes; adds the 50 m2 of land it lacks"],
        "next_best_id": ["c3"], "next_best_loss": [0.5],
    }  # fmt: skip
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=row.geometry, crs=place.crs)
