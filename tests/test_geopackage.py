"""The GeoPackage holds every figure of the assessment, tells no data from zero, and opens with styles, names and a project."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest

from maps.export import EXPORTS
from maps.publishing.manifest import PublishError
from maps.publishing.record import run_record
from maps.result import result_of
from planner.assessment import Assessment
from tests.small_assessment import VILLAGES, small_assessment
from tests.small_exports import OUTPUTS, SCENARIO, bare_assessment, layer, published, rows, same, sheet_table, tree


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return small_assessment()


@pytest.fixture(scope="module")
def folder(assessment: Assessment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small result, published once."""
    return published(assessment, tmp_path_factory.mktemp("small"), "geopackage", "workbook")


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
    assert "村(居)社区养老服务设施人均用地·缺口（现状） [m²]" in defaults["villages"]


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


def types_of(found: Assessment, folder: Path) -> dict[tuple[str, str], str]:
    """(table, column) -> its type in the GeoPackage, of the columns that are declared."""
    EXPORTS["geopackage"].write(found, folder / "plan.gpkg", OUTPUTS, run_record(found, SCENARIO))
    described = rows(folder, "SELECT table_name, column_name FROM gpkg_data_columns")
    types = {(name, row[1]): row[2] for name in {table for table, _ in described} for row in rows(folder, f'PRAGMA table_info("{name}")')}
    return {key: types[key] for key in described}


def test_columns_have_the_types_of_their_headings_whatever_a_run_holds(assessment: Assessment, folder: Path, tmp_path: Path) -> None:
    """Two counties can be put together: where nothing is proposed, excluded or known, texts are still texts and flags flags."""
    full, bare = types_of(assessment, tmp_path), types_of(bare_assessment(), tmp_path)
    both = full.keys() & bare.keys()
    assert {name for name, _ in full} >= {name for name, _ in bare}
    assert len(both) > 200
    assert {key: full[key] for key in both} == {key: bare[key] for key in both}
    assert {full[name] for name in (("candidates", "excluded_reason"), ("proposals", "reason_zh"), ("unassigned", "unit_id"))} == {"TEXT"}
    assert {full[name] for name in (("candidates", "idle"), ("candidates", "proposed"), ("verdicts", "overdue_after"))} == {"BOOLEAN"}
    assert {full[name] for name in (("proposals", "rank"), ("verdicts", "n_pass_before"), ("villages", "rules_failed_after"))} == {
        "INTEGER"
    }
    assert {full[name] for name in (("proposals", "people_gained"), ("facilities", "beds_total"), ("rules", "value"))} == {"REAL"}
    assert layer(folder, "proposals")["rank"].tolist() == list(range(1, len(assessment.proposals) + 1))


def test_a_geopackage_that_does_not_read_back_is_refused(assessment: Assessment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pyogrio.read_dataframe
    monkeypatch.setattr(pyogrio, "read_dataframe", lambda *a, **k: real(*a, **k).iloc[:-1])
    with pytest.raises(PublishError, match="rows instead of"):
        EXPORTS["geopackage"].write(assessment, tmp_path / "plan.gpkg", OUTPUTS, run_record(assessment, SCENARIO))
