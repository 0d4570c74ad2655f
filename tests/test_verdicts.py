"""Verdicts: shares in whole numbers, what missing data leaves open, pooled figures, what is overdue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.exact import exact, exact_sum, meets, missing, units_needed
from planner.measures import MEASURE_COLUMNS, VERDICT_COLUMNS
from planner.rules import expand
from planner.verdicts import verdicts
from tests.small_rules import AS_OF, NO_TIMES, a_place, a_rule

CENTRE = a_rule(
    "facility_count_per_unit", unit="township", facilities=("township_centre",), value=1, deadline=date(2025, 12, 31),
    readings=({"id": "two", "why": "two are meant", "value": 2},),
)  # fmt: skip


def table(said: Sequence[str], *, reading: str = "", **columns: object) -> pd.DataFrame:
    """Measures with these verdicts."""
    rows = pd.DataFrame(
        {"verdict": list(said), "rule_id": CENTRE.full_id, "reading": reading, "unit_id": [f"u{i}" for i in range(len(said))]}
    )
    return rows.assign(shortfall=0.0, shortfall_unit="facilities", have=1.0, base=np.nan, **columns).reindex(columns=list(MEASURE_COLUMNS))


def verdict_of(said: Sequence[str], as_of: date = AS_OF, **changes: object) -> pd.Series:
    return verdicts(table(said), [CENTRE.with_changes(changes)], as_of).iloc[0]


@pytest.mark.parametrize(
    ("said", "units_pct", "verdict"),
    [
        (["pass"] * 11 + ["fail"] * 7, 60, "pass"),
        (["pass"] * 10 + ["fail"] * 8, 60, "fail"),
        (["pass"] * 9 + ["fail"] * 5 + ["no_data"] * 4, 60, "undetermined"),
        (["pass"] * 7 + ["fail"] * 93, 7, "pass"),
        (["pass", "not_applicable"], 100, "pass"),
        (["pass", "no_data"], 100, "undetermined"),
        (["fail", "no_data"], 100, "fail"),
        (["no_data", "no_data"], 100, "no_data"),
        (["not_applicable"], 100, "not_applicable"),
        (["fail"], 0, "pass"),
    ],
)
def test_the_verdict_of_a_rule(said: list[str], units_pct: float, verdict: str) -> None:
    row = verdict_of(said, units_pct=units_pct)
    assert row["verdict"] == verdict
    assert list(row.index) == list(VERDICT_COLUMNS)
    asked = len([v for v in said if v != "not_applicable"])
    assert row["n_pass"] + row["n_fail"] + row["n_no_data"] == asked
    if asked:
        assert row["lower_pct"] == pytest.approx(100 * said.count("pass") / asked)
        assert row["upper_pct"] == pytest.approx(100 * (said.count("pass") + said.count("no_data")) / asked)
    else:
        assert np.isnan(row["lower_pct"])


@pytest.mark.parametrize(
    ("said", "as_of", "overdue"),
    [
        (["fail"], date(2026, 1, 1), True),
        (["fail"], date(2025, 12, 31), False),
        (["pass"], date(2026, 1, 1), False),
        (["no_data"], date(2026, 1, 1), True),
        (["not_applicable"], date(2026, 1, 1), False),
    ],
)
def test_a_rule_is_overdue_the_day_after_its_deadline_and_stays_evaluated(said: list[str], as_of: date, *, overdue: bool) -> None:
    assert bool(verdict_of(said, as_of)["overdue"]) is overdue


def test_readings_have_verdicts_of_their_own_in_the_order_of_the_rules() -> None:
    measures = pd.concat([table(["fail"], reading="two"), table(["pass"])])
    rows = verdicts(measures, [CENTRE], AS_OF)
    assert rows[["reading", "verdict"]].to_numpy().tolist() == [["", "pass"], ["two", "fail"]]
    assert verdicts(measures, expand([CENTRE]), AS_OF).equals(rows)
    assert len(verdicts(measures.iloc[:0], [CENTRE], AS_OF)) == 0


def test_the_pooled_figure_is_of_all_people_and_not_a_mean_of_units() -> None:
    rule = a_rule("quantity_per_base", facilities=("day_care",), quantity="land_area_m2", base="pop_total", value=0.1)
    place = a_place([{"pop_total": 100.0}, {"pop_total": 900.0}], facilities=[{"unit": "A", "kind": "day_care", "land_area_m2": 50.0}])
    row = verdicts(rule.measure(place, NO_TIMES), [rule], AS_OF).iloc[0]
    assert (row["value"], row["shortfall"], row["shortfall_unit"]) == (0.05, 90.0, "m2")
    unknown = a_place([{"pop_total": 100.0}, {"pop_total": np.nan}], facilities=[{"unit": "A", "kind": "day_care", "land_area_m2": 50.0}])
    assert np.isnan(verdicts(rule.measure(unknown, NO_TIMES), [rule], AS_OF).iloc[0]["value"])
    assert np.isnan(verdict_of(["pass"])["value"])


@given(st.integers(0, 100), st.integers(0, 500))
def test_units_needed_is_the_least_whole_number_that_reaches_the_share(pct: int, n: int) -> None:
    needed = units_needed(pct, n)
    assert 100 * needed >= pct * n
    assert needed == 0 or 100 * (needed - 1) < pct * n


@given(st.lists(st.integers(0, 10**7), max_size=8), st.randoms(use_true_random=False))
def test_a_sum_does_not_depend_on_the_order(tenths: list[int], random: object) -> None:
    mixed = list(tenths)
    random.shuffle(mixed)
    assert exact_sum(n / 10 for n in mixed) == exact(sum(tenths) / 10)


@pytest.mark.parametrize(
    ("op", "at", "above", "short"), [(">=", True, True, 0), (">", False, True, 1), ("<=", True, False, 0), ("<", False, False, 1)]
)
def test_the_four_comparisons_at_and_above_the_number(op: str, short: int, *, at: bool, above: bool) -> None:
    assert meets(exact(60), op, exact(60)) is at
    assert meets(exact(60.0001), op, exact(60)) is above
    assert missing(exact(60), op, exact(60)) == short


def short_of(said: Sequence[str], shortfalls: Sequence[float], **changes: object) -> pd.Series:
    measured = table(said).assign(shortfall=list(shortfalls))
    return verdicts(measured, [CENTRE.with_changes(changes)], AS_OF).iloc[0]


def test_a_rule_for_60_percent_of_14_townships_of_which_8_pass_lacks_one_centre_not_six() -> None:
    row = short_of(["pass"] * 8 + ["fail"] * 6, [0.0] * 8 + [1.0] * 6, units_pct=60)
    assert (row["units_needed"], row["shortfall"], bool(row["shortfall_is_open"])) == (9, 1.0, False)


def test_the_units_short_of_least_are_mended_first_and_a_met_rule_lacks_nothing() -> None:
    assert short_of(["pass", "fail", "fail", "fail"], [0, 30, 10, 20], units_pct=75)["shortfall"] == 30.0
    assert short_of(["pass", "pass", "fail"], [0, 0, 50], units_pct=60)["shortfall"] == 0.0


def test_with_units_that_lack_data_the_shortfall_is_told_as_a_lower_bound() -> None:
    row = short_of(["pass", "fail", "no_data"], [0, 7, np.nan])
    assert (row["shortfall"], bool(row["shortfall_is_open"])) == (7.0, True)
    assert np.isnan(short_of(["no_data"], [np.nan])["shortfall"])
