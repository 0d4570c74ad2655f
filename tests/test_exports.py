"""What is taken away: the same bytes each time, all or nothing, the result file with its schema, and names that stay text."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from layers.study_area import Source
from maps import export as export_module
from maps.export import EXPORTS, Export, export
from maps.outputs import Outputs
from maps.publishing.manifest import MANIFEST, PublishError, changed_files
from maps.publishing.record import run_record
from maps.result import check_result, published_schema, schema_text
from planner.assessment import Assessment
from tests.small_assessment import small_assessment
from tests.small_exports import (
    HOSTILE,
    OUTPUTS,
    SCENARIO,
    bare_assessment,
    hostile_assessment,
    layer,
    published,
    rows,
    same,
    sheet_table,
    tree,
)


@pytest.fixture(scope="module")
def assessment() -> Assessment:
    return small_assessment()


@pytest.fixture(scope="module")
def folder(assessment: Assessment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small result, published once."""
    return published(assessment, tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(hostile_assessment(), tmp_path_factory.mktemp("hostile"))


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
        "objective_unit": "shortfalls", "told": [], "told_zh": [],
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
    with pytest.raises(PublishError, match="the disk is full"):
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
    empty = bare_assessment()
    outputs = Outputs(folder="out", formats=("geopackage", "workbook", "result"))
    export(empty, outputs, tmp_path / "out", run_record(empty, SCENARIO), lambda _: None)
    assert len(layer(tmp_path / "out", "proposals")) == 0
    assert len(layer(tmp_path / "out", "villages")) == 4
