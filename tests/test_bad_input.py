"""What is wrong with the files is told all at once, each with its place, what was found and how to mend it."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from layers.problems import LayerFaultsError, Problem
from layers.saying import in_language
from layers.tables import FACILITIES
from tests.place_files import CANDIDATES, FACILITY_HEADER, PEOPLE, facility_rows, read_place, write_place, write_workbook
from tests.small import METRIC


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("place")
    write_place(place)
    return place


@pytest.fixture
def own(tmp_path: Path, folder: Path) -> Path:
    """A copy to spoil."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return tmp_path


def faults(folder: Path, **changes: Any) -> tuple[Problem, ...]:  # noqa: ANN401 - fields of the scenario
    with pytest.raises(LayerFaultsError) as caught:
        read_place(folder, **changes)
    return tuple(problem for problem in caught.value.problems if problem.severity == "error")


def the_fault(folder: Path, **changes: Any) -> Problem:  # noqa: ANN401 - fields of the scenario
    (only,) = faults(folder, **changes)
    return only


def test_all_faults_of_all_layers_come_in_one_error(own: Path) -> None:
    """A missing file, an empty layer, a row of totals, twice the same id, text for a number, a missing column, wrong coordinates."""
    rows = facility_rows()
    rows[1][0] = "f1"
    rows[2][5] = "九百"
    write_workbook(own / "facilities.xlsx", [FACILITY_HEADER, *rows])
    write_workbook(own / "empty.xlsx", [FACILITY_HEADER])
    (own / "people.csv").write_text(PEOPLE + "合计,,2586,650\n", encoding="utf-8")
    (own / "candidates.csv").write_text(CANDIDATES.replace("设施类别", "拟建"), encoding="utf-8")
    found = faults(
        own,
        facilities=[{"path": "facilities.xlsx", "coordinates": "gcj02"}, {"path": "empty.xlsx", "coordinates": "gcj02"}],
        candidates=[{"path": "candidates.csv", "crs": "EPSG:4526", "x": "E", "y": "N"}],
        residential=[{"path": "estate.geojson"}],
    )
    told = [(problem.where, problem.what) for problem in found]
    for where, what in (
        ("population: people.csv", "rows of totals would be counted twice"),
        ("facilities: facilities.xlsx", "编号 (facility_id) is not unique: 1 id(s) stand in several rows"),
        ("facilities: facilities.xlsx, row 4, column 占地面积", "1 cell(s): `九百` is no number"),
        ("facilities: empty.xlsx", "holds no rows, only column names"),
        ("residential: estate.geojson", "there is no such file"),
    ):
        assert (where, what) in told
    assert any(
        where == "candidates: candidates.csv" and "do not fit CGCS2000 / 3-degree Gauss-Kruger zone 38" in what for where, what in told
    )
    assert any(where == "candidates: candidates.csv" and "kind of 2 row(s) is not known" in what for where, what in told)
    assert len(found) == 7


def test_a_missing_file_names_the_near_ones_first(own: Path) -> None:
    for name in ("约.csv", "米.csv", "空.csv", "人口.txt"):
        shutil.copy(own / "people.csv", own / name)
    fault = the_fault(own, population={"path": "peple.csv"})
    assert (fault.where, fault.what) == ("population: peple.csv", "there is no such file")
    assert fault.remedy.startswith("In that folder there are: people.csv, ")
    assert "人口" not in fault.remedy  # no file that can be read
    shutil.copy(own / "facilities.xlsx", own / "机构.xlsx")
    remedy = the_fault(own, facilities=[{"path": "机构台账.csv", "coordinates": "gcj02"}]).remedy
    assert remedy.startswith("In that folder there are: 机构.xlsx, ")  # the name, not the ending


def test_a_formula_without_a_result_is_told_once(own: Path) -> None:
    header, *rows = (line.split(",") for line in PEOPLE.split())
    rows[1][3] = "=C3/4"
    rows[2][3] = ""
    write_workbook(own / "people.xlsx", [header, *rows])
    with pytest.raises(LayerFaultsError) as raised:
        read_place(own, population={"path": "people.xlsx"})
    told = [str(problem) for problem in raised.value.problems if "431299100201" in str(problem) or "row 3" in str(problem)]
    assert len(told) == 1
    assert "formulas whose results were not saved in the file [row 3]" in told[0]
    assert any("have no figure of" in problem.what and "431299200201" in problem.rows for problem in raised.value.problems)


def test_exchanged_degrees_are_told_as_such_and_as_nothing_else(own: Path) -> None:
    fault = the_fault(own, facilities=[{"path": "facilities.xlsx", "coordinates": "gcj02", "x": "纬度", "y": "经度"}])
    assert fault.remedy == 'x and y are exchanged: write x = "经度", y = "纬度".'
    fault = the_fault(own, candidates=[{"path": "candidates.csv", "coordinates": "wgs84", "x": "E", "y": "N"}])
    assert fault.remedy == 'They look like metres: write their system in place of `coordinates`, e.g. crs = "EPSG:4546".'


def test_units_that_cannot_be_read_do_not_hide_the_faults_of_the_others(own: Path) -> None:
    (own / "people.csv").write_text(PEOPLE.replace("800", "八百"), encoding="utf-8")
    found = faults(own, units=[{"path": "gone.gpkg", "level": "village"}], streets={"path": "gone.osm.pbf"})
    assert [problem.where for problem in found] == [
        "units: gone.gpkg",
        "population: people.csv, row 3, column 总人口",
        "streets: gone.osm.pbf",
    ]


def test_a_cell_that_is_no_number_is_not_told_again_as_a_unit_without_a_figure(own: Path) -> None:
    (own / "people.csv").write_text(PEOPLE.replace("800", "八百").replace("150", ""), encoding="utf-8")
    with pytest.raises(LayerFaultsError) as caught:
        read_place(own)
    told = [(p.severity, p.rows) for p in caught.value.problems if "figure" in p.what or "number" in p.what]
    assert told == [("error", ("row 3: 八百",)), ("warning", ("431299200201",))]


def test_ids_that_two_files_share_are_told_with_their_files(own: Path) -> None:
    shutil.copy(own / "facilities.xlsx", own / "more.xlsx")
    files = [{"path": name, "coordinates": "gcj02"} for name in ("facilities.xlsx", "more.xlsx")]
    shared = the_fault(own, facilities=files)
    assert (shared.where, shared.rows[0]) == ("facilities", "facilities: facilities.xlsx, row 2: f1")
    assert shared.remedy == 'Put a prefix before the ids of one file: id_prefix = "N".'
    assert in_language(shared.rows[0], "zh") == "设施 facilities.xlsx，第 2 行：f1"
    read_place(own, facilities=[files[0], {**files[1], "id_prefix": "N"}])


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (PEOPLE.replace("800,200", "800"), "have more or fewer cells than the header (4)"),
        (PEOPLE.replace("一社区", "一,社区"), "have more or fewer cells than the header (4)"),
        (PEOPLE + "小计,,1,1\n", "rows of totals"),
        (PEOPLE.replace("村名", "总人口"), "stand twice: 总人口"),
        (PEOPLE.replace("431299100201", "431299100001"), "1 unit(s) stand in several rows"),
        (PEOPLE.replace("431299100201", "4.31299E+11"), "has lost its last digits"),
        (PEOPLE.replace("800,", "-800,"), "总人口 (pop_total) is below 0 people in 1 row(s)"),
        (PEOPLE.replace("代码", "村代号"), "has no column for unit_id"),
        (PEOPLE.replace("800,", "12abc,"), "`12abc` is no number"),
    ],
)
def test_faults_of_a_population_table(own: Path, text: str, what: str) -> None:
    (own / "people.csv").write_text(text, encoding="utf-8")
    assert what in the_fault(own).what


def test_degrees_declared_as_eastings(own: Path) -> None:
    frame = gpd.read_file(own / "units.gpkg", layer="village").to_crs(4490).set_crs(4526, allow_override=True)
    frame.to_file(own / "village.gpkg", driver="GPKG")
    fault = the_fault(own, units=[{"path": "village.gpkg", "level": "village"}])
    assert "do not fit" in fault.what
    assert fault.remedy == 'They look like longitude and latitude: write so in the scenario, e.g. crs = "EPSG:4490".'
    assert read_place(own, units=[{"path": "village.gpkg", "level": "village", "crs": "EPSG:4490"}]).crs == METRIC


def test_a_layer_that_lies_elsewhere(own: Path) -> None:
    """The neighbouring zone moves everything by three degrees; nothing in the numbers shows it but the other layers."""
    fault = the_fault(own, candidates=[{"path": "candidates.csv", "crs": "EPSG:4547", "x": "E", "y": "N"}])
    assert "nothing of it lies near the units; its nearest row is 29" in fault.what
    fault = the_fault(own, candidates=[{"path": "candidates.csv", "crs": "EPSG:4546", "x": "N", "y": "E"}])
    assert "exchanged" in fault.remedy


@pytest.mark.parametrize("epsg", ["EPSG:2380", "EPSG:4610", "EPSG:4214", "EPSG:2412"])
def test_old_systems_are_refused(own: Path, epsg: str) -> None:
    assert "is not public" in the_fault(own, candidates=[{"path": "candidates.csv", "crs": epsg, "x": "E", "y": "N"}]).what


def test_a_layer_without_a_system_must_be_given_one(own: Path) -> None:
    gpd.read_file(own / "units.gpkg", layer="village").rename(columns={"urban_class": "urban"}).to_file(
        own / "village.shp", encoding="utf-8"
    )
    (own / "village.prj").unlink()
    entry = {"path": "village.shp", "level": "village", "columns": {"urban_class": "urban"}}
    assert the_fault(own, units=[entry]).remedy == 'Add it, e.g. crs = "EPSG:4490".'
    assert read_place(own, units=[{**entry, "crs": "EPSG:4546"}]).units["urban_class"].tolist()[0] == "121"


def test_coordinates_must_be_declared_and_complete(own: Path) -> None:
    assert "the scenario does not say what its coordinates are" in the_fault(own, facilities=[{"path": "facilities.xlsx"}]).what
    rows = facility_rows()
    rows[1][8] = "111.0O2"
    write_workbook(own / "facilities.xlsx", [FACILITY_HEADER, *rows])
    found = [str(problem.what) for problem in faults(own, facilities=[{"path": "facilities.xlsx"}])]
    assert len(found) == 2
    assert "111.0O2" in found[0]
    assert "does not say what its coordinates are" in found[1]
    rows = facility_rows()
    rows[3][9] = None
    write_workbook(own / "facilities.xlsx", [FACILITY_HEADER, *rows])
    fault = the_fault(own)
    assert (fault.what, fault.rows) == ("1 row(s) have no coordinates", ("row 5",))
    left = read_place(own, facilities=[{"path": "facilities.xlsx", "coordinates": "gcj02", "where": "纬度 != ''"}])
    assert left.facilities["facility_id"].tolist() == ["f1", "f2", "f3"]


def test_an_unknown_kind_tells_the_words_met_and_how_to_map_them(own: Path) -> None:
    rows = facility_rows()
    rows[0][3], rows[1][3] = "日照中心", "超市"
    write_workbook(own / "facilities.xlsx", [FACILITY_HEADER, *rows])
    fault = the_fault(own)
    assert fault.what == "unknown kind(s) of facility: 日照中心, 超市"
    assert fault.rows == ("row 2: 日照中心", "row 3: 超市")
    assert 'kinds = { "日照中心" = ' in fault.remedy


def test_an_unknown_status_and_a_kind_that_is_none(own: Path) -> None:
    rows = facility_rows()
    rows[0][4] = "不详"
    write_workbook(own / "facilities.xlsx", [FACILITY_HEADER, *rows])
    found = faults(own, facilities=[{"path": "facilities.xlsx", "coordinates": "gcj02", "kinds": {"敬老院": "townhip_home"}}])
    assert [problem.what for problem in found] == ["敬老院 = townhip_home: townhip_home is no kind", "unknown word(s): 不详"]
    assert "Did you mean township_home?" in found[0].remedy


def test_a_status_and_a_kind_for_all_rows_must_be_known(own: Path) -> None:
    entry = {"path": "facilities.xlsx", "coordinates": "gcj02", "status": "opne"}
    what = the_fault(own, facilities=[entry]).what
    assert what == f"`opne` is none of {', '.join(next(column.choices for column in FACILITIES if column.name == 'status'))}"
    assert in_language(what, "zh") == "`opne` 不在可用值之内：open（运营）、planned（在建或规划）、closed（停业）、proposed（建议）"
    fault = the_fault(own, candidates=[{"path": "candidates.csv", "crs": "EPSG:4546", "x": "E", "y": "N", "kind": "daycare"}])
    assert fault.remedy.startswith("Did you mean day_care? Kinds: ")


def test_a_condition_that_cannot_be_read_or_names_no_column(own: Path) -> None:
    entry = {"path": "facilities.xlsx", "coordinates": "gcj02"}
    assert "at character 10 of" in the_fault(own, facilities=[{**entry, "where": "机构生存状态 = 正常"}]).what
    assert the_fault(own, facilities=[{**entry, "where": "机构状态 = '正常'"}]).remedy == "Did you mean 机构生存状态?"
    assert "no row satisfies" in the_fault(own, facilities=[{**entry, "where": "机构生存状态 = '规划'"}]).what


def test_text_in_a_number_column_of_a_geopackage(own: Path) -> None:
    frame = gpd.read_file(own / "units.gpkg", layer="village").assign(pop=[1, 2, 3, 4])
    frame.to_file(own / "people.gpkg", layer="people", driver="GPKG")
    with sqlite3.connect(own / "people.gpkg") as db:
        for (trigger,) in db.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            db.execute(f"drop trigger {trigger}")
        db.execute("update people set pop = '一百二十' where fid = 2")
    db.close()
    fault = the_fault(own, population={"path": "people.gpkg"})
    assert (fault.where, fault.rows) == ("population: people.gpkg, column pop", ("feature 2: 一百二十",))


def test_rows_without_geometry_and_lines_for_polygons(own: Path) -> None:
    frame = gpd.read_file(own / "units.gpkg", layer="village")
    frame.geometry = [None, *frame.geometry[1:]]
    frame.to_file(own / "village.gpkg", driver="GPKG")
    assert the_fault(own, units=[{"path": "village.gpkg", "level": "village"}]).rows == ("feature 1",)
    frame.geometry = [shapely.LineString([(0, 0), (1, 1)])] * 4
    frame.to_file(own / "lines.gpkg", driver="GPKG")
    assert "4 row(s) are no polygons" in the_fault(own, units=[{"path": "lines.gpkg", "level": "village"}]).what


def test_several_layers_must_say_which(own: Path) -> None:
    fault = the_fault(own, units=[{"path": "units.gpkg", "level": "village"}])
    assert fault.what == "has several layers: county, township, village"
    fault = the_fault(own, units=[{"path": "units.gpkg", "layer": "vilage", "level": "village"}])
    assert "Did you mean village?" in fault.remedy


def test_a_cut_off_geojson(own: Path) -> None:
    text = (own / "estates.geojson").read_text(encoding="utf-8")
    (own / "estates.geojson").write_text(text[: len(text) // 2], encoding="utf-8")
    assert "cannot be read" in the_fault(own).what


def test_units_twice_and_parents_that_are_not_there(own: Path) -> None:
    frame = gpd.read_file(own / "units.gpkg", layer="village")
    frame["unit_id"] = [*frame["unit_id"][:3], frame["unit_id"][0]]
    frame.to_file(own / "village.gpkg", driver="GPKG")
    entries = [{"path": "units.gpkg", "layer": "county", "level": "county"}, {"path": "village.gpkg", "level": "village"}]
    assert any("unit_id is not unique" in problem.what for problem in faults(own, units=entries))
    frame = gpd.read_file(own / "units.gpkg", layer="village").assign(parent_id=["431299", "", "9", ""])
    frame.to_file(own / "village.gpkg", driver="GPKG")
    assert the_fault(own, units=entries).rows == ("431299200201: 9",)


def test_terrain_without_streets_and_assign_to_nowhere(own: Path) -> None:
    found = faults(own, streets=None, terrain={"path": "people.csv"})
    assert any("only with streets" in problem.what for problem in found)
    points = gpd.GeoDataFrame({"name": ["一"], "pop": [5]}, geometry=[shapely.Point(500_500, 3_000_500)], crs=METRIC)
    points.to_file(own / "points.gpkg", driver="GPKG")
    found = faults(own, population={"path": "points.gpkg", "join": "location", "assign": {"二": "1"}})
    assert [problem.where for problem in found] == ["population: points.gpkg, assign"] * 2
