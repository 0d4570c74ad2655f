"""Reach: the worked cases C1 to C4 of the domain notes, people without a known place, land, and laws for any place."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.travel.measure import measure_times
from planner.travel.model import Travel
from tests.small import small_area
from tests.small_rules import NO_TIMES, a_place, a_rule, judged, measured, parcel, straight_times, times_of

CIRCLE = a_rule(
    "service_circle_coverage", facilities=("community_elderly",), weight="pop60", method="network", max_minutes=15, unit="county"
)
BUFFER_900 = CIRCLE.with_changes({"method": "buffer", "max_metres": 900})


def along_a_street() -> object:
    """60+ people 40, 30, 20, 10, 100 at 0, 400, 750, 751, 1500 m from the facility."""
    people = [{"unit": "A", "xy": (x, 500.0), "pop60": n} for x, n in ((0, 40.0), (400, 30.0), (750, 20.0), (751, 10.0), (1500, 100.0))]
    return a_place([{"pop60": 200.0}, {"pop60": 0.0}], demand=people, facilities=[{"unit": "A", "kind": "day_care", "xy": (0, 500)}])


@pytest.mark.parametrize(
    ("changes", "value"),
    [({}, 45.0), ({"profile": "general_walk"}, 50.0), ({"max_metres": 300}, 20.0), ({"max_metres": 750}, 45.0)],
)
def test_c1_the_place_at_exactly_the_limit_is_inside(changes: dict[str, object], value: float) -> None:
    rule, place = CIRCLE.with_changes(changes), along_a_street()
    [(profile, limit)] = rule.travel_limits().items()
    pace = {"elder_walk": 50.0, "general_walk": 60.0, "distance": 1.0}[profile]
    row = measured(rule, place, straight_times(place, profile, pace, limit)).loc["county"]
    assert (row["value"], row["have"], row["base"], row["verdict"]) == (value, value * 2, 200.0, "report_only")
    along = small_area(
        demand=place.demand, units=place.units, facilities=place.facilities, candidates=place.candidates, residential=place.residential
    )
    assert measured(rule, along, measure_times(along, Travel(), rule.travel_limits())).loc["county", "value"] == value


def test_c2_a_straight_circle_covers_what_the_streets_do_not() -> None:
    place = a_place(
        [{}], demand=[{"unit": "A", "xy": (600, 600), "pop60": 10.0}], facilities=[{"unit": "A", "kind": "station", "xy": (0, 0)}]
    )
    network = CIRCLE.with_changes({"max_metres": 900})
    assert network.travel_limits() == {"distance": 900}
    assert BUFFER_900.travel_limits() == {}
    assert measured(network, place, times_of(place, "distance", [(0, 0, 1200.0)], 1500.0)).loc["county", "value"] == 0.0
    assert measured(BUFFER_900, place).loc["county", "value"] == 100.0


LAND = CIRCLE.with_changes({"weight": "res_area_m2", "method": "buffer", "max_metres": 300})


def test_c3_a_parcel_of_1000_by_200_m_is_covered_to_29_43_per_cent() -> None:
    place = a_place([{}], residential=[parcel("A", 0, 0, 1000, 200)], facilities=[{"unit": "A", "kind": "station", "xy": (0, 100)}])
    row = measured(LAND, place).loc["county"]
    assert round(row["value"], 2) == 29.43
    assert (row["base"], row["shortfall_unit"]) == (200_000.0, "m2")


@pytest.mark.parametrize(("cross_boundary", "value"), [(True, 60.0), (False, 0.0)])
@pytest.mark.parametrize("method", ["network", "buffer"])
def test_c4_the_nearest_facility_may_stand_across_the_boundary(method: str, value: float, *, cross_boundary: bool) -> None:
    people = [{"unit": "A", "xy": (950, 500), "pop60": 30.0}, {"unit": "A", "xy": (100, 500), "pop60": 20.0}]
    place = a_place([{}, {}], demand=people, facilities=[{"unit": "B", "kind": "day_care", "xy": (1100, 500)}])
    rule = CIRCLE.with_changes({"unit": "village", "method": method, "cross_boundary": cross_boundary})
    assert measured(rule, place, straight_times(place, "elder_walk", 50.0, 15.0)).loc["A", "value"] == value


def test_land_of_another_unit_s_facility_counts_only_across_boundaries() -> None:
    place = a_place(
        [{}, {}], residential=[parcel("A", 800, 400, 200, 200)], facilities=[{"unit": "B", "kind": "day_care", "xy": (1001, 500)}]
    )
    rule = LAND.with_changes({"unit": "village", "max_metres": 400})
    assert measured(rule, place).loc["A", "value"] == 100.0
    assert measured(rule.with_changes({"cross_boundary": False}), place).loc["A", "value"] == 0.0
    assert measured(rule, place).loc["B", "verdict"] == "not_applicable"


def test_people_whom_no_street_reaches_stay_in_the_denominator() -> None:
    place = along_a_street()
    assert measured(CIRCLE, place, times_of(place, "elder_walk", [(0, 0, 0.0)], 15.0)).loc["county", "value"] == 20.0


def lost(n: float) -> pd.DataFrame:
    return pd.DataFrame({"base": ["pop60", "pop_total"], "people": [n, 1e6], "unit_id": ["A", "A"], "reason": ["", ""]})


@pytest.mark.parametrize(("value", "verdict"), [(40, "pass"), (45, "no_data"), (70, "fail")])
def test_people_at_no_known_place_may_be_reached_or_not(value: float, verdict: str) -> None:
    people = [{"unit": "A", "xy": (0, 500), "pop60": 45.0}, {"unit": "A", "xy": (900, 500), "pop60": 45.0}]
    place = a_place(
        [{"pop60": 110.0}], demand=people, facilities=[{"unit": "A", "kind": "day_care", "xy": (0, 500)}], unassigned=lost(20.0)
    )
    row = measured(CIRCLE.with_changes({"value": value}), place, straight_times(place, "elder_walk", 50.0, 15.0)).loc["county"]
    assert (row["verdict"], row["have"], row["base"]) == (verdict, 45.0, 110.0)
    assert "20 people" in row["note"]


def test_a_village_whose_people_are_all_at_no_known_place_has_no_data() -> None:
    place = a_place(
        [{"pop60": 20.0}], facilities=[{"unit": "A", "kind": "day_care"}], unassigned=lost(20.0), demand=[{"unit": "", "pop60": 1.0}]
    )
    rule = CIRCLE.with_changes({"unit": "village", "value": 100})
    assert measured(rule, place, times_of(place, "elder_walk", [], 15.0)).loc["A", "verdict"] == "no_data"


def test_unknown_weights_are_no_data_and_a_unit_without_people_is_not_asked() -> None:
    people = [{"unit": "A", "pop60": np.nan}, {"unit": "B", "pop60": 0.0}]
    place = a_place([{}, {}], demand=people)
    rule = CIRCLE.with_changes({"unit": "village", "value": 100})
    times = times_of(place, "elder_walk", [], 15.0)
    assert list(measured(rule, place, times)["verdict"]) == ["no_data", "not_applicable"]
    assert set(measured(rule.with_changes({"weight": "pop80"}), place, times)["verdict"]) == {"no_data"}


def test_every_demand_point_counts_once_when_the_weight_is_a_building() -> None:
    place = along_a_street()
    row = measured(CIRCLE.with_changes({"weight": "building", "value": 80}), place, straight_times(place, "elder_walk", 50.0, 15.0)).loc[
        "county"
    ]
    assert (row["value"], row["shortfall"], row["shortfall_unit"]) == (60.0, 1.0, "buildings")


def test_shortfall_and_relief_count_people_still_to_be_reached() -> None:
    place = small_area()
    rule = CIRCLE.with_changes({"value": 90})
    times = measure_times(place, Travel(), rule.travel_limits())
    row = measured(rule, place, times).loc["431299"]
    assert (row["have"], row["shortfall"], row["verdict"]) == (500.0, 85.0, "fail")
    relief = rule.relief(place, times)
    assert relief is not None
    assert relief.needs[["unit_id", "place_id", "amount", "unit", "people"]].to_numpy().tolist() == [
        ["431299", "d4", 150.0, "people", 150.0]
    ]
    assert (relief.need_row.tolist(), relief.candidate_row.tolist(), relief.amount.tolist()) == ([0], [0], [150.0])
    assert (relief.at_least, relief.counted) == (85.0, "amount")
    after = place.with_opened([0])
    assert rule.relieved(rule.measure(place, times), rule.measure(after, measure_times(after, Travel(), rule.travel_limits()))) == 150.0


def test_a_rule_that_only_reports_still_tells_whom_candidates_would_reach() -> None:
    place = small_area()
    times = measure_times(place, Travel(), CIRCLE.travel_limits())
    relief = CIRCLE.relief(place, times)
    assert relief is not None
    assert (relief.at_least, relief.amount.tolist()) == (0.0, [150.0])
    assert judged(CIRCLE, place, times)["verdict"] == "report_only"


def test_at_least_asks_for_the_cheapest_units_only_when_not_all_must_pass() -> None:
    people = [{"unit": unit, "xy": (1000.0 * i, 0), "pop60": n} for i, (unit, n) in enumerate((("A", 50.0), ("B", 10.0), ("C", 30.0)))]
    place = a_place([{}, {}, {}], demand=people)
    rule = CIRCLE.with_changes({"unit": "village", "value": 100, "units_pct": 60})
    relief = rule.relief(place, times_of(place, "elder_walk", [], 15.0))
    assert relief is not None
    assert relief.at_least == 40.0


def test_relief_of_land_adds_up_whichever_circles_are_opened() -> None:
    offered = [{"unit": "A", "kind": "station", "xy": (x, 100)} for x in (200, 400, 900)]
    standing = [{"unit": "A", "kind": "station", "xy": (0, 100)}]
    place = a_place([{}], residential=[parcel("A", 0, 0, 1000, 200)], facilities=standing, candidates=offered)
    rule = LAND.with_changes({"value": 100})
    relief = rule.relief(place, NO_TIMES)
    assert relief is not None
    before = rule.measure(place, NO_TIMES)
    assert relief.needs["amount"].sum() == pytest.approx(before["shortfall"].item())
    for opened in ([0], [1], [0, 1], [0, 1, 2]):
        brought = np.bincount(relief.need_row, weights=relief.amount * np.isin(relief.candidate_row, opened), minlength=len(relief.needs))
        claimed = np.minimum(relief.needs["amount"], brought).sum()
        assert rule.relieved(before, rule.measure(place.with_opened(opened), NO_TIMES)) == pytest.approx(claimed)


def test_arcs_that_were_not_sought_far_enough_are_refused() -> None:
    place = along_a_street()
    with pytest.raises(ValueError, match="asks for 15"):
        CIRCLE.measure(place, times_of(place, "elder_walk", [], 10.0))


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"max_minutes": None}, "either max_minutes or max_metres"),
        ({"weight": "res_area_m2"}, "straight radii"),
        ({"weight": "pop_60"}, "did you mean pop60"),
        ({"profile": "elder_wlk"}, "did you mean elder_walk"),
        ({"facilities": ("day_cares",)}, "did you mean day_care"),
    ],
)
def test_a_rule_that_cannot_be_measured_says_why(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        CIRCLE.with_changes(changes)


PLACE = st.tuples(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 50)), min_size=1, max_size=6), st.lists(st.integers(0, 3000), max_size=3)
)


def _place(spec: tuple[list[tuple[int, int]], list[int]]) -> object:
    unit = [chr(ord("A") + min(2, x // 1000)) for x, _ in spec[0]]
    people = [{"unit": u, "xy": (x, 0), "pop60": float(n)} for u, (x, n) in zip(unit, spec[0], strict=True)]
    return a_place([{}, {}, {}], demand=people, facilities=[{"unit": "A", "kind": "day_care", "xy": (x, 0)} for x in spec[1]])


@settings(max_examples=15, deadline=None)
@given(PLACE, st.integers(1, 30), st.integers(1, 30))
def test_a_longer_limit_never_covers_fewer(spec: tuple[list[tuple[int, int]], list[int]], a: int, b: int) -> None:
    place = _place(spec)
    times = straight_times(place, "elder_walk", 50.0, 30.0)
    near, far = (measured(CIRCLE.with_changes({"max_minutes": m}), place, times)["have"] for m in sorted((a, b)))
    assert (near <= far).all()


@settings(max_examples=15, deadline=None)
@given(PLACE, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(spec: tuple[list[tuple[int, int]], list[int]], random: object) -> None:
    people, sites = list(spec[0]), list(spec[1])
    random.shuffle(people)
    random.shuffle(sites)
    rule = CIRCLE.with_changes({"unit": "village", "value": 60})
    tables = [rule.measure(place, straight_times(place, "elder_walk", 50.0, 30.0)) for place in (_place(spec), _place((people, sites)))]
    pd.testing.assert_frame_equal(*tables)


@settings(max_examples=15, deadline=None)
@given(PLACE)
def test_coverage_is_what_counting_by_hand_gives(spec: tuple[list[tuple[int, int]], list[int]]) -> None:
    place = _place(spec)
    row = measured(CIRCLE, place, straight_times(place, "elder_walk", 50.0, 15.0)).loc["county"]
    assert row["have"] == sum(n for x, n in spec[0] if any(abs(x - s) <= 750 for s in spec[1]))
