"""An invented county of the usual size, drawn by chance from a fixed seed: to see how a page of 300 villages looks, weighs and runs."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.random import Generator
from numpy.typing import NDArray

from layers.streets import StreetNetwork
from layers.study_area import StudyArea
from planner.assessment import Assessment, Finding
from planner.measures import MEASURE_COLUMNS
from planner.rules import Rule
from tests.small import METRIC, X0, Y0, small_area
from tests.small_assessment import small_assessment, verdicts_of, written_rule, written_rules

KINDS = ("day_care", "mutual_aid_point", "township_centre", "township_home", "meal_point")
SIDE_M = 40_000.0


def county_assessment(*, n_villages: int = 300, n_demand: int = 20_000, n_street: int = 120, seed: int = 7) -> Assessment:
    """A county of `n_villages`, with random figures; streets are a grid of `n_street` x `n_street` junctions."""
    chance = np.random.default_rng(seed)
    area = invented_place(chance, n_villages, n_demand, n_street)
    base = small_assessment()
    rules = county_rules()
    rows = np.sort(chance.choice(len(area.candidates), 24, replace=False))
    opened = area.with_opened(rows.tolist())
    before = _finding(chance, area, rules, 0.35, base.before)
    after = _finding(np.random.default_rng(seed), opened, rules, 0.75, base.after)
    proposals = area.candidates.iloc[rows].reset_index(drop=True)
    proposals = proposals.assign(
        for_whom="pop60",
        people_in_reach=900.0,
        people_gained=chance.integers(20, 900, 24).astype(float),
        reason_zh="15分钟养老服务圈覆盖：补足 312 人；每村养老互助示范点：补足 2 处",
        reason_en="15-minute circle: 312 people; mutual-aid points per village: 2 facilities",
        next_best_id="c0",
        next_best_loss=0.03 * chance.random(24),
    )
    choice = replace(base.choice, opened=tuple(rows.tolist()), order=tuple(rows.tolist()), cost_yuan=float(proposals["cost_yuan"].sum()))
    return replace(
        base,
        title={"zh": "云溪县养老服务设施布局评估", "en": "Yunxi county: elderly-care facilities"},
        rules=rules, before=before, after=after, choice=choice, proposals=proposals, off_network=base.off_network.iloc[:0],
    )  # fmt: skip


def county_rules() -> tuple[Rule, ...]:
    """Eleven rules: those of the small place, and six quotas."""
    more = tuple(
        written_rule(
            f"r{i}", "quantity_per_base", title, f"Rule number {i}", pack="gb50180", pack_title="城市居住区规划设计标准 GB 50180-2018",
            pack_title_en="Code for residential districts GB 50180-2018", unit="village", op=">=", value=0.1, value_unit="m2 of floor per person",
            facilities=("community_elderly",), quantity="floor_area_m2", base="pop_total",
            quote=title, gloss=f"Rule number {i}.", clause=f"附录B 表B.0.{i}",
        )
        for i, title in enumerate(["社区养老服务用房", "每村养老互助示范点", "日间照料中心服务半径", "婴幼儿照护设施", "老年助餐点", "托育服务用房"], start=1)
    )  # fmt: skip
    return (*written_rules(), *more)


def invented_place(chance: Generator, n_villages: int, n_demand: int, n_street: int) -> StudyArea:
    outline = shapely.buffer(shapely.Point(X0 + SIDE_M / 2, Y0 + SIDE_M / 2), SIDE_M / 2.1, quad_segs=6)
    turn, far = 2 * np.pi * chance.random(n_villages), SIDE_M / 2.2 * np.sqrt(chance.random(n_villages))
    seeds = shapely.multipoints(np.column_stack([X0 + SIDE_M / 2 + far * np.cos(turn), Y0 + SIDE_M / 2 + far * np.sin(turn)]))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=outline))
    cells = shapely.set_precision(shapely.intersection(cells, outline), 1.0)
    units, village_ids = _units(chance, cells)
    demand = _points_in(chance, cells, village_ids, n_demand)
    demand = demand.assign(demand_id=[f"d{i}" for i in range(n_demand)])
    sizes = chance.gamma(1.2, 14.0, n_demand).round()
    demand = demand.assign(pop60=sizes, pop_total=4 * sizes)
    facilities = sites_in(chance, cells, village_ids, 200, "facility_id", "f")
    candidates = sites_in(chance, cells, village_ids, 120, "candidate_id", "c")
    return small_area(
        name="云溪县", units=units, demand=demand, facilities=facilities, candidates=candidates, streets=_streets(n_street),
        residential=gpd.GeoDataFrame({"residential_id": [], "name": [], "unit_id": []}, geometry=[], crs=METRIC), is_synthetic=True,
    )  # fmt: skip


def _units(chance: Generator, cells: NDArray[np.object_]) -> tuple[gpd.GeoDataFrame, list[str]]:
    middle = shapely.get_coordinates(shapely.centroid(cells))
    hubs = middle[chance.choice(len(cells), 14, replace=False)]
    owner = np.argmin(((middle[:, None] - hubs[None]) ** 2).sum(axis=2), axis=1)
    town_ids = [f"4312{90 + i // 10}{100 + i}" for i in range(14)]
    village_ids = [f"{town_ids[owner[i]]}{200 + i % 300:03d}{i}"[:14] for i in range(len(cells))]
    first, last = "青石龙竹梅松云溪金白黑东西南北上下大小新老", "桥坪塘冲溪湾田岭坡垅湖井山坳洞口"
    names = [f"{first[chance.integers(len(first))]}{last[chance.integers(len(last))]}村" for _ in cells]
    towns = [f"{first[i]}{last[i]}{'镇' if i % 2 else '乡'}" for i in range(14)]
    shapes = [shapely.union_all(cells), *[shapely.union_all(cells[owner == i]) for i in range(14)], *cells]
    ids = ["431290", *town_ids, *village_ids]
    table = pd.DataFrame(
        {
            "unit_id": ids, "name": ["云溪县", *towns, *names], "level": ["county"] + ["township"] * 14 + ["village"] * len(cells),
            "parent_id": ["", *["431290"] * 14, *[town_ids[i] for i in owner]], "subtype": "", "urban_class": "",
            "pop_total": chance.integers(300, 6000, len(ids)).astype(float), "pop60": chance.integers(60, 1200, len(ids)).astype(float),
        }
    )  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=shapes, crs=METRIC), village_ids


def _points_in(chance: Generator, cells: NDArray[np.object_], ids: list[str], n: int) -> gpd.GeoDataFrame:
    """Points of chance near the middles of the cells."""
    row = chance.integers(0, len(cells), n)
    middle = shapely.get_coordinates(shapely.point_on_surface(cells))[row]
    spread = np.sqrt(shapely.area(cells))[row, None] * 0.2
    xy = middle + chance.normal(0, 1, (n, 2)) * spread
    return gpd.GeoDataFrame({"unit_id": [ids[i] for i in row]}, geometry=gpd.points_from_xy(xy[:, 0], xy[:, 1]), crs=METRIC)


def sites_in(chance: Generator, cells: NDArray[np.object_], ids: list[str], n: int, key: str, letter: str) -> gpd.GeoDataFrame:
    kind = [KINDS[i] for i in chance.integers(0, len(KINDS), n)]
    columns = {key: [f"{letter}{i}" for i in range(n)], "name": [f"第{i}号设施" for i in range(n)], "kind": kind, "status": "open"}
    more = {
        "land_area_m2": 200.0,
        "floor_area_m2": 320.0,
        "beds_total": 20.0,
        "beds_nursing": 8.0,
        "role": "candidate",
        "site_id": columns[key],
    }
    cost = chance.integers(8, 90, n) * 10_000.0
    return _points_in(chance, cells, ids, n).assign(**columns, **more, cost_yuan=cost, serves="", functions="", residential_id="")


def _streets(n: int) -> StreetNetwork:
    """A grid of streets; every tenth is a secondary road."""
    step = SIDE_M / n
    x, y = np.meshgrid(np.arange(n) * step + X0, np.arange(n) * step + Y0, indexing="ij")
    nodes = np.column_stack([x.ravel(), y.ravel()])
    number = np.arange(n * n).reshape(n, n)
    start = np.concatenate([number[:-1].ravel(), number[:, :-1].ravel()]).astype(np.int32)
    end = np.concatenate([number[1:].ravel(), number[:, 1:].ravel()]).astype(np.int32)
    main = np.concatenate([np.tile(np.arange(n) % 10 == 0, n - 1), np.repeat(np.arange(n) % 10 == 0, n - 1)])
    m = len(start)
    return StreetNetwork(
        node_xy_m=nodes, edge_from=start, edge_to=end, edge_length_m=np.full(m, step), edge_rise_m=np.zeros(m),
        edge_oneway=np.zeros(m, dtype=np.int8), edge_class=np.where(main, 0, 1).astype(np.int16), class_names=("secondary", "residential"),
        shape_start=np.arange(m + 1, dtype=np.int64) * 2, shape_xy_m=np.stack([nodes[start], nodes[end]], axis=1).reshape(-1, 2),
    )  # fmt: skip


def _finding(chance: Generator, area: StudyArea, rules: tuple[Rule, ...], share: float, like: Finding) -> Finding:
    """Random measures of which about `share` pass; minutes with the facilities as the crow flies."""
    tables = [_measures(chance, area, rule, reading, share) for rule in rules for reading in ("", *(r.id for r in rule.readings))]
    measures = pd.concat([table for table in tables if len(table)], ignore_index=True)
    xy = area.demand_xy_m
    sites = area.site_xy_m[: area.n_facilities]
    minutes = np.full(len(xy), np.inf)
    for site in sites:
        minutes = np.minimum(minutes, np.hypot(*(xy - site).T) / 50.0)
    inside = minutes <= 15.0
    people = area.demand["pop60"].to_numpy()
    by_unit = (
        pd.DataFrame({"unit_id": area.demand["unit_id"], "served": people * inside, "too_far": people * ~inside}).groupby("unit_id").sum()
    )
    names = area.units.set_index("unit_id")["name"]
    sheet = pd.concat([pd.DataFrame(by_unit.sum()).T.set_axis([""]), by_unit]).rename_axis("unit_id").reset_index()
    sheet = sheet.assign(
        off_network=0.0, unassigned=0.0, total=sheet["served"] + sheet["too_far"], name=sheet["unit_id"].map(names).fillna("")
    )
    merged = [shapely.union_all(shapely.buffer(shapely.points(sites), 50.0 * m, quad_segs=6)) for m in (5.0, 10.0, 15.0)]
    circles = gpd.GeoDataFrame({"facility_id": "", "minutes": [5.0, 10.0, 15.0], "kind": ""}, geometry=merged, crs=METRIC)
    pooled = {(rule.full_id, ""): 100 * float(inside @ people / people.sum()) for rule in rules if rule.kind == "service_circle_coverage"}
    return replace(
        like, area=area, measures=measures, verdicts=verdicts_of(measures, rules, pooled), minutes=np.where(inside, minutes, np.inf),
        nearest_row=np.zeros(len(xy), dtype=np.int32), circles=circles, balance=sheet,
    )  # fmt: skip


def _measures(chance: Generator, area: StudyArea, rule: Rule, reading: str, share: float) -> pd.DataFrame:
    places = area.places(rule.unit)
    n = len(places)
    if rule.kind == "attestation" or not n:
        return pd.DataFrame(columns=list(MEASURE_COLUMNS))
    limit = 1.0 if rule.value is None else rule.value
    quality = chance.random(n)
    value = np.where(quality < share, limit, limit * chance.random(n))
    verdict = np.where(value >= limit, "pass", "fail").astype(object)
    shortfall = np.where(value >= limit, 0.0, (limit - value) / limit * chance.gamma(2, 40, n))
    odd = chance.random(n)
    verdict[odd < 0.04] = "no_data"
    verdict[odd > 0.96] = "not_applicable"
    unknown = odd < 0.04
    if rule.value is None:
        verdict[:] = "report_only"
    return pd.DataFrame(
        {
            "rule_id": rule.full_id, "reading": reading, "unit_id": places["unit_id"], "level": rule.unit, "value": np.where(unknown, np.nan, value),
            "required": np.nan if rule.value is None else limit, "unit": rule.value_unit, "have": np.nan, "base": np.nan,
            "shortfall": np.where(unknown, np.nan, shortfall), "shortfall_unit": "people" if rule.value_unit == "%" else "m2",
            "people": places["pop60"], "verdict": verdict, "note": "",
        }
    )  # fmt: skip
