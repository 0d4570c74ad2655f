"""The whole line on the small place, through the command line and through Python."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import openpyxl
import pyogrio
import pytest
from typer.testing import CliRunner

from scenarios import read_scenario, run, write
from scenarios.cli import app
from tests.small_scenario import write_small_scenario

ROOT = Path(__file__).parents[1]


@pytest.fixture
def scenario_path(tmp_path: Path) -> Path:
    return write_small_scenario(tmp_path)


def command(*words: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command line as a user has it: messages, exit codes and all."""
    return subprocess.run(
        [sys.executable, "-m", "scenarios.cli", *map(str, words)], capture_output=True, text=True, check=False, cwd=cwd, encoding="utf-8"
    )


def test_five_lines_of_python_give_every_file_and_the_figures_worked_out_on_paper(scenario_path: Path) -> None:
    scenario = read_scenario(scenario_path)
    assessment = run(scenario)
    files = {path.name for path in write(scenario, assessment)}
    assert {"index.html", "plan.gpkg", "tables.xlsx", "result.json", "run.json"} <= files
    land = assessment.before.measures.query("rule_id == 'huitong.land_per_capita' and reading == ''").set_index("unit_id")
    # village 1: day care 120 m2 of land (the township centre is no village facility) for 1286 people
    assert land.loc["431299100001", "have"] == 120
    assert land.loc["431299100001", "shortfall"] == pytest.approx(8.6)
    assert land.loc["431299100201", "verdict"] == "pass"  # 96 m2 for 800 people
    assert land.loc["431299200201", "shortfall"] == pytest.approx(50.0)
    assert land.loc["431299200202", "verdict"] == "not_applicable"  # nobody lives there
    assert assessment.before.area.is_synthetic


def test_two_runs_of_one_scenario_give_the_same_bytes(scenario_path: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        scenario = read_scenario(scenario_path)
        write(scenario, run(scenario), folder=tmp_path / name)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_every_figure_stands_the_same_in_result_workbook_and_geopackage(scenario_path: Path) -> None:
    scenario = read_scenario(scenario_path)
    assessment = run(scenario)
    write(scenario, assessment)
    out = scenario.output_folder
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert result["synthetic"] is True
    assert len(result["proposals"]) == len(assessment.proposals) > 0
    long_table = pyogrio.read_dataframe(out / "plan.gpkg", layer="rule_results")
    assert len(long_table) == len(assessment.before.measures) + len(assessment.after.measures)
    assert openpyxl.load_workbook(out / "tables.xlsx").sheetnames


def test_the_example_script_runs(scenario_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scenarios/examples/run_a_scenario.py"), str(scenario_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "huitong.land_per_capita" in done.stdout


def test_run_prints_results_to_stdout_progress_to_stderr_and_exits_0(scenario_path: Path) -> None:
    done = command("run", scenario_path)
    assert done.returncode == 0, done.stderr
    assert "index.html" in done.stdout
    assert "counting minutes" in done.stderr
    assert "counting minutes" not in done.stdout


def test_json_output_is_one_object(scenario_path: Path) -> None:
    done = command("run", scenario_path, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["title"]["en"] == "Small county"


def test_fail_on_shortfall_exits_4(scenario_path: Path) -> None:
    assert command("run", scenario_path, "--fail-on-shortfall").returncode == 4


def test_help_and_standards_and_doctor_answer() -> None:
    runner = CliRunner()
    assert "run" in runner.invoke(app, ["--help"]).output
    assert "人均用地" in runner.invoke(app, ["standards", "show", "huitong"]).output
    assert "Python" in runner.invoke(app, ["doctor"]).output


def test_init_writes_a_scenario_that_is_read_and_asks_for_its_files(tmp_path: Path) -> None:
    assert command("init", tmp_path / "new").returncode == 0
    done = command("check", tmp_path / "new/scenario.toml")
    assert done.returncode == 3
    assert "units.gpkg" in done.stderr
    again = command("init", tmp_path / "new")
    assert again.returncode == 2
    assert "is there already" in again.stderr


def broken(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def assert_told_and_nothing_written(scenario_path: Path, code: int, *words: str) -> None:
    for verb in ("check", "run"):
        done = command(verb, scenario_path)
        assert done.returncode == code, done.stderr
        for word in words:
            assert word in done.stderr
        assert "Traceback" not in done.stderr
    assert not (scenario_path.parent / "out").exists()


def test_an_unknown_key_is_told_with_line_column_and_the_nearest_known_key(scenario_path: Path) -> None:
    broken(scenario_path, "max_sites = 2", "max_site = 2")
    assert_told_and_nothing_written(scenario_path, 2, "scenario.toml:39:1", "siting.max_site", "Did you mean max_sites")


def test_a_misspelt_pace_is_told_with_the_nearest_one(scenario_path: Path) -> None:
    broken(scenario_path, "[siting]", '[travel]\nprofile = "elder_wlak"\n\n[siting]')
    assert_told_and_nothing_written(scenario_path, 2, "scenario.toml:38:1", "did you mean elder_walk?")


def test_the_pace_of_the_scenario_is_that_of_rules_whose_policy_names_none(scenario_path: Path) -> None:
    broken(scenario_path, "[siting]", '[travel]\nprofile = "general_walk"\n\n[siting]')
    circle = next(rule for rule in read_scenario(scenario_path).rules if rule.full_id == "huitong.circle15")
    assert circle.travel_limits() == {"general_walk": 15.0}


def test_a_misspelt_standard_is_told_with_the_nearest_pack(scenario_path: Path) -> None:
    broken(scenario_path, 'standards = ["huitong"]', 'standards = ["huitung"]')
    assert_told_and_nothing_written(scenario_path, 2, "scenario.toml:4:14", "huitung", "huitong")


def test_a_missing_column_is_told_with_file_and_the_columns_that_are_there(scenario_path: Path) -> None:
    broken(scenario_path.parent / "people.csv", "区划代码", "编码")
    assert_told_and_nothing_written(scenario_path, 3, "people.csv", "unit_id", "区划代码", "编码")


def test_a_column_of_all_people_under_an_unknown_name_is_a_warning_with_the_columns_that_are_there(scenario_path: Path) -> None:
    broken(scenario_path.parent / "people.csv", "总人口", "多少人")
    done = command("check", scenario_path)
    assert "warning: population: people.csv: has no column of all people" in done.stdout
    assert "多少人" in done.stdout


def test_a_wrong_crs_is_told_with_the_file(scenario_path: Path) -> None:
    broken(
        scenario_path,
        '[[layers.facilities]]\npath = "facilities.csv"\ncoordinates = "cgcs2000"',
        '[[layers.facilities]]\npath = "facilities.csv"\ncrs = "EPSG:4526"',
    )
    assert_told_and_nothing_written(scenario_path, 3, "facilities.csv")


def test_an_empty_facility_layer_is_told(scenario_path: Path) -> None:
    path = scenario_path.parent / "facilities.csv"
    path.write_text(path.read_text(encoding="utf-8").split("\n")[0] + "\n", encoding="utf-8")
    assert_told_and_nothing_written(scenario_path, 3, "facilities.csv", "no rows")


def test_a_candidate_with_the_id_of_a_facility_is_told_with_the_prefix_that_mends_it(scenario_path: Path) -> None:
    broken(scenario_path.parent / "candidates.csv", "c1", "f1")
    assert_told_and_nothing_written(scenario_path, 3, "candidate_id", "[f1]", "id_prefix")


def test_seven_faults_are_told_at_once(scenario_path: Path) -> None:
    folder = scenario_path.parent
    rows = [line.split(",") for line in (folder / "people.csv").read_text(encoding="utf-8").splitlines()]
    rows[1][2] = "一千多"  # no number
    rows[2][0] = rows[1][0]  # a code twice
    rows.append(["合计", "", "2586", "650"])  # a total row
    with (folder / "people.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    broken(folder / "facilities.csv", "day_care", "日间招料")  # an unknown kind
    broken(folder / "facilities.csv", "f2", "f1")  # an id twice
    broken(folder / "candidates.csv", "lon", "nummer")  # a column that is not there
    broken(scenario_path, 'path = "streets.gpkg"', 'path = "strets.gpkg"')  # a file that is not there
    done = command("check", scenario_path)
    assert done.returncode == 3
    for word in ("一千多", "431299100001", "合计", "日间招料", "f1", "nummer", "strets.gpkg"):
        assert word in done.stderr, word


def test_a_failing_run_leaves_the_old_result_as_it_was(scenario_path: Path) -> None:
    assert command("run", scenario_path).returncode == 0
    out = scenario_path.parent / "out"
    old = {path.name: path.read_bytes() for path in out.iterdir()}
    broken(scenario_path.parent / "people.csv", "1286", "-5")
    assert command("run", scenario_path).returncode == 3
    assert {path.name: path.read_bytes() for path in out.iterdir()} == old
