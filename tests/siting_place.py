"""What tests of siting, actions and closures ask of the small place: its circle, its two rules, its minutes."""

from __future__ import annotations

from layers.study_area import StudyArea
from planner.circle import Circle
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from planner.travel.times import TravelTimes
from tests.small_rules import a_rule

CIRCLE = Circle(kinds=("day_care", "mutual_aid_point"), base="pop60", minutes=15.0, profile="elder_walk")
LAND = a_rule(
    "quantity_per_base", id="land", facilities=("community_elderly",), quantity="land_area_m2", base="pop_total", value=0.1, value_unit="m2"
)
REACH = a_rule(
    "service_circle_coverage",
    id="reach",
    facilities=("day_care", "mutual_aid_point"),
    weight="pop60",
    method="network",
    max_minutes=15.0,
    value=100.0,
    value_unit="%",
)


def times_of(area: StudyArea) -> TravelTimes:
    """Minutes of elders, 15 at most."""
    return measure_times(area, Travel(), {"elder_walk": 15.0})
