"""Streets that do not cover the place: told with its people and villages; people off the streets stand in the notes."""

from __future__ import annotations

import geopandas as gpd
import shapely
from hypothesis import given
from hypothesis import strategies as st

from layers.problems import Findings, Problem
from layers.street_cover import CELL_M, tell_uncovered
from layers.streets import StreetNetwork
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from tests.small import frame
from tests.towns import area_of, streets_of

UNITS = gpd.GeoDataFrame({"unit_id": ["a", "b"], "name": ["东村", "西村"]}, geometry=[shapely.box(0, 0, 1, 1)] * 2, crs="EPSG:4546")
STREET = streets_of([[(0.0, 0.0), (4000.0, 0.0)]])


def told(at: list[tuple[float, float]], people: list[float], units: list[str], streets: StreetNetwork = STREET) -> list[Problem]:
    demand = frame(at, unit_id=units, pop60=people)
    findings = Findings()
    tell_uncovered(streets, demand, UNITS, findings)
    return findings.problems


def test_people_beyond_the_streets_are_told_with_their_villages() -> None:
    """Of 400 people 300 live 3 and 5 km off the only street: 75 %."""
    (problem,) = told([(100, 50), (2000, 3000), (2000, 5000)], [100.0, 250.0, 50.0], ["a", "b", ""])
    assert problem.severity == "warning"
    assert "300 of 400 people (75.0 %)" in problem.told("en")
    assert "400 人中有 300 人（75.0 %）" in problem.told("zh")
    assert problem.rows[0] == "西村"
    assert len(problem.rows) == 2


def test_a_hamlet_off_the_streets_of_a_place_is_not_told() -> None:
    assert not told([(100, 50), (2000, 3000)], [990.0, 10.0], ["a", "b"])
    assert told([(100, 50), (2000, 3000)], [980.0, 20.0], ["a", "b"])


def test_a_long_straight_street_is_near_all_along_and_nobody_is_no_share() -> None:
    assert not told([(2000, 100)], [5.0], ["a"])
    assert not told([(2000, 9000)], [0.0], ["a"])
    assert not told([(2000, 9000)], [float("nan")], ["a"])


@given(st.floats(0, 4000), st.floats(-6000, 6000))
def test_nobody_nearer_than_the_distance_named_is_told(x_m: float, y_m: float) -> None:
    if abs(y_m) <= CELL_M:
        assert not told([(x_m, y_m)], [1.0], ["a"])
    if abs(y_m) > 3 * CELL_M:
        assert told([(x_m, y_m)], [1.0], ["a"])


def test_the_notes_of_the_minutes_say_who_is_off_the_streets() -> None:
    area = area_of(STREET, [(100.0, 10.0), (100.0, 700.0)], [(300.0, 10.0), (300.0, 900.0)], people=[5.0, 7.0])
    assert "7 people at 1 demand points and 1 facilities" in str(measure_times(area, Travel(), {"elder_walk": 15.0}).notes)
    near = area_of(STREET, [(100.0, 10.0)], [(300.0, 10.0)], people=[5.0])
    assert not measure_times(near, Travel(), {"elder_walk": 15.0}).notes


def test_the_least_share_is_that_of_the_base_that_is_cut_off_most() -> None:
    demand = frame([(0, 0), (0, 9000)], unit_id=["a", "b"], pop_total=[1000.0, 10.0], pop80=[10.0, 5.0])
    findings = Findings()
    tell_uncovered(STREET, demand, UNITS, findings)
    assert "5 of 15 people (33.3 %)" in findings.problems[0].told("en")
