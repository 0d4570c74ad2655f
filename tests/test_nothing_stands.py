"""A county without a single facility: that has to be said, and then every rule counts none instead of being refused or passed over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from layers.problems import LayerFaultsError
from scenarios import read_scenario, run
from scenarios.toml_file import ScenarioFaultsError
from tests.small_scenario import write_small_scenario

ENTRY = re.compile(r"\[\[layers\.facilities\]\]\n.*?\n\n", re.DOTALL)


def scenario(folder: Path, said: str) -> Path:
    """The small scenario without its facilities, and what it says instead."""
    path = write_small_scenario(folder)
    text = ENTRY.sub("", path.read_text(encoding="utf-8"))
    path.write_text(text.replace("[layers]\n", f"[layers]\n{said}\n"), encoding="utf-8")
    return path


def test_it_is_assessed_and_every_rule_counts_none(tmp_path: Path) -> None:
    assessment = run(read_scenario(scenario(tmp_path, "facilities = []")))
    before = assessment.before
    assert len(before.area.facilities) == 0
    measures = before.measures[before.measures["reading"] == ""].set_index("unit_id")
    land = measures[measures["rule_id"] == "huitong.land_per_capita"].loc["431299100001"]
    assert (land["have"], land["shortfall"]) == (0.0, pytest.approx(128.6))
    assert measures[measures["rule_id"] == "huitong.circle15"]["have"].tolist() == [0.0]
    assert before.balance.query("unit_id == ''")["served"].tolist() == [0.0]
    assert assessment.choice.opened
    told = [problem for problem in before.area.problems if "none stands" in problem.what]
    assert [problem.severity for problem in told] == ["note"]


def test_without_a_word_it_is_refused_and_the_way_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFaultsError, match=r"layers.facilities is missing. .*facilities = \[\] under \[layers\]"):
        read_scenario(scenario(tmp_path, ""))


def test_a_list_with_headings_only_is_refused_and_the_way_is_told(tmp_path: Path) -> None:
    path = write_small_scenario(tmp_path)
    header = (tmp_path / "facilities.csv").read_text(encoding="utf-8").partition("\n")[0]
    (tmp_path / "facilities.csv").write_text(f"{header}\n", encoding="utf-8")
    with pytest.raises(LayerFaultsError, match=r"holds no rows, only column names. .*facilities = \[\] under \[layers\]"):
        run(read_scenario(path))
