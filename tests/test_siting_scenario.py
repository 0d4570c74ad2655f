"""What a scenario file asks of the choice of sites, through the whole line on the small place."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from planner.assessment import Assessment
from scenarios import read_scenario, run
from tests.small_scenario import write_small_scenario

ASKED = '[siting]\ngoal = "relieve"\nmax_sites = 2\n'


def run_with(folder: Path, siting: str) -> Assessment:
    path = write_small_scenario(folder)
    text = path.read_text(encoding="utf-8")
    assert ASKED in text
    path.write_text(text.replace(ASKED, siting), encoding="utf-8")
    return run(read_scenario(path))


def test_phases_of_a_scenario_say_what_is_built_when(tmp_path: Path) -> None:
    phases = "[[siting.phases]]\nyear = 2027\nbudget_yuan = 300_000\n[[siting.phases]]\nyear = 2028\nbudget_yuan = 900_000\n"
    found = run_with(tmp_path, f'[siting]\ngoal = "relieve"\n{phases}').choice
    assert found.cost_yuan <= 1_200_000
    assert len(found.phases) == len(found.opened) > 0
    assert (found.phases["spent_yuan"] <= found.phases["granted_yuan"]).all()
    assert found.phases["year"].isin([2027, 2028]).all()
    assert found.curve is not None
    assert found.curve.points["relieved_share"].is_monotonic_increasing


@pytest.mark.parametrize("goal", ["share", "backup", "mean_minutes", "worst_minutes", "meet"])
def test_every_goal_runs_through_and_is_measured_again(tmp_path: Path, goal: str) -> None:
    # 500 of the 650 people of 60+ are inside; only c1 reaches d4.
    found = run_with(tmp_path, f'[siting]\ngoal = "{goal}"\ntarget_share = 1.0\n')
    assert "c1" in set(found.proposals["candidate_id"])
    assert found.choice.status == "optimal"
    assert set(found.proposals["candidate_id"]) == {found.after.area.candidates["candidate_id"][row] for row in found.choice.opened}


def test_places_count_through_the_whole_line_and_the_plan_is_assigned_again(tmp_path: Path) -> None:
    # c2 is the only candidate with beds: 12 of them, none in reach of anybody; f1 has 10, f2 does not say, f3 40. c1 is given 30 beds.
    path = write_small_scenario(tmp_path)
    text = path.read_text(encoding="utf-8").replace(ASKED, '[siting]\ngoal = "serve"\ncapacity = "beds_total"\nmax_sites = 1\n')
    path.write_text(text, encoding="utf-8")
    table = pd.read_csv(tmp_path / "candidates.csv", dtype=str, keep_default_na=False)
    table.loc[table["candidate_id"] == "c1", "beds_total"] = "30"
    table.to_csv(tmp_path / "candidates.csv", index=False)
    found = run(read_scenario(path))
    assert list(found.proposals["candidate_id"]) == ["c1"]
    assert (found.choice.status, found.choice.objective_unit, found.choice.objective) == ("optimal", "people", 30.0)
    assert set(found.choice.unmet["code"]) == {"full", "out_of_reach"}  # who has only f2 in reach has no place in reach
    assert found.choice.unmet["amount"].sum() == pytest.approx(650 - 50 - 30)


def test_an_enlargement_in_the_table_of_candidates_replaces_its_facility(tmp_path: Path) -> None:
    path = write_small_scenario(tmp_path)
    table = tmp_path / "candidates.csv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    more = [("", ""), ("", ""), ("enlarge", "f2")]  # c3 (60 m2) would stand for f2 (96 m2)
    lines = [f"{head},action,replaces", *(f"{row},{action},{of}" for row, (action, of) in zip(rows, more, strict=True))]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = run(read_scenario(path))
    assert found.choice.yardstick_closed == (1,)
    assert "c3" not in set(found.proposals["candidate_id"])  # smaller than what stands
    assert found.after.area.facilities.set_index("facility_id")["status"]["f2"] == "open"
    table.write_text("\n".join(lines).replace("f2", "f9") + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match="replaces a facility that does not exist"):
        run(read_scenario(path))


def test_phases_that_contradict_the_budget_are_told_by_line(tmp_path: Path) -> None:
    phases = "[[siting.phases]]\nyear = 2027\nbudget_yuan = 300_000\n"
    with pytest.raises(ValueError, match="phases add up to 300,000"):
        run_with(tmp_path, f'[siting]\ngoal = "relieve"\nbudget_yuan = 1\n{phases}')
