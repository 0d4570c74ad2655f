"""Quota: the worked cases Q1 to Q9 of the domain notes, missing data, residential areas, and laws for any place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.exact import exact
from tests.small_rules import NO_TIMES, a_place, a_rule, judged, measured, parcel

LAND = a_rule("quantity_per_base", facilities=("community_elderly",), quantity="land_area_m2", base="pop_total", value=0.1)
FLOOR = LAND.with_changes({"quantity": "floor_area_m2"})
FLOOR_PER_100 = a_rule(
    "quantity_per_base", facilities=("day_care",), quantity="floor_area_m2", base="households", per=100, value=20, unit="residential_area"
)


def village(people: float, *facilities: dict[str, object]) -> object:
    return a_place([{"pop_total": people}], facilities=[{"unit": "A", "kind": "day_care", **f} for f in facilities])


def test_q1_96_and_40_m2_for_1286_people_pass() -> None:
    row = measured(LAND, village(1286, {"land_area_m2": 96.0}, {"land_area_m2": 40.0})).loc["A"]
    assert (row["verdict"], row["have"], row["base"], row["shortfall"]) == ("pass", 136.0, 1286.0, 0.0)
    assert row["value"] == pytest.approx(136 / 1286)


def test_q2_land_of_120_m2_lacks_8_6_m2_and_floor_of_240_m2_passes() -> None:
    place = village(1286, {"land_area_m2": 120.0, "floor_area_m2": 240.0})
    land, floor = (measured(rule, place).loc["A"] for rule in (LAND, FLOOR))
    assert (land["verdict"], land["shortfall"], land["shortfall_unit"]) == ("fail", 8.6, "m2")
    assert (floor["verdict"], round(floor["value"], 5)) == ("pass", 0.18663)


def test_q3_a_tenth_of_a_square_metre_each_is_enough_though_floats_say_no() -> None:
    assert 128.6 / 1286 < 0.1
    assert measured(LAND, village(1286, {"land_area_m2": 128.6})).loc["A", "verdict"] == "pass"


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 20_000), st.integers(1, 4))
def test_q3_exactly_the_required_land_passes_and_a_square_centimetre_less_fails(people: int, parts: int) -> None:
    required = people / 10
    split = [required / parts] * parts  # sums of binary fractions: 3 * (0.1 / 3) and the like
    assert measured(LAND, village(people, *({"land_area_m2": m2} for m2 in split))).loc["A", "verdict"] == "pass"
    assert measured(LAND, village(people, {"land_area_m2": required - 0.0001})).loc["A", "verdict"] == "fail"


def test_q4_118_m2_for_650_households_lack_12_m2() -> None:
    place = a_place(
        [{}],
        residential=[parcel("A", 0, 0, 100, 100, households=650.0)],
        facilities=[{"unit": "A", "kind": "day_care", "floor_area_m2": 118.0, "residential_id": "r1"}],
    )
    row = measured(FLOOR_PER_100, place).loc["r1"]
    assert (row["verdict"], row["shortfall"], round(row["value"], 2)) == ("fail", 12.0, 18.15)


def three_areas() -> object:
    areas = [parcel("A", 200 * i, 0, 100, 100, households=h) for i, h in enumerate((650.0, 200.0, 150.0))]
    floors = [{"unit": "A", "kind": "day_care", "floor_area_m2": m2, "residential_id": id_} for id_, m2 in (("r1", 118.0), ("r2", 90.0))]
    return a_place([{}], residential=areas, facilities=floors)


def test_q5_one_of_three_areas_passes_alone_and_all_pass_together() -> None:
    apart = measured(FLOOR_PER_100, three_areas())
    assert list(apart["verdict"]) == ["fail", "pass", "fail"]
    assert [round(value, 2) for value in apart["value"]] == [18.15, 45.0, 0.0]
    assert judged(FLOOR_PER_100, three_areas())["lower_pct"] == pytest.approx(100 / 3)
    together = measured(FLOOR_PER_100.with_changes({"pooled_over": "village"}), three_areas()).loc["A"]
    assert (together["verdict"], together["value"], together["level"]) == ("pass", 20.8, "village")


def test_pooling_leaves_out_areas_the_rule_does_not_speak_of() -> None:
    areas = [
        parcel("A", 0, 0, 100, 100, households=100.0, built_status="new"),
        parcel("A", 200, 0, 100, 100, households=100.0, built_status="existing"),
    ]
    floors = [{"unit": "A", "kind": "day_care", "floor_area_m2": 15.0, "residential_id": id_} for id_ in ("r1", "r2")]
    rule = FLOOR_PER_100.with_changes({"pooled_over": "county", "universe": "built_status = 'existing'"})
    row = measured(rule, a_place([{}], residential=areas, facilities=floors)).loc["county"]
    assert (row["have"], row["base"], row["shortfall"]) == (15.0, 1.0, 5.0)
    none_such = rule.with_changes({"universe": "built_status = 'planned'"})
    assert judged(none_such, a_place([{}], residential=areas, facilities=floors))["verdict"] == "not_applicable"


def test_q6_zhijiang_needs_30766_1_m2_of_land_24668_6_m2_of_floor_and_1385_places() -> None:
    county = a_place([{"pop_total": 307_661.0, "pop_resident": 307_661.0, "households": 123_343.0}], level="county")
    per_100 = FLOOR_PER_100.with_changes({"unit": "county"})
    places = a_rule(
        "quantity_per_base", unit="county", facilities=("childcare",), quantity="childcare_places", base="pop_resident", per=1000, value=4.5
    )
    assert measured(LAND.with_changes({"unit": "county"}), county).loc["A", "shortfall"] == 30_766.1
    assert measured(per_100, county).loc["A", "shortfall"] == 24_668.6
    assert np.ceil(measured(places, county).loc["A", "shortfall"]) == 1385


@pytest.mark.parametrize(("base", "needed"), [("pop60", 1295), ("pop65", 935)])
def test_q7_longsheng_needs_1295_beds_on_60_and_935_on_65(base: str, needed: int) -> None:
    rule = a_rule("quantity_per_base", unit="county", facilities=("institution",), quantity="beds_total", base=base, per=1000, value=40)
    homes = [{"unit": "A", "kind": "elderly_home", "beds_total": beds} for beds in (float(needed - 1), 1.0)]
    place = a_place([{"pop_total": 139_483.0, "pop60": 32_356.0, "pop65": 23_369.0}], level="county", facilities=homes[:1])
    assert measured(rule, place).loc["A", "verdict"] == "fail"
    place = a_place([{"pop_total": 139_483.0, "pop60": 32_356.0, "pop65": 23_369.0}], level="county", facilities=homes)
    assert measured(rule, place).loc["A", "verdict"] == "pass"


@pytest.mark.parametrize(("base", "value"), [("pop60", 30.3), ("pop65", 46.8)])
def test_q8_beds_of_the_country_in_2015(base: str, value: float) -> None:
    rule = a_rule("quantity_per_base", unit="county", facilities=("institution",), quantity="beds_total", base=base, per=1000)
    country = a_place(
        [{"pop60": 222e6, "pop65": 143.86e6}], level="county", facilities=[{"unit": "A", "kind": "institution", "beds_total": 6_727_000.0}]
    )
    row = measured(rule, country).loc["A"]
    assert (round(row["value"], 1), row["verdict"]) == (value, "report_only")


def test_q9_a_village_without_people_is_left_out_of_the_count() -> None:
    place = a_place([{"pop_total": 0.0}, {"pop_total": 10.0}], facilities=[{"unit": "B", "kind": "station", "land_area_m2": 1.0}])
    assert list(measured(LAND, place)["verdict"]) == ["not_applicable", "pass"]
    verdict = judged(LAND, place)
    assert (verdict["verdict"], verdict["units_needed"], verdict["n_not_applicable"]) == ("pass", 1, 1)


def test_a_missing_area_is_no_data_unless_the_known_ones_suffice() -> None:
    unknown = {"land_area_m2": np.nan, "name": "东站"}
    row = measured(LAND, village(1000, {"land_area_m2": 60.0}, unknown)).loc["A"]
    assert (row["verdict"], "东站" in row["note"], row["have"]) == ("no_data", True, 60.0)
    assert np.isnan(row["value"])
    assert np.isnan(row["shortfall"])
    assert measured(LAND, village(1000, {"land_area_m2": 100.0}, unknown)).loc["A", "verdict"] == "pass"


def test_missing_people_are_no_data_and_not_zero() -> None:
    assert measured(LAND, village(np.nan, {"land_area_m2": 1e6})).loc["A", "verdict"] == "no_data"
    hukou = measured(LAND.with_changes({"base": "pop_hukou"}), village(10, {"land_area_m2": 1e6})).loc["A"]
    assert (hukou["verdict"], "pop_hukou" in hukou["note"]) == ("no_data", True)


def test_closed_facilities_other_kinds_and_those_outside_every_unit_do_not_count() -> None:
    rows = [
        {"unit": "A", "kind": "day_care", "land_area_m2": 500.0, "status": "closed"},
        {"unit": "A", "kind": "elderly_home", "land_area_m2": 500.0},
        {"unit": "", "kind": "day_care", "land_area_m2": 500.0},
    ]
    assert measured(LAND, a_place([{"pop_total": 1000.0}], facilities=rows)).loc["A", "have"] == 0.0


def test_a_facility_that_names_no_residential_area_belongs_to_the_one_it_stands_in() -> None:
    place = a_place(
        [{}],
        residential=[parcel("A", 0, 0, 100, 100, households=100.0)],
        facilities=[{"unit": "A", "kind": "day_care", "floor_area_m2": 20.0, "xy": (50, 50)}],
    )
    assert measured(FLOOR_PER_100, place).loc["r1", "verdict"] == "pass"


def test_without_a_layer_of_residential_areas_there_is_one_row_without_data() -> None:
    rows = FLOOR_PER_100.measure(a_place([{}]), NO_TIMES)
    assert list(rows["verdict"]) == ["no_data"]
    assert rows["note"].item() == "no layer of residential areas"
    assert judged(FLOOR_PER_100, a_place([{}]))["verdict"] == "no_data"


def test_a_rule_of_a_level_above_the_data_speaks_of_the_whole_area_and_says_so() -> None:
    province = LAND.with_changes({"unit": "province"})
    place = a_place(
        [{"pop_total": 10.0}, {"pop_total": 20.0}], level="county", facilities=[{"unit": "B", "kind": "day_care", "land_area_m2": 3.0}]
    )
    row = measured(province, place).loc["*"]
    assert (row["verdict"], row["base"], row["note"]) == ("pass", 30.0, "the whole area stands in for the province")
    one = measured(province, a_place([{"pop_total": 10.0}])).loc["county"]
    assert (one["verdict"], one["note"]) == ("fail", "the county stands in for the province")


def test_a_rule_of_a_level_that_is_not_there_has_no_data() -> None:
    rows = LAND.measure(a_place([{"pop_total": 1.0}], level="county"), NO_TIMES)
    assert list(rows["note"]) == ["no units of level village"]


def test_a_unit_whose_class_is_unknown_has_no_data() -> None:
    rule = LAND.with_changes({"universe": "urban_class in ['111', '121']"})
    place = a_place([{"pop_total": 1.0, "urban_class": c} for c in ("111", "220", "")])
    assert list(measured(rule, place)["verdict"]) == ["fail", "not_applicable", "no_data"]


M2 = st.one_of(st.just(np.nan), st.integers(0, 3000).map(lambda n: n / 10))


@settings(max_examples=20, deadline=None)
@given(
    people=st.lists(st.integers(0, 3000).map(float), min_size=1, max_size=4),
    standing=st.lists(st.tuples(st.integers(0, 3), M2), max_size=5),
    offered=st.lists(st.tuples(st.integers(0, 3), M2, st.sampled_from(["day_care", "elderly_home"])), min_size=1, max_size=5),
    data=st.data(),
)
def test_what_relief_claims_is_what_the_second_measuring_finds(
    people: list[float], standing: list, offered: list, data: st.DataObject
) -> None:
    unit = [chr(ord("A") + i) for i in range(len(people))]
    place = a_place(
        [{"pop_total": n} for n in people],
        facilities=[{"unit": unit[u % len(unit)], "kind": "station", "land_area_m2": m2} for u, m2 in standing],
        candidates=[{"unit": unit[u % len(unit)], "kind": kind, "land_area_m2": m2} for u, m2, kind in offered],
    )
    opened = sorted(data.draw(st.sets(st.integers(0, len(offered) - 1))))
    before = LAND.measure(place, NO_TIMES)
    relief = LAND.relief(place, NO_TIMES)
    if relief is None:
        assert "fail" not in set(before["verdict"])
        return
    brought = np.bincount(relief.need_row, weights=relief.amount * np.isin(relief.candidate_row, opened), minlength=len(relief.needs))
    claimed = np.minimum(relief.needs["amount"], brought).sum()
    after = LAND.measure(place.with_opened(opened), NO_TIMES)
    assert LAND.relieved(before, after) == pytest.approx(claimed)
    met = relief.needs["unit_id"][brought >= relief.needs["amount"] - 1e-9]
    known = after.set_index("unit_id")["verdict"]
    assert set(known[met]) <= {"pass"}


def test_a_candidate_brings_its_land_where_no_facility_states_any() -> None:
    place = a_place(
        [{"pop_total": 100.0}],
        facilities=[{"unit": "", "kind": "day_care"}],
        candidates=[{"unit": "A", "kind": "day_care", "land_area_m2": 10.0}],
    )
    assert measured(LAND, place).loc["A", "verdict"] == "fail"
    assert measured(LAND, place.with_opened([0])).loc["A", "verdict"] == "pass"


def test_relief_names_the_units_that_are_short_and_the_candidates_in_them() -> None:
    place = a_place(
        [{"pop_total": 1000.0}, {"pop_total": 500.0}, {"pop_total": 100.0}],
        facilities=[{"unit": "C", "kind": "day_care", "land_area_m2": 10.0}],
        candidates=[{"unit": "B", "kind": "day_care", "land_area_m2": 80.0}, {"unit": "C", "kind": "day_care", "land_area_m2": 5.0}],
    )
    relief = LAND.relief(place, NO_TIMES)
    assert relief is not None
    assert relief.needs[["unit_id", "amount", "unit", "people"]].to_dict("list") == {
        "unit_id": ["A", "B"], "amount": [100.0, 50.0], "unit": ["m2", "m2"], "people": [1000.0, 500.0],
    }  # fmt: skip
    assert (relief.need_row.tolist(), relief.candidate_row.tolist(), relief.amount.tolist()) == ([1], [0], [80.0])
    assert (relief.at_least, relief.counted) == (2.0, "needs")


@given(st.floats(1e-6, 1e12))
def test_exact_takes_a_figure_as_it_is_written(number: float) -> None:
    assert float(exact(number)) == pytest.approx(number, rel=1e-11)
    assert exact(0.1 + 0.2) == exact(0.3)
