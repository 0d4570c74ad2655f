"""Attested answers: shares, yes or no, days and sums of registers, judged by the rule they answer; without them open questions."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from planner.answers import open_questions, with_attestations
from planner.attested import Attested
from planner.rules import Rule
from planner.verdicts import verdicts
from scenarios.packs import read_rules
from tests.small_rules import AS_OF, NO_TIMES, a_place

PLACE = a_place([{"pop60": 10.0}, {"pop60": 20.0}])
RULES = {rule.full_id: rule for rule in read_rules(["huitong", "shanxi", "huancui"], Path())}
DAY = date(2026, 3, 1)


def answered(full_id: str, **answer: object) -> Rule:
    given = Attested(**{"evidence": "决算报告2025", "date": DAY, **answer})
    [rule], faults = with_attestations([RULES[full_id]], {full_id: given}, AS_OF)
    assert not faults
    return rule


def row_of(rule: Rule, place: object = PLACE) -> dict[str, object]:
    rows = rule.measure(place, NO_TIMES)
    assert len(rows) == 1
    return rows.iloc[0].to_dict()


@pytest.mark.parametrize(("share", "verdict", "shortfall"), [(58, "pass", 0.0), (55, "pass", 0.0), (54.9, "fail", 0.1)])
def test_a_share_is_held_against_the_55_per_cent_of_the_lottery_money(share: float, verdict: str, shortfall: float) -> None:
    row = row_of(answered("huitong.lottery_share", value=share))
    assert (row["unit_id"], row["level"], row["value"], row["required"]) == ("county", "county", share, 55.0)
    assert (row["verdict"], row["shortfall"], row["shortfall_unit"]) == (verdict, pytest.approx(shortfall), "% points")
    assert row["note"] == "attested 2026-03-01: 决算报告2025"


@pytest.mark.parametrize(("value", "verdict"), [(True, "pass"), (False, "fail")])
def test_yes_passes_and_no_fails(value: bool, verdict: str) -> None:  # noqa: FBT001 - the answer itself
    row = row_of(answered("huitong.brand", value=value))
    assert (row["verdict"], np.isnan(row["value"])) == (verdict, True)


@pytest.mark.parametrize(("day", "verdict"), [(date(2023, 12, 31), "pass"), (date(2024, 1, 1), "fail")])
def test_a_day_passes_up_to_the_deadline(day: date, verdict: str) -> None:
    row = row_of(answered("shanxi.city_lists", value=day))
    assert (row["verdict"], row["note"]) == (
        verdict,
        f"one answer for the whole; done {day}, due 2023-12-31; attested 2026-03-01: 决算报告2025",
    )


def test_a_number_for_a_rule_without_a_limit_is_reported() -> None:
    row = row_of(answered("shanxi.staff_training_fund", value=9e6))
    assert (row["verdict"], row["value"], row["level"]) == ("report_only", 9e6, "county")


@pytest.mark.parametrize(("num", "verdict"), [(30, "fail"), (31, "pass")])
def test_more_than_60_per_cent_of_a_register_excludes_60(num: float, verdict: str) -> None:
    row = row_of(answered("huancui.concentrated_support", num=num, den=50))
    assert (row["verdict"], row["value"], row["have"], row["base"]) == (verdict, 2 * num, num, 50.0)


def test_a_register_of_nobody_is_not_asked() -> None:
    assert row_of(answered("huancui.concentrated_support", num=0, den=0))["verdict"] == "not_applicable"


def test_one_answer_stands_for_several_counties() -> None:
    counties = a_place([{}, {}], level="county")
    row = row_of(answered("huitong.lottery_share", value=60), counties)
    assert (row["unit_id"], row["note"]) == ("*", "one answer for the whole; attested 2026-03-01: 决算报告2025")


def test_an_answer_after_the_deadline_of_the_rule_is_overdue_when_it_does_not_meet_it() -> None:
    rule = answered("huancui.concentrated_support", num=30, den=50)
    said = verdicts(rule.measure(PLACE, NO_TIMES), [rule], AS_OF).iloc[0]
    assert (said["verdict"], bool(said["overdue"]), said["value"]) == ("fail", True, 60.0)


def test_what_nobody_has_answered_is_an_open_question_and_has_no_verdict() -> None:
    rules = read_rules(["huitong"], Path())
    asked = [question.rule_id for question in open_questions(rules)]
    assert asked == ["huitong.land_per_capita_uplift", "huitong.assessment_2024", "huitong.lottery_share", "huitong.brand"]
    assert len(RULES["huitong.lottery_share"].measure(PLACE, NO_TIMES)) == 0
    [register] = RULES["huitong.assessment_2024"].measure(PLACE, NO_TIMES)["verdict"]
    assert register == "no_data"
    answers = {"huitong.brand": Attested(value=True, evidence="x", date=DAY)}
    left = open_questions(with_attestations(rules, answers, AS_OF)[0])
    assert [q.rule_id for q in left] == asked[:-1]
    money = left[-1]
    assert ("不低于55%" in money.asks_zh, money.asks_en) == (
        True,
        "The share of the welfare lottery fund that goes to elderly care, in per cent.",
    )


@pytest.mark.parametrize(
    ("full_id", "answer", "why"),
    [
        ("huitong.lotery_share", {"value": 58}, "none of the standards holds this rule"),
        ("huitong.land_per_capita", {"value": 0.2}, "is measured: it takes no attested answer"),
        ("huitong.lottery_share", {"value": True}, "asks for a number: >= 55 %"),
        ("huitong.lottery_share", {"num": 5, "den": 9}, "asks for a value"),
        ("huitong.assessment_2024", {"value": 98}, "asks for num and den"),
        ("huitong.lottery_share", {"value": 58, "date": date(2027, 1, 1)}, "after the day of judgement 2026-11-25"),
        ("huitong.brand", {"value": date(2027, 1, 1)}, "after the day of judgement"),
    ],
)
def test_answers_that_cannot_be_taken_say_why(full_id: str, answer: dict[str, object], why: str) -> None:
    given = Attested(**{"evidence": "x", "date": DAY, **answer})
    rules, faults = with_attestations(list(RULES.values()), {full_id: given}, AS_OF)
    assert [(id_, why in text) for id_, text in faults] == [(full_id, True)]
    assert rules == tuple(RULES.values())


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"value": "58 %"}, "without quotes"),
        ({}, "either value, or num and den"),
        ({"num": 5}, "either value, or num and den"),
        ({"value": 5, "num": 5, "den": 9}, "either value, or num and den"),
        ({"num": 10, "den": 9}, "num 10 is more than den 9"),
        ({"value": 5, "evidence": ""}, "at least 1 character"),
    ],
)
def test_half_answers_are_refused(answer: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Attested(**{"evidence": "x", "date": DAY, **answer})
