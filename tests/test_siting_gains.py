"""People gained by each site: newly within the circle, and under capacities newly with a place, which are other people."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.study_area import StudyArea
from planner.assessment import Finding
from planner.circle import Circle
from planner.gains import people_gained
from planner.recheck import ClaimError, check_gains
from planner.siting.model import Siting
from planner.siting.serve import assigned
from tests.small_rules import Row, a_place, times_of

CIRCLE = Circle(kinds=("day_care",), base="pop60", minutes=15.0, profile="elder_walk")
SERVE = Siting(goal="serve", capacity="beds_total", persons_per_place=2)
RELIEVE = Siting(goal="relieve")
Near = list[tuple[int, int, float]]


def gains(area: StudyArea, near: Near, order: list[int], siting: Siting, circle: Circle = CIRCLE) -> pd.DataFrame:
    return people_gained(area, times_of(area, "elder_walk", near, 15.0), order, circle, siting)


def place(people: list[float], homes: list[Row], sites: list[Row]) -> StudyArea:
    """Hamlets with three people of all ages and half a person of 80 and over for each of 60 and over."""
    usual = {"unit": "A", "kind": "day_care"}
    return a_place(
        [{"pop60": sum(people)}],
        demand=[{"unit": "A", "pop60": n, "pop80": n / 2, "pop_total": 3 * n} for n in people],
        facilities=[{**usual, **row} for row in homes],
        candidates=[{**usual, "cost_yuan": 1.0, "site_id": "", "replaces": "", **row} for row in sites],
    )


def test_those_in_the_circle_are_not_those_with_a_place() -> None:
    # 20 people in reach of a site with 3 beds of two people each: all 20 are newly inside the circle, 6 newly have a place, 3 of them of 80
    area, near = place([20.0], [{"beds_total": np.nan}], [{"beds_total": 3.0}]), [(0, 1, 5.0)]
    inside, served = (gains(area, near, [0], siting) for siting in (RELIEVE, SERVE))
    assert inside.to_dict("records") == [{"pop60": 20.0, "pop80": 10.0, "pop_total": 60.0}]
    assert served.to_dict("records") == [{"pop60": 6.0, "pop80": 3.0}]


def test_a_full_home_in_reach_leaves_people_to_gain() -> None:
    # f1 (5 beds) is full with 10 of 16 people; c1 (2 beds) gives 4 more a place, c2 (9 beds) the last 2; the circle gains nobody
    area, near = place([16.0], [{"beds_total": 5.0}], [{"beds_total": 2.0}, {"beds_total": 9.0}]), [(0, 0, 1.0), (0, 1, 5.0), (0, 2, 9.0)]
    assert gains(area, near, [0, 1], SERVE)["pop60"].tolist() == [4.0, 2.0]
    assert gains(area, near, [1, 0], SERVE)["pop60"].tolist() == [6.0, 0.0]
    assert gains(area, near, [0, 1], RELIEVE)["pop60"].tolist() == [0.0, 0.0]


def test_a_smaller_home_in_place_of_a_full_one_loses_people() -> None:
    area = place([16.0], [{"beds_total": 5.0}], [{"beds_total": 2.0, "replaces": "f1"}])
    assert gains(area, [(0, 0, 1.0), (0, 1, 5.0)], [0], SERVE)["pop60"].tolist() == [-6.0]


def test_of_all_people_every_group_has_its_share() -> None:
    area = place([20.0], [], [{"beds_total": 3.0}])
    everybody = CIRCLE.model_copy(update={"base": "pop_total"})
    assert gains(area, [(0, 0, 5.0)], [0], SERVE, everybody).to_dict("records") == [{"pop_total": 6.0, "pop60": 2.0, "pop80": 1.0}]


BEDS = st.one_of(st.none(), st.integers(0, 12))


@given(
    people=st.lists(st.integers(0, 30), min_size=4, max_size=4),
    beds=st.lists(BEDS, min_size=5, max_size=5),
    near=st.lists(st.booleans(), min_size=20, max_size=20),
    opened=st.lists(st.integers(0, 2), unique=True),
    replaces=st.sampled_from(["", "f1"]),
)
@settings(max_examples=60, deadline=None)
def test_gains_add_up_to_the_people_assigned_more_when_the_place_is_measured_again(
    people: list[int], beds: list[int | None], near: list[bool], opened: list[int], replaces: str
) -> None:
    rooms: list[Row] = [{"beds_total": np.nan if n is None else float(n)} for n in beds]
    area = place([float(n) for n in people], rooms[:2], [{**rooms[2], "replaces": replaces}, *rooms[3:]])
    ways = [(at // 5, at % 5, 1.0 + at % 5) for at in range(20) if near[at]]
    found = gains(area, ways, opened, SERVE)["pop60"]
    after = area.with_opened(tuple(sorted(opened)))
    site_of = {2 + row: 2 + number for number, row in enumerate(sorted(opened))} | {0: 0, 1: 1}
    again = [(i, site_of[s], minutes) for i, s, minutes in ways if s in site_of]
    before, then = (
        cast("Finding", SimpleNamespace(area=state, times=times_of(state, "elder_walk", rows, 15.0)))
        for state, rows in ((area, ways), (after, again))
    )
    was, is_now = (float(assigned(f.area, f.times, SERVE, CIRCLE).served.sum()) for f in (before, then))
    assert found.sum() == pytest.approx(is_now - was, abs=1e-6)
    proposals = pd.DataFrame({"for_whom": "pop60", "people_gained": found})
    check_gains(proposals, before, then, SERVE, CIRCLE)
    with pytest.raises(ClaimError, match="measured again"):
        check_gains(pd.DataFrame({"for_whom": ["pop60"], "people_gained": [found.sum() + 1]}), before, then, SERVE, CIRCLE)


def test_the_order_of_homes_and_hamlets_does_not_matter() -> None:
    area = place([8.0, 8.0, 5.0], [{"beds_total": 2.0}, {"beds_total": 3.0}], [{"beds_total": 2.0}, {"beds_total": 1.0}])
    near = [(0, 0, 5.0), (1, 0, 5.0), (1, 1, 5.0), (2, 1, 5.0), (0, 2, 5.0), (2, 3, 5.0), (1, 3, 5.0)]
    turned = replace(
        area, facilities=area.facilities.iloc[::-1].reset_index(drop=True), demand=area.demand.iloc[::-1].reset_index(drop=True)
    )
    mirrored = [(2 - i, 1 - s if s < 2 else s, minutes) for i, s, minutes in near]
    pd.testing.assert_frame_equal(gains(area, near, [0, 1], SERVE), gains(turned, mirrored, [0, 1], SERVE))
