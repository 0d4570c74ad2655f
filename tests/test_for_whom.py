"""Whom each site of a plan is for: a childcare centre for the children under three, in a circle of its own, and never added to the elders."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from layers.study_area import StudyArea
from planner.circle import Circle
from planner.for_whom import circle_of, people_of_sites
from planner.gains import people_gained
from planner.rules import Rule
from planner.siting.model import Siting
from planner.travel.times import TravelTimes
from tests.small_rules import Row, a_place, a_rule, times_of

CIRCLE = Circle(kinds=("community_elderly",), base="pop60", minutes=15.0, profile="elder_walk")
NEAR = [(0, 0, 5.0), (1, 1, 5.0), (0, 2, 5.0), (1, 2, 9.0), (0, 3, 5.0), (1, 3, 15.0), (2, 3, 15.1), (2, 4, 1.0)]
"""hamlet, site, minutes: f1 (day care) at hamlet 0, f2 (childcare) at hamlet 1, c1 (day care), c2 (childcare), c3 (county institution)"""


def place(**candidate: object) -> StudyArea:
    """Three hamlets with 100, 20 and 7 elders and 10, 4 and 3 children."""
    sites: list[Row] = [{"kind": "day_care"}, {"kind": "childcare"}, {"kind": "county_support_institution"}]
    people = [(100.0, 10.0), (20.0, 4.0), (7.0, 3.0)]
    return a_place(
        [{"pop60": 127.0}],
        demand=[{"unit": "A", "pop60": old, "pop_u3": young, "pop_total": 5 * old} for old, young in people],
        facilities=[{"unit": "A", "kind": "day_care"}, {"unit": "A", "kind": "childcare"}],
        candidates=[{"unit": "A", "cost_yuan": 1.0, "site_id": "", "replaces": "", "action": "", **site, **candidate} for site in sites],
    )


def told(area: StudyArea, order: list[int], rules: tuple[Rule, ...] = (), siting: Siting | None = None) -> list[tuple[str, float, float]]:
    siting, times = siting or Siting(), times_of(area, "elder_walk", NEAR, 20.0)
    gained = people_gained(area, times, order, CIRCLE, siting)
    found = people_of_sites(area, rules, times, order, gained, CIRCLE, siting)
    return [tuple(row) for row in found.itertuples(index=False)]


def test_each_site_is_told_of_its_own_group_in_its_own_circle() -> None:
    # day care reaches hamlets 0 and 1 (120 elders), the 100 of hamlet 0 have one; childcare reaches 14 children, the 4 of hamlet 1 have one
    elders, children, county = told(place(), [0, 1, 2])
    assert elders == ("pop60", 120.0, 20.0)
    assert children == ("pop_u3", 14.0, 10.0)
    assert county[0] == "pop60"
    assert all(math.isnan(number) for number in county[1:])


def test_a_site_before_it_in_the_list_leaves_nobody_to_gain() -> None:
    # all three childcare: c1 gains the 10 of hamlet 0, c2 reaches the same and nobody new, c3 the 3 of hamlet 2
    first, second, last = told(place(kind="childcare"), [0, 1, 2])
    assert first == ("pop_u3", 14.0, 10.0)
    assert second == ("pop_u3", 14.0, 0.0)
    assert last == ("pop_u3", 3.0, 3.0)


def test_a_site_that_only_closes_reaches_nobody_and_loses_those_who_had_it_alone() -> None:
    closing = place(kind="day_care", replaces="f1", action="close")
    group, reach, gained = told(closing, [0])[0]
    assert (group, gained) == ("pop60", -100.0)
    assert math.isnan(reach)


def test_a_group_that_the_data_does_not_tell_apart_has_no_figure() -> None:
    area = place()
    unknown = replace(area, demand=area.demand.drop(columns="pop_u3"))
    group, *figures = told(unknown, [1])[0]
    assert group == "pop_u3"
    assert all(math.isnan(number) for number in figures)


def test_goal_serve_counts_places_and_says_nothing_of_others() -> None:
    group, reach, gained = told(place(beds_total=3.0), [1], siting=Siting(goal="serve", capacity="beds_total"))[0]
    assert (group, reach) == ("pop_u3", 14.0)
    assert math.isnan(gained)


@pytest.mark.parametrize(("weight", "kinds", "minutes"), [("pop_u3", ("childcare",), 9.0), ("pop60", ("day_care",), 15.0)])
def test_a_rule_that_asks_for_a_circle_of_the_group_gives_its_minutes(weight: str, kinds: tuple[str, ...], minutes: float) -> None:
    area = place()
    asked = a_rule(
        "service_circle_coverage", unit="county", facilities=kinds, weight=weight, method="network", max_minutes=9.0, profile="elder_walk"
    )
    times: TravelTimes = times_of(area, "elder_walk", NEAR, 20.0)
    found = circle_of("pop_u3", ("childcare",), (asked,), CIRCLE, times)
    assert (found.base, found.kinds, found.minutes) == ("pop_u3", ("childcare",), minutes)


def test_elders_and_children_are_never_in_one_column() -> None:
    area = place()
    gained = people_gained(area, times_of(area, "elder_walk", NEAR, 20.0), [0, 1, 2], CIRCLE, Siting())
    assert "pop_u3" not in gained.columns
    assert gained["pop60"].isna().tolist() == [False, True, True]
    assert np.nansum(gained["pop60"]) == 20.0
    pd.testing.assert_series_equal(gained["pop_total"], 5 * gained["pop60"], check_names=False)
