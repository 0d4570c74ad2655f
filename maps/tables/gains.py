"""What the people gained by a proposal are called: newly inside the circle, or under goal `serve` newly with a place."""

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
    """The heading of the figure, which says whom it counts; the page fills in the same words."""
    return _word(assessment, assessment.circle_base, language)


def people_gained(assessment: Assessment) -> Heading:
    """The heading of `people_gained`."""
    return Heading("people_gained", *_both(assessment, assessment.circle_base), unit="people")


def people_per_10k_yuan(assessment: Assessment) -> Heading:
    """The heading of `people_per_10k_yuan`."""
    zh, en = _both(assessment, assessment.circle_base)
    return Heading("people_per_10k_yuan", f"每万元{zh}", f"{en} per 10,000 yuan", is_figure=True)


def other_groups(assessment: Assessment) -> tuple[Heading, ...]:
    """The headings of the other groups that the data tells apart; the circle's base has its own already."""
    names = [base.name for base in BASES if base.name != assessment.circle_base and f"gained_{base.name}" in assessment.proposals.columns]
    return tuple(Heading(f"gained_{name}", *_both(assessment, name), unit="people") for name in names)


def _both(assessment: Assessment, base: str) -> tuple[str, str]:
    """In Chinese, and in English as headings of tables begin: small."""
    zh, en = (_word(assessment, base, language) for language in ("zh", "en"))
    return zh, en[:1].lower() + en[1:]


def _word(assessment: Assessment, base: str, language: str) -> str:
    return words(language)[f"gained.{gain_of(assessment)}"].format(base=in_language(base_name(base), language))
