"""The names of what sites are chosen for, as notes tell them: titles in the language of the reader, never ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layers.saying import Word
from planner.rules import Rule
from planner.siting.circle_goals import goal_id

GOALS: Mapping[str, Word] = {
    goal_id("share"): Word("the share of people inside the circle that is aimed at", "圈内人口占比目标"),
    goal_id("worst_minutes"): Word("the worst minutes", "最远分钟数"),
}
"""goals that stand among the mandatory rules"""


def names_of(rules: Sequence[Rule]) -> dict[str, Word]:
    """Full id of a rule, or what stands in its place for a goal -> its name."""
    return {rule.full_id: Word(rule.title_en, rule.title) for rule in rules} | dict(GOALS)
