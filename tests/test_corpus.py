"""Every nasty input of `tests.corpus` comes to what is expected of it; none of them gives a wrong number in silence."""

from __future__ import annotations

import json
import re
import shutil
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from layers.saying import in_language
from layers.study_area import StudyArea
from planner.assessment import Assessment
from scenarios import read_scenario
from scenarios.cli import main
from scenarios.line import run_today
from tests.corpus.cases import Case
from tests.corpus.place import Spoilt, write_clean
from tests.corpus.themes import THEMES

CASES = [pytest.param(case, id=f"{theme}: {case.name}") for theme, cases in THEMES.items() for case in cases]
FIGURES = ("value", "have", "required", "shortfall")


@dataclass(frozen=True)
class Clean:
    folder: Path
    figures: pd.DataFrame
    messages: frozenset[str]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    folder = tmp_path_factory.mktemp("clean")
    write_clean(folder)
    assessment = run_today(read_scenario(Spoilt(folder).write_scenario()))
    area = assessment.before.area
    return Clean(folder, figures(assessment), frozenset(str(p) for p in area.problems if p.severity == "warning"))


def figures(assessment: Assessment) -> pd.DataFrame:
    """Every measure, with its verdict."""
    frame = assessment.before.measures
    columns = ["rule_id", "reading", "unit_id", "verdict", *(name for name in FIGURES if name in frame)]
    return pd.DataFrame(frame[columns]).sort_values(["rule_id", "reading", "unit_id"]).reset_index(drop=True)


@pytest.mark.parametrize("case", CASES)
def test_a_nasty_input_comes_to_what_is_expected(
    case: Case, clean: Clean, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "place"
    shutil.copytree(clean.folder, folder)
    spoilt = Spoilt(folder)
    with warnings.catch_warnings():  # of the libraries that write what is spoiled
        warnings.simplefilter("ignore")
        case.spoil(spoilt)
    path = spoilt.write_scenario()
    before = contents(folder)
    if case.outcome == "refused":
        is_refused(case, path, monkeypatch, capfd)
    else:
        is_answered(case, path, clean)
    assert contents(folder) == before, "something was written beside the inputs"


def contents(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): path.lstat().st_size for path in sorted(folder.rglob("*"))}


def is_refused(case: Case, path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """The command line says so, with its exit code, in both languages and with a remedy."""
    monkeypatch.setattr(sys, "argv", ["quarterhour", "check", str(path), "--json"])
    monkeypatch.setenv("QUARTERHOUR_LANGUAGE", "en")
    with pytest.raises(SystemExit) as stopped:
        main()
    out, err = capfd.readouterr()
    assert stopped.value.code == case.code, err
    problems = json.loads(out)["problems"]
    errors = [problem for problem in problems if problem["severity"] == "error"]
    lines = [f"{p['where']}: {p['what']} {p['rows']} {p['remedy']}" for p in errors]
    assert any(re.search(case.says, line) for line in lines), lines
    assert all(problem["remedy"] for problem in errors), errors
    assert "Traceback" not in err


def is_answered(case: Case, path: Path, clean: Clean) -> None:
    """The place is read, nobody is lost, and the figures are the clean ones or rightly others."""
    assessment = run_today(read_scenario(path))
    area = assessment.before.area
    messages = [f"{p.severity}: {p}" for p in area.problems]
    news = [text for text in messages if text.startswith("warning") and text.removeprefix("warning: ") not in clean.messages]
    for problem in area.problems:
        assert in_language(problem.what, "zh") != "", problem
    if case.outcome in ("mended", "same"):
        assert_same_figures(figures(assessment), clean.figures, case.within)
    if case.outcome == "same":
        assert news == []
    else:
        assert any(re.search(case.says, text) for text in messages), messages
    assert case.holds(area), (area.demand, area.facilities, area.unassigned, messages)
    assert_nobody_is_lost(area)


def assert_same_figures(found: pd.DataFrame, expected: pd.DataFrame, within: float) -> None:
    names = [name for name in FIGURES if name in expected]
    pd.testing.assert_frame_equal(found.drop(columns=names), expected.drop(columns=names))
    np.testing.assert_allclose(found[names].to_numpy(float), expected[names].to_numpy(float), rtol=within, atol=within)


def assert_nobody_is_lost(area: StudyArea) -> None:
    finest = area.units[area.units["level"] == area.finest_level]
    for base in area.bases:
        of_units = area.demand.groupby("unit_id")[base].agg(lambda people: people.sum(skipna=False))
        known = finest.set_index("unit_id")[base].dropna()
        assert of_units.reindex(known.index).fillna(0.0).to_numpy() == pytest.approx(known.to_numpy()), base


def test_there_are_enough_of_them_and_each_has_its_own_name() -> None:
    names = [param.id for param in CASES]
    assert len(names) >= 150
    assert len(set(names)) == len(names)
