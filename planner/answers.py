"""Questions and answers: which rules wait for an attested answer, and the answers of a scenario put to their rules.

A rule that asks for an answer and has none is an open question, listed in every output.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from layers.saying import say
from planner.attested import Attested
from planner.rules import Rule


@dataclass(frozen=True)
class OpenQuestion:
    """What somebody has to state before a rule can be judged."""

    rule_id: str
    title_zh: str
    title_en: str
    asks_zh: str
    """the sentence of the policy"""
    asks_en: str


def open_questions(rules: Sequence[Rule]) -> tuple[OpenQuestion, ...]:
    """The questions that no attested answer settles, in the order of the rules."""
    return tuple(
        OpenQuestion(rule.full_id, rule.marked_title, rule.marked_title_en, f"{rule.clause}：{rule.quote}", rule.asked_of_people)
        for rule in rules
        if rule.asked_of_people
    )


def with_attestations(
    rules: Sequence[Rule], answers: Mapping[str, Attested], as_of: dt.date
) -> tuple[tuple[Rule, ...], list[tuple[str, str]]]:
    """The rules with their attested answers, and the answers that cannot be taken: (rule id, why)."""
    faults = {full_id: why for full_id, answer in answers.items() if (why := _fault(rules, full_id, answer, as_of))}
    taken = {full_id: answer for full_id, answer in answers.items() if full_id not in faults}
    return tuple(rule.model_copy(update={"attested": taken[rule.full_id]}) if rule.full_id in taken else rule for rule in rules), list(
        faults.items()
    )


def _fault(rules: Sequence[Rule], full_id: str, answer: Attested, as_of: dt.date) -> str:
    rule = next((rule for rule in rules if rule.full_id == full_id), None)
    if rule is None:
        open_ = [rule.full_id for rule in rules if rule.asked_of_people] or [say("none")]
        return say("none of the standards holds this rule; answers are asked for: {rules}", rules=open_)
    days = [answer.date, *([answer.value] if isinstance(answer.value, dt.date) else [])]
    if max(days) > as_of:
        return say("dated {day}, after the day of judgement {as_of} (as_of)", day=max(days).isoformat(), as_of=as_of.isoformat())
    return rule.unfit(answer)
