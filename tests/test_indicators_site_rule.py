"""Site rules and attestations: conditions on candidates are True, False or not known; nothing is measured."""

from __future__ import annotations

import numpy as np
import pytest

from planner.indicators.site_rule import metres_to
from tests.small import small_area
from tests.small_rules import NO_TIMES, a_place, a_rule

PREFER = a_rule(
    "site_rule", effect="prefer", predicate="idle = true and asset_type in ['school', 'factory'] and urban_class in ['210', '220']"
)
HAZARDS = a_rule("site_rule", effect="forbid", predicate="hazard in ['landslide', 'debris_flow', 'flash_flood']")


def test_s1_an_idle_school_in_a_landslide_zone_is_both_preferred_and_forbidden() -> None:
    school = {
        "unit": "A",
        "kind": "day_care",
        "idle": True,
        "asset_type": "school",
        "tenure": "collective",
        "storey": 1.0,
        "hazard": "landslide",
    }
    place = a_place([{"urban_class": "220"}], candidates=[school])
    assert (PREFER.holds(place).tolist(), HAZARDS.holds(place).tolist()) == ([True], [True])


def test_what_a_table_does_not_tell_is_not_known() -> None:
    assert PREFER.holds(small_area()).tolist() == [True, False, False]
    assert HAZARDS.holds(small_area()).tolist() == [None, True, None]
    assert a_rule("site_rule", effect="forbid", predicate="storey < 1").holds(small_area()).tolist() == [None] * 3


def test_distance_to_a_kind_is_straight_and_to_open_facilities_only() -> None:
    clinics = [{"unit": "A", "kind": "medical", "xy": (300, 400)}, {"unit": "A", "kind": "medical", "xy": (0, 0), "status": "closed"}]
    place = a_place(
        [{}],
        facilities=clinics,
        candidates=[{"unit": "A", "kind": "station", "xy": (0, 0)}, {"unit": "A", "kind": "station", "xy": (301, 600)}],
    )
    assert metres_to(place, "medical").tolist() == pytest.approx([500.0, np.hypot(1, 200)])
    near = a_rule("site_rule", effect="prefer", predicate="distance_to(medical) <= 500")
    assert near.holds(place).tolist() == [True, True]
    assert np.isinf(metres_to(place, "childcare")).all()


@pytest.mark.parametrize(
    ("predicate", "complaint"),
    [("distance_to(medcal) < 2", "did you mean medical"), ("far_from(medical) < 2", "is no function here"), ("idle = ", "expected")],
)
def test_a_condition_that_cannot_be_asked_is_refused(predicate: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        a_rule("site_rule", effect="forbid", predicate=predicate)


@pytest.mark.parametrize("rule", [HAZARDS, a_rule("attestation", asks="yes or no", value=55)], ids=["site_rule", "attestation"])
def test_nothing_is_measured(rule: object) -> None:
    assert len(rule.measure(small_area(), NO_TIMES)) == 0
    assert rule.relief(small_area(), NO_TIMES) is None
    assert rule.travel_limits() == {}
