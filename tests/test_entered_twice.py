"""Facilities that look like another one: by name and place, by the number of the licence, by figures nearby."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from layers.entered_twice import tell_entered_twice
from layers.problems import Findings
from tests.small import METRIC

HOME = {
    "name": "老街日间照料中心", "kind": "day_care", "status": "open", "land_area_m2": 200.0, "floor_area_m2": 150.0, "beds_total": 20.0,
    "beds_nursing": np.nan, "许可证号": "", "x": 0.0,
}  # fmt: skip
NAME, LICENCE, FIGURES = "have one name, kind and place", "of one kind have the same 许可证号", "of one kind have the same figures"


def told(*others: dict[str, object]) -> list[str]:
    """What is told of HOME and others that differ from it so."""
    frame = pd.DataFrame([HOME, *({**HOME, **other} for other in others)])
    frame = frame.assign(facility_id=[f"f{i}" for i in range(len(frame))])
    findings = Findings()
    points = [shapely.Point(x, 0.0) for x in frame.pop("x")]
    tell_entered_twice(gpd.GeoDataFrame(frame, geometry=points, crs=METRIC).set_axis(["row 2"] * len(frame)), findings)
    assert {problem.severity for problem in findings.problems} <= {"warning"}
    return [f"{problem.what} {', '.join(problem.rows)}" for problem in findings.problems]


@pytest.mark.parametrize(
    ("other", "sign"),
    [
        ({"x": 0.2}, NAME),
        ({"x": 0.2, "land_area_m2": 500.0}, NAME),
        ({"x": 99.0}, FIGURES),
        ({"x": 99.0, "name": "幸福院"}, FIGURES),
        ({"x": 100.1}, ""),
        ({"x": 50.0, "beds_total": 21.0}, ""),
        ({"x": 50.0, "beds_nursing": 3.0}, ""),
        ({"x": 50.0, "status": "closed"}, ""),
        ({"x": 50.0, "kind": "meal_point"}, ""),
    ],
)
def test_one_that_differs_in_this_from_another(other: dict[str, object], sign: str) -> None:
    found = told(other)
    assert len(found) == bool(sign)
    assert all(sign in what and "f0 老街日间照料中心 and f1" in what for what in found)


@pytest.mark.parametrize(("name", "n"), [("老街日间照料中心（二号楼）", 1), ("", 1), ("新街日间照料中心", 0)])
def test_two_figures_are_a_sign_only_where_one_name_holds_the_other(name: str, n: int) -> None:
    few = {"land_area_m2": np.nan, "beds_nursing": 0.0}
    frame = [{**few, "x": 1000.0}, {**few, "x": 1050.0, "name": name}]
    assert len(told(*frame)) == n


def test_the_number_of_a_licence_counts_at_any_distance_and_each_pair_is_told_once() -> None:
    licensed = [{"许可证号": "4312-0007", "x": x, "name": name} for x, name in ((50.0, "东院"), (9000.0, "西院"), (9050.0, "西院二号楼"))]
    assert told(*licensed) == [
        f"2 pair(s) {LICENCE}: entered twice? f1 东院 and f2 西院, f2 西院 and f3 西院二号楼",
        f"1 pair(s) {FIGURES} and stand less than 100 m apart: entered twice? f0 老街日间照料中心 and f1 东院",
    ]
    assert told({"许可证号": "已备案", "x": 9000.0}, {"许可证号": "已备案", "x": 5000.0}) == []
    assert told({"许可证号": "4312-0007", "x": 9000.0}, {"许可证号": "4312-0007", "x": 5000.0, "kind": "childcare"}) == []


def test_nothing_is_told_of_nothing() -> None:
    findings = Findings()
    nobody = pd.DataFrame({name: pd.Series([], dtype=object) for name in ("facility_id", "name", "kind", "status")})
    tell_entered_twice(gpd.GeoDataFrame(nobody, geometry=[], crs=METRIC), findings)
    assert findings.problems == []
