"""What is lost if a facility closes: figures worked out on paper, and the same found by measuring the place anew."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from planner.closures import Closure, closure_losses, named_wrongly, with_closed, without
from planner.rules import Rule
from tests.siting_place import CIRCLE, LAND, REACH, times_of
from tests.small import small_area

AREA = small_area()
TIMES = times_of(AREA)


def lost(rules: Sequence[Rule], *closures: Closure) -> pd.DataFrame:
    return closure_losses(AREA, rules, TIMES, closures, CIRCLE)


def closed(*facilities: str, into: str = "") -> Closure:
    return Closure(facilities=facilities, into=into)


def test_closing_the_day_care_costs_its_land_and_the_people_it_alone_reaches() -> None:
    # f1 (x = 300) closes. d1 (x = 200, 250 people of 60+) is then 1200 m = 24 min from f2 (x = 1400); d2 (800, 50 people) 600 m = 12 min.
    # Its 120 m2 of land were all of village 1, which needs 128.6: 8.6 short before, 120 more after.
    losses = lost([LAND, REACH], closed("f1")).set_index("rule_id")
    assert losses.loc["test.land", "shortfall_before"] == pytest.approx(8.6 + 50.0)
    assert losses.loc["test.land", "shortfall_added"] == pytest.approx(120.0)
    assert losses.loc["test.land", "n_units_lost"] == 0  # it fell short already
    assert losses.loc["test.reach", "shortfall_added"] == pytest.approx(250.0)
    assert losses.loc["test.reach", ["n_units_lost", "people_lost"]].tolist() == [1, 300.0]
    assert losses.loc["circle", ["shortfall_added", "people_lost"]].tolist() == [250.0, 250.0]


def test_a_closure_without_loss_says_so() -> None:
    centre = lost([LAND, REACH], closed("f3"))  # the township centre counts for neither rule
    assert centre.to_numpy().tolist() == [["f3", "", 0.0, 0.0, "", 0, 0.0]]


def test_two_that_stand_in_for_each_other_are_lost_only_together() -> None:
    # d2 (50 people) is reached by f1 and by f2: neither closure loses it, both together do.
    single = lost([], closed("f1"), closed("f2")).set_index("closure")["people_lost"]
    assert single.to_dict() == {"f1": 250.0, "f2": 200.0}
    assert lost([], closed("f1", "f2"))[["closure", "people_lost"]].to_numpy().tolist() == [["f1;f2", 500.0]]


@pytest.mark.parametrize("asked", [closed("f1"), closed("f2"), closed("f3"), closed("f1", "f2"), closed("f1", "f3", into="f2")])
def test_the_loss_is_what_measuring_the_closed_place_anew_finds(asked: Closure) -> None:
    shut = without(AREA, asked)
    times = times_of(shut)
    for rule in (LAND, REACH):
        was, is_now = rule.measure(AREA, TIMES)["shortfall"].sum(), rule.measure(shut, times)["shortfall"].sum()
        told = closure_losses(AREA, [rule], TIMES, [asked])
        assert told["shortfall_added"].sum() == pytest.approx(is_now - was)


def test_a_merger_keeps_the_land_and_loses_the_reach() -> None:
    # f2 (96 m2 of village 2) moves into f1: village 1 has 216 m2 and passes, village 2 has none of its 80.
    merged = lost([LAND], closed("f2", into="f1")).set_index("rule_id")
    assert set(merged["closure"]) == {"f2>f1"}
    assert merged.loc["test.land", "shortfall_added"] == pytest.approx(80.0 - 8.6)
    assert merged.loc["test.land", ["n_units_lost", "people_lost"]].tolist() == [1, 800.0]  # all residents of village 2
    assert merged.loc["circle", "people_lost"] == 200.0


def test_a_merger_of_two_brings_along_what_both_state() -> None:
    # f1 has 120 m2 of land and 240 of floor, f2 96 and no figure of floor; f3 has 900 and 1500.
    stays = without(AREA, closed("f1", "f2", into="f3")).facilities.set_index("facility_id").loc["f3"]
    assert stays[["land_area_m2", "floor_area_m2", "beds_total"]].tolist() == [900 + 120 + 96, 1500 + 240, 40 + 10]
    # the other way round f2's floor is not known, and stays so
    assert np.isnan(without(AREA, closed("f1", into="f2")).facilities.set_index("facility_id").loc["f2", "floor_area_m2"])


def test_the_place_itself_is_left_as_it_was() -> None:
    with_closed(AREA, (0, 1))
    without(AREA, closed("f1", into="f2"))
    assert AREA.facilities["status"].tolist() == ["open"] * 3
    assert AREA.facilities["land_area_m2"].tolist() == [120.0, 96.0, 900.0]
    assert list(lost([LAND]).columns) == list(lost([LAND], closed("f1")).columns)


@pytest.mark.parametrize("given", [{"facilities": ()}, {"facilities": ("f1", "f1")}, {"facilities": ("f1",), "into": "f1"}])
def test_a_closure_names_something_and_each_facility_once(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Closure.model_validate(given)


def test_what_cannot_close_is_told_with_its_key_and_what_may_have_been_meant() -> None:
    shut = with_closed(AREA, (2,))
    asked = [closed("f1", "f9"), closed("c1"), closed("f2", into="f3"), closed("二村互助点"), closed("f2", into="f1")]
    found = [(keys, str(what), str(remedy)) for keys, what, remedy in named_wrongly(shut, asked)]
    assert [keys for keys, *_ in found] == [
        ("closures", 0, "facilities", 1),
        ("closures", 1, "facilities", 0),
        ("closures", 2, "into"),
        ("closures", 3, "facilities", 0),
    ]
    assert found[0][1] == "there is no facility f9"
    assert "c1 is a candidate, not a facility" in found[1][1]
    assert "f3 is not open (closed)" in found[2][1]
    assert found[3][2] == "Did you mean f2?"
