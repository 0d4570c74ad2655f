"""What is lost if a facility closes: figures worked out on paper, and the same found by measuring the place anew."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from planner.circle import Circle
from planner.closures import closure_losses, merge_losses, with_closed
from planner.travel.measure import measure_times
from planner.travel.model import Travel
from tests.small import small_area
from tests.small_rules import a_rule

CIRCLE = Circle(kinds=("day_care", "mutual_aid_point"), base="pop60", minutes=15.0, profile="elder_walk")
AREA = small_area()
TIMES = measure_times(AREA, Travel(), {"elder_walk": 15.0})
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


def test_closing_the_day_care_costs_its_land_and_the_people_it_alone_reaches() -> None:
    # f1 (x = 300) closes. d1 (x = 200, 250 people of 60+) is then 1200 m = 24 min from f2 (x = 1400); d2 (800, 50 people) 600 m = 12 min.
    # Its 120 m2 of land were all of village 1, which needs 128.6: 8.6 short before, 120 more after.
    losses = closure_losses(AREA, [LAND, REACH], TIMES, [0], CIRCLE).set_index("rule_id")
    assert losses.loc["test.land", "shortfall_before"] == pytest.approx(8.6 + 50.0)
    assert losses.loc["test.land", "shortfall_added"] == pytest.approx(120.0)
    assert losses.loc["test.land", "n_units_lost"] == 0  # it fell short already
    assert losses.loc["test.reach", "shortfall_added"] == pytest.approx(250.0)
    assert losses.loc["test.reach", ["n_units_lost", "people_lost"]].tolist() == [1, 300.0]
    assert losses.loc["circle", ["shortfall_added", "people_lost"]].tolist() == [250.0, 250.0]


def test_a_closure_without_loss_says_so() -> None:
    centre = closure_losses(AREA, [LAND, REACH], TIMES, [2], CIRCLE)  # the township centre counts for neither rule
    assert centre.to_dict("records") == [
        {
            "facility_id": "f3",
            "rule_id": "",
            "shortfall_before": 0.0,
            "shortfall_added": 0.0,
            "unit": "",
            "n_units_lost": 0,
            "people_lost": 0.0,
        }
    ]


def test_two_that_stand_in_for_each_other_are_lost_only_together() -> None:
    # d2 (50 people) is reached by f1 and by f2: neither closure loses it, both together do.
    single = closure_losses(AREA, [], TIMES, [0, 1], CIRCLE).set_index("facility_id")["people_lost"]
    assert single.to_dict() == {"f1": 250.0, "f2": 200.0}
    assert closure_losses(AREA, [], TIMES, [(0, 1)], CIRCLE)["people_lost"].tolist() == [500.0]


@pytest.mark.parametrize("row", [0, 1, 2])
def test_the_loss_is_what_measuring_the_closed_place_anew_finds(row: int) -> None:
    shut = with_closed(AREA, (row,))
    times = measure_times(shut, Travel(), {"elder_walk": 15.0})
    for rule in (LAND, REACH):
        was, is_now = rule.measure(AREA, TIMES)["shortfall"].sum(), rule.measure(shut, times)["shortfall"].sum()
        told = closure_losses(AREA, [rule], TIMES, [row])
        assert told["shortfall_added"].sum() == pytest.approx(is_now - was)


def test_a_merger_keeps_the_land_and_loses_the_reach() -> None:
    # f2 (96 m2 of village 2) moves into f1: village 1 has 216 m2 and passes, village 2 has none of its 80.
    merged = merge_losses(AREA, [LAND], TIMES, closed_row=1, into_row=0, circle=CIRCLE).set_index("rule_id")
    assert set(merged["facility_id"]) == {"f2>f1"}
    assert merged.loc["test.land", "shortfall_added"] == pytest.approx(80.0 - 8.6)
    assert merged.loc["test.land", ["n_units_lost", "people_lost"]].tolist() == [1, 800.0]  # all residents of village 2
    assert merged.loc["circle", "people_lost"] == 200.0


def test_the_place_itself_is_left_as_it_was() -> None:
    with_closed(AREA, (0, 1))
    assert AREA.facilities["status"].tolist() == ["open"] * 3
    assert isinstance(closure_losses(AREA, [LAND], TIMES, []), pd.DataFrame)
    assert np.isfinite(closure_losses(AREA, [LAND], TIMES, [0])["shortfall_added"]).all()
