"""Laws that hold for every kind of rule on any place: more never harms, splitting keeps totals, order is nothing, bounds enclose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layers.study_area import StudyArea
from planner.rules import Rule
from planner.uplift import Uplift
from planner.verdicts import verdicts
from tests.small_rules import AS_OF, NO_TIMES, a_place, a_rule, straight_times

LAND = a_rule("quantity_per_base", facilities=("community_elderly",), quantity="land_area_m2", base="pop_total", value=0.1)
GRADED_LAND = LAND.with_changes({"where": "grade >= 1"})
LIFTED = LAND.model_copy(update={"uplift": (Uplift(rule="test.test", base_share="pop60/pop_total", at_least=0.3, value=0.2),)})
POINTS = a_rule("facility_count_per_unit", facilities=("community_elderly",), where="grade >= 1", value=2, shared=True)
EACH = a_rule("facility_count_per_unit", facilities=("community_elderly",), together=("station", "day_care"), value=1)
CIRCLE = a_rule("service_circle_coverage", facilities=("community_elderly",), weight="pop60", method="network", max_minutes=15, value=60)
GRADED = a_rule("ratio", over="facilities", facilities=("community_elderly",), num="count_if(grade >= 1)", den="count", value=50)
COUNTY = {"unit": "county"}
GROWING: Mapping[str, Rule] = {"quota": LAND, "uplift": LIFTED, "presence": POINTS, "together": EACH, "reach": CIRCLE}
EVERY: Mapping[str, Rule] = {**GROWING, "graded quota": GRADED_LAND, "share": GRADED}

Row = dict[str, Any]

VILLAGES = st.lists(
    st.fixed_dictionaries({"pop_total": st.integers(0, 300).map(float), "old": st.integers(0, 100)}), min_size=1, max_size=4
).map(lambda rows: [{"pop_total": r["pop_total"], "pop60": r["pop_total"] * r["old"] / 100} for r in rows])


def sites(grade: st.SearchStrategy[float], land: st.SearchStrategy[float], *, least: int = 0) -> st.SearchStrategy[list[Row]]:
    return st.lists(
        st.fixed_dictionaries(
            {
                "at": st.integers(0, 3),
                "kind": st.sampled_from(["station", "day_care", "day_care;station"]),
                "grade": grade,
                "land_area_m2": land,
                "serves": st.sampled_from(["", "A", "B;A"]),
            }
        ),
        min_size=least,
        max_size=5,
    )


KNOWN = sites(st.integers(0, 2).map(float), st.integers(0, 300).map(lambda n: n / 10))
OFTEN_UNKNOWN = sites(st.sampled_from([0.0, 1.0, np.nan]), st.one_of(st.just(np.nan), st.integers(0, 300).map(lambda n: n / 10)), least=1)


def place_of(villages: Sequence[Row], facilities: Sequence[Row]) -> StudyArea:
    """Villages with their people in the middle and facilities 300 m from there."""
    unit = [chr(ord("A") + i) for i in range(len(villages))]
    people = [{"unit": u, "pop60": v["pop60"], "pop_total": v["pop_total"]} for u, v in zip(unit, villages, strict=True)]
    rows = [{**f, "unit": unit[f["at"] % len(unit)], "xy": (1000.0 * (f["at"] % len(unit)) + 800.0, 500.0)} for f in facilities]
    return a_place(villages, demand=people, facilities=[{k: v for k, v in row.items() if k != "at"} for row in rows])


def measured(rule: Rule, place: StudyArea) -> pd.DataFrame:
    times = straight_times(place, "elder_walk", 50.0, 15.0) if rule.travel_limits() else NO_TIMES
    return rule.measure(place, times).sort_values("unit_id", ignore_index=True)


@pytest.mark.parametrize("rule", GROWING.values(), ids=GROWING)
@settings(max_examples=15, deadline=None)
@given(villages=VILLAGES, facilities=KNOWN, one_more=KNOWN.filter(bool))
def test_one_more_facility_never_worsens_what_a_rule_finds(
    rule: Rule, villages: list[Row], facilities: list[Row], one_more: list[Row]
) -> None:
    before, after = (measured(rule, place_of(villages, rows)) for rows in (facilities, [*facilities, one_more[0]]))
    assert (after["have"] >= before["have"]).all()
    assert (after["shortfall"].fillna(0) <= before["shortfall"].fillna(0)).all()
    assert (after["verdict"][before["verdict"] == "pass"] == "pass").all()


@pytest.mark.parametrize("rule", [LAND, CIRCLE, LAND.with_changes({"base": "pop60"})], ids=["quota", "reach", "quota of elders"])
@settings(max_examples=15, deadline=None)
@given(villages=VILLAGES, facilities=KNOWN, share=st.integers(0, 10))
def test_splitting_a_village_s_people_keeps_the_totals_of_the_county(
    rule: Rule, villages: list[Row], facilities: list[Row], share: int
) -> None:
    whole = place_of(villages, facilities)
    parts = [
        whole.demand.assign(pop60=whole.demand["pop60"] * s, pop_total=whole.demand["pop_total"] * s) for s in (share / 10, 1 - share / 10)
    ]
    twice = pd.concat([part.assign(demand_id=part["demand_id"] + name) for part, name in zip(parts, "ab", strict=True)], ignore_index=True)
    split = replace(whole, demand=twice.set_crs(whole.crs))
    one, two = (measured(rule.with_changes(COUNTY), place).iloc[0] for place in (whole, split))
    assert one["verdict"] == two["verdict"]
    for column in ("value", "have", "base", "shortfall"):
        assert two[column] == pytest.approx(one[column], nan_ok=True, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(villages=VILLAGES, facilities=KNOWN, share=st.integers(0, 10))
def test_a_village_parted_in_two_is_the_same_county(villages: list[Row], facilities: list[Row], share: int) -> None:
    rule = LAND.with_changes(COUNTY)
    first = {key: value * share / 10 for key, value in villages[0].items()}
    rest = {key: value - first[key] for key, value in villages[0].items()}
    here = [row for row in facilities if row["at"] % len(villages) == 0]
    whole, parted = place_of(villages[:1], here), place_of([first, rest], here)
    one, two = (measured(rule, place).iloc[0] for place in (whole, parted))
    assert (one["verdict"], one["have"]) == (two["verdict"], two["have"])
    assert two["base"] == pytest.approx(one["base"])


@pytest.mark.parametrize("rule", EVERY.values(), ids=EVERY)
@settings(max_examples=10, deadline=None)
@given(villages=VILLAGES, facilities=OFTEN_UNKNOWN, random=st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nothing(rule: Rule, villages: list[Row], facilities: list[Row], random: Any) -> None:  # noqa: ANN401
    place = place_of(villages, facilities)

    def mixed(frame: Any) -> Any:  # noqa: ANN401
        return frame.iloc[random.sample(range(len(frame)), len(frame))].reset_index(drop=True)

    shuffled = replace(place, **{name: mixed(getattr(place, name)) for name in ("units", "demand", "facilities")})
    first, second = (measured(rule, one).drop(columns="note") for one in (place, shuffled))
    pd.testing.assert_frame_equal(first, second)


@pytest.mark.parametrize("rule", EVERY.values(), ids=EVERY)
@pytest.mark.parametrize("units_pct", [50, 100])
@settings(max_examples=15, deadline=None)
@given(villages=VILLAGES, facilities=OFTEN_UNKNOWN, data=st.data())
def test_bounds_enclose_what_any_completion_of_the_missing_data_gives(
    rule: Rule, units_pct: float, villages: list[Row], facilities: list[Row], data: st.DataObject
) -> None:
    rule = rule.model_copy(update={"units_pct": units_pct})
    gaps = [{**v, "pop60": np.nan} if data.draw(st.integers(0, 4)) == 0 and rule is not CIRCLE else v for v in villages]
    filled = [
        {
            **f,
            "grade": data.draw(st.sampled_from([0.0, 1.0])) if np.isnan(f["grade"]) else f["grade"],
            "land_area_m2": data.draw(st.sampled_from([0.0, 1.0, 50.0])) if np.isnan(f["land_area_m2"]) else f["land_area_m2"],
        }
        for f in facilities
    ]
    open_, complete = (measured(rule, place_of(*given_)) for given_ in ((gaps, facilities), (villages, filled)))
    certain = open_["verdict"].isin(["pass", "fail"])
    assert open_["verdict"][certain].tolist() == complete["verdict"][certain].tolist()
    assert (complete["have"] >= open_["have"].fillna(0) - 1e-9).all()
    said, true = (verdicts(rows, [rule], AS_OF).iloc[0] for rows in (open_, complete))
    if true["n_pass"] + true["n_fail"] and said["n_not_applicable"] == true["n_not_applicable"]:
        assert said["lower_pct"] <= true["lower_pct"] + 1e-9
        assert true["upper_pct"] <= said["upper_pct"] + 1e-9
        assert said["verdict"] in (true["verdict"], "undetermined", "no_data")
