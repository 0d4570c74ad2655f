"""From files to a `StudyArea`: what comes out is the place of `tests.small`, whatever the formats, and the files are left as they were."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal

from layers.kinds import kind_from_name
from layers.problems import LayerFaultsError
from layers.study_area import StudyArea
from tests.place_files import CANDIDATES, FACILITY_HEADER, facility_rows, read_place, write_place, write_workbook
from tests.small import METRIC, X0, Y0, small_area


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("place")
    write_place(place)
    return place


@pytest.fixture(scope="module")
def area(folder: Path) -> StudyArea:
    return read_place(folder)


@pytest.fixture
def own(tmp_path: Path, folder: Path) -> Path:
    """A copy to spoil."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return tmp_path


def told(area: StudyArea, severity: str) -> list[str]:
    return [str(problem) for problem in area.problems if problem.severity == severity]


def test_the_metric_system_and_the_levels(area: StudyArea) -> None:
    assert area.crs == METRIC
    assert area.levels == ("county", "township", "village")
    assert area.bases == ("pop_total", "pop_resident", "pop60")


def test_units_have_parents_subtypes_and_totals(area: StudyArea) -> None:
    expected = small_area().units
    assert area.units["unit_id"].tolist() == expected["unit_id"].tolist()
    for column in ("name", "level", "parent_id", "subtype", "urban_class", "pop_total", "pop60"):
        assert area.units[column].tolist() == expected[column].tolist(), column


def test_facilities_stand_where_they_are_once_the_map_offset_is_undone(area: StudyArea) -> None:
    expected = small_area().facilities
    found = area.facilities.head(3)
    assert found.geometry.distance(expected.geometry).max() < 1e-3
    for column in ("facility_id", "name", "unit_id", "kind", "status", "land_area_m2"):
        assert found[column].tolist() == expected[column].tolist(), column
    assert area.facilities["status"].tolist() == ["open"] * 3 + ["closed"]
    assert area.facilities["beds_total"].isna().tolist() == [True] * 3 + [False]


def test_candidates_have_cost_role_and_plot(area: StudyArea) -> None:
    frame = area.candidates
    assert frame["kind"].tolist() == ["mutual_aid_point", "day_care"]
    assert frame["cost_yuan"].tolist() == [300_000, 800_000]
    assert frame["role"].tolist() == ["candidate"] * 2
    assert frame["site_id"].tolist() == ["c1", "c2"]
    assert frame["idle"].tolist() == [True, True]
    assert frame["unit_id"].tolist() == ["431299200201", "431299200202"]
    assert frame.geometry.x.tolist() == [X0 + 2400, X0 + 3500]


def test_residential_areas_streets_and_sources(area: StudyArea) -> None:
    (estate,) = area.residential.itertuples()
    assert (estate.unit_id, estate.built_status, estate.old_estate, estate.households) == ("431299100001", "new", False, 650)
    assert area.streets is not None
    assert area.streets.edge_length_m.sum() == pytest.approx(4000)
    assert [(s.layer, s.path, s.rows) for s in area.sources][2:6] == [
        ("units", "units.gpkg", 4),
        ("population", "people.csv", 4),
        ("facilities", "facilities.xlsx", 4),
        ("candidates", "candidates.csv", 2),
    ]
    assert "pop_total of people.csv counts resident people (pop_resident)" in area.assumptions


def test_the_fingerprint_is_that_of_the_file(area: StudyArea, folder: Path) -> None:
    (people,) = (source for source in area.sources if source.layer == "population")
    assert people.sha256 == hashlib.sha256((folder / "people.csv").read_bytes()).hexdigest()


def test_nothing_to_complain_about_but_the_count_of_people(area: StudyArea) -> None:
    assert told(area, "warning") == []
    notes = [note for note in told(area, "note") if note.startswith("population")]
    assert notes[0] == "population: pop_total: 2586 in the input, 2586 at demand points, 0 unassigned."


def test_reading_leaves_the_folder_as_it_was(own: Path) -> None:
    with sqlite3.connect(own / "units.gpkg") as db:
        db.execute("pragma journal_mode = wal")
    db.close()
    before = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in own.iterdir()}
    read_place(own)
    assert {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in own.iterdir()} == before


def test_the_same_files_give_the_same_area_and_row_order_does_not_matter(area: StudyArea, own: Path) -> None:
    again = read_place(own)
    for table in ("units", "demand", "facilities", "candidates", "residential"):
        assert_geodataframe_equal(getattr(again, table), getattr(area, table))
    header, *rows = (own / "people.csv").read_text(encoding="gb18030").splitlines()
    (own / "people.csv").write_text("\n".join([header, *reversed(rows)]) + "\n", encoding="utf-8")
    village = gpd.read_file(own / "units.gpkg", layer="village").iloc[::-1]
    village.to_file(own / "units.gpkg", layer="village", driver="GPKG")
    shuffled = read_place(own)
    assert_geodataframe_equal(shuffled.units, area.units)
    assert_geodataframe_equal(shuffled.demand, area.demand)


def test_a_geopackage_is_read_in_full_though_its_stored_count_is_stale(own: Path) -> None:
    with sqlite3.connect(own / "units.gpkg") as db:
        db.execute("update gpkg_ogr_contents set feature_count = 2 where table_name = 'village'")
    db.close()
    assert len(read_place(own).units) == 7


def test_where_takes_rows_by_the_words_of_the_file(own: Path) -> None:
    area = read_place(
        own,
        facilities=[{"path": "facilities.xlsx", "coordinates": "gcj02", "where": "机构生存状态 = '正常' and not 设施类别 = '养老互助点'"}],
    )
    assert area.facilities["facility_id"].tolist() == ["f1", "f3"]


def test_kinds_by_the_scenarios_words_by_name_and_for_all(own: Path) -> None:
    rows = [["编号", "名称", "类", "lon", "lat"]] + [
        [row[0], row[1], word, row[8], row[9]] for row, word in zip(facility_rows(), ("日照", "点", "", ""), strict=True)
    ]
    write_workbook(own / "facilities.xlsx", rows)
    entry = {
        "path": "facilities.xlsx",
        "coordinates": "gcj02",
        "columns": {"kind": "类"},
        "kinds": {"日照": "day_care;meal_point", "点": "mutual_aid_point"},
    }
    area = read_place(own, facilities=[{**entry, "kind_from_name": True, "status": "planned"}])
    assert area.facilities["kind"].tolist() == ["day_care;meal_point", "mutual_aid_point", "township_centre", "township_home"]
    assert set(area.facilities["status"]) == {"planned"}
    assert set(read_place(own, facilities=[{**entry, "kind": "elderly"}]).facilities["kind"][2:]) == {"elderly"}


def test_candidates_have_words_of_their_own_for_kinds_and_headings_of_plans(own: Path) -> None:
    rows = (
        "编号,闲置资产名称,拟建类别,拟设床位,投资,E,N\n1,三村旧小学,互助点,20,30万,502400,3000500\n2,幸福院旧址,,30,80万,503500,3000500\n"
    )
    (own / "candidates.csv").write_text(rows, encoding="utf-8")
    entry = {"path": "candidates.csv", "crs": "EPSG:4546", "x": "E", "y": "N", "kinds": {"互助点": "mutual_aid_point"}}
    candidates = read_place(own, candidates=[{**entry, "kind": "day_care"}]).candidates
    assert candidates["kind"].tolist() == ["mutual_aid_point", "day_care"]
    assert candidates["name"].tolist() == ["三村旧小学", "幸福院旧址"]
    assert candidates["beds_total"].tolist() == [20.0, 30.0]
    named = read_place(own, candidates=[{**entry, "kind_from_name": True}]).candidates
    assert named["kind"].tolist() == ["mutual_aid_point", kind_from_name("幸福院旧址")]
    with pytest.raises(LayerFaultsError, match=r"unknown kind\(s\) of facility: 互助点"):
        read_place(own, candidates=[{**entry, "kinds": {}}])


def test_planned_beds_are_no_beds_of_a_facility(own: Path) -> None:
    rows = [[*FACILITY_HEADER[:7], "拟设床位", *FACILITY_HEADER[8:]], *facility_rows()]
    write_workbook(own / "facilities.xlsx", rows)
    assert read_place(own).facilities["beds_total"].isna().all()


def test_sites_without_ids_are_called_by_file_and_row_and_told(own: Path) -> None:
    write_workbook(own / "facilities.xlsx", [row[1:] for row in (FACILITY_HEADER, *facility_rows())])
    entry = {"path": "facilities.xlsx", "coordinates": "gcj02"}
    area = read_place(own, facilities=[{**entry, "where": "机构生存状态 = '正常'", "id_prefix": "N-"}])
    assert area.facilities["facility_id"].tolist() == ["N-facilities-2", "N-facilities-3", "N-facilities-4"]  # row 1 is the heading
    (note,) = [problem for problem in area.problems if "no column of ids" in problem.what]
    assert (note.severity, str(note.where)) == ("note", "facilities: facilities.xlsx")
    with pytest.raises(LayerFaultsError, match=r"has no column 编码, which the scenario takes for facility_id") as raised:
        read_place(own, facilities=[{**entry, "columns": {"facility_id": "编码"}}])
    assert "no column of ids" not in str(raised.value)


def test_two_files_with_the_same_ids_need_a_prefix(own: Path) -> None:
    entry = {"path": "facilities.xlsx", "coordinates": "gcj02"}
    with pytest.raises(LayerFaultsError, match="facility_id is not unique"):
        read_place(own, facilities=[entry, entry])
    area = read_place(own, facilities=[entry, {**entry, "id_prefix": "b-"}])
    assert area.facilities["facility_id"].tolist()[3:5] == ["f4", "b-f1"]


def test_a_point_outside_its_stated_unit_is_named_and_the_stated_unit_used(own: Path) -> None:
    rows = facility_rows()
    rows[1][2] = 431299200202
    write_workbook(own / "facilities.xlsx", [FACILITY_HEADER, *rows])
    area = read_place(own)
    assert area.facilities["unit_id"].tolist()[1] == "431299200202"
    (warning,) = told(area, "warning")
    assert "row 3: 431299200202, lies in 431299100201" in warning


def test_undeclared_map_coordinates_are_recognised_by_the_stated_units(own: Path) -> None:
    area = read_place(own, facilities=[{"path": "facilities.xlsx", "coordinates": "wgs84"}])
    assert any('coordinates = "gcj02"' in warning for warning in told(area, "warning"))


def test_a_facility_on_the_border_belongs_to_the_smaller_code(own: Path) -> None:
    (own / "candidates.csv").write_text(CANDIDATES.replace("502400", "502000").replace("503500", "504200"), encoding="utf-8")
    area = read_place(own)
    assert area.candidates["unit_id"].tolist() == ["431299100201", ""]
    assert any("outside every unit" in note for note in told(area, "note"))


def test_parents_by_most_of_the_ground_where_codes_say_nothing(own: Path) -> None:
    for level in ("county", "township", "village"):
        frame = gpd.read_file(own / "units.gpkg", layer=level)
        frame["unit_id"] = [f"{level}-{code}" for code in frame["unit_id"]]
        frame.to_file(own / "units.gpkg", layer=level, driver="GPKG")
    people = (own / "people.csv").read_text(encoding="gb18030").replace("\n4312", "\nvillage-4312")
    (own / "people.csv").write_text(people, encoding="utf-8")
    write_workbook(own / "facilities.xlsx", [FACILITY_HEADER, *[[*row[:2], None, *row[3:]] for row in facility_rows()]])
    area = read_place(own)
    assert area.units["parent_id"].tolist()[3:] == ["township-431299100"] * 2 + ["township-431299200"] * 2
    assert area.units["pop_total"].tolist() == small_area().units["pop_total"].tolist()


def test_township_codes_padded_to_twelve_digits_hold_their_villages(own: Path) -> None:
    frame = gpd.read_file(own / "units.gpkg", layer="township")
    frame["unit_id"] += "000"
    frame.to_file(own / "units.gpkg", layer="township", driver="GPKG")
    assert read_place(own).units["parent_id"].tolist()[3:] == ["431299100000"] * 2 + ["431299200000"] * 2


def test_crossed_outlines_are_mended_and_overlaps_told(own: Path) -> None:
    frame = gpd.read_file(own / "units.gpkg", layer="village")
    bow = shapely.Polygon([(X0, Y0), (X0 + 1000, Y0 + 1000), (X0 + 1000, Y0), (X0, Y0 + 1000)])
    wide = shapely.box(X0 + 900, Y0, X0 + 2000, Y0 + 1000)
    frame.geometry = [bow, wide, *frame.geometry[2:]]
    frame.to_file(own / "units.gpkg", layer="village", driver="GPKG")
    warnings = told(read_place(own), "warning")
    assert any("cross themselves and were mended [feature 1]" in warning for warning in warnings)
    assert any("overlap by 90,000 m2" in warning for warning in warnings)  # the part of the bow over x = 900: a trapezoid of 100 by 900


def test_a_shapefile_in_gbk_without_a_code_page(own: Path) -> None:
    village = gpd.read_file(own / "units.gpkg", layer="village")
    village[["unit_id", "name", "geometry"]].to_file(own / "village.shp", encoding="gb18030")
    (own / "village.cpg").unlink()
    area = read_place(own, units=[{"path": "village.shp", "level": "village"}])
    assert area.units["name"].tolist() == ["一社区", "二村", "三村", "四村"]
    assert area.levels == ("village",)


def test_a_parquet_of_polygons_and_progress(own: Path) -> None:
    gpd.read_file(own / "units.gpkg", layer="village").to_parquet(own / "village.parquet")
    assert pd.Series(read_place(own, units=[{"path": "village.parquet", "level": "village"}]).units["level"]).eq("village").all()
