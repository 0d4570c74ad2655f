"""The invented county: the same bytes every time, and a place that holds together - borders, people, streets, bridges, lists.

The files are read plainly (`tests.demo_files`), not with the product's own readers.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from layers.cells import CHOICE_WORDS
from layers.kinds import kinds
from layers.layer_sources import LayerSources
from layers.levels import subtype_of
from layers.offsets import wgs84_to_gcj02
from layers.tables import TABLES
from scenarios.demo import write_demo_county
from tests.demo_files import METRIC, Demo

WALK_LIMIT_M = 750.0
"""15 minutes of elder_walk, 50 m/min"""
CIRCLE_KINDS = ("日间照料中心", "社区养老服务站", "农村幸福院", "养老互助点", "老年助餐点", "老年活动中心", "综合养老服务中心")
COMMUNITY_KINDS = CIRCLE_KINDS[:-1]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    folder = tmp_path_factory.mktemp("demo") / "new" / "folder"
    assert write_demo_county(folder) == folder / "scenario.toml"
    return Demo(folder)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_another_process_with_another_hash_seed_and_clock_writes_the_same_bytes_over_old_files(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "道路.gpkg").write_bytes(b"an older file")
    code = "import sys; from pathlib import Path; from scenarios.demo import write_demo_county; write_demo_county(Path(sys.argv[1]))"
    surroundings = {**os.environ, "PYTHONHASHSEED": "4711", "OPENBLAS_NUM_THREADS": "1", "TZ": "America/Lima", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True, env=surroundings)
    assert hashes(tmp_path) == hashes(demo.folder)


def test_files_stay_below_25_megabytes_and_nothing_else_is_left(demo: Demo) -> None:
    files = list(demo.folder.iterdir())
    assert sum(path.stat().st_size for path in files) < 25e6
    assert {path.suffix for path in files} == {".gpkg", ".csv", ".xlsx", ".tif", ".toml"}
    assert len(files) == 12
    assert pyogrio.get_gdal_config_option("OGR_CURRENT_DATE") is None


def test_villages_cover_the_county_without_gap_or_overlap(demo: Demo) -> None:
    assert demo.villages.geometry.is_valid.all()
    assert (demo.villages.geom_type == "Polygon").all()
    assert shapely.coverage_is_valid(demo.villages.geometry.to_numpy())


def test_every_township_and_the_county_are_the_union_of_their_villages(demo: Demo) -> None:
    townships = gpd.read_file(demo.folder / "行政区划.gpkg", layer="乡镇").set_index("区划代码")
    county = gpd.read_file(demo.folder / "行政区划.gpkg", layer="县")
    assert list(county["区划代码"]) == ["439901"]
    for code, members in demo.villages.groupby("上级代码"):
        assert shapely.equals(shapely.coverage_union_all(members.geometry.to_numpy()), townships.geometry[code])
    assert shapely.equals(shapely.coverage_union_all(townships.geometry.to_numpy()), county.geometry[0])
    assert county.geometry[0].geom_type == "Polygon"


def test_codes_tell_the_level_the_parent_and_the_subtype(demo: Demo) -> None:
    codes = demo.villages["区划代码"]
    assert codes.is_unique
    assert codes.str.fullmatch(r"439901\d{6}").all()
    assert (codes.str[:9] == demo.villages["上级代码"]).all()
    townships = demo.villages["上级代码"].unique()
    kinds_of_township = pd.Series([subtype_of(code, "township") for code in townships]).value_counts().to_dict()
    assert kinds_of_township == {"town": 8, "rural_township": 4, "street": 2}
    kinds_of_village = codes.map(lambda code: subtype_of(code, "village")).value_counts().to_dict()
    assert kinds_of_village == {"admin_village": 278, "community": 25}
    assert set(demo.villages["城乡分类代码"]) == {"111", "112", "121", "122", "210", "220"}


def test_names_are_unique_and_say_village_or_community(demo: Demo) -> None:
    assert demo.villages["名称"].is_unique
    assert demo.villages["名称"].str.fullmatch(r"[一-鿿]{2,4}(村|社区)").all()


def test_people_nest_and_add_up_to_a_county(demo: Demo) -> None:
    ledger = demo.ledger
    assert set(ledger.index) == set(demo.villages["区划代码"])
    for fewer, more in (("80岁以上", "65岁以上人口"), ("65岁以上人口", "60岁以上人口"), ("60岁以上人口", "总人口")):
        assert (ledger[fewer] < ledger[more]).all()
    assert ((ledger["60岁以上人口"] + ledger["3岁以下人口"]) < ledger["总人口"]).all()
    assert 330_000 <= ledger["总人口"].sum() <= 380_000
    assert 60_000 <= ledger.loc[demo.villages.set_index("区划代码")["城乡分类代码"] == "111", "总人口"].sum() <= 80_000
    assert 2.4 < ledger["总人口"].sum() / ledger["户数"].sum() < 2.8


def test_the_hills_are_older_and_have_lost_more_people(demo: Demo) -> None:
    with rasterio.open(demo.folder / "dem.tif") as heights:
        at = demo.villages.to_crs(METRIC).geometry.representative_point()
        height_m = np.array([value[0] for value in heights.sample(zip(at.x, at.y, strict=True))])
    ledger = demo.ledger.loc[demo.villages["区划代码"]]
    is_village = ledger["名称"].str.endswith("村").to_numpy()
    share = (ledger["60岁以上人口"] / ledger["总人口"]).to_numpy()
    left = (ledger["户籍人口"] / ledger["总人口"]).to_numpy()
    high, low = is_village & (height_m > 650), is_village & (height_m < 420)
    assert share[high].mean() > share[low].mean() + 0.04
    assert left[high].mean() > left[low].mean() + 0.1
    assert (left[is_village] > 1.0).all()
    assert share.min() > 0.12
    assert share.max() < 0.4


def test_every_household_of_the_ledger_lives_under_a_roof_of_its_village(demo: Demo) -> None:
    assert demo.village_of_dwelling.index.is_unique
    assert len(demo.village_of_dwelling) == len(demo.dwellings)
    counted = demo.dwellings["户数"].groupby(demo.village_of_dwelling).sum()
    pd.testing.assert_series_equal(counted.sort_index(), demo.ledger["户数"].sort_index(), check_names=False, check_dtype=False)
    assert 25_000 <= len(demo.dwellings) <= 40_000


def test_streets_meet_only_at_their_ends(demo: Demo) -> None:
    lines = demo.roads.geometry.to_numpy()
    assert 15_000 <= len(lines) <= 40_000
    assert shapely.is_simple(lines).all()
    a, b = shapely.STRtree(lines).query(lines, predicate="crosses")
    assert len(a) == 0, (a[:5], b[:5])
    assert np.allclose(demo.roads["length_m"], shapely.length(lines), atol=0.06)
    assert set(demo.roads["highway"]) <= {
        "secondary",
        "tertiary",
        "unclassified",
        "residential",
        "track",
        "path",
        "steps",
        "footway",
    }


def test_the_river_is_crossed_at_five_bridges_and_nowhere_else(demo: Demo) -> None:
    river = demo.layer("河流.gpkg").geometry[0]
    over = demo.roads[demo.roads.geometry.intersects(river)]
    assert len(over) == 5
    assert (over["bridge"] == "yes").all()
    assert (demo.roads["bridge"] == "yes").sum() == 5
    assert not demo.dwellings.geometry.distance(river).lt(45.0).any()


@dataclass(frozen=True, eq=False)
class Walk:
    """Dwellings on the network in steps of 25 m, and how far each has to walk to the nearest of some places."""

    nodes: cKDTree
    graph: csr_array
    dwelling_node: np.ndarray[tuple[int], np.dtype[np.int64]]
    piece_of_dwelling: np.ndarray[tuple[int], np.dtype[np.int64]]

    def metres_to_nearest(self, xy_m: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        _, at = self.nodes.query(xy_m)
        return dijkstra(self.graph, indices=np.unique(at), min_only=True, limit=4 * WALK_LIMIT_M)[self.dwelling_node]


@pytest.fixture(scope="module")
def walk(demo: Demo) -> Walk:
    xy, line = shapely.get_coordinates(shapely.segmentize(demo.roads.geometry.to_numpy(), 25.0), return_index=True)
    node_xy, node = np.unique(np.round(xy, 2), axis=0, return_inverse=True)
    same = line[1:] == line[:-1]
    a, b = node[:-1][same], node[1:][same]
    length_m = np.hypot(*(node_xy[a] - node_xy[b]).T)
    graph = csr_array((np.r_[length_m, length_m], (np.r_[a, b], np.r_[b, a])), shape=(len(node_xy), len(node_xy)))
    nodes = cKDTree(node_xy)
    away_m, at = nodes.query(shapely.get_coordinates(demo.dwellings.geometry))
    assert away_m.max() < 100.0
    return Walk(nodes, graph, at, connected_components(graph)[1])


def test_all_but_a_few_hamlets_hang_on_one_network(demo: Demo, walk: Walk) -> None:
    sizes = np.bincount(walk.piece_of_dwelling)
    off = walk.piece_of_dwelling[walk.dwelling_node] != np.argmax(sizes)
    assert 8 <= len(sizes) - 1 <= 20
    assert 0.001 < demo.dwellings["户数"][off].sum() / demo.dwellings["户数"].sum() < 0.02


def positions_m(facilities: pd.DataFrame) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """The web-map positions of the list undone: the fixed point of true + offset(true) = shown."""
    shown = facilities[["经度", "纬度"]].to_numpy(dtype=float)
    true = shown.copy()
    for _ in range(6):
        true = true - (wgs84_to_gcj02(true) - shown)
    points = gpd.GeoSeries(gpd.points_from_xy(true[:, 0], true[:, 1]), crs=4490).to_crs(METRIC)
    return np.column_stack([points.x, points.y])


def test_facilities_stand_in_the_village_they_name(demo: Demo) -> None:
    points = shapely.points(positions_m(demo.facilities))
    polygons = demo.villages.to_crs(METRIC).set_index("区划代码").geometry
    assert shapely.covers(polygons[demo.facilities["区划代码"]].to_numpy(), points).all()


def test_half_of_the_elders_have_a_circle_and_many_more_only_in_a_straight_line(demo: Demo, walk: Walk) -> None:
    elders = demo.ledger["60岁以上人口"] / demo.ledger["户数"]
    weight = (demo.dwellings["户数"] * demo.village_of_dwelling.map(elders)).to_numpy()
    near = positions_m(demo.open_facilities[demo.open_facilities["设施类别"].isin(CIRCLE_KINDS)])
    on_foot = walk.metres_to_nearest(near) <= WALK_LIMIT_M
    straight = cKDTree(near).query(shapely.get_coordinates(demo.dwellings.geometry))[0] <= WALK_LIMIT_M
    assert 0.45 <= weight[on_foot].sum() / weight.sum() <= 0.62
    assert weight[straight].sum() / weight.sum() > weight[on_foot].sum() / weight.sum() + 0.08


def test_some_live_across_the_water_from_a_facility_they_cannot_reach(demo: Demo, walk: Walk) -> None:
    river = demo.layer("河流.gpkg").geometry[0]
    near = positions_m(demo.open_facilities[demo.open_facilities["设施类别"].isin(CIRCLE_KINDS)])
    homes = shapely.get_coordinates(demo.dwellings.geometry)
    away_m, which = cKDTree(near).query(homes)
    between = shapely.intersects(shapely.linestrings(np.stack([homes, near[which]], axis=1)), river)
    cut_off = between & (away_m < 500.0) & (walk.metres_to_nearest(near) > 2 * WALK_LIMIT_M)
    assert demo.dwellings["户数"][cut_off].sum() >= 20


def test_rules_find_both_places_that_pass_and_places_that_fail(demo: Demo) -> None:
    open_ = demo.open_facilities
    community = open_[open_["设施类别"].isin(COMMUNITY_KINDS)]
    land = community.groupby("区划代码")["占地面积"].sum().reindex(demo.ledger.index).fillna(0.0)
    assert 0.30 <= (10 * land >= demo.ledger["总人口"]).mean() <= 0.45
    points = open_[open_["设施类别"] == "养老互助点"].groupby("区划代码").size()
    villages = [code for code in demo.ledger.index if subtype_of(code, "village") == "admin_village"]
    assert 0.33 <= (points.reindex(villages).fillna(0) >= 2).mean() <= 0.45
    assert open_.loc[open_["设施类别"] == "综合养老服务中心", "区划代码"].str[:9].nunique() == 8
    assert {"关停", "停用", "在建", "正常"} == set(demo.facilities["机构生存状态"])
    beds = open_[open_["设施类别"].isin(("养老院", "老年养护院", "乡镇敬老院", "区域性中心敬老院"))]
    assert 0.3 < beds["护理型床位数"].sum() / beds["床位总数"].sum() < 0.6
    assert (beds["护理型床位数"] <= beds["床位总数"]).all()


def test_lists_have_the_gaps_of_real_lists(demo: Demo) -> None:
    missing = demo.facilities[demo.facilities["设施类别"].isin(COMMUNITY_KINDS)]["占地面积"].isna().mean()
    assert 0.05 < missing < 0.4
    assert demo.facilities["设施编号"].is_unique


def test_childcare_falls_short_of_four_and_a_half_places_per_1000(demo: Demo) -> None:
    childcare = pd.read_csv(demo.folder / "托育机构.csv")
    assert 1.5 < 1_000 * childcare["托位数"].sum() / demo.ledger["总人口"].sum() < 4.5
    assert (childcare["普惠托位数"] <= childcare["托位数"]).all()
    assert 0.4 < childcare["普惠托位数"].sum() / childcare["托位数"].sum() < 0.6


def test_sites_are_many_spread_and_of_known_kinds(demo: Demo) -> None:
    sites = demo.candidates
    assert 250 <= len(sites) <= 400
    assert sites["候选编号"].is_unique
    assert 10 <= len(sites) - sites["地块编号"].nunique() <= 60
    assert sites.groupby("地块编号").geometry.nunique().max() == 1
    assert {kind for text in sites["可建类别"] for kind in text.split(";")} <= set(kinds())
    assert {"landslide", "flood", ""} == set(sites["灾害隐患"])
    assert {"school", "village_office", "office", "public_rental", "training_centre", "plot"} <= set(sites["资产类型"])
    assert (sites["投资估算"] >= 10_000).all()
    assert (sites["护理型床位数"] <= sites["床位数"]).all()
    polygons = demo.villages.to_crs(METRIC).set_index("区划代码").geometry
    assert shapely.covers(polygons[sites["区划代码"]].to_numpy(), sites.geometry.to_numpy()).all()
    assert 0.55 < sites["区划代码"].nunique() / len(demo.villages) < 0.85


def test_residential_areas_are_apart_and_hold_the_households_stated(demo: Demo) -> None:
    areas = demo.layer("居住小区.gpkg")
    assert 60 <= len(areas) <= 100
    assert areas["名称"].is_unique
    assert set(areas["建设状态"]) == {"新建", "已建"}
    a, b = shapely.STRtree(areas.geometry.to_numpy()).query(areas.geometry.to_numpy(), predicate="intersects")
    assert (a == b).all()
    inside = areas[["小区编号", "geometry"]].sjoin(demo.dwellings)
    counted = inside.groupby("小区编号")["户数"].sum().reindex(areas["小区编号"]).to_numpy()
    is_old = (areas["建设状态"] == "已建").to_numpy()
    np.testing.assert_array_equal(counted[is_old], areas["户数"].to_numpy()[is_old])


def test_heights_are_those_of_a_mountain_county(demo: Demo) -> None:
    with rasterio.open(demo.folder / "dem.tif") as raster:
        heights = raster.read(1)
        assert raster.res == (60.0, 60.0)
        assert raster.crs.to_epsg() == METRIC
        assert shapely.box(*raster.bounds).contains(demo.villages.to_crs(METRIC).union_all())
    assert 150 < heights.min() < 320
    assert 1_100 < heights.max() < 1_700


def test_headings_are_those_the_tables_know(demo: Demo) -> None:
    own = {"乡镇", "经度", "纬度", "in_old_estate", "geometry", "上级代码"}
    layers = LayerSources.model_validate(demo.scenario["layers"])
    own |= {theirs for source in layers.candidates for theirs in source.columns.values()}
    tables = {
        "units": [demo.villages.columns, demo.ledger.columns],
        "facilities": [demo.facilities.columns, pd.read_csv(demo.folder / "托育机构.csv").columns],
        "candidates": [demo.candidates.columns],
        "residential": [demo.layer("居住小区.gpkg").columns],
    }
    for table, files in tables.items():
        known = {word for column in TABLES[table] for word in (column.name, *column.aliases)}
        for headings in files:
            assert set(headings) - known - own == set(), table


def test_the_scenario_names_every_file_and_every_word_of_the_lists(demo: Demo) -> None:
    scenario = demo.scenario
    layers = LayerSources.model_validate(scenario["layers"])
    assert layers.synthetic
    sources = [
        *layers.units,
        layers.population,
        *layers.facilities,
        *layers.candidates,
        *layers.residential,
        layers.streets,
        layers.terrain,
    ]
    paths = {source.path for source in sources if source is not None}
    assert layers.population.spread is not None
    named = {*paths, layers.population.spread.path, "scenario.toml", "河流.gpkg"}
    assert named == {path.name for path in demo.folder.iterdir()}
    words = layers.facilities[0].kinds
    assert set(demo.facilities["设施类别"]) == set(words)
    assert set(words.values()) <= set(kinds())
    assert set(demo.facilities["机构生存状态"]) <= set(CHOICE_WORDS["status"])
    assert scenario["standards"] == ["huitong", "hunan", "xincheng"]


def test_everything_says_that_it_is_synthetic(demo: Demo) -> None:
    title = demo.scenario["title"]
    assert isinstance(title, dict)
    assert "合成数据" in title["zh"]
    assert "synthetic" in title["en"]
    assert (demo.villages["区划代码"].str[:6] == "439901").all()
    for path in demo.folder.glob("*.gpkg"):
        for name, _ in pyogrio.list_layers(path):
            assert "synthetic" in pyogrio.read_info(path, layer=name)["layer_metadata"]["DESCRIPTION"]
