"""A county of three villages in a row, worked out with pencil and paper, from its files to its written tables.

Metres from (500000, 3000000) in EPSG:4546; each village is 1000 m wide and 2000 m high, elders walk 50 m a minute (15 minutes = 750 m).

```text
 OUT          |  A           F1|      B                 |  C       lane  =====  y = 1600
-540          |100  239 240 990|1200  1500 (side street)|2700  2800 |  2900     y = 1000, the main street
```

The lane of C is joined to the main street by a motorway only.
"""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from scenarios import read_scenario, run, write
from tests.small import METRIC, X0, Y0
from tests.small_scenario import UNIT_LAYERS

A, B, C = "431299100001", "431299100201", "431299100202"
"""a community and two administrative villages"""

SCENARIO = f"""name = "by-hand"
title = {{ zh = "手算县", en = "County by hand" }}
as_of = 2026-11-25
standards = ["huitong"]
[layers]
crs = "EPSG:4546"
{UNIT_LAYERS}[layers.population]
path = "people.csv"
[layers.population.spread]
path = "homes.gpkg"
weight = "households"
[[layers.facilities]]
path = "facilities.gpkg"
[[layers.candidates]]
path = "candidates.gpkg"
[layers.streets]
path = "streets.gpkg"
[rules."huitong.circle15"]
value = 60
[siting]
goal = "relieve"
rules = ["huitong.circle15", "huitong.land_per_capita", "huitong.mutual_aid_points"]
[[siting.phases]]
year = 2027
budget_yuan = 80_000
[[siting.phases]]
year = 2028
budget_yuan = 80_000
[[closures]]
facilities = ["F1"]
[outputs]
folder = "out"
formats = ["geopackage", "result"]
"""

HOMES = [
    # A: 300 people of sixty and over, 100 in each home
    (100, 1000, 1),  # 640 m to OUT: 12.8 min
    (239, 1000, 1),  # 751 m to F1, 779 m to OUT: too far
    (240, 1000, 1),  # 750 m to F1: 15.0 min, inside
    # B: 100 people, by households
    (1500, 1800, 3),  # 75 people, 800 + 300 m to F3: too far
    (1990, 1010, 1),  # 25 people, 10 m to the street and 710 m to F4 in C: 14.4 min
    # C: 150 people
    (2800, 1600, 2),  # 100 people on the lane; 700 m to F4, were the motorway walked on: too far
    (2900, 1000, 1),  # 50 people, 200 m to F4: 4.0 min
]
MINUTES = {(100, 1000): 12.8, (240, 1000): 15.0, (1990, 1010): 14.4, (2900, 1000): 4.0}


def _save(folder: Path, name: str, rows: list[dict[str, Any]], layer: str | None = None) -> None:
    """Rows with a geometry in metres of the county."""
    moved = [shapely.transform(row["geometry"], lambda xy: xy + (X0, Y0)) for row in rows]
    columns = [{key: value for key, value in row.items() if key != "geometry"} for row in rows]
    gpd.GeoDataFrame(columns, geometry=moved, crs=METRIC).to_file(folder / f"{name}.gpkg", layer=layer or name, driver="GPKG")


def _facility(id_: str, kind: str, status: str, land_m2: float, x: float, y: float = 1000) -> dict[str, Any]:
    at = shapely.Point(x, y)
    return {"设施编号": id_, "设施名称": id_, "设施类别": kind, "状态": status, "占地面积": land_m2, "geometry": at}


def _candidate(id_: str, kind: str, land_m2: float, cost_yuan: float, x: float, y: float) -> dict[str, Any]:
    at = shapely.Point(x, y)
    return {"候选编号": id_, "名称": id_, "可建类别": kind, "占地面积": land_m2, "投资": cost_yuan, "geometry": at}


def _street(highway: str, *points: tuple[float, float]) -> dict[str, Any]:
    return {"highway": highway, "geometry": shapely.LineString(points)}


def _write_units(folder: Path) -> None:
    boxes = {unit: shapely.box(1000 * i, 0, 1000 * i + 1000, 2000) for i, unit in enumerate((A, B, C))}
    whole = shapely.box(0, 0, 3000, 2000)
    _save(folder, "units", [{"区划代码": "431299", "名称": "小县", "geometry": whole}], "county")
    _save(folder, "units", [{"区划代码": "431299100", "名称": "东镇", "geometry": whole}], "township")
    _save(folder, "units", [{"区划代码": unit, "名称": unit, "geometry": box} for unit, box in boxes.items()], "village")


def write_county(folder: Path) -> Path:
    """The path of the scenario; its files lie beside it."""
    _write_units(folder)
    people = [("区划代码", "名称", "总人口", "60岁及以上"), (A, "A", 1286, 300), (B, "B", 800, 100), (C, "C", 500, 150)]
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(people)
    _save(folder, "homes", [{"households": n, "geometry": shapely.Point(x, y)} for x, y, n in HOMES])
    facilities = [
        _facility("OUT", "日间照料中心", "正常", 500, -540),  # outside the county
        _facility("F1", "日间照料中心", "正常", 128.6, 990),
        _facility("F2", "日间照料中心", "停用", 1000, 1500, 1400),  # closed
        _facility("F3", "养老互助点;老年助餐点", "正常", 30, 1200),  # two kinds, one place
        _facility("F4", "日间照料中心", "正常", 49.9, 2700),
        _facility("F5", "养老互助点", "在建", 1000, 2810, 1600),  # being built
    ]
    _save(folder, "facilities", facilities)
    candidates = [
        _candidate("P", "日间照料中心", 20, 60_000, 1500, 1500),  # 300 m from the 75 of B
        _candidate("Q", "养老互助点", 100, 90_000, 2850, 1600),  # 50 m from the 100 on the lane
        _candidate("R", "日间照料中心", 10, 40_000, 150, 1000),  # 89 m from the 100 of A who are too far
    ]
    _save(folder, "candidates", candidates)
    streets = [
        _street("residential", (-1000, 1000), (1500, 1000), (2800, 1000), (4000, 1000)),
        _street("residential", (1500, 1000), (1500, 1900)),
        _street("residential", (2800, 1600), (2950, 1600)),
        _street("motorway", (2800, 1000), (2800, 1600)),
    ]
    _save(folder, "streets", streets)
    path = folder / "scenario.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of everything written."""
    scenario = read_scenario(write_county(tmp_path_factory.mktemp("by_hand")))
    write(scenario, run(scenario))
    return scenario.output_folder


@pytest.fixture(scope="module")
def result(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "result.json").read_text(encoding="utf-8"))
    return found


def figures(result: dict[str, Any], rule: str, state: str, reading: str = "") -> dict[str, tuple[Any, Any, str]]:
    """(have, shortfall, verdict) of every unit."""
    rows = [m for m in result["measures"] if (m["rule_id"], m["state"], m["reading"]) == (f"huitong.{rule}", state, reading)]
    return {m["unit_id"]: (m["have"], m["shortfall"], m["verdict"]) for m in rows}


def test_minutes_are_those_of_the_drawing(out: Path) -> None:
    demand = pyogrio.read_dataframe(out / "plan.gpkg", layer="demand")
    at = [(round(point.x - X0), round(point.y - Y0)) for point in demand.geometry]
    minutes = dict(zip(at, demand["minutes_before"], strict=True))
    assert {place: time for place, time in minutes.items() if not math.isnan(time)} == pytest.approx(MINUTES)
    nearest = dict(zip(at, demand["nearest_before"], strict=True))
    assert (nearest[100, 1000], nearest[240, 1000], nearest[1990, 1010]) == ("OUT", "F1", "F4")


def test_people_inside_the_circle_of_every_village_and_in_all(result: dict[str, Any]) -> None:
    rows = {(b["state"], b["unit_id"]): (b["served"], b["too_far"], b["off_network"], b["total"]) for b in result["balance"]}
    assert rows["before", A] == pytest.approx((200, 100, 0, 300))
    assert rows["before", B] == pytest.approx((25, 75, 0, 100))
    assert rows["before", C] == pytest.approx((50, 100, 0, 150))
    assert rows["before", ""] == pytest.approx((275, 275, 0, 550))
    assert rows["after", ""] == pytest.approx((450, 100, 0, 550))  # with P and Q: 75 + 100 more


def test_share_of_the_circle_is_of_all_people_of_sixty_and_over(result: dict[str, Any]) -> None:
    # 275 of 550 = 50 %; 60 % are 330, so 55 are short. With the plan 450 of 550 = 81.8 %.
    assert figures(result, "circle15", "before")["431299"] == (pytest.approx(275), pytest.approx(55), "fail")
    assert figures(result, "circle15", "after")["431299"] == (pytest.approx(450), 0, "pass")
    # straight lines of 1000 m reach everybody: the 75 of B are 854 m from F3, the 100 on the lane 608 m from F4
    assert figures(result, "circle15", "before", "radius_1000")["431299"] == (pytest.approx(550), 0, "pass")


def test_land_counts_open_facilities_of_the_village_once(result: dict[str, Any]) -> None:
    land = figures(result, "land_per_capita", "before")
    assert land[A] == (128.6, 0, "pass")  # 0.1 m2 x 1286 exactly; OUT adds nothing
    assert land[B] == (30, pytest.approx(50), "fail")  # 80 asked; F2 is closed; F3 counts once
    assert land[C] == (49.9, pytest.approx(0.1), "fail")  # 50 asked; F5 is not open yet
    after = figures(result, "land_per_capita", "after")
    assert after[B] == (50, pytest.approx(30), "fail")
    assert after[C] == (pytest.approx(149.9), 0, "pass")


def test_what_is_not_known_is_no_data(result: dict[str, Any]) -> None:
    assert {row[2] for row in figures(result, "land_per_capita", "before", "hukou").values()} == {"no_data"}
    assert {row[1] for row in figures(result, "land_per_capita", "before", "floor").values()} == {None}


def test_two_points_are_asked_of_villages_and_not_of_communities(result: dict[str, Any]) -> None:
    points = figures(result, "mutual_aid_points", "before")
    assert points[A][2] == "not_applicable"
    assert points[B] == (1, 1, "fail")
    assert points[C] == (0, 2, "fail")
    assert figures(result, "mutual_aid_points", "after")[C] == (1, 1, "fail")


def test_the_plan_is_the_best_for_the_money(result: dict[str, Any]) -> None:
    # Shares relieved of 275 people, 50.1 m2 and 3 points, each rule with weight 1:
    #   P 75/275 + 20/50.1           = 0.6719 for  60,000 yuan
    #   Q 100/275 + 0.1/50.1 + 1/3   = 0.6990 for  90,000 yuan
    #   R 100/275                    = 0.3636 for  40,000 yuan
    # All three cost 190,000 of 160,000; of the pairs P and Q relieve most.
    choice = result["choice"]
    assert (choice["status"], choice["cost_yuan"]) == ("optimal", 150_000)
    assert choice["objective"] == pytest.approx(175 / 275 + 20.1 / 50.1 + 1 / 3)
    proposals = {p["candidate_id"]: (p["cost_yuan"], p["people_gained"], p["people_per_10k_yuan"]) for p in result["proposals"]}
    assert proposals == {"P": (60_000, pytest.approx(75), pytest.approx(12.5)), "Q": (90_000, pytest.approx(100), pytest.approx(100 / 9))}


def test_money_that_a_phase_leaves_is_carried_over(result: dict[str, Any]) -> None:
    # P relieves most per yuan; the 20,000 it leaves in 2027 and the 80,000 of 2028 pay Q.
    phases = [(p["candidate_id"], p["phase"], p["granted_yuan"], p["spent_yuan"]) for p in result["phases"]]
    assert phases == [("P", "2027", 80_000, 60_000), ("Q", "2028", 160_000, 150_000)]
    assert result["phases"][-1]["relieved_pct"] == pytest.approx(100 / 3 * (175 / 275 + 20.1 / 50.1 + 1 / 3))


def test_what_closing_one_facility_would_lose(result: dict[str, Any]) -> None:
    # F1 alone reaches the 100 at 240 m. Land: 128.6 m2 of A. The circle falls to 175 (55 short become 155); with the plan
    # to 350 of 550 = 63.6 %, which still passes.
    (closure,) = result["closures"]
    assert (closure["people_lost_before"], closure["people_lost_after"]) == pytest.approx((100, 100))
    losses = {(row["state"], row["rule_id"]): row["shortfall_added"] for row in result["closure_losses"]}
    assert losses["before", "huitong.land_per_capita"] == pytest.approx(128.6)
    assert losses["before", "huitong.circle15"] == pytest.approx(100)
    assert ("after", "huitong.circle15") not in losses
