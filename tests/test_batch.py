"""A batch of counties: pure tasks, failures that stay where they are, and nothing run twice that has not changed."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from layers.problems import InputFaultsError
from maps.province import CountyRun, province_page
from maps.publishing.manifest import changed_files
from scenarios.batch import Province, read_province, run_batch
from scenarios.cli import app
from scenarios.county_task import CountyRecord, CountyTask, run_county
from tests.small_scenario import write_small_scenario

WAIT_SECONDS = 120.0


def _county(folder: Path, name: str) -> None:
    """A tiny county of its own name, measured only, with a result alone: quick to run."""
    folder.mkdir()
    path = write_small_scenario(folder)
    text = path.read_text(encoding="utf-8").replace('name = "small"', f'name = "{name}"')
    text = text.replace('goal = "relieve"\nmax_sites = 2', 'goal = "none"').replace(
        'folder = "out"', 'folder = "out"\nformats = ["result"]'
    )
    path.write_text(text, encoding="utf-8")


def _province(folder: Path, *names: str) -> Path:
    listed = ", ".join(f'"{name}/scenario.toml"' for name in names)
    path = folder / "province.toml"
    path.write_text(
        f'title = {{ zh = "某市<各县>", en = "Counties" }}\nas_of = 2026-11-25\nfolder = "province"\nscenarios = [{listed}]\n',
        encoding="utf-8",
    )
    return path


def _states(province: Province) -> tuple[list[CountyRun], list[str]]:
    runs, _ = run_batch(province)
    return runs, [run.state for run in runs]


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A province of which one county was run and one has failed; its tests put back what they change."""
    folder = tmp_path_factory.mktemp("province")
    for name in ("good", "bad"):
        _county(folder / name, name)
    (folder / "bad" / "people.csv").unlink()
    run_batch(read_province(_province(folder, "good", "bad")))
    return folder


def test_one_county_that_fails_leaves_the_others_alone_and_is_told(done: Path) -> None:
    result = CliRunner().invoke(app, ["batch", str(done / "province.toml"), "--json"])
    assert result.exit_code == 6
    counties = {county["name"]: county for county in json.loads(result.stdout)["counties"]}
    assert counties["good"]["state"] == "unchanged"
    assert counties["bad/scenario.toml"]["state"] == "failed"
    assert "people.csv" in counties["bad/scenario.toml"]["reason"]
    assert counties["bad/scenario.toml"]["figures"] is None
    assert not (done / "bad" / "out").exists()


def test_the_table_has_the_figures_of_the_county_s_own_result(done: Path) -> None:
    result = json.loads((done / "good" / "out" / "result.json").read_bytes())
    served = next(row["served"] for row in result["balance"] if row["unit_id"] == "" and row["state"] == "before")
    sheet = openpyxl.load_workbook(done / "province" / "tables.xlsx").worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    heads = next([str(cell).split("\n")[0] for cell in row] for row in rows if row[0] and str(row[0]).startswith("县"))
    good = next(dict(zip(heads, row, strict=True)) for row in rows if row[0] == "good")
    assert good["圈内人口（现状） [人]"] == served
    bad = next(dict(zip(heads, row, strict=True)) for row in rows if row[0] == "bad/scenario.toml")
    assert bad["圈内人口（现状） [人]"] is None
    assert bad["运行"] == "失败"


def test_the_page_says_rules_met_of_as_many_as_the_county_s_own_result_can_say_it_of(done: Path) -> None:
    verdicts = json.loads((done / "good" / "out" / "result.json").read_bytes())["verdicts"]
    said = {state: [v["verdict"] for v in verdicts if v["state"] == state and v["reading"] == ""] for state in ("before", "after")}
    n_judged = sum(verdict in ("pass", "fail", "undetermined", "no_data") for verdict in said["after"])
    page = (done / "province" / "index.html").read_text(encoding="utf-8")
    assert f">{said['before'].count('pass')} → {said['after'].count('pass')} / {n_judged}<" in page


def test_the_page_has_a_line_per_county_no_script_and_no_request(done: Path) -> None:
    text = (done / "province" / "index.html").read_text(encoding="utf-8")
    assert text.count("<tr>") == 3
    assert "某市&lt;各县&gt;" in text
    assert not re.search(r"<script|src=|url\(|@import", text)
    assert "default-src 'none'" in text
    nasty = CountyRun("<img src=x>", "a.toml", "failed", "[[rows]]</td>{{ 1 }}", 'x"><b>/index.html')
    page = province_page({"zh": "a", "en": "b"}, read_province(done / "province.toml").file.as_of, [nasty])
    assert "<img" not in page
    assert "<b>" not in page
    assert page.count("[[rows]]&lt;/td&gt;{{ 1 }}") == 1


def _task(folder: Path) -> CountyTask:
    record = next(path for path in (folder / "province" / "counties").iterdir() if "good" in path.read_text(encoding="utf-8"))
    known = CountyRecord.from_json(json.loads(record.read_bytes()))
    return CountyTask(known.named, str(folder / known.named), known)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scenario.toml", "as_of = 2026-11-25", "as_of = 2026-11-24"),
        ("people.csv", "1286", "1287"),
        ("out/result.json", "served", "server"),
    ],
)
def test_a_county_is_run_again_when_scenario_file_or_output_changes_and_only_then(done: Path, file: str, old: str, new: str) -> None:
    task = _task(done)
    assert run_county(task).state == "unchanged"
    path = done / "good" / file
    kept = path.read_bytes()
    path.write_bytes(kept.replace(old.encode(), new.encode()))
    assert path.read_bytes() != kept
    assert run_county(task).state == "done"
    assert changed_files(done / "good" / "out") == []
    if not file.startswith("out/"):
        path.write_bytes(kept)
        assert run_county(task).state == "done"
    assert run_county(task).state == "unchanged"


def test_a_county_is_run_again_when_a_package_has_another_version(done: Path) -> None:
    task = _task(done)
    assert task.known is not None
    older = CountyRecord.from_json({**task.known.as_json(), "made_from": {**task.known.made_from, "version numpy": "0.1"}})
    assert run_county(CountyTask(task.named, task.path, older)).state == "done"


def test_the_record_comes_back_as_it_went(done: Path) -> None:
    known = _task(done).known
    assert known is not None
    assert CountyRecord.from_json(json.loads(json.dumps(known.as_json()))) == known


def test_a_batch_that_was_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        _county(tmp_path / name, name)
    path = _province(tmp_path, "a", "b", "c")
    command = [sys.executable, "-m", "scenarios.cli", "batch", str(path), "--workers", "1"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    records = tmp_path / "province" / "counties"
    end = time.monotonic() + WAIT_SECONDS
    while not (records.is_dir() and list(records.glob("*.json"))) and process.poll() is None and time.monotonic() < end:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    n_done = len(list(records.glob("*.json")))
    assert 1 <= n_done < 3
    assert not (tmp_path / "province" / "index.html").exists()
    runs, states = _states(read_province(path))
    assert states.count("unchanged") == n_done
    assert states.count("done") == 3 - n_done
    assert all(changed_files(tmp_path / run.name / "out") == [] for run in runs)
    assert (tmp_path / "province" / "index.html").exists()


def test_a_list_that_names_a_county_twice_or_shares_a_folder_is_refused(tmp_path: Path) -> None:
    _county(tmp_path / "a", "a")
    with pytest.raises(InputFaultsError, match=r"province\.toml:4:.*listed twice"):
        read_province(_province(tmp_path, "a", "a"))
    other = tmp_path / "b"
    other.mkdir()
    (other / "scenario.toml").write_text('[outputs]\nfolder = "../a/out"\n', encoding="utf-8")
    with pytest.raises(InputFaultsError, match=r"writes into the same folder as a/scenario\.toml"):
        run_batch(read_province(_province(tmp_path, "a", "b")))
    path = _province(tmp_path, "a")
    path.write_text(path.read_text("utf-8") + "colour = 1\n", encoding="utf-8")
    with pytest.raises(InputFaultsError, match="unknown key"):
        read_province(path)


@pytest.mark.skipif(importlib.util.find_spec("distributed") is not None, reason="Dask is installed")
def test_without_dask_a_scheduler_is_refused_with_the_remedy(tmp_path: Path) -> None:
    _county(tmp_path / "a", "a")
    with pytest.raises(InputFaultsError, match=r"quarterhour\[cluster\]"):
        run_batch(read_province(_province(tmp_path, "a")), scheduler="tcp://127.0.0.1:8786")


@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="Dask is not installed (extra `cluster`)")
def test_on_a_dask_cluster_the_same_comes_out(tmp_path: Path) -> None:
    from distributed import LocalCluster  # noqa: PLC0415 - only where the extra is installed

    _county(tmp_path / "a", "a")
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        runs, _ = run_batch(read_province(_province(tmp_path, "a")), scheduler=cluster.scheduler_address)
    assert [run.state for run in runs] == ["done"]
