"""Share: the worked cases R1 to R3 of the domain notes, missing data, registers, and a law for any place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.small_rules import NO_TIMES, a_place, a_rule, judged, measured

NURSING = a_rule("ratio", unit="county", over="facilities", facilities=("institution",), num="beds_nursing", den="beds_total", value=60)
GRADED = NURSING.with_changes({"num": "count_if(grade >= 1)", "den": "count", "value": 80})


def homes(*beds: tuple[float, float], **more: object) -> list[dict[str, object]]:
    return [{"unit": "A", "kind": "elderly_home", "beds_total": total, "beds_nursing": nursing, **more} for total, nursing in beds]


THREE = homes((200.0, 150.0), (120.0, 40.0), (30.0, 0.0))


def test_r1_the_share_is_of_all_beds_and_20_nursing_beds_are_short() -> None:
    row = measured(NURSING, a_place([{}], facilities=THREE)).loc["county"]
    assert (row["have"], row["base"], row["verdict"], row["shortfall"], row["shortfall_unit"]) == (
        190.0,
        350.0,
        "fail",
        20.0,
        "beds to convert",
    )
    assert round(row["value"], 2) == 54.29


@pytest.mark.parametrize("remedy", [homes((200.0, 150.0), (120.0, 60.0), (30.0, 0.0)), [*THREE, *homes((50.0, 50.0))]])
def test_r1_converting_20_beds_or_adding_50_nursing_beds_meets_it(remedy: list[dict[str, object]]) -> None:
    row = measured(NURSING, a_place([{}], facilities=remedy)).loc["county"]
    assert (row["value"], row["verdict"]) == (60.0, "pass")


def test_r1_relief_of_50_nursing_beds_is_20_and_of_50_ordinary_beds_minus_30() -> None:
    place = a_place([{}], facilities=THREE, candidates=homes((50.0, 50.0), (50.0, 0.0), (10.0, 6.0)))
    relief = NURSING.relief(place, NO_TIMES)
    assert relief is not None
    assert relief.needs[["unit_id", "amount", "unit"]].to_numpy().tolist() == [["county", 20.0, "beds to convert"]]
    assert (relief.candidate_row.tolist(), relief.amount.tolist(), relief.at_least) == ([0, 1], [20.0, -30.0], 1.0)


def test_r2_closed_institutions_leave_the_count_and_ungraded_ones_stay() -> None:
    rows = [{"unit": "A", "kind": "township_home", "grade": 1.0}] * 20 + [{"unit": "A", "kind": "township_home", "grade": 0.0}] * 6
    rows += [{"unit": "A", "kind": "township_home", "grade": 1.0, "status": "closed"}] * 4
    row = measured(GRADED, a_place([{}], facilities=rows)).loc["county"]
    assert (row["have"], row["base"], round(row["value"], 1), row["verdict"]) == (20.0, 26.0, 76.9, "fail")
    assert np.ceil(row["shortfall"]) == 1  # 21 are needed


@pytest.mark.parametrize(("op", "verdict", "shortfall"), [(">", "fail", 1.0), (">=", "pass", 0.0)])
def test_r3_more_than_60_per_cent_excludes_60(op: str, verdict: str, shortfall: float) -> None:
    row = measured(NURSING.with_changes({"op": op}), a_place([{}], facilities=homes((50.0, 30.0)))).loc["county"]
    assert (row["value"], row["verdict"], row["shortfall"]) == (60.0, verdict, shortfall)


def test_a_register_of_people_is_not_read_and_says_so() -> None:
    rule = a_rule("ratio", unit="county", over="records", num="count_if(in_institution)", den="count", op=">", value=60)
    row = measured(rule, a_place([{}])).loc["county"]
    assert (row["verdict"], "register" in row["note"]) == ("no_data", True)
    assert rule.relief(a_place([{}]), NO_TIMES) is None


def test_an_unknown_grade_leaves_the_verdict_open_only_when_it_could_change_it() -> None:
    def verdict(*grades: float) -> str:
        rows = [{"unit": "A", "kind": "institution", "grade": g} for g in grades]
        return str(measured(GRADED, a_place([{}], facilities=rows)).loc["county", "verdict"])

    assert verdict(1, 1, 1, 1, np.nan) == "pass"
    assert verdict(1, 1, 1, np.nan, 0) == "no_data"
    assert verdict(1, np.nan, 0, 0, 0) == "fail"


def test_unknown_beds_are_no_data_and_are_named() -> None:
    rows = [*THREE, {"unit": "A", "kind": "elderly_home", "name": "西院", "beds_total": np.nan, "beds_nursing": 3.0}]
    row = measured(NURSING, a_place([{}], facilities=rows)).loc["county"]
    assert (row["verdict"], "西院" in row["note"]) == ("no_data", True)


@pytest.mark.parametrize(
    ("beds", "nursing", "owner", "not_known"),
    [
        (100.0, np.nan, "public", "beds_nursing"),
        (np.nan, 3.0, "public", "beds_total"),
        (np.nan, np.nan, "public", "beds_nursing, beds_total"),
        (100.0, 60.0, "", "ownership = 'public'"),
        (100.0, np.nan, "", "beds_nursing, ownership = 'public'"),
    ],
)
def test_only_what_is_not_known_is_called_so(beds: float, nursing: float, owner: str, not_known: str) -> None:
    rule = NURSING.with_changes({"where": "ownership = 'public'"})
    west = {"unit": "A", "kind": "elderly_home", "name": "西院", "beds_total": beds, "beds_nursing": nursing}
    rows = [{**row, "ownership": "public"} for row in homes((100.0, 40.0))] + [{**west, "ownership": owner}]
    row = measured(rule, a_place([{}], facilities=rows)).loc["county"]
    assert (row["verdict"], row["note"]) == ("no_data", f"西院: not known: {not_known}")


def test_a_county_without_institutions_is_not_asked() -> None:
    place = a_place([{}], facilities=[{"unit": "A", "kind": "day_care", "beds_total": 5.0, "beds_nursing": 0.0}])
    assert judged(NURSING, place)["verdict"] == "not_applicable"


def test_a_share_without_a_value_is_only_reported() -> None:
    rule = NURSING.with_changes({"value": None, "op": None})
    verdict = judged(rule, a_place([{}], facilities=THREE))
    assert (verdict["verdict"], round(verdict["value"], 2)) == ("report_only", 54.29)
    assert rule.relief(a_place([{}], facilities=THREE), NO_TIMES) is None


def test_floor_per_bed_is_asked_of_each_institution() -> None:
    rule = NURSING.with_changes(
        {"num": "count_if(per(floor_area_m2, beds_total) >= 35 and beds_total >= 20)", "den": "count", "value": 100}
    )
    rows = [
        {"unit": "A", "kind": "institution", "floor_area_m2": m2, "beds_total": beds}
        for m2, beds in ((700.0, 20.0), (699.0, 20.0), (900.0, 19.0))
    ]
    row = measured(rule, a_place([{}], facilities=rows)).loc["county"]
    assert (row["have"], row["base"]) == (1.0, 3.0)


def test_a_condition_on_facilities_may_ask_for_the_class_of_their_unit() -> None:
    rule = NURSING.with_changes({"where": "urban_class = '121'"})
    place = a_place([{"urban_class": "121"}, {"urban_class": "220"}], facilities=[*homes((10.0, 6.0)), {**THREE[2], "unit": "B"}])
    assert measured(rule, place).loc["county", "base"] == 10.0


def test_a_share_over_units_counts_units() -> None:
    rule = a_rule(
        "ratio", unit="county", over="units", where="subtype = 'admin_village'", num="count_if(pop60 >= 100)", den="count", value=50
    )
    place = a_place([{"pop60": n, "subtype": s} for n, s in ((120.0, "admin_village"), (80.0, "admin_village"), (500.0, "community"))])
    row = measured(rule, place).loc["county"]
    assert (row["have"], row["base"], row["verdict"], row["shortfall_unit"]) == (1.0, 2.0, "pass", "units")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"num": "beds_nursin"}, "did you mean beds_nursing"),
        ({"num": "count_if(grade >)"}, "expected"),
        ({"num": "count_if(far(medical) < 2)"}, "is no function here"),
        ({"facilities": None}, "facilities is missing"),
    ],
)
def test_terms_that_cannot_be_read_are_refused(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        NURSING.with_changes(changes)


BEDS = st.tuples(st.integers(0, 60), st.one_of(st.just(np.nan), st.integers(0, 60).map(float))).map(
    lambda t: (float(t[0]), min(float(t[0]), t[1]) if t[1] == t[1] else t[1])
)


@settings(max_examples=20, deadline=None)
@given(standing=st.lists(BEDS, min_size=1, max_size=4), offered=st.lists(BEDS, min_size=1, max_size=4), data=st.data())
def test_what_relief_claims_is_what_the_second_measuring_finds(standing: list, offered: list, data: st.DataObject) -> None:
    place = a_place([{}], facilities=homes(*standing), candidates=homes(*offered))
    opened = sorted(data.draw(st.sets(st.integers(0, len(offered) - 1))))
    before, relief = NURSING.measure(place, NO_TIMES), NURSING.relief(place, NO_TIMES)
    if relief is None:
        assert before["verdict"].item() != "fail"
        return
    brought = relief.amount[np.isin(relief.candidate_row, opened)].sum()
    claimed = min(relief.needs["amount"].item(), brought)
    assert NURSING.relieved(before, NURSING.measure(place.with_opened(opened), NO_TIMES)) == pytest.approx(claimed, abs=1e-9)
