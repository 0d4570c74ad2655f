"""All nine packs on the demonstration county: no rule is silently skipped, and the five policies answer as they are kept."""

from __future__ import annotations

from collections import Counter
from functools import cache

from planner.rules import expand
from scenarios.packs import standards
from tests.golden_tables import DEMO, Held, demo_county, golden_text, hold, kept, reason

N_RULES = 90


@cache
def held() -> Held:
    area, travel = demo_county()
    return hold(area, [pack.id for pack in standards()], travel)


def test_each_of_the_90_rules_has_a_verdict_or_a_stated_reason() -> None:
    rules = [rule for rule in held().rules if not rule.reading_id]
    assert len(rules) == N_RULES
    judged = set(held().verdicts.query("reading == ''")["rule_id"])
    reasons = {rule.full_id: reason(rule, held()) for rule in rules if rule.full_id not in judged}
    assert all(reasons.values()), [full_id for full_id, text in reasons.items() if not text]
    assert len(judged) + len(reasons) == N_RULES
    kinds = Counter(rule.kind for rule in rules if rule.full_id in reasons)
    assert set(kinds) == {"site_rule", "attestation"}
    assert {rule.full_id for rule in rules if rule.kind not in kinds} == judged


def test_every_reading_is_judged_beside_its_rule() -> None:
    said = set(zip(held().verdicts["rule_id"], held().verdicts["reading"], strict=True))
    readings = {(rule.full_id, rule.reading_id) for rule in held().rules if rule.reading_id}
    assert len(readings) == 26
    assert readings <= said


def test_where_there_is_no_data_a_note_says_what_is_missing() -> None:
    measures = held().measures
    silent = measures[(measures["verdict"] == "no_data") & (measures["note"] == "")]
    assert silent["rule_id"].unique().tolist() == []


def test_a_rule_is_judged_once_for_every_unit_of_its_level() -> None:
    measures, area = held().measures, held().area
    assert not measures.duplicated(["rule_id", "reading", "unit_id"]).any()
    per_rule = measures.groupby(["rule_id", "reading"]).size()
    for rule in expand(held().rules):
        if rule.kind in ("site_rule", "attestation") or getattr(rule, "pooled_over", ""):
            continue
        assert per_rule[rule.full_id, rule.reading_id] == max(1, len(area.places(rule.unit))), rule.full_id


def test_the_five_policies_answer_on_the_demonstration_county_as_they_are_kept() -> None:
    assert golden_text(DEMO) == kept(DEMO)
