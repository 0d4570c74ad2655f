"""Every reading of the shipped packs worked out by hand: where the base rule and its rival give two answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from planner.rules import Rule, expand
from scenarios.packs import standards
from tests.small_rules import NO_TIMES, a_place, judged, measured, parcel, straight_times

READ = {(rule.full_id, rule.reading_id): rule for rule in expand([rule for pack in standards() for rule in pack.rules])}


def both(full_id: str, reading: str) -> tuple[Rule, Rule]:
    """The base rule and one reading of it."""
    return READ[full_id, ""], READ[full_id, reading]


def verdicts_of(rules: tuple[Rule, Rule], place: object, unit: str = "A", times: object = NO_TIMES) -> tuple[str, str]:
    base, rival = (measured(rule, place, times).loc[unit, "verdict"] for rule in rules)
    return str(base), str(rival)


def values_of(rules: tuple[Rule, Rule], place: object, unit: str = "A", times: object = NO_TIMES) -> tuple[float, float]:
    base, rival = (measured(rule, place, times).loc[unit, "value"] for rule in rules)
    return float(base), float(rival)


def site(kind: str, unit: str = "A", **columns: object) -> dict[str, object]:
    return {"unit": unit, "kind": kind, **columns}


# 1000 residents counted in all, 800 of them present, 1500 registered; a house of two storeys on 90 m2 of land
VILLAGE = [{"pop_total": 1000.0, "pop_resident": 800.0, "pop_hukou": 1500.0, "subtype": "admin_village"}]
HOUSE = site("happiness_home", land_area_m2=90.0, floor_area_m2=180.0)


@pytest.mark.parametrize(
    ("reading", "value", "verdict"),
    [("floor", 0.18, "pass"), ("resident", 90 / 800, "pass"), ("hukou", 90 / 1500, "fail"), ("all_facilities", 0.59, "pass")],
)
def test_huitong_land_per_head(reading: str, value: float, verdict: str) -> None:
    rules = both("huitong.land_per_capita", reading)
    place = a_place(VILLAGE, facilities=[HOUSE, site("township_home", land_area_m2=500.0, floor_area_m2=0.0)])
    assert verdicts_of(rules, place) == ("fail", verdict)
    assert values_of(rules, place) == pytest.approx((0.09, value))


def test_huitong_two_points_or_two_of_any_village_facility() -> None:
    place = a_place(VILLAGE, facilities=[site("mutual_aid_point"), site("happiness_home")])
    assert verdicts_of(both("huitong.mutual_aid_points", "any_community"), place) == ("fail", "pass")
    assert values_of(both("huitong.mutual_aid_points", "any_community"), place) == (1.0, 2.0)


# people of 60 and over: 60 at 700 m along the street, 30 at 800 m, 10 at 950 m; a day-care centre at 0 m, a nursing home at 1000 m
STREET = a_place(
    [{"pop60": 100.0}],
    demand=[{"unit": "A", "xy": (x, 0), "pop60": n} for x, n in ((700, 60.0), (800, 30.0), (950, 10.0))],
    facilities=[site("day_care", xy=(0, 0)), site("nursing_home", xy=(1800, 0))],
)


@pytest.mark.parametrize(
    ("reading", "value"),
    [("general_walk", 90.0), ("radius_1000", 100.0), ("all_facilities", 60.0)],
)
def test_huitong_circle_of_15_minutes(reading: str, value: float) -> None:
    base, rival = both("huitong.circle15", reading)
    profile = rival.travel_limits() and next(iter(rival.travel_limits()))
    pace = {"general_walk": 60.0, "elder_walk": 50.0}
    assert measured(base, STREET, straight_times(STREET, "elder_walk", 50.0, 15.0)).loc["county", "value"] == 60.0
    times = straight_times(STREET, profile, pace[profile], 15.0) if profile else NO_TIMES
    assert measured(rival, STREET, times).loc["county", "value"] == value


def test_huitong_circle_reaches_more_when_institutions_count() -> None:
    near = a_place(
        [{"pop60": 30.0}],
        demand=[{"unit": "A", "xy": (0, 0), "pop60": 10.0}, {"unit": "A", "xy": (900, 0), "pop60": 20.0}],
        facilities=[site("day_care", xy=(0, 0)), site("nursing_home", xy=(900, 0))],
    )
    times = straight_times(near, "elder_walk", 50.0, 15.0)
    base, rival = both("huitong.circle15", "all_facilities")
    assert [round(measured(rule, near, times).loc["county", "value"], 1) for rule in (base, rival)] == [33.3, 100.0]


def test_huitong_outlets_by_township_or_by_village() -> None:
    base, rival = both("huitong.rehab_outlets", "village")
    assert (base.unit, rival.unit) == ("township", "village")
    townships = a_place([{}, {}], level="township", facilities=[site("rehab_outlet", "A"), site("rehab_outlet", "B")])
    villages = a_place([{}, {}, {}], facilities=[site("rehab_outlet", "A", serves="B")])
    assert judged(base, townships)["verdict"] == "pass"
    row = judged(rival, villages)
    assert (row["verdict"], row["n_pass"], row["n_fail"]) == ("fail", 2, 1)


@pytest.mark.parametrize(("reading", "verdicts"), [("centre_only", ("pass", "fail")), ("functions_ignored", ("pass", "pass"))])
def test_hunan_a_facility_in_every_township(reading: str, verdicts: tuple[str, str]) -> None:
    place = a_place([{}], level="township", facilities=[site("township_home", functions="disabled_care;canteen")])
    assert verdicts_of(both("hunan.township_facility", reading), place) == verdicts


def test_hunan_without_functions_in_the_list_there_is_no_data_unless_they_are_ignored() -> None:
    place = a_place([{}], level="township", facilities=[site("township_centre", functions="")])
    assert verdicts_of(both("hunan.township_facility", "functions_ignored"), place) == ("no_data", "pass")


@pytest.mark.parametrize(("rule", "subtype"), [("huancui.street_centres", "street"), ("huancui.town_centres", "town")])
def test_huancui_a_centre_with_day_care_only_passes_when_functions_are_ignored(rule: str, subtype: str) -> None:
    place = a_place([{"subtype": subtype}], level="township", facilities=[site("township_centre", functions="day_care")])
    assert verdicts_of(both(rule, "functions_ignored"), place) == ("fail", "pass")


def an_estate(built_status: str, households: float, floor_m2: float, land_m2: float = 0.0) -> object:
    return a_place(
        [{"urban_class": "121"}],
        residential=[parcel("A", 0, 0, 100, 100, built_status=built_status, households=households)],
        facilities=[site("day_care", residential_id="r1", floor_area_m2=floor_m2, land_area_m2=land_m2)],
    )


def test_huancui_a_new_estate_has_a_facility_but_not_20_m2_per_100_households() -> None:
    place = an_estate("new", 500.0, 90.0)  # 18 m2 per 100 households, 10 m2 short
    base, rival = both("huancui.new_areas", "area20")
    assert verdicts_of((base, rival), place, "r1") == ("pass", "fail")
    assert measured(rival, place).loc["r1", "shortfall"] == 10.0


def test_xincheng_a_new_estate_with_24_m2_meets_20_but_not_30() -> None:
    place = an_estate("new", 500.0, 120.0)
    assert verdicts_of(both("xincheng.new_areas", "new30"), place, "r1") == ("pass", "fail")
    assert measured(READ["xincheng.new_areas", "new30"], place).loc["r1", "shortfall"] == 30.0


def test_xincheng_an_old_estate_by_floor_or_by_land() -> None:
    place = an_estate("existing", 500.0, 120.0, 60.0)
    assert verdicts_of(both("xincheng.existing_areas", "land"), place, "r1") == ("pass", "fail")
    assert values_of(both("xincheng.existing_areas", "land"), place, "r1") == (24.0, 12.0)


def test_xincheng_estates_of_a_town_one_by_one_or_together() -> None:
    areas = [parcel("A", 200 * i, 0, 100, 100, built_status="existing", households=h) for i, h in enumerate((500.0, 300.0))]
    floors = [site("day_care", residential_id="r1", floor_area_m2=60.0), site("station", residential_id="r2", floor_area_m2=100.0)]
    place = a_place([{"subtype": "town"}], level="township", residential=areas, facilities=floors)
    base, pooled = both("xincheng.existing_areas", "pooled")
    assert list(measured(base, place)["verdict"]) == ["fail", "pass"]  # 12 and 33.3 m2 per 100 households
    row = measured(pooled, place).loc["A"]
    assert (row["value"], row["verdict"], row["level"]) == (20.0, "pass", "township")


def test_xincheng_urban_communities_stand_in_where_no_estates_are_mapped() -> None:
    units = [{"households": 400.0, "urban_class": "121"}, {"households": 400.0, "urban_class": "220"}]
    place = a_place(units, facilities=[site("day_care", floor_area_m2=79.0)])
    base, rival = both("xincheng.existing_areas", "community")
    assert judged(base, place)["verdict"] == "no_data"
    rows = measured(rival, place)
    assert list(rows["verdict"]) == ["fail", "not_applicable"]
    assert rows.loc["A", "shortfall"] == 1.0


def test_xincheng_coverage_of_townships_or_of_people() -> None:
    base, people = both("xincheng.township_centres", "people")
    place = a_place(
        [{"pop60": 10.0}, {"pop60": 90.0}],
        level="township",
        demand=[{"unit": "A", "xy": (500, 500), "pop60": 10.0}, {"unit": "B", "xy": (1500, 500), "pop60": 90.0}],
        facilities=[site("township_centre", "B")],
    )
    assert judged(base, place)["verdict"] == "fail"  # one of two townships; two are needed for 60 %
    row = measured(people, place, straight_times(place, "elder_walk", 50.0, 15.0)).loc["county"]
    assert (row["value"], row["verdict"]) == (90.0, "pass")


def test_shanxi_every_elder_within_15_minutes_or_a_facility_for_every_community() -> None:
    base, by_community = both("shanxi.quarter_hour_circle", "by_community")
    place = a_place(
        [{"pop60": 50.0}, {"pop60": 50.0}],
        demand=[{"unit": "A", "pop60": 50.0}, {"unit": "B", "xy": (1990, 500), "pop60": 50.0}],
        facilities=[site("day_care", serves="B")],
    )
    row = measured(base, place, straight_times(place, "elder_walk", 50.0, 15.0)).loc["county"]
    assert (row["value"], row["verdict"]) == (50.0, "fail")
    assert judged(by_community, place)["verdict"] == "pass"


def test_gb50180_residential_land_or_elders_in_the_circle_or_along_the_streets() -> None:
    place = a_place(
        [{"urban_class": "111", "pop60": 10.0}],
        demand=[{"unit": "A", "xy": (100, 100), "pop60": 9.0}, {"unit": "A", "xy": (200, 200), "pop60": 1.0}],
        residential=[parcel("A", 0, 0, 100, 100), parcel("A", 500, 500, 100, 100)],
        facilities=[site("day_care", xy=(0, 0))],
    )
    base, network = both("gb50180.day_care_300m", "network")
    _, people = both("gb50180.day_care_300m", "people")
    assert measured(base, place).loc["A", "value"] == pytest.approx(50.0)  # one of two equal parcels
    assert measured(people, place).loc["A", "value"] == 100.0  # 141 m and 283 m straight
    along = straight_times(place, "distance", 0.5, 300.0)  # twice the way along the x axis: 200 m and 400 m
    assert measured(network, place, along).loc["A", "value"] == 90.0


def test_cn_national_residential_land_or_elders_within_5_minutes() -> None:
    place = a_place(
        [{"urban_class": "111", "pop60": 10.0}],
        demand=[{"unit": "A", "xy": (290, 0), "pop60": 4.0}, {"unit": "A", "xy": (310, 0), "pop60": 6.0}],
        residential=[parcel("A", 500, 500, 100, 100)],
        facilities=[site("day_care", xy=(0, 0))],
    )
    base, network = both("cn-national.elderly_5min", "network")
    _, people = both("cn-national.elderly_5min", "people")
    assert measured(base, place).loc["A", "value"] == 0.0
    assert measured(people, place).loc["A", "value"] == 40.0
    assert (
        measured(network, place, straight_times(place, "general_walk", 58.0, 5.0)).loc["A", "value"] == 40.0
    )  # exactly 5 minutes is inside


def test_tdt1062_at_the_pace_of_planners_or_of_elders_and_at_both_bounds() -> None:
    base, elder = both("tdt1062.urban15_elderly", "elder")
    place = a_place(
        [{"subtype": "town", "pop60": 3.0}],
        level="township",
        demand=[{"unit": "A", "xy": (700, 0), "pop60": 1.0}, {"unit": "A", "xy": (800, 0), "pop60": 2.0}],
        facilities=[site("day_care", xy=(0, 0))],
    )
    assert measured(base, place, straight_times(place, "general_walk", 60.0, 15.0)).loc["A", "value"] == 100.0
    assert measured(elder, place, straight_times(place, "elder_walk", 50.0, 15.0)).loc["A", "value"] == pytest.approx(100 / 3)
    outer, inner = both("tdt1062.urban5_10_elderly", "inner")
    town = a_place(
        [{"urban_class": "121", "pop60": 4.0}],
        demand=[{"unit": "A", "xy": (250, 0), "pop60": 1.0}, {"unit": "A", "xy": (500, 0), "pop60": 2.0}, {"unit": "A", "xy": (501, 0), "pop60": 1.0}],
        facilities=[site("station", xy=(0, 0))],
    )  # fmt: skip
    times = straight_times(town, "elder_walk", 50.0, 10.0)
    assert [measured(rule, town, times).loc["A", "value"] for rule in (outer, inner)] == [75.0, 25.0]


def test_no_reading_is_left_unworked() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [key for key in READ if key[1] and not all(f'"{part}"' in text for part in key)] == []
