"""Figures far beyond what is usual are told with their rows, in the file's place, and used as they stand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from layers.checks import typed
from layers.columns import Named
from layers.plausible import IMPOSSIBLE, USUAL, tell_unusual
from layers.problems import Findings, Problem
from layers.saying import in_language
from layers.tables import CANDIDATES
from scenarios.line import read_place
from scenarios.reading import read_scenario
from tests.small_scenario import write_small_scenario


def told(layer: str, **columns: list[object]) -> list[Problem]:
    findings = Findings()
    tell_unusual(layer, pd.DataFrame(columns), findings)
    return findings.problems


@pytest.mark.parametrize(
    ("layer", "key", "column", "usual", "odd"),
    [
        ("village", "unit_id", "pop_total", [0.0, 1.0, 1e6], 1_000_001.0),
        ("facilities", "facility_id", "beds_total", [0.0, 10_000.0], 10_001.0),
        ("candidates", "candidate_id", "childcare_places", [0.0, 10_000.0], 10_001.0),
        ("facilities", "facility_id", "land_area_m2", [0.0, 1e6], 1_000_001.0),
        ("candidates", "candidate_id", "cost_yuan", [0.0, 10_000.0, 1e10], 9_999.0),
        ("candidates", "candidate_id", "cost_yuan", [0.0, 10_000.0, 1e10], 1e10 + 1),
    ],
)
def test_the_ends_of_the_range_are_usual_and_the_next_figure_is_told_with_its_row(
    layer: str, key: str, column: str, usual: list[float], odd: float
) -> None:
    figures: list[object] = [*usual, float("nan"), odd]
    ids: list[object] = [f"r{i}" for i in range(len(figures))]
    names: list[object] = ["东风"] * len(figures)
    assert told(layer, **{key: ids[:-1], "name": names[:-1], column: figures[:-1]}) == []
    (problem,) = told(layer, **{key: ids, "name": names, column: figures})
    assert (problem.severity, problem.rows, problem.count) == ("warning", (f"{ids[-1]} 东风: {odd:.12g}",), 1)


def test_a_county_may_have_what_no_village_has() -> None:
    people: dict[str, list[object]] = {"unit_id": ["a"], "pop_total": [2e6]}
    assert len(told("village", **people)) == 1
    assert told("township", **people) == []
    assert told("county", **people) == []
    assert told("prefecture", unit_id=["a"], pop_total=[9e8]) == []


def test_what_is_refused_lies_beyond_what_is_told() -> None:
    units = {column.name: column.unit for column in CANDIDATES}
    assert all(usual.most < IMPOSSIBLE[units[name]] for name, usual in USUAL["candidates"].items())
    findings = Findings()
    cells = pd.DataFrame({"cost_yuan": ["13800138000000"]}, index=["row 1"], dtype=object)
    typed(Named("candidates", cells, {}), [c for c in CANDIDATES if c.name == "cost_yuan"], findings)
    assert findings.has_errors


def test_costs_in_wan_yuan_taken_for_yuan_are_told_in_both_languages_and_not_changed(tmp_path: Path) -> None:
    path = write_small_scenario(tmp_path)
    table = tmp_path / "candidates.csv"
    rows = [line.split(",") for line in table.read_text(encoding="utf-8").splitlines()]
    at = rows[0].index("cost_yuan")
    table.write_text(
        "\n".join(",".join([*r[:at], "30" if i else r[at], *r[at + 1 :]]) for i, r in enumerate(rows)) + "\n", encoding="utf-8"
    )
    area = read_place(read_scenario(path))
    (found,) = [p for p in area.problems if "far less than usual" in p.what]
    assert (found.severity, found.count) == ("warning", len(area.candidates))
    assert "投资（万元）" in found.told("zh")
    assert "低于 10,000 元，远少于通常" in in_language(found.what, "zh")
    assert isinstance(area.candidates, gpd.GeoDataFrame)
    assert area.candidates["cost_yuan"].tolist() == [30.0] * len(area.candidates)
