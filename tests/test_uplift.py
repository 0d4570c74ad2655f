"""Uplift: the highest matching row of the user's table decides what a village is asked for; what is not known is not guessed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from planner.rules import Rule, expand
from planner.uplift import Uplift, with_uplift
from scenarios.packs import read_rules
from tests.small_rules import NO_TIMES, a_place, measured

RULES = read_rules(["huitong"], Path())


def a_row(at_least: float, value: float, **more: object) -> Uplift:
    return Uplift(**{"rule": "huitong.land_per_capita", "base_share": "pop60/pop_total", "at_least": at_least, "value": value, **more})


def lifted(*rows: Uplift) -> Rule:
    rules, faults = with_uplift(RULES, rows)
    assert not faults
    return rules[0]


TABLE = (a_row(0.4, 0.2), a_row(0.3, 0.15))


def villages(*people: tuple[float, float], land: float = 120.0) -> object:
    units = [{"pop_total": total, "pop60": old} for total, old in people]
    return a_place(units, facilities=[{"unit": chr(65 + i), "kind": "station", "land_area_m2": land} for i in range(len(people))])


def test_the_highest_matching_row_decides_and_the_share_itself_is_inside() -> None:
    rows = measured(lifted(*TABLE), villages((1000, 299), (1000, 300), (1000, 399), (1000, 400)))
    assert rows["required"].tolist() == [0.1, 0.15, 0.15, 0.2]
    assert rows["verdict"].tolist() == ["pass", "fail", "fail", "fail"]
    assert rows["shortfall"].tolist() == [0.0, 30.0, 30.0, 80.0]
    assert set(rows["value"]) == {0.12}


def test_nothing_is_lifted_without_a_table() -> None:
    assert measured(RULES[0], villages((1000, 900)))["required"].tolist() == [0.1]


def test_a_share_of_exactly_three_tenths_is_inside_though_floats_may_say_no() -> None:
    assert 0.3 * 10 != 0.1 * 3 * 10
    rows = measured(lifted(*TABLE), villages(*((10.0 * n, 3.0 * n) for n in range(1, 20))))
    assert set(rows["required"]) == {0.15}


def test_where_the_share_is_not_known_only_the_certain_is_said() -> None:
    nan = np.nan
    enough, open_, short = (measured(lifted(*TABLE), villages((1000, nan), land=m2)).loc["A"] for m2 in (200.0, 199.0, 99.0))
    assert (enough["verdict"], enough["required"]) == ("pass", 0.2)  # enough for the highest row
    assert (open_["verdict"], open_["note"]) == ("no_data", "not known whether the uplift applies")
    assert (short["verdict"], short["required"], short["shortfall"]) == ("fail", 0.1, 1.0)  # too little in any case


def test_the_readings_are_lifted_too_and_the_numbers_say_who_set_them() -> None:
    rule = lifted(*TABLE)
    floor = next(read for read in expand([rule]) if read.reading_id == "floor")
    place = a_place([{"pop_total": 1000.0, "pop60": 300.0}], facilities=[{"unit": "A", "kind": "station", "floor_area_m2": 149.0}])
    assert measured(floor, place).loc["A", "shortfall"] == 1.0
    assert [(n.is_, n.status, n.note) for n in rule.numbers if n.at == "uplift"] == [
        (0.2, "default", "set by the scenario where pop60/pop_total >= 0.4"),
        (0.15, "default", "set by the scenario where pop60/pop_total >= 0.3"),
    ]


def test_relief_and_the_second_measuring_go_by_the_lifted_figure() -> None:
    rule = lifted(*TABLE)
    place = a_place(
        [{"pop_total": 1000.0, "pop60": 350.0}],
        facilities=[{"unit": "A", "kind": "station", "land_area_m2": 120.0}],
        candidates=[{"unit": "A", "kind": "station", "land_area_m2": 30.0}],
    )
    relief = rule.relief(place, NO_TIMES)
    assert relief is not None
    assert (relief.needs["amount"].tolist(), relief.amount.tolist()) == ([30.0], [30.0])
    assert measured(rule, place.with_opened([0])).loc["A", "verdict"] == "pass"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (a_row(0.3, 0.15, rule="huitong.land"), "none of the standards holds huitong.land"),
        (a_row(0.3, 3, rule="huitong.mutual_aid_points"), "only quantity_per_base can be uplifted"),
        (a_row(0.3, 0.1), "not more than the 0.1 m2 of land per person"),
    ],
)
def test_rows_that_cannot_be_taken_say_why(row: Uplift, why: str) -> None:
    rules, [(number, text)] = with_uplift(RULES, [row])
    assert rules == RULES
    assert (number, why in text) == (0, True)


@pytest.mark.parametrize("share", ["pop60", "pop60/people", "pop60*2/pop_total"])
def test_a_share_is_of_two_bases(share: str) -> None:
    with pytest.raises(ValidationError, match="write two bases"):
        a_row(0.3, 0.15, base_share=share)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 9), st.integers(11, 40)), min_size=1, max_size=4), st.integers(0, 100))
def test_the_order_of_rows_does_not_matter_and_more_rows_never_ask_less(rows: list[tuple[int, int]], old: int) -> None:
    table = [a_row(share / 10, value / 100) for share, value in rows]
    place = villages((100.0, float(old)))
    asked = [measured(lifted(*some), place).loc["A", "required"] for some in (table, table[::-1], table[:1])]
    distinct = len({share for share, _ in rows}) == len(rows)
    assert not distinct or asked[0] == asked[1]
    assert asked[0] >= 0.1
    matching = [(share / 10, value / 100) for share, value in rows if old / 100 >= share / 10]
    assert asked[0] == (max(matching)[1] if matching else 0.1)
