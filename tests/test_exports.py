"""What is taken away equals what was found: every figure in the GeoPackage, the workbook and the result file, and the same bytes each time."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
from pydantic import ValidationError

from layers.problems import Problem
from layers.study_area import Source
from maps import export as export_module
from maps import workbook
from maps.export import EXPORTS, Export, export
from maps.numbers import shown
from maps.outputs import Outputs
from maps.publishing.manifest import MANIFEST, PublishError, changed_files
from maps.publishing.record import run_record
from maps.result import check_result, published_schema, result_of, schema_text
from maps.tables.rule_tables import measures, verdicts
from maps.tables.shown import plain
from maps.tables.unit_tables import column_stems, units
from planner.assessment import Assessment
from tests.small import small_area
from tests.small_assessment import VILLAGES, assessed_area, small_assessment

HOSTILE = (
    "=1+1",
    "'; DROP TABLE villages; --",
    '<script>alert("x")</script>',
    "{{ 7*7 }}",
    "a\x07b & <b> ]]> \"'",
    "@SUM(A1)\t-1",
    "http://x.cn/?a=1",
)
OUTPUTS = Outputs(folder="out", formats=tuple(EXPORTS))
SCENARIO = 'name = "small-county"\n'


def hostile_assessment() -> Assessment:
    """The small place, whose names, notes and own columns try to be code."""
    area = assessed_area()
    unit_names = [HOSTILE[i % len(HOSTILE)] for i in range(len(area.units))]
    facilities = area.facilities.assign(name=HOSTILE[:3], ownership=HOSTILE[3:6])
    facilities["负责人 '\"<x>"] = HOSTILE[:3]
    facilities["Name"] = HOSTILE[1:4]
    facilities["fid"] = [7.0, 8.0, np.nan]
    hostile = replace(
        area,
        units=area.units.assign(name=unit_names),
        facilities=facilities,
        candidates=area.candidates.assign(name=HOSTILE[:3]),
        problems=(Problem("warning", HOSTILE[0], HOSTILE[1], HOSTILE[2], (HOSTILE[3],), 1),),
        assumptions=HOSTILE,
    )
    found = small_assessment(hostile)
    return replace(found, title={"zh": HOSTILE[2], "en": HOSTILE[1]}, notes=HOSTILE)


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return small_assessment()


@pytest.fixture(scope="module")
def folder(assessment: Assessment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small result, published once."""
    out = tmp_path_factory.mktemp("small") / "out"
    export(assessment, OUTPUTS, out, run_record(assessment, SCENARIO), lambda _: None)
    return out


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("hostile") / "out"
    found = hostile_assessment()
    export(found, OUTPUTS, out, run_record(found, SCENARIO), lambda _: None)
    return out


def layer(folder: Path, name: str) -> gpd.GeoDataFrame:
    return pyogrio.read_dataframe(folder / "plan.gpkg", layer=name, where="1=1")


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "plan.gpkg")) as database:
        return database.execute(sql).fetchall()


def sheet_table(folder: Path, sheet: str, first_heading: str) -> list[dict[str, openpyxl.cell.Cell]]:
    """The rows below the headings that start with `first_heading`: Chinese heading (without unit) -> cell."""
    cells = list(openpyxl.load_workbook(folder / "tables.xlsx")[sheet].iter_rows())
    top = next(i for i, row in enumerate(cells) if str(row[0].value).split("\n")[0] == first_heading and row[1].value)
    names = [str(cell.value).split("\n")[0].split(" [")[0] for cell in cells[top] if cell.value]
    found = []
    for row in cells[top + 1 :]:
        if all(cell.value is None for cell in row):
            break
        found.append(dict(zip(names, row, strict=False)))
    return found


def tree(text: str) -> ET.Element:
    """The XML of a style or project below its document type."""
    return ET.fromstring(text.partition("\n")[2])  # noqa: S314 - written a moment ago by the code under test


def same(figures: pd.Series, expected: pd.Series) -> None:
    np.testing.assert_array_equal(figures.to_numpy(dtype=float), expected.to_numpy(dtype=float))


# ---------------------------------------------------------------- the same bytes


def test_another_process_zone_locale_and_hash_seed_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from tests.small_assessment import small_assessment; from maps.export import export;"
        "from maps.outputs import Outputs; from maps.publishing.record import run_record; a = small_assessment();"
        f"export(a, Outputs(folder='out', formats={tuple(EXPORTS)!r}), Path(sys.argv[1]), run_record(a, {SCENARIO!r}), print)"
    )
    elsewhere = {**os.environ, "TZ": "America/New_York", "LC_ALL": "C", "PYTHONHASHSEED": "17", "PYTHONUTF8": "0"}
    repository = Path(__file__).parent.parent
    subprocess.run(
        [sys.executable, "-W", "error", "-c", script, str(tmp_path / "out")], check=True, cwd=repository, env=elsewhere, capture_output=True
    )
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted([*(entry.file_name for entry in EXPORTS.values()), "run.json", MANIFEST])
    assert [n for n in names if (folder / n).read_bytes() != (tmp_path / "out" / n).read_bytes()] == []


def test_the_record_names_no_clock_and_no_absolute_path(assessment: Assessment) -> None:
    sources = (Source("units", "/home/li/data/units.gpkg", "0" * 64, 7), Source("facilities", r"C:\data\a.xlsx", "1" * 64, 3))
    area = replace(assessment.before.area, sources=sources)
    record = run_record(replace(assessment, before=replace(assessment.before, area=area)), SCENARIO)
    assert [source.path for source in record.inputs] == ["units.gpkg", "a.xlsx"]
    assert json.loads(record.text())["scenario"] == SCENARIO
    assert json.loads(record.text())["versions"]["quarterhour"]


# ---------------------------------------------------------------- GeoPackage


def test_every_unit_has_its_measures_in_the_geopackage(folder: Path, assessment: Assessment) -> None:
    for level, name in (("village", "villages"), ("township", "townships"), ("county", "counties")):
        found = layer(folder, name).set_index("unit_id")
        assert list(found.index) == list(assessment.before.area.places(level)["unit_id"])
        n_checked = 0
        for state, finding in (("before", assessment.before), ("after", assessment.after)):
            base = finding.measures[(finding.measures["level"] == level) & (finding.measures["reading"] == "")]
            for rule_id, mine in base.groupby("rule_id"):
                stem = str(rule_id).replace(".", "_")
                at = found.loc[mine["unit_id"]]
                for column in ("value", "required", "shortfall"):
                    same(at[f"{stem}_{column}_{state}"], mine[column])
                assert list(at[f"{stem}_verdict_{state}"]) == list(mine["verdict"])
                n_checked += len(mine)
        assert n_checked > 0
    assert layer(folder, "villages").set_index("unit_id").loc[VILLAGES[2], ["rules_failed_before", "rules_failed_after"]].tolist() == [
        2.0,
        0.0,
    ]


def test_units_count_the_people_of_the_circle_below_them(folder: Path) -> None:
    counties, townships = layer(folder, "counties"), layer(folder, "townships")
    assert counties[["served_before", "served_after", "total_before"]].iloc[0].tolist() == [500.0, 650.0, 650.0]
    assert townships["served_before"].tolist() == [500.0, 0.0]
    assert townships["pop60"].tolist() == [500.0, 150.0]


def test_the_long_table_of_the_geopackage_is_the_measures_of_both_states(folder: Path, assessment: Assessment) -> None:
    found = layer(folder, "rule_results")
    expected = pd.concat([assessment.before.measures, assessment.after.measures], ignore_index=True)
    for column in ("value", "required", "have", "base", "shortfall", "people"):
        same(found[column], expected[column])
    for column in ("rule_id", "reading", "unit_id", "level", "unit", "verdict", "note"):
        assert found[column].fillna("").tolist() == expected[column].tolist()
    assert found["state"].tolist() == ["before"] * len(assessment.before.measures) + ["after"] * len(assessment.after.measures)


def test_minutes_out_of_reach_and_off_the_network_are_null_and_told_apart(assessment: Assessment, tmp_path: Path) -> None:
    off = pd.DataFrame({"table": ["demand"], "id": ["d2"], "name": [""], "unit_id": [VILLAGES[0]], "distance_m": [900.0], "people": [50.0]})
    before = replace(assessment.before, minutes=np.array([2.0, np.inf, 15.0, np.inf]), nearest_row=np.array([0, -1, 1, -1], dtype=np.int32))
    changed = replace(assessment, before=before, off_network=off)
    EXPORTS["geopackage"].write(changed, tmp_path / "plan.gpkg", OUTPUTS, run_record(changed, SCENARIO))
    found = layer(tmp_path, "demand")
    np.testing.assert_array_equal(found["minutes_before"], [2.0, np.nan, 15.0, np.nan])
    assert found["minutes_state_before"].tolist() == ["reached", "off network", "reached", "out of reach"]
    assert found["nearest_before"].tolist() == ["f1", "", "f2", ""]
    assert found["nearest_after"].tolist() == ["f1", "f1", "f2", "c1"]
    assert rows(tmp_path, "SELECT count(*) FROM demand WHERE minutes_before IS NULL") == [(2,)]
    result = {(row["state"], row["demand_id"]): (row["minutes"], row["reach"]) for row in result_of(changed)["minutes"]}
    assert result["before", "d2"] == (None, "off network")
    assert result["before", "d4"] == (None, "out of reach")
    assert result["after", "d4"] == (6.0, "reached")


def test_layers_keep_their_geometry_system_and_order(folder: Path, assessment: Assessment) -> None:
    area = assessment.before.area
    expected = {"facilities": area.facilities, "candidates": area.candidates, "demand": area.demand, "proposals": assessment.proposals}
    for name, frame in expected.items():
        found = layer(folder, name)
        assert found.crs == area.crs
        assert found.geometry.geom_equals(frame.geometry).all()
    polygons = {"villages": area.places("village"), "residential": area.residential}
    for name, frame in polygons.items():
        found = layer(folder, name)
        assert set(found.geom_type) == {"MultiPolygon"}
        assert found.geometry.area.sum() == frame.geometry.area.sum()
    circles = layer(folder, "service_circles")
    assert len(circles) == len(assessment.before.circles) + len(assessment.after.circles)
    assert area.streets is not None
    assert layer(folder, "streets").geometry.length.sum() == area.streets.edge_length_m.sum()


def test_no_data_is_null_and_never_zero(folder: Path) -> None:
    assert rows(folder, "SELECT floor_area_m2, beds_total FROM facilities WHERE facility_id = 'f2'") == [(None, None)]
    assert rows(folder, "SELECT small_land_value_before FROM villages WHERE unit_id = '431299200202'") == [(None,)]
    assert rows(folder, "SELECT small_land_value_before FROM villages WHERE unit_id = '431299200201'") == [(0.0,)]
    measured = sheet_table(folder, "测算明细", "状态")
    floor = [r for r in measured if r["口径编号"].value == "floor" and r["单元代码"].value == VILLAGES[1] and r["状态"].value == "现状"]
    assert [r["数值"].value for r in floor] == [None]


def test_the_geopackage_is_version_1_2_with_ascii_names_and_no_clock(folder: Path) -> None:
    assert rows(folder, "PRAGMA user_version") == [(10200,)]
    assert rows(folder, "SELECT DISTINCT last_change FROM gpkg_contents") == [("2026-06-30T00:00:00.000Z",)]
    header = (folder / "plan.gpkg").read_bytes()[:100]
    assert header[24:28] == header[92:96] == bytes([0, 0, 0, 1])  # SQLite's count of changes, which would depend on time
    for (name,) in rows(folder, "SELECT table_name FROM gpkg_contents"):
        columns = [row[1] for row in rows(folder, f'PRAGMA table_info("{name}")')]
        assert name.isascii()
        assert all(column.isascii() for column in columns)
    identifiers = dict(rows(folder, "SELECT table_name, identifier FROM gpkg_contents"))
    assert identifiers["proposals"] == "建议设施"
    extensions = rows(folder, "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_schema' ORDER BY 1")
    assert extensions == [("gpkg_data_column_constraints",), ("gpkg_data_columns",)]


def test_every_layer_has_one_default_style_and_chinese_names_of_its_columns(folder: Path) -> None:
    names = {name for (name,) in rows(folder, "SELECT table_name FROM gpkg_contents WHERE table_name <> 'layer_styles'")}
    defaults = dict(rows(folder, "SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault = 1"))
    described = rows(folder, "SELECT table_name, column_name FROM gpkg_data_columns")
    assert defaults.keys() == names
    for name, text in defaults.items():
        columns = [row[1] for row in rows(folder, f'PRAGMA table_info("{name}")') if row[1] not in ("fid", "geom")]
        aliases = {e.get("field"): e.get("name") for e in tree(text).iter("alias")}
        assert list(aliases) == columns
        assert {column for table, column in described if table == name} == set(columns)
    assert "村(居)社区养老服务设施人均用地·缺口(现状) [m²]" in defaults["villages"]


def test_styles_draw_every_row_of_their_layer(folder: Path) -> None:
    """Every verdict and state that occurs has a class of its own or the class of all others."""
    for name, text in rows(folder, "SELECT f_table_name, styleQML FROM layer_styles WHERE f_geometry_column = 'geom'"):
        style = tree(text)
        values = [category.get("value") for category in style.iter("category")]
        assert len(values) == len(set(values)) == len(style.findall("renderer-v2/symbols/symbol")), name
    facilities = next(text for name, text in rows(folder, "SELECT f_table_name, styleQML FROM layer_styles") if name == "facilities")
    assert {"day_care", "mutual_aid_point", "township_centre"} <= {c.get("value") for c in tree(facilities).iter("category")}


def test_the_project_in_the_geopackage_lists_every_layer_by_a_relative_path(folder: Path) -> None:
    ((name, content),) = rows(folder, "SELECT name, content FROM qgis_projects")
    with zipfile.ZipFile(BytesIO(bytes.fromhex(content.decode()))) as archive:
        project = tree(archive.read(f"{name}.qgs").decode())
    sources = {e.text for e in project.iter("datasource")}
    listed = [n for (n,) in rows(folder, "SELECT table_name FROM gpkg_contents WHERE table_name <> 'layer_styles'")]
    assert sources == {f"./plan.gpkg|layername={n}" for n in listed}
    ids = [e.text or "" for e in project.findall("projectlayers/maplayer/id")]
    assert len(ids) == len(set(ids))
    assert min(map(len, ids)) > 10  # QGIS passes over shorter ones


def test_a_geopackage_that_does_not_read_back_is_refused(assessment: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pyogrio.read_dataframe
    monkeypatch.setattr(pyogrio, "read_dataframe", lambda *a, **k: real(*a, **k).iloc[:-1])
    with pytest.raises(PublishError, match="rows instead of"):
        EXPORTS["geopackage"].write(assessment, tmp_path / "plan.gpkg", OUTPUTS, run_record(assessment, SCENARIO))


# ---------------------------------------------------------------- workbook


def test_the_workbook_holds_every_measure_with_full_figures(folder: Path, assessment: Assessment) -> None:
    written = sheet_table(folder, "测算明细", "状态")
    expected = pd.concat([assessment.before.measures, assessment.after.measures], ignore_index=True)
    assert len(written) == len(expected)
    for row, (_, measure) in zip(written, expected.iterrows(), strict=True):
        assert row["单元代码"].value == measure["unit_id"]
        for heading, column in (("数值", "value"), ("要求", "required"), ("缺口", "shortfall"), ("分子(现有量)", "have")):
            value = row[heading].value
            assert (np.isnan(measure[column]) and value is None) or value == pytest.approx(measure[column], rel=1e-15, abs=0)


def test_cells_show_as_many_digits_as_the_page(folder: Path, assessment: Assessment) -> None:
    written = sheet_table(folder, "测算明细", "状态")
    table = measures(assessment).frame
    for cells, row in zip(written, table.itertuples(), strict=True):
        digits = shown(row.value, row.unit, beside=None if np.isnan(row.required) else row.required)
        if cells["数值"].value is not None:
            decimals = len(cells["数值"].number_format.partition(".")[2])
            assert f"{cells['数值'].value:,.{decimals}f}" == digits


def test_the_summary_tells_people_rules_and_verdicts(folder: Path) -> None:
    figures = {r["指标"].value: (r["现状"].value, r["规划后"].value) for r in sheet_table(folder, "结论", "指标")}
    assert figures["60岁及以上人口在15分钟内"] == (500, 650)
    assert figures["60岁及以上人口合计"] == (660, 660)
    assert figures["达标规则"] == (0, 1)
    assert figures["未达标规则"] == (3, 2)
    assert figures["投资"] == (None, 300_000)
    told = {(r["规则编号"].value, r["口径编号"].value): r for r in sheet_table(folder, "结论", "规则编号")}
    circle, centre, uplift = told["small.circle", None], told["small.centre", None], told["small.uplift", None]
    assert (circle["结论(现状)"].value, circle["结论(规划后)"].value) == ("未达标", "达标")
    assert (centre["逾期(现状)"].value, centre["含未经核实数字"].value) == ("是", "是")
    assert uplift["结论(现状)"].value == "待确认"
    assert told["small.land", "floor"]["数值单位"].value == "m² 建筑/人"
    assert told["small.nursing", None]["合计数值(现状)"].value == 40


def test_the_balance_in_the_workbook_adds_up(folder: Path) -> None:
    balance = sheet_table(folder, "人口平衡", "单元代码")
    assert balance[0]["单元"].value == "全部 / all"
    for row in balance:
        for state in ("现状", "规划后"):
            parts = sum(row[f"{part}({state})"].value for part in ("圈内", "圈外", "不在路网", "未落位"))
            assert parts == row[f"合计({state})"].value
    people = {r["人口口径"].value: r["合计"].value for r in sheet_table(folder, "人口平衡", "人口口径") if r.get("合计")}
    assert people == {"pop_total": 2586, "pop60": 660}


def test_sheets_print_on_a3_with_their_headings_on_every_page(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "tables.xlsx")
    assert book.sheetnames[:2] == ["结论", "规则"]
    for sheet in book:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (8, "landscape")
        assert sheet.auto_filter.ref
        assert "合成数据" in str(sheet["A3"].value)
    assert book["测算明细"].freeze_panes == "C7"
    assert book["测算明细"].print_title_rows == "$6:$6"
    assert book.properties.created.isoformat() == "2026-06-30T00:00:00"


def test_the_workbook_can_be_english(assessment: Assessment, tmp_path: Path) -> None:
    workbook.write_workbook(assessment, tmp_path / "tables.xlsx", language="en")
    book = openpyxl.load_workbook(tmp_path / "tables.xlsx")
    assert book.sheetnames[0] == "Summary"
    text = {str(cell.value) for row in book["Summary"].iter_rows() for cell in row}
    assert {"Not met", "15-minute elderly-care circle"} <= text
    assert "15分钟养老服务圈覆盖" not in text


def test_a_table_longer_than_a_sheet_is_refused(assessment: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "MAX_ROWS", 30)
    with pytest.raises(PublishError, match="more than a sheet holds"):
        workbook.write_workbook(assessment, tmp_path / "tables.xlsx", language="zh")


# ---------------------------------------------------------------- result


def test_the_result_holds_every_figure_of_the_assessment(folder: Path, assessment: Assessment) -> None:
    result = json.loads((folder / "result.json").read_bytes())
    found = pd.DataFrame(result["measures"])
    expected = pd.concat([assessment.before.measures, assessment.after.measures], ignore_index=True)
    for column in ("value", "required", "have", "base", "shortfall", "people"):
        same(found[column], expected[column])
    found = pd.DataFrame(result["verdicts"])
    expected = pd.concat([assessment.before.verdicts, assessment.after.verdicts], ignore_index=True)
    for column in ("value", "shortfall", "n_pass", "n_fail", "n_no_data", "lower_pct", "upper_pct", "units_needed"):
        same(found[column], expected[column])
    assert found["verdict"].tolist() == expected["verdict"].tolist()
    balance = pd.DataFrame(result["balance"])
    same(balance["served"], pd.concat([assessment.before.balance, assessment.after.balance])["served"])
    assert result["choice"] == {
        "status": "optimal", "method": "exact", "objective": 1.85, "bound": 1.85, "gap_share": 0.0, "cost_yuan": 300_000.0,
        "objective_unit": "shortfalls",
    }  # fmt: skip
    assert result["synthetic"] is True
    assert [rule["rule_id"] for rule in result["rules"]] == [rule.full_id for rule in assessment.rules]
    assert result["rules"][2]["unverified"] is True


def test_proposals_stand_where_they_are_in_longitude_and_latitude(folder: Path, assessment: Assessment) -> None:
    (proposal,) = json.loads((folder / "result.json").read_bytes())["proposals"]
    back = gpd.GeoSeries(gpd.points_from_xy([proposal["longitude"]], [proposal["latitude"]]), crs=4326).to_crs(assessment.before.area.crs)
    assert back.distance(assessment.proposals.geometry.iloc[0]).iloc[0] < 0.02
    assert (proposal["candidate_id"], proposal["people_gained"], proposal["next_best_id"]) == ("c1", 150.0, "c3")


def test_the_published_schema_is_that_of_the_result(folder: Path, tmp_path: Path) -> None:
    """The schema is made from the models that check the file. After a change: python -m maps.result."""
    assert published_schema() == schema_text()
    check_result(folder / "result.json")
    wrong = json.loads((folder / "result.json").read_bytes())
    wrong["measures"][0]["verdict"] = "perhaps"
    (tmp_path / "result.json").write_text(json.dumps(wrong), encoding="utf-8")
    with pytest.raises(ValidationError, match=r"measures\.0\.verdict"):
        check_result(tmp_path / "result.json")


def test_the_result_holds_to_its_json_schema_by_another_validator(folder: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.validate(json.loads((folder / "result.json").read_bytes()), json.loads(published_schema()))


# ---------------------------------------------------------------- names are text


def test_no_name_becomes_a_formula_or_a_link(hostile_folder: Path) -> None:
    with zipfile.ZipFile(hostile_folder / "tables.xlsx") as archive:
        for name in archive.namelist():
            text = archive.read(name).decode()
            if name.startswith("xl/worksheets/sheet"):
                assert "<f>" not in text
                assert "hyperlink" not in text
    names = [row["名称"].value for row in sheet_table(hostile_folder, "设施", "设施编号")]
    assert names == list(HOSTILE[:3])
    assert [row["Name"].value for row in sheet_table(hostile_folder, "设施", "设施编号")] == list(HOSTILE[1:4])


def test_hostile_names_are_stored_as_they_are(hostile_folder: Path) -> None:
    facilities = layer(hostile_folder, "facilities")
    assert facilities["name"].tolist() == list(HOSTILE[:3])
    assert facilities["ownership"].tolist() == list(HOSTILE[3:6])
    assert layer(hostile_folder, "villages")["name"].tolist() == [HOSTILE[i] for i in (3, 4, 5, 6)]
    result = json.loads((hostile_folder / "result.json").read_bytes())
    assert result["assumptions"] == list(HOSTILE)
    assert result["title"]["zh"] == HOSTILE[2]


def test_own_columns_get_ascii_names_that_do_not_meet_others(hostile_folder: Path) -> None:
    facilities = layer(hostile_folder, "facilities")
    headings = dict(rows(hostile_folder, "SELECT title, column_name FROM gpkg_data_columns WHERE table_name = 'facilities'"))
    assert facilities[headings["负责人 '\"<x>"]].tolist() == list(HOSTILE[:3])
    assert facilities[headings["Name"]].tolist() == list(HOSTILE[1:4])
    np.testing.assert_array_equal(facilities[headings["fid"]], [7.0, 8.0, np.nan])


def test_styles_and_project_stay_xml_whatever_the_names_hold(hostile_folder: Path) -> None:
    for (text,) in rows(hostile_folder, "SELECT styleQML FROM layer_styles"):
        tree(text)
    ((content,),) = rows(hostile_folder, "SELECT content FROM qgis_projects")
    with zipfile.ZipFile(BytesIO(bytes.fromhex(content.decode()))) as archive:
        project = tree(archive.read("plan.qgs").decode())
    assert project.findtext("title") == HOSTILE[2]


# ---------------------------------------------------------------- tables


def test_rules_whose_ids_differ_only_in_signs_keep_their_own_columns(assessment: Assessment) -> None:
    rules = tuple(assessment.rules[0].model_copy(update={"id": rule_id}) for rule_id in ("a-b", "a_b", "a.b"))
    stems = column_stems(replace(assessment, rules=rules))
    assert list(stems.values()) == ["small_a_b", "small_a_b__2", "small_a_b__3"]


def test_a_verdict_of_an_unknown_rule_is_not_dropped_in_silence(assessment: Assessment) -> None:
    with pytest.raises(ValueError, match="a rule that the assessment does not hold"):
        verdicts(replace(assessment, rules=assessment.rules[1:]))


def test_plain_columns_tell_no_data_no_and_zero_apart() -> None:
    assert plain(pd.Series([True, None, False], dtype=object)).tolist() == [True, None, False]
    assert plain(pd.Series(["a", None])).tolist() == ["a", ""]
    assert plain(pd.Series([0, 1])).tolist() == [0.0, 1.0]
    assert np.isnan(plain(pd.Series([0.0, np.nan])).iloc[1])
    assert plain(pd.Series([0, "x", np.nan], dtype=object)).tolist() == ["0", "x", ""]


def test_residential_areas_have_their_own_measures(assessment: Assessment) -> None:
    measured = assessment.before.measures.iloc[[4]].assign(unit_id="r1", level="residential_area")
    both = [replace(f, measures=pd.concat([f.measures, measured], ignore_index=True)) for f in (assessment.before, assessment.after)]
    found = units(replace(assessment, before=both[0], after=both[1]), "residential_area")
    assert found.frame["small_land_shortfall_before"].tolist() == [8.6]
    assert found.frame["residential_id"].tolist() == ["r1"]


# ---------------------------------------------------------------- the whole


@pytest.fixture
def quick_exports(monkeypatch: pytest.MonkeyPatch) -> dict[str, Export]:
    """Entries that may be replaced by ones that fail."""
    entries = dict(EXPORTS)
    monkeypatch.setattr(export_module, "EXPORTS", entries)
    return entries


@pytest.mark.parametrize("name", list(EXPORTS))
def test_whichever_writer_fails_the_old_result_stands(
    name: str, assessment: Assessment, folder: Path, quick_exports: dict[str, Export]
) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    real = quick_exports[name]

    def breaks_off(_found: Assessment, path: Path, _outputs: Outputs, _record: object) -> None:
        path.write_bytes(b"half a file")
        raise OSError(28, "No space left on device")

    def short(_found: Assessment, path: Path, _outputs: Outputs, _record: object) -> None:
        path.write_bytes(b"x")

    quick_exports.update({other: Export(entry.file_name, short, lambda _: None) for other, entry in quick_exports.items()})
    quick_exports[name] = Export(real.file_name, breaks_off, real.check)
    with pytest.raises(OSError, match="No space left"):
        export(assessment, OUTPUTS, folder, run_record(assessment, SCENARIO), lambda _: None)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert changed_files(folder) == []


def test_a_file_cut_short_by_its_writer_is_found_by_its_check(folder: Path, tmp_path: Path) -> None:
    for entry in EXPORTS.values():
        whole = (folder / entry.file_name).read_bytes()
        cut = tmp_path / entry.file_name
        cut.write_bytes(whole[: len(whole) // 2])
        with pytest.raises((PublishError, ValueError, zipfile.BadZipFile, sqlite3.DatabaseError)):
            entry.check(cut)


def test_an_open_geopackage_stops_the_export_before_anything_is_written(folder: Path, assessment: Assessment) -> None:
    told: list[str] = []
    (folder / "plan.gpkg-wal").touch()
    with pytest.raises(PublishError, match="QGIS"):
        export(assessment, OUTPUTS, folder, run_record(assessment, SCENARIO), told.append)
    (folder / "plan.gpkg-wal").unlink()
    assert told == []
    assert changed_files(folder) == []


def test_only_the_chosen_forms_are_written(assessment: Assessment, tmp_path: Path) -> None:
    told: list[str] = []
    outputs = Outputs(folder="out", formats=("result",))
    paths = export(assessment, outputs, tmp_path / "out", run_record(assessment, SCENARIO), told.append)
    assert [path.name for path in paths] == ["result.json", "run.json", MANIFEST]
    assert told == ["writing result.json", "writing run.json"]


def test_a_place_without_candidates_streets_or_measures_is_written(tmp_path: Path) -> None:
    found = small_assessment()
    bare = small_area(streets=None)
    bare = replace(bare, candidates=bare.candidates.iloc[:0], residential=bare.residential.iloc[:0])
    choice = replace(found.choice, opened=(), status="nothing to do", order=(), **{
        name: getattr(found.choice, name).iloc[:0] for name in ("claimed", "unmet", "excluded", "reasons")
    })  # fmt: skip
    finding = replace(
        found.before,
        area=bare,
        measures=found.before.measures.iloc[:0],
        verdicts=found.before.verdicts.iloc[:0],
        circles=found.before.circles.iloc[:0],
    )
    empty = replace(
        found, before=finding, after=finding, choice=choice, proposals=found.proposals.iloc[:0], off_network=found.off_network.iloc[:0]
    )
    outputs = Outputs(folder="out", formats=("geopackage", "workbook", "result"))
    export(empty, outputs, tmp_path / "out", run_record(empty, SCENARIO), lambda _: None)
    assert len(layer(tmp_path / "out", "proposals")) == 0
    assert len(layer(tmp_path / "out", "villages")) == 4
