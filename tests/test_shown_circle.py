"""The circle that the page shows where the scenario names none: that of the rules at hand."""

from __future__ import annotations

import pytest

from planner.circle import Circle
from planner.rules import Rule
from planner.travel.model import Travel
from tests.small_rules import a_place, a_rule

HAMLET = {"unit": "A", "pop60": 10.0, "pop_u3": 3.0, "pop_total": 50.0}
PLACE = a_place([{"pop60": 10.0, "pop_u3": 3.0, "pop_total": 50.0}], demand=[HAMLET])


def quota(*kinds: str) -> Rule:
    return a_rule("quantity_per_base", facilities=kinds, quantity="floor_area_m2", base="pop_total", value=1)


def near(**keys: object) -> Rule:
    return a_rule("service_circle_coverage", method="network", value=90, **keys)


CHILDCARE, MUTUAL_AID, ALL_OLD = quota("childcare"), quota("mutual_aid_point"), quota("day_care", "meal_point")
IN_METRES = near(facilities=("childcare",), weight="pop_u3", max_metres=300.0)
TEN_MINUTES = near(facilities=("day_care",), weight="pop60", max_minutes=10.0, profile="general_walk")
NO_FACILITY = a_rule("attestation", spatial=False, asks="how many")


@pytest.mark.parametrize(
    ("rules", "kinds", "base", "minutes", "profile"),
    [
        ([CHILDCARE], ("childcare",), "pop_u3", 15.0, "elder_walk"),
        ([IN_METRES, NO_FACILITY], ("childcare",), "pop_u3", 15.0, "elder_walk"),
        ([MUTUAL_AID, ALL_OLD], ("elderly",), "pop60", 15.0, "elder_walk"),
        ([CHILDCARE, MUTUAL_AID], ("elderly",), "pop_total", 15.0, "elder_walk"),
        ([NO_FACILITY], ("elderly",), "pop_total", 15.0, "elder_walk"),
        ([CHILDCARE, TEN_MINUTES], ("day_care",), "pop60", 10.0, "general_walk"),
    ],
)
def test_it_is_the_first_in_minutes_else_that_of_the_group_that_all_rules_are_about(
    rules: list[Rule], kinds: tuple[str, ...], base: str, minutes: float, profile: str
) -> None:
    assert Circle().completed(PLACE, rules, Travel()) == Circle(kinds=kinds, base=base, minutes=minutes, profile=profile)


def test_what_the_scenario_says_goes_first_and_people_who_are_not_known_are_not_counted() -> None:
    said = Circle(kinds=("meal_point",), base="pop_total").completed(PLACE, [CHILDCARE], Travel())
    assert (said.kinds, said.base) == (("meal_point",), "pop_total")
    nobody_under_three = a_place([{"pop_total": 50.0}], demand=[{"unit": "A", "pop_total": 50.0}])
    assert Circle().completed(nobody_under_three, [CHILDCARE], Travel()).base == "pop_total"
