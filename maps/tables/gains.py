"""Whom a proposal is for and what the people it gains are called: newly inside the circle, or under goal `serve` newly with a place."""

from __future__ import annotations

from typing import Literal

from layers.saying import in_language
from layers.tables import BASES, base_name
from maps.tables.shown import Heading
from maps.words import words
from planner.assessment import Assessment

Gain = Literal["circle", "place"]
"""What is gained: a key of the section `gained` of `maps/words/*.toml`."""


def gain_of(assessment: Assessment) -> Gain:
    """What `people_gained` of its proposals counts (`planner.gains`)."""
    return "place" if assessment.siting.goal == "serve" else "circle"


def gain_word(assessment: Assessment, language: str) -> str:
    """What the figure counts, of whichever group the site is for; the page fills in the same words."""
    return words(language)[f"gained.{gain_of(assessment)}"]


def whom_and_how_many(assessment: Assessment) -> tuple[Heading, ...]:
    """The headings of `for_whom`, `people_in_reach` and `people_gained`: the group differs from site to site and stands beside the figures."""
    return for_whom(), Heading("people_in_reach", *_both("in_reach"), unit="people"), people_gained(assessment)


def for_whom() -> Heading:
    """The heading of `for_whom`."""
    return Heading("for_whom", *_both("for_whom"), codes="base")


def people_gained(assessment: Assessment) -> Heading:
    """The heading of `people_gained`."""
    return Heading("people_gained", *_both(gain_of(assessment)), unit="people")


def people_per_10k_yuan(assessment: Assessment) -> Heading:
    """The heading of `people_per_10k_yuan`."""
    head = people_gained(assessment)
    return Heading("people_per_10k_yuan", f"每万元{head.zh}", f"{head.en} per 10,000 yuan", is_figure=True)


def other_groups(assessment: Assessment) -> tuple[Heading, ...]:
    """The headings of the other groups that the shown circle gains; its base stands among the figures of `people_gained`."""
    names = [base.name for base in BASES if base.name != assessment.circle_base and f"gained_{base.name}" in assessment.proposals.columns]
    return tuple(Heading(f"gained_{name}", *_both(gain_of(assessment), name), unit="people") for name in names)


def _both(key: str, base: str = "") -> tuple[str, str]:
    """A word of the section `gained`, of one group where that is given: in Chinese, and in English as headings of tables begin, small."""
    zh, en = (_word(key, base, language) for language in ("zh", "en"))
    return zh, en[:1].lower() + en[1:]


def _word(key: str, base: str, language: str) -> str:
    said = words(language)[f"gained.{key}"]
    return words(language)["gained.of"].format(gain=said, base=in_language(base_name(base), language)) if base else said
